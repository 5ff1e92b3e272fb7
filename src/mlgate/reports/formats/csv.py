"""All tables that rules publish, combined in one CSV for programs."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from mlgate.reports.formats.tables import published
from mlgate.reports.interface import Report
from mlgate.reports.safe_text import no_commands, visible
from mlgate.values.verdict import Verdicts
from mlgate.values.words import encodable

ABOUT = (
    "mlgate.version",
    "mlgate.candidate",
    "mlgate.candidate_version",
    "mlgate.candidate_file",
    "mlgate.as_of",
    "mlgate.rule",
    "mlgate.table",
)
_FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?")


def render_csv(verdicts: Verdicts) -> str:
    """All tables as one. Columns named `mlgate.` say what a row is about; then come the columns of all tables.

    A cell that a spreadsheet would read as a formula gets an apostrophe before it (OWASP, CSV injection). Control
    characters of terminals are escaped, as in every report.
    """
    found = list(published(verdicts))
    columns = _merged(_distinct(table.columns) for _, _, table in found)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*ABOUT, *map(_harmless, columns)])
    for verdict, outcome, table in found:
        about = (
            verdict.tool,
            verdict.candidate,
            verdict.version,
            verdict.path,
            verdict.as_of,
            outcome.name,
            table.title,
        )
        for row in table.rows:
            cells = dict(zip(_distinct(table.columns), row, strict=True))
            writer.writerow([*map(_harmless, about), *(_harmless(cells.get(name, "")) for name in columns)])
    return encodable(no_commands(text.getvalue()))


REPORT = Report("csv", "CSV of the same tables, all in one", render_csv, re.escape(",".join(ABOUT[:2]) + ","))


def _merged(tables: Iterable[Sequence[str]]) -> list[str]:
    """The columns of all tables. A column that only a later table has is placed as in that table."""
    merged: list[str] = []
    for names in tables:
        place = 0
        for name in names:
            if name not in merged:
                merged.insert(place, name)
            place = merged.index(name) + 1
    return merged


def _distinct(columns: Sequence[str]) -> list[str]:
    """The names of a table's columns. A repeated name gets a number."""
    seen: Counter[str] = Counter()
    names = []
    for name in columns:
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return names


def _harmless(text: str) -> str:
    shown = visible(text)
    runs = text[:1] in ("\t", "\r", "\n") or shown.lstrip().startswith(_FORMULAS)
    return f"'{shown}" if runs and not _NUMBER.fullmatch(text) else shown

"""All tables that rules publish, and all waivers, combined in one CSV for programs."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from mlgate.reports.announced_lines import announced_table
from mlgate.reports.formats.tables import by_candidate, published
from mlgate.reports.interface import Report
from mlgate.reports.safe_text import no_commands, visible
from mlgate.reports.waiver_lines import waiver_table
from mlgate.values.verdict import Verdict, Verdicts
from mlgate.values.words import encodable

ABOUT = (
    "mlgate.version",
    "mlgate.candidate",
    "mlgate.candidate_version",
    "mlgate.candidate_file",
    "mlgate.under",
    "mlgate.as_of",
    "mlgate.predictions",
    "mlgate.preregistered",
    "mlgate.rule",
    "mlgate.table",
)
Row = tuple[Sequence[str], Mapping[str, str]]
"""What a row is about, and its cells by their columns."""
_FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?")


GROUP, WAIVER, ANNOUNCED = "group.", "waiver.", "announced."
"""Before the name of a column of the data, of a waiver's terms, and of an announcement. No other is called so."""


def render_csv(verdicts: Verdicts) -> str:
    """All tables and waivers as one. Columns named `mlgate.` say what a row is about; then come those of all tables.

    A column has one meaning in every row. A cell that a spreadsheet would read as a formula gets an apostrophe before
    it (OWASP, CSV injection). Control characters of terminals are escaped, as in every report.
    """
    parts = [list(part(verdicts)) for part in (_published, _announced, _waivers)]
    columns = [name for part in parts for name in _merged(tuple(cells) for _, cells in part)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*ABOUT, *map(_harmless, columns)])
    for about, cells in chain.from_iterable(parts):
        writer.writerow([*map(_harmless, about), *(_harmless(cells.get(name, "")) for name in columns)])
    return encodable(no_commands(text.getvalue()))


def _published(verdicts: Verdicts) -> Iterator[Row]:
    for verdict, outcome, table in published(verdicts):
        names = _distinct([GROUP * (at < table.groups) + name for at, name in enumerate(table.columns)])
        for row in table.rows:
            yield _about(verdict, outcome.name, table.title), dict(zip(names, row, strict=True))


def _waivers(verdicts: Verdicts) -> Iterator[Row]:
    for verdict in by_candidate(verdicts):
        table = waiver_table(verdict)
        for rule, *row in table.rows:
            names = [WAIVER + name for name in table.columns[1:]]
            yield _about(verdict, rule, table.title), dict(zip(names, row, strict=True))


def _announced(verdicts: Verdicts) -> Iterator[Row]:
    for verdict in by_candidate(verdicts):
        table = announced_table(verdict)
        for row in table.rows:
            cells = {ANNOUNCED + name: cell for name, cell in zip(table.columns, row, strict=True)}
            yield _about(verdict, "", table.title), cells


def _about(verdict: Verdict, rule: str, title: str) -> tuple[str, ...]:
    candidate, path, version, under = verdict.place
    shown = verdict.predictions, "true" if verdict.preregistered else ""
    return verdict.tool, candidate, version, path, under, verdict.as_of, *shown, rule, title


MARK = re.escape(",".join(ABOUT[:2]) + ",")

REPORT = Report("csv", "CSV of the same tables and waivers, all in one", render_csv, MARK)


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

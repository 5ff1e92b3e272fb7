"""The tables that rules publish, as Markdown for people and as CSV for programs."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from mlgate.reports.interface import Report
from mlgate.reports.text import encodable, one_line, visible
from mlgate.values.verdict import Outcome, Table, Verdict, Verdicts

ABOUT = (
    "mlgate.version",
    "mlgate.candidate",
    "mlgate.candidate_version",
    "mlgate.as_of",
    "mlgate.rule",
    "mlgate.table",
)
_FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?")
_MARKDOWN = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_[]<>|#~"} | {"&": "&amp;"})


def render_markdown(verdicts: Verdicts) -> str:
    """Every table under its candidate and rule; a page that says so where no rule publishes any."""
    lines = ["<!-- mlgate tables -->", "# Published tables", ""]
    for verdict, outcome, table in _tables(verdicts):
        lines += [f"## {_cell(f'{_name(verdict)}: {outcome.name}')}", "", f"{_cell(table.title)}.", ""]
        head, *rows = _escaped(table)
        lines += [_row(head), _row(["---"] * len(head)), *map(_row, rows), ""]
        at = f"{outcome.at.file}:{outcome.at.line}"
        lines += [_cell(f"{outcome.check}, {at}, confidence {outcome.confidence}, as of {verdict.as_of}"), ""]
    if len(lines) == 3:
        lines.append("No rule publishes a table.")
    return encodable("\n".join(lines).rstrip()) + "\n"


def render_csv(verdicts: Verdicts) -> str:
    """All tables as one: what a row is about in columns named `mlgate.`, then every column that any of them has.

    A cell that a spreadsheet would take for a formula has an apostrophe before it (OWASP, CSV injection), and what
    steers a terminal is escaped, as in every report.
    """
    found = list(_tables(verdicts))
    columns = _merged(_distinct(table.columns) for _, _, table in found)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*ABOUT, *map(_harmless, columns)])
    for verdict, outcome, table in found:
        about = (verdict.tool, verdict.candidate, verdict.version, verdict.as_of, outcome.name, table.title)
        for row in table.rows:
            cells = dict(zip(_distinct(table.columns), row, strict=True))
            writer.writerow([*map(_harmless, about), *(_harmless(cells.get(name, "")) for name in columns)])
    return encodable(text.getvalue())


MARKDOWN = Report("tables", "Markdown of the tables that rules publish, such as a bias audit's", render_markdown)
CSV = Report("tables-csv", "CSV of the same tables, all in one", render_csv)


def _tables(verdicts: Verdicts) -> Iterator[tuple[Verdict, Outcome, Table]]:
    for verdict in sorted(verdicts.verdicts, key=lambda v: (v.candidate, v.path, v.version)):
        for outcome in verdict.outcomes:
            yield from ((verdict, outcome, table) for table in outcome.tables)


def _merged(tables: Iterable[Sequence[str]]) -> list[str]:
    """All columns; one that only a later table has stands where it stands there."""
    merged: list[str] = []
    for names in tables:
        place = 0
        for name in names:
            if name not in merged:
                merged.insert(place, name)
            place = merged.index(name) + 1
    return merged


def _distinct(columns: Sequence[str]) -> list[str]:
    """The names of a table's columns; one that stands again is numbered."""
    seen: Counter[str] = Counter()
    names = []
    for name in columns:
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return names


def _name(verdict: Verdict) -> str:
    return f"{verdict.candidate} {verdict.version}".strip()


def _escaped(table: Table) -> Iterator[list[str]]:
    return ([_cell(value) for value in row] for row in (table.columns, *table.rows))


def _cell(text: str) -> str:
    return one_line(text).translate(_MARKDOWN)


def _row(values: Sequence[str]) -> str:
    return f"| {' | '.join(values)} |"


def _harmless(text: str) -> str:
    shown = visible(text)
    runs = text[:1] in ("\t", "\r", "\n") or shown.lstrip().startswith(_FORMULAS)
    return f"'{shown}" if runs and not _NUMBER.fullmatch(text) else shown

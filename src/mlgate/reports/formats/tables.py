"""The tables that rules publish, as Markdown for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlgate.reports.interface import Report
from mlgate.reports.safe_text import no_commands, one_line
from mlgate.reports.summary import title_of
from mlgate.values.verdict import Outcome, Table, Verdict, Verdicts
from mlgate.values.words import encodable

TITLE = "<!-- mlgate tables -->"
_MARKDOWN = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_[]<>|#~"} | {"&": "&amp;"})


def render_markdown(verdicts: Verdicts) -> str:
    """Every table under its candidate and rule; a page that says so where no rule publishes any."""
    lines = [TITLE, "# Published tables", ""]
    for verdict, outcome, table in published(verdicts):
        lines += [f"## {_cell(f'{title_of(verdict, verdicts)}: {outcome.name}')}", "", f"{_cell(table.title)}.", ""]
        head, *rows = _escaped(table)
        lines += [_row(head), _row(["---"] * len(head)), *map(_row, rows), ""]
        at = f"{outcome.at.file}:{outcome.at.line}"
        lines += [_cell(f"{outcome.check}, {at}, confidence {outcome.confidence}, as of {verdict.as_of}"), ""]
    if len(lines) == 3:
        lines.append("No rule publishes a table.")
    return encodable(no_commands("\n".join(lines).rstrip())) + "\n"


REPORT = Report("tables", "Markdown of the tables that rules publish, such as a bias audit's", render_markdown, TITLE)


def published(verdicts: Verdicts) -> Iterator[tuple[Verdict, Outcome, Table]]:
    """Every table with its verdict and the outcome of its rule, sorted by candidate."""
    for verdict in sorted(verdicts.verdicts, key=lambda v: (v.candidate, v.path, v.version)):
        for outcome in verdict.outcomes:
            yield from ((verdict, outcome, table) for table in outcome.tables)


def _escaped(table: Table) -> Iterator[list[str]]:
    return ([_cell(value) for value in row] for row in (table.columns, *table.rows))


def _cell(text: str) -> str:
    return one_line(text).translate(_MARKDOWN)


def _row(values: Sequence[str]) -> str:
    return f"| {' | '.join(values)} |"

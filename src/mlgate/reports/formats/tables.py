"""The tables that rules publish, and the waivers, as Markdown for people."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.reports.announced_lines import announced_table
from mlgate.reports.candidates_table import summary_in_markdown
from mlgate.reports.interface import Report
from mlgate.reports.safe_text import markdown_row, markdown_text, no_commands
from mlgate.reports.summary import shown_about, title_of
from mlgate.reports.waiver_lines import waiver_table
from mlgate.values.verdict import Outcome, Table, Verdict, Verdicts
from mlgate.values.words import encodable

TITLE = "<!-- mlgate tables -->"


def render_markdown(verdicts: Verdicts) -> str:
    """Every table under its candidate and rule, what is announced, and every waiver; or that no rule publishes any."""
    lines = [TITLE, "# Published tables", ""]
    for verdict, outcome, table in published(verdicts):
        lines += [
            f"## {markdown_text(f'{title_of(verdict, verdicts)}: {outcome.name}')}",
            "",
            f"{markdown_text(table.title)}.",
            "",
        ]
        lines += markdown_table(table)
        at = f"{outcome.at.file}:{outcome.at.line}"
        facts = [outcome.check, at, f"confidence {outcome.confidence}", f"as of {verdict.as_of}", *shown_about(verdict)]
        lines += [markdown_text(", ".join(facts)), ""]
    if len(lines) == 3:
        lines += ["No rule publishes a table.", ""]
    if summary := summary_in_markdown(verdicts):
        lines += ["## Candidates", "", *summary]
    for verdict in by_candidate(verdicts):
        if verdict.announced:
            lines += [f"## {markdown_text(f'{title_of(verdict, verdicts)}: announced, as of {verdict.as_of}')}", ""]
            lines += markdown_table(announced_table(verdict))
        if verdict.waivers:
            lines += [f"## {markdown_text(f'{title_of(verdict, verdicts)}: waivers, as of {verdict.as_of}')}", ""]
            lines += markdown_table(waiver_table(verdict))
    return encodable(no_commands("\n".join(lines).rstrip())) + "\n"


REPORT = Report(
    "tables",
    "Markdown of waivers and of the tables that rules publish, such as a bias audit's",
    render_markdown,
    TITLE,
)


def by_candidate(verdicts: Verdicts) -> list[Verdict]:
    """The verdicts, sorted by candidate."""
    return sorted(verdicts.verdicts, key=lambda verdict: verdict.place)


def published(verdicts: Verdicts) -> Iterator[tuple[Verdict, Outcome, Table]]:
    """Every table with its verdict and the outcome of its rule, sorted by candidate."""
    for verdict in by_candidate(verdicts):
        for outcome in verdict.outcomes:
            yield from ((verdict, outcome, table) for table in outcome.tables)


def markdown_table(table: Table) -> list[str]:
    """The lines of a table in Markdown."""
    head, *rows = ([markdown_text(value) for value in row] for row in (table.columns, *table.rows))
    return [markdown_row(head), markdown_row(["---"] * len(head)), *map(markdown_row, rows), ""]

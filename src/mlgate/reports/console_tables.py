"""The tables that a rule publishes, on the console."""

from __future__ import annotations

from collections.abc import Sequence

from mlgate.reports.page import Look, Page, cells, fitted
from mlgate.values.verdict import Table

GAP = "  "


def add_tables(page: Page, tables: Sequence[Table], indent: int = 4) -> None:
    """Each table below its title, never cut: as columns, or as one paragraph per row if columns do not fit.

    Before that, the last column, usually a note, is moved below its row.
    """
    for table in tables:
        page.paragraph((page.look.say(table.title), "bold"), indent=indent)
        for kept in (len(table.columns), len(table.columns) - 1):
            lines = _columns(page.look, table, kept)
            if max(map(cells, lines), default=0) <= page.look.width - indent:
                _add_lines(page, table, lines, kept, indent)
                break
        else:
            _add_records(page, table, indent)
        page.blank()


def _columns(look: Look, table: Table, kept: int) -> list[str]:
    """The header and the rows as lines, with the first `kept` columns."""
    rows = [[look.say(cell) for cell in row[:kept]] for row in (table.columns, *table.rows)]
    widths = [max(cells(row[at]) for row in rows) for at in range(kept)]
    numeric = [_numeric([row[at] for row in rows[1:]]) for at in range(kept)]
    return [
        GAP.join(fitted(cell, width, look, right) for cell, width, right in zip(row, widths, numeric)).rstrip()
        for row in rows
    ]


def _add_lines(page: Page, table: Table, lines: Sequence[str], kept: int, indent: int) -> None:
    page.line(" " * indent, (lines[0], "dim"))
    for line, row in zip(lines[1:], table.rows, strict=True):
        page.line(" " * indent, line)
        for name, cell in zip(table.columns[kept:], row[kept:], strict=True):
            if cell:
                page.paragraph((page.look.say(f"{name}: {cell}"), "dim"), indent=indent + len(GAP))


def _add_records(page: Page, table: Table, indent: int) -> None:
    for row in table.rows:
        said = ", ".join(f"{name} {cell}" for name, cell in zip(table.columns, row, strict=True) if cell)
        page.paragraph(page.look.say(said), indent=indent, lead="-")


def _numeric(column: Sequence[str]) -> bool:
    """Whether a column has only numbers, so that it is right-aligned."""
    return all(cell.replace(",", "").replace(".", "").lstrip("-").isdigit() for cell in column if cell)

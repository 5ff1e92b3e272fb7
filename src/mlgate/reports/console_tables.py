"""The tables that a rule publishes, on the console."""

from __future__ import annotations

from collections.abc import Sequence

from mlgate.reports.page import Page, cells, fitted
from mlgate.verdict import Table

GAP = "  "


def add_tables(page: Page, tables: Sequence[Table], indent: int = 4) -> None:
    """Every table under its title, columns as wide as their cells, as far as the page goes."""
    for table in tables:
        page.line(" " * indent, (page.look.say(table.title), "bold"))
        _add_table(page, table, indent)
        page.blank()


def _add_table(page: Page, table: Table, indent: int) -> None:
    look = page.look
    rows = [[look.say(cell) for cell in row] for row in (table.columns, *table.rows)]
    widths = [max(cells(row[at]) for row in rows) for at in range(len(table.columns))]
    numeric = [_numeric([row[at] for row in rows[1:]]) for at in range(len(table.columns))]
    for number, row in enumerate(rows):
        laid_out = [fitted(cell, width, look, right) for cell, width, right in zip(row, widths, numeric)]
        page.line(" " * indent, (GAP.join(laid_out), "dim" if number == 0 else ""))


def _numeric(column: Sequence[str]) -> bool:
    """Whether all that a column holds is numbers, which stand right-aligned."""
    return all(cell.replace(",", "").replace(".", "").lstrip("-").isdigit() for cell in column if cell)

"""A table of counts without the rows that count nothing: a cross table has a row per cell, and some cells are empty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mlgate.evidence.dialect import kind_of, number_of, quote, selection
from mlgate.evidence.engine import Engine, Opened
from mlgate.evidence.rows import READ_AS_NUMBERS
from mlgate.evidence.tables.recipe import Prepared, Recipe


@dataclass(frozen=True)
class CountedRows(Recipe):
    """The rows of a table whose count is not 0. Rows whose count is missing or wrong stay, so that they are refused."""

    table: str
    count: str

    @property
    def parents(self) -> tuple[str, ...]:
        """The table."""
        return (self.table,)

    def prepared(self, parents: Mapping[str, Opened]) -> CellsThatCount:
        """The columns of the table."""
        return CellsThatCount(self, parents[self.table])


@dataclass(frozen=True)
class CellsThatCount(Prepared):
    """An open table of counts."""

    of: CountedRows
    rows: Opened

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """The columns of the table."""
        return self.rows.columns

    def wants(self, columns: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """The columns asked for, and the counts if they are numbers."""
        return {self.of.table: frozenset(columns) | ({self.of.count} if self._kind in READ_AS_NUMBERS else frozenset())}

    def sql(self, _engine: Engine, columns: Sequence[str], parents: Mapping[str, str]) -> str:
        """The rows that count, with some columns."""
        rows = f"select {selection(map(quote, columns))} from {parents[self.of.table]}"
        if self._kind not in READ_AS_NUMBERS:
            return rows
        return f"{rows} where coalesce({number_of(self.of.count, self._kind)} <> 0, true)"

    @property
    def _kind(self) -> str:
        """The kind of the counts; empty if the table has no such column."""
        found = self.rows.types.get(self.of.count)
        return "" if found is None else kind_of(found)

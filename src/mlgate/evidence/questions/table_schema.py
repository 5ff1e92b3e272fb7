"""Schema: the exact names and kinds of a table's columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mlgate.evidence.dialect import kind_of
from mlgate.evidence.engine import Opened
from mlgate.evidence.questions.need import Need, OpenTables, not_counts

KINDS = ("text", "integer", "float", "decimal", "boolean", "time", "other")


@dataclass(frozen=True)
class SchemaFact:
    """Column names in the table's order, with their kinds, each one of `KINDS`."""

    ADDED: ClassVar[tuple[str, ...]] = ("nameless",)

    columns: tuple[tuple[str, str], ...]
    refused: tuple[tuple[str, str], ...] = ()
    """Columns that are there but cannot be read, each with the reason; their kind says nothing."""
    nameless: int = 0
    """The number of further columns without a name."""

    @staticmethod
    def of(table: Opened) -> SchemaFact:
        """The schema of an open table."""
        kinds = tuple((column, kind_of(type_name)) for column, type_name in table.columns)
        refused = tuple((column, str(reason)) for column, reason in table.refused.items())
        return SchemaFact(kinds, refused, table.nameless)

    def kind(self, column: str) -> str | None:
        """The kind of a column by its exact name; None where the table has no column of that name."""
        return dict(self.columns).get(column)


@dataclass(frozen=True)
class TableSchema(Need):
    """Exact column names and their kinds."""

    name = "schema"
    fact = SchemaFact
    table: str

    def impossible(self, fact: SchemaFact) -> str:
        """A kind that no column has, a number that is not a count, and a column that is there twice."""
        unknown = sorted({kind for _, kind in fact.columns} - {*KINDS})
        if unknown:
            return f"`{unknown[0]}` is not a kind of columns"
        names = [name for name, _ in fact.columns]
        return not_counts(fact.nameless) or ("" if len(set(names)) == len(names) else "a column is there twice")

    @property
    def tables(self) -> tuple[str, ...]:
        """The one table."""
        return (self.table,)

    def answer(self, tables: OpenTables) -> SchemaFact:
        """The schema. Raises EvidenceError or MachineError where the table cannot be opened."""
        return SchemaFact.of(tables.opened(self.table))

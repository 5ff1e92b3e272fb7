"""Schema: the exact names and kinds of a table's columns."""

from __future__ import annotations

from dataclasses import dataclass

from mlgate.evidence.dialect import kind_of
from mlgate.evidence.engine import Opened
from mlgate.evidence.questions.need import Need, OpenTables

KINDS = ("text", "integer", "float", "decimal", "boolean", "time", "other")


@dataclass(frozen=True)
class SchemaFact:
    """Column names in the table's order, with their kinds, each one of `KINDS`."""

    columns: tuple[tuple[str, str], ...]
    refused: tuple[tuple[str, str], ...] = ()
    """Columns that are there but cannot be read, each with the reason; their kind says nothing."""

    @staticmethod
    def of(table: Opened) -> SchemaFact:
        """The schema of an open table."""
        kinds = tuple((column, kind_of(type_name)) for column, type_name in table.columns)
        return SchemaFact(kinds, tuple((column, str(reason)) for column, reason in table.refused.items()))

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
        """A kind that no column has, and a column that is there twice."""
        unknown = sorted({kind for _, kind in fact.columns} - {*KINDS})
        if unknown:
            return f"`{unknown[0]}` is not a kind of columns"
        names = [name for name, _ in fact.columns]
        return "" if len(set(names)) == len(names) else "a column is there twice"

    @property
    def tables(self) -> tuple[str, ...]:
        """The one table."""
        return (self.table,)

    def answer(self, tables: OpenTables) -> SchemaFact:
        """The schema. Raises EvidenceError or MachineError where the table cannot be opened."""
        return SchemaFact.of(tables.opened(self.table))

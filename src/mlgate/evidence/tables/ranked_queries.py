"""One row per query, from a table with one row per item: values that all items share, and values of the ranking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mlgate.evidence.dialect import kind_of, quote
from mlgate.evidence.engine import Engine, Opened
from mlgate.evidence.questions.key_matches import key_columns, present
from mlgate.evidence.tables import query_values
from mlgate.evidence.tables.per_query import Flaw, PerQuery, computed
from mlgate.evidence.tables.query_values import Layers
from mlgate.evidence.tables.recipe import Prepared, Recipe

QUERIES = "queries"
"""The name of the table of a ranking candidate's queries."""


@dataclass(frozen=True)
class OfRankings(Recipe):
    """A table that is made from ranked items."""

    of: str
    query: tuple[str, ...]
    """The possible names of the column that identifies an item's query; the first that exists is used."""

    @property
    def parents(self) -> tuple[str, ...]:
        """The name of the table of items."""
        return (self.of,)

    def query_among(self, items: Opened) -> str:
        """The query's column. Raises EvidenceError where the items do not name their query."""
        there = {name for name, _ in items.columns}
        found = next((name for name in self.query if name in there), self.query[-1])
        present(items, self.of, (found,), "query")
        return found


class Queries(OfRankings):
    """The queries of a table of ranked items."""

    def prepared(self, parents: Mapping[str, Opened]) -> ByQuery:
        """The columns of the queries. Raises EvidenceError where the items do not name their query."""
        items = parents[self.of]
        return ByQuery(self, self.query_among(items), items)


@dataclass(frozen=True)
class ByQuery(Prepared):
    """A table of queries, prepared but not made."""

    table: Queries
    query: str
    items: Opened

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """The columns of the items; a value is that of all items of a query, or NULL where they differ."""
        return tuple((name, of) for name, of in self.items.columns if kind_of(of) != "other" and computed(name) is None)

    def computes(self, column: str) -> bool:
        """Whether a name is that of a value of the ranking, or of a flaw."""
        return computed(column) is not None

    def wants(self, columns: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """The query column, the columns asked for, and those that values are computed from."""
        found = {self.query}
        for name in columns:
            of = computed(name)
            if isinstance(of, PerQuery):
                found |= {of.score, of.label}
            else:
                found.add(of.column if isinstance(of, Flaw) else name)
        return {self.table.of: frozenset(found)}

    def sql(self, engine: Engine, columns: Sequence[str], parents: Mapping[str, str]) -> str:
        """One row per query, with some columns."""
        layers = Layers(key_columns(self.items, (self.query,))[0])
        selected = [f"{self._column(name, layers)} as {quote(name)}" for name in columns]
        return layers.sql(selected, parents[self.table.of])

    def _column(self, name: str, layers: Layers) -> str:
        of = computed(name)
        if isinstance(of, PerQuery):
            return query_values.value(of, layers, self.items.number(of.score), self.items.number(of.label))
        if isinstance(of, Flaw) and of.flaw != "varies":
            return query_values.flawed(of.flaw, layers, self.items.number(of.column))
        return query_values.shared(layers, quote(of.column if of else name), varies=of is not None)

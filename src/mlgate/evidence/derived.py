"""Tables made of other tables: a join, a row a unit, a row a query; made once, of the columns that are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, runtime_checkable

from mlgate.evidence.engines.duckdb import Engine
from mlgate.evidence.files import Unchanged
from mlgate.evidence.needs import Keys
from mlgate.evidence.open.interface import Opened
from mlgate.values.errors import EvidenceError


@runtime_checkable
class Derived(Protocol):
    """A value that says of which tables another one is made, and how; opens nothing."""

    @property
    def parents(self) -> tuple[str, ...]:
        """The names of the tables it is made of."""
        ...


class Understood(Protocol):
    """A derived table whose parents are open, not yet made."""

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Names and DuckDB types of its columns; those that it can compute on demand are not among them."""
        ...

    def computes(self, column: str) -> bool:
        """Whether it can compute a column of that name, such as `ndcg(score, 10)`."""
        ...

    def wants(self, columns: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """The columns of each parent that it takes to make some of its own."""
        ...

    def rests_on(self) -> tuple[Keys, ...]:
        """The questions about its parents' keys whose answers `make` rests on."""
        ...

    def make(self, engine: Engine, relation: str, columns: Iterable[str], parents: Mapping[str, str]) -> None:
        """Make a table of some columns; `parents` are the relations to select from, by name.

        Raises EvidenceError where the rows do not allow it.
        """
        ...


@runtime_checkable
class Refusing(Protocol):
    """A derived table that finds while it is made that it cannot have some column; questions to others are answered."""

    @property
    def refused(self) -> Mapping[str, EvidenceError]:
        """Why, by column, once the table is made."""
        ...


def as_opened(understood: Understood, relation: str, parents: Iterable[Opened]) -> Opened:
    """A derived table as one that can be asked, whose columns are known before it is made."""
    files = Unchanged(tuple(signature for parent in parents for signature in parent.files.signatures))
    return Opened(relation, understood.columns, files)

"""Tables made of other tables: a join, one row per unit, one row per query; made once, of the columns asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence

from mlgate.evidence.engine import Engine, Opened
from mlgate.evidence.files import Unchanged
from mlgate.evidence.questions.key_matches import Keys
from mlgate.evidence.sources import FileSource, FrameSource
from mlgate.values.errors import EvidenceError


class Recipe(ABC):
    """A value that says of which tables another one is made, and how; opens nothing."""

    @property
    @abstractmethod
    def parents(self) -> tuple[str, ...]:
        """The names of the tables it is made of."""

    @abstractmethod
    def prepared(self, parents: Mapping[str, Opened]) -> Prepared:
        """The table, given its open parents. Raises EvidenceError where they do not allow it."""


class Prepared(ABC):
    """A table of a recipe whose parents are open; not made yet."""

    @property
    @abstractmethod
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Names and DuckDB types of its columns; those that it can compute on demand are not among them."""

    @abstractmethod
    def wants(self, columns: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """The columns of each parent that it takes to make some of its own."""

    @abstractmethod
    def sql(self, engine: Engine, columns: Sequence[str], parents: Mapping[str, str]) -> str:
        """The statement that selects some columns; `parents` are the relations to select from, by name.

        Raises EvidenceError where the rows do not allow it.
        """

    def computes(self, column: str) -> bool:
        """Whether it can compute a column of that name, such as `ndcg(score, 10)`; by default none."""
        return False

    @property
    def keys(self) -> Keys | None:
        """The question about its parents' keys that must be answered well before it is made; by default none."""
        return None

    def refused(
        self, engine: Engine, columns: Sequence[str], parents: Mapping[str, str]
    ) -> Mapping[str, EvidenceError]:
        """Columns that the rows do not allow, with the reason; the others are answered. By default none."""
        return {}


TableOrigin = FileSource | FrameSource | Recipe


def as_opened(prepared: Prepared, relation: str, parents: Mapping[str, Opened]) -> Opened:
    """A prepared table as one that can be asked, whose columns are known before it is made."""
    files = Unchanged(tuple(signature for parent in parents.values() for signature in parent.files.signatures))
    return Opened(relation, prepared.columns, files, _refused(prepared, parents))


def _refused(prepared: Prepared, parents: Mapping[str, Opened]) -> dict[str, EvidenceError]:
    """Columns that are made of what cannot be read in a parent, each with the reason there."""
    found: dict[str, EvidenceError] = {}
    if any(parent.refused for parent in parents.values()):
        for name, _ in prepared.columns:
            try:
                for parent, columns in prepared.wants([name]).items():
                    parents[parent].require(sorted(columns))
            except EvidenceError as refused:
                found[name] = refused
    return found

"""Tables made from other tables: a join, one row per unit, one row per query. Each is made once, with the columns asked
for.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence

from mlgate.evidence.engine import Engine, Opened
from mlgate.evidence.files import Unchanged
from mlgate.evidence.questions.key_matches import Keys
from mlgate.evidence.sources import FileSource, FrameSource
from mlgate.values.errors import EvidenceError


class Recipe(ABC):
    """A value that says from which tables another table is made, and how. It opens nothing."""

    @property
    @abstractmethod
    def parents(self) -> tuple[str, ...]:
        """The names of the tables that it is made from."""

    @abstractmethod
    def prepared(self, parents: Mapping[str, Opened]) -> Prepared:
        """The prepared table, from its open parents. Raises EvidenceError where they do not fit."""


class Prepared(ABC):
    """The table of a recipe whose parents are open, before it is made."""

    @property
    @abstractmethod
    def columns(self) -> tuple[tuple[str, str], ...]:
        """The names and DuckDB types of its columns, without those that it computes on demand."""

    @abstractmethod
    def wants(self, columns: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """The columns of each parent that are required for some of its own columns."""

    @abstractmethod
    def sql(self, engine: Engine, columns: Sequence[str], parents: Mapping[str, str]) -> str:
        """The statement that selects some columns; `parents` are the relations to select from, by name.

        Raises EvidenceError where the rows do not allow it.
        """

    def computes(self, column: str) -> bool:
        """Whether it computes a column of that name on demand, such as `ndcg(score, 10)`; by default none."""
        return False

    @property
    def keys(self) -> Keys | None:
        """The need about its parents' keys that must be answered without error before it is made; by default none."""
        return None

    def refused(
        self, engine: Engine, columns: Sequence[str], parents: Mapping[str, str]
    ) -> Mapping[str, EvidenceError]:
        """The columns that cannot be made from these rows, with the reason; by default none."""
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

"""The items of rankings, with the exposure of their ranks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mlgate.evidence.dialect import quote, unquoted
from mlgate.evidence.engine import Engine, Opened
from mlgate.evidence.questions.key_matches import key_columns
from mlgate.evidence.tables.query_values import with_exposure
from mlgate.evidence.tables.ranked_queries import OfRankings
from mlgate.evidence.tables.recipe import Prepared

EXPOSURES = "exposures"
"""The name of the table of a ranking candidate's items with their exposure."""
_NAME = re.compile(r'exposure\("((?:[^"]|"")*)"\)', re.DOTALL)


def exposure_by(score: str) -> str:
    """The name of the computed column with the exposure of an item when queries rank their items by that score."""
    return f"exposure({quote(score)})"


class Exposures(OfRankings):
    """The items of a table with their exposure."""

    def prepared(self, parents: Mapping[str, Opened]) -> Exposed:
        """The columns of the items. Raises EvidenceError where they do not name their query."""
        items = parents[self.of]
        return Exposed(self, self.query_among(items), items)


@dataclass(frozen=True)
class Exposed(Prepared):
    """A table of items with their exposure, prepared but not made."""

    table: Exposures
    query: str
    items: Opened

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """The columns of the items."""
        return self.items.columns

    def computes(self, column: str) -> bool:
        """Whether a name is that of an exposure."""
        return _NAME.fullmatch(column) is not None

    def wants(self, columns: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """The query column, the columns asked for, and those that an exposure is computed from."""
        return {self.table.of: frozenset({self.query, *(self._score(name) or name for name in columns)})}

    def sql(self, engine: Engine, columns: Sequence[str], parents: Mapping[str, str]) -> str:
        """One row per item, with some columns."""
        scored = {name: self._score(name) for name in columns}
        plain = {name: quote(name) for name, score in scored.items() if score is None}
        scores = {name: self.items.number(score) for name, score in scored.items() if score is not None}
        query = key_columns(self.items, (self.query,))[0]
        return with_exposure(plain, scores, query, parents[self.table.of])

    def _score(self, name: str) -> str | None:
        found = _NAME.fullmatch(name)
        return unquoted(found[1]) if found and name not in self.items.types else None

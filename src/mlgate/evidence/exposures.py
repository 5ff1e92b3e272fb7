"""The items of rankings with the exposure that their ranks give them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mlgate.evidence.dialect import kind_of, number_of, quote
from mlgate.evidence.engines.duckdb import Engine
from mlgate.evidence.needs import Keys
from mlgate.evidence.open.interface import Opened
from mlgate.evidence.queries import OfRankings
from mlgate.evidence.statements import rankings
from mlgate.evidence.statements.keys import key_columns

EXPOSURES = "exposures"
"""What the table of a ranking candidate's items with their exposure is called."""
_NAME = re.compile(r'exposure\("((?:[^"]|"")*)"\)', re.DOTALL)


def exposure_by(score: str) -> str:
    """The name of the computed column: an item's exposure where a query ranks its items by that score."""
    return f"exposure({quote(score)})"


class Exposures(OfRankings):
    """The items of a table with their exposure."""


@dataclass(frozen=True)
class Exposed:
    """A table of items with their exposure that is understood, not yet made."""

    table: Exposures
    query: str
    items: Opened

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Those of the items."""
        return self.items.columns

    def computes(self, column: str) -> bool:
        """Whether it is the name of an exposure."""
        return _NAME.fullmatch(column) is not None

    def wants(self, columns: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """The query, and the columns that are asked for or computed from."""
        return {self.table.of: frozenset({self.query, *(self._score(name) or name for name in columns)})}

    def rests_on(self) -> tuple[Keys, ...]:
        """Nothing: an item that is there twice is told by who asks."""
        return ()

    def make(self, engine: Engine, relation: str, columns: Iterable[str], parents: Mapping[str, str]) -> None:
        """Make a table of some columns."""
        kinds, scored = dict(self.items.columns), {name: self._score(name) for name in columns}
        plain = {name: quote(name) for name, score in scored.items() if score is None}
        scores = {name: number_of(score, kind_of(kinds[score])) for name, score in scored.items() if score is not None}
        query = key_columns(self.items, (self.query,))[0]
        made = rankings.with_exposure(plain, scores, query, parents[self.table.of])
        engine.load(f"create or replace temp table {relation} as {made}")

    def _score(self, name: str) -> str | None:
        found = _NAME.fullmatch(name)
        return found[1].replace('""', '"') if found and name not in dict(self.items.columns) else None


def understand(table: Exposures, parents: Mapping[str, Opened]) -> Exposed:
    """The columns of items with their exposure. Raises EvidenceError where the items do not name their query."""
    items = parents[table.of]
    return Exposed(table, table.query_among(items), items)

"""A source with names that differ only in case: a table of the columns that are asked for, under their own names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mlgate.evidence.dialect import quote, selection
from mlgate.evidence.engine import Engine, Opened
from mlgate.evidence.tables.recipe import Prepared
from mlgate.values.errors import EvidenceError


@dataclass(frozen=True)
class ChosenColumns(Prepared):
    """Columns of one source; the engine would take `Sex` and `sex` for one, so that only one of them is made."""

    source: Opened

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """All columns of the source."""
        return self.source.columns

    def wants(self, columns: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """Nothing of other tables."""
        return {}

    def sql(self, engine: Engine, columns: Sequence[str], parents: Mapping[str, str]) -> str:
        """Some columns of every row. Raises EvidenceError where rules ask for two that differ only in case."""
        stored = self.source.stored
        chosen: dict[str, str] = {}
        for name in columns:
            first = chosen.setdefault(name.casefold(), name)
            if first != name:
                raise EvidenceError(f"two columns are named `{first}` and `{name}`, and rules read both; rename one")
        selected = selection(f"{quote(stored.get(name, name))} as {quote(name)}" for name in columns)
        return f"select {selected} from {self.source.relation}"

"""A run of rankings joined to judgements of its own (qrels): items that only one of the two has stay in.

An item that the run did not retrieve has the lowest score there is, by which it is known: it counts in the best
ranking of its query and never at a rank. An item that nobody judged has the grade 0.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mlgate.evidence.dialect import double, quote, selection
from mlgate.evidence.engine import Engine, Opened
from mlgate.evidence.questions.key_matches import key_columns
from mlgate.evidence.tables.join import Join, Joined

UNRETRIEVED = -sys.float_info.max
"""The score of an item that the run did not retrieve."""


@dataclass(frozen=True)
class RunJudgements(Join):
    """The rows of a run (left) and of judgements (right), by query and item; each pair once."""

    score: str
    label: str

    def prepared(self, parents: Mapping[str, Opened]) -> JudgedRun:
        """The columns of the join. Raises EvidenceError where the keys are not there, or not comparable."""
        found = super().prepared(parents)
        return JudgedRun(found.join, found.left, found.right, found.origins, found.ambiguous, self.score, self.label)


@dataclass(frozen=True)
class JudgedRun(Joined):
    """The join, prepared but not made."""

    score: str
    label: str

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """The columns of both tables; the score and the grade as numbers."""
        return tuple((name, "DOUBLE" if self._number(name) else kind) for name, kind in super().columns)

    def sql(self, engine: Engine, columns: Sequence[str], parents: Mapping[str, str]) -> str:
        """The rows of both tables, with some columns."""
        selected = selection(f"{self._column(name)} as {quote(name)}" for name in columns)
        mine = key_columns(self.left, self.join.left_key, "l")
        theirs = key_columns(self.right, self.join.right_key, "r")
        on = " and ".join(f"{key} = {other}" for key, other in zip(mine, theirs, strict=True))
        return f"select {selected} from {parents[self.join.right]} r full join {parents[self.join.left]} l on {on}"

    def _number(self, name: str) -> bool:
        origin = self.origins[name]
        return (origin.side, origin.name) in (("l", self.score), ("r", self.label))

    def _column(self, name: str) -> str:
        origin = self.origins[name]
        column = f"{origin.side}.{quote(origin.name)}"
        if self._number(name):
            table, key, other = (
                (self.left, self.join.left_key, UNRETRIEVED)
                if origin.side == "l"
                else (self.right, self.join.right_key, 0.0)
            )
            number = table.number(origin.name).replace(quote(origin.name), column)
            return f"case when {origin.side}.{quote(key[0])} is null then {double(other)} else {number} end"
        for left, right in zip(self.join.left_key, self.join.right_key, strict=True):
            if (origin.side, origin.name) in (("l", left), ("r", right)):
                return f"coalesce(l.{quote(left)}, r.{quote(right)})"
        return column

"""The rows of a table that a rule about data judges: those that meet its condition `where`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mlgate.checks.expressions.condition import RowCondition, WrittenCondition
from mlgate.checks.subject import Subject
from mlgate.evidence.guard import Guard
from mlgate.evidence.questions.matching_rows import MatchingFact
from mlgate.values.errors import EvidenceError
from mlgate.values.words import counted


@dataclass(frozen=True)
class RowFilter:
    """A condition as the filter of a table's rows; without a condition all rows are judged."""

    condition: WrittenCondition | None
    subject: Subject
    table: str
    sentinels: tuple[str, ...] = ()
    """Values that count as missing."""
    of_column: Callable[[str], tuple[str, ...]] = lambda _: ()
    """Further ones of a column."""

    def _bound(self) -> RowCondition | None:
        if self.condition is None:
            return None
        return self.condition.about(self.subject.rows(self.table), self.sentinels, self.of_column)

    @property
    def sql(self) -> str:
        """SQL for whether a row is judged, for the `where` of questions; empty for all rows."""
        bound = self._bound()
        return bound.holds if bound else ""

    @property
    def guards(self) -> Iterator[Guard]:
        """The guard that the condition is decided for every row, so that no row is left out by chance."""
        if bound := self._bound():
            yield Guard(self.subject.matching(self.table, bound.undecided), refuse_undecided)


def refuse_undecided(found: MatchingFact) -> None:
    """Raise EvidenceError where a filter is not decided for some rows."""
    if found.rows:
        rows = f"{found.rows:,} of {counted(found.of, 'row')}"
        raise EvidenceError(
            f"`where` is not decided for {rows}, because a value is missing or not of its type; say by `is missing` or "
            "`is not missing` whether they are meant"
        )

"""Ratios of two sums over rows (WAPE), with the delta method."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from mlgate.evidence.questions.moments import Moments
from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.metrics.base import Alone, Kind, Paired, Undefined
from mlgate.metrics.kinds.sums import PAIR, Sums, ratio_of_totals, sums_by_group, sums_needed
from mlgate.metrics.pairs.sums import PairedRatio
from mlgate.metrics.question import Question
from mlgate.values.estimate import Estimate


@dataclass(frozen=True)
class RatioOfSums(Alone):
    """The ratio of two sums over rows; both of non-negative values."""

    numerator: Callable[[Question], str]
    denominator: Callable[[Question], str]
    roles: tuple[Literal["label", "prediction"], ...] = ("label", "prediction")
    guard: Callable[[Question], Iterable[Need]] = lambda _question: ()
    """What more must hold before the rows are trusted."""
    weighted = False
    method = "delta method on the log of the ratio"

    @property
    def paired(self) -> Paired:
        """By the rows' own differences over the sum that both share."""
        return PairedRatio(self)

    def needs(self, question: Question) -> Iterable[Need]:
        """Sums, squares and the cross sum of both values."""
        return (*sums_needed(self._moments(question)), *question.usable(*self.roles), *self.guard(question))

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, Sums]:
        """The sums of every slice."""
        return sums_by_group(self._moments(question), facts)

    @property
    def clustered(self) -> Kind:
        """The delta method between units."""
        from mlgate.metrics.kinds.unit_means import UnitRatio

        return UnitRatio(self)

    def estimate(self, question: Question, stats: Sums) -> Estimate:
        """The ratio. Raises Undefined where the denominator's sum is 0."""
        if not stats.total(0, 1):
            raise Undefined("the sum to divide by is 0")
        return ratio_of_totals(stats)

    def _moments(self, question: Question) -> Moments:
        values = (self.numerator(question), self.denominator(question))
        return Moments(question.rows.table, question.where, question.count, values, PAIR, question.by)

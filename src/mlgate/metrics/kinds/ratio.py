"""Ratios of two sums over rows (WAPE), with the delta method."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from mlgate.estimate import Estimate
from mlgate.evidence.facts import Facts, Group
from mlgate.evidence.needs import Moments, Need
from mlgate.metrics.base import Alone, Undefined
from mlgate.metrics.kinds.sums import Sums, sums_by_group, sums_needed
from mlgate.metrics.question import Question
from mlgate.stats.ratios import RatioOfMeans

PAIR = ((1, 0), (0, 1), (2, 0), (0, 2), (1, 1))


@dataclass(frozen=True)
class RatioOfSums(Alone):
    """The ratio of two sums over rows; both of non-negative values."""

    numerator: Callable[[Question], str]
    denominator: Callable[[Question], str]
    roles: tuple[Literal["label", "prediction"], ...] = ("label", "prediction")
    guard: Callable[[Question], Iterable[Need]] = lambda _question: ()
    """What more must be known before the rows are trusted; `check` raises where they may not be."""
    check: Callable[[Question, Facts], None] = lambda _question, _facts: None
    weighted = False
    method = "delta method on the log of the ratio"

    def needs(self, question: Question) -> Iterable[Need]:
        """Sums, squares and the cross sum of both values."""
        return (*sums_needed(self._moments(question)), *question.profiles(*self.roles), *self.guard(question))

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, Sums]:
        """The sums of every slice."""
        question.usable(facts, *self.roles)
        self.check(question, facts)
        return sums_by_group(self._moments(question), facts)

    def estimate(self, question: Question, stats: Sums) -> Estimate:
        """The ratio. Raises Undefined where the denominator's sum is 0."""
        if not stats.total(0, 1):
            raise Undefined("the sum to divide by is 0")
        return ratio_of_totals(stats)

    def _moments(self, question: Question) -> Moments:
        values = (self.numerator(question), self.denominator(question))
        return Moments(question.rows.table, question.where, question.count, values, PAIR, question.by)


def ratio_of_totals(stats: Sums, *, linear: bool = False) -> Estimate:
    """The first value's sum over the second's, which is above 0; no bound where the rows' own ratios are equal."""
    n, a, b = stats.rows, stats.total(1, 0), stats.total(0, 1)
    ratio = a / b
    joint = stats.sums[1, 1] / n - stats.sums[1, 0] * stats.sums[0, 1] / n**2
    residual = stats.square(0) - 2 * ratio * joint + ratio**2 * stats.square(1)
    reach = stats.reaches[0] + abs(ratio) * stats.reaches[1]
    if n < 2 or not stats.stands_out(residual, reach):
        because = "one row has no spread" if n < 2 else "all rows have the same ratio, so its spread is unknown"
        return Estimate((), float(ratio), n, n, no_bound_because=because)
    found = RatioOfMeans.from_sums(n, a, b, stats.total(2, 0), stats.total(0, 2), stats.total(1, 1), linear)
    return Estimate((), float(ratio), n, n, found.lower, found.upper)

"""Means of a number of every row (errors, losses, a column), with bounds that know skewness."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import Literal

from mlgate.errors import EvidenceError
from mlgate.estimate import Estimate
from mlgate.evidence.dialect import literal
from mlgate.evidence.facts import Facts, Group, MomentsFact, TopShareFact
from mlgate.evidence.needs import Moments, Need, TopShare
from mlgate.metrics.base import Undefined
from mlgate.metrics.question import Question
from mlgate.stats.means import RootMean, SampleMean
from mlgate.stats.ratios import RatioOfMeans

Guard = Callable[[Question], Iterable[Need]]
CheckRows = Callable[[Question, Facts], None]
PLAIN = ((1,), (2,), (3,))
WEIGHTED = ((1, 0), (0, 1), (2, 0), (0, 2), (1, 1))


@dataclass(frozen=True)
class MeanStats:
    """One slice: exact sums of (x - pivot) by power, or of weight times x and weight; and how the sum is spread."""

    rows: int
    pivots: tuple[Fraction, ...]
    sums: Mapping[tuple[int, ...], Fraction]
    top: float | None


@dataclass(frozen=True)
class Mean:
    """The mean of an expression; `root` for its square root (RMSE), `heavy` where the largest rows may carry it."""

    expression: Callable[[Question], str]
    guard: Guard
    check: CheckRows
    root: bool = False
    heavy: bool = True
    weighted = True
    method = "Hall's transform of the t interval (Hall 1992); delta method under sampling weights"

    def needs(self, question: Question) -> Iterable[Need]:
        """Sums of powers, the share of the largest rows, and what must hold before they are trusted."""
        top = (self._top(question),) if self._tells_top(question) else ()
        return (self._moments(question), *top, *self.guard(question))

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, MeanStats]:
        """The sums of every slice."""
        self.check(question, facts)
        fact: MomentsFact = facts[self._moments(question)]
        top: dict[Group, float] = {}
        if self._tells_top(question):
            shares: TopShareFact = facts[self._top(question)]
            top = dict(shares.groups)
        return {
            found.group: MeanStats(found.n, fact.pivots, dict(found.sums), top.get(found.group))
            for found in fact.groups
        }

    def estimate(self, question: Question, stats: MeanStats) -> Estimate:
        """The mean with Hall's bounds; under weights the weighted mean with linear delta bounds."""
        if question.weight:
            return self._weighted(stats)
        pivot = stats.pivots[0]
        first, second, third = (stats.sums[power] for power in PLAIN)
        sample = SampleMean.from_sums(stats.rows, first, second, third, pivot)
        shown = RootMean(sample) if self.root else sample
        mean = first / stats.rows + pivot
        value = sqrt(mean) if self.root else float(mean)
        because = None if sample.variance else "every row has the same value, so its spread is unknown"
        return Estimate(
            (), value, stats.rows, stats.rows, shown.lower, shown.upper, no_bound_because=because, note=_top(stats)
        )

    def _weighted(self, stats: MeanStats) -> Estimate:
        (p, w), n = stats.pivots, stats.rows
        s = stats.sums
        x1, w1 = s[1, 0] + n * p, s[0, 1] + n * w
        xx = s[2, 0] + 2 * p * s[1, 0] + n * p * p
        ww = s[0, 2] + 2 * w * s[0, 1] + n * w * w
        xw = s[1, 1] + p * s[0, 1] + w * s[1, 0] + n * p * w
        if n < 2 or w1 <= 0:
            raise Undefined("a weighted mean needs at least two rows with weights above 0")
        ratio = RatioOfMeans.from_sums(n, x1, w1, xx, ww, xw, linear=True)
        if self.root:
            raise EvidenceError("a root mean square takes no sampling weights; use mse")
        return Estimate((), ratio.value, n, n, ratio.lower, ratio.upper, note="weighted mean, delta method")

    def _value(self, question: Question) -> str:
        value = self.expression(question)
        if question.options.cap is None:
            return value
        return f"least({value}, cast({literal(repr(float(question.options.cap)))} as double))"

    def _moments(self, question: Question) -> Moments:
        value, table, where = self._value(question), question.rows.table, question.where
        if not question.weight:
            return Moments(table, where, question.count, (value,), PLAIN, question.by)
        values = (f"({value}) * {question.weight}", question.weight)
        return Moments(table, where, question.count, values, WEIGHTED, question.by)

    def _tells_top(self, question: Question) -> bool:
        return self.heavy and not question.weight and not question.count

    def _top(self, question: Question) -> TopShare:
        return TopShare(question.rows.table, question.where, "", self._value(question), 0.01, question.by)


def _top(stats: MeanStats) -> str | None:
    if stats.top is None:
        return None
    return f"the top 1 % of rows carry {100 * stats.top:.0f} % of the sum"


@dataclass(frozen=True)
class RatioStats:
    """One slice: exact sums of two values less their pivots, by exponents."""

    rows: int
    pivots: tuple[Fraction, ...]
    sums: Mapping[tuple[int, ...], Fraction]


@dataclass(frozen=True)
class RatioOfSums:
    """The ratio of two sums over rows (WAPE); both of non-negative values."""

    numerator: Callable[[Question], str]
    denominator: Callable[[Question], str]
    roles: tuple[Literal["label", "prediction"], ...] = ("label", "prediction")
    weighted = False
    method = "delta method on the log of the ratio"

    def needs(self, question: Question) -> Iterable[Need]:
        """Sums, squares and the cross sum of both values."""
        return (self._moments(question), *question.profiles(*self.roles))

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, RatioStats]:
        """The sums of every slice."""
        question.usable(facts, *self.roles)
        fact: MomentsFact = facts[self._moments(question)]
        return {found.group: RatioStats(found.n, fact.pivots, dict(found.sums)) for found in fact.groups}

    def estimate(self, question: Question, stats: RatioStats) -> Estimate:
        """The ratio. Raises Undefined where the denominator's sum is 0."""
        (p, q), n, s = stats.pivots, stats.rows, stats.sums
        a, b = s[1, 0] + n * p, s[0, 1] + n * q
        if not b:
            raise Undefined("the sum to divide by is 0")
        if n < 2:
            return Estimate((), float(a / b), n, n, no_bound_because="one row has no spread")
        aa = s[2, 0] + 2 * p * s[1, 0] + n * p * p
        bb = s[0, 2] + 2 * q * s[0, 1] + n * q * q
        ab = s[1, 1] + p * s[0, 1] + q * s[1, 0] + n * p * q
        ratio = RatioOfMeans.from_sums(n, a, b, aa, bb, ab)
        return Estimate((), float(a / b), n, n, ratio.lower, ratio.upper)

    def _moments(self, question: Question) -> Moments:
        values = (self.numerator(question), self.denominator(question))
        return Moments(question.rows.table, question.where, question.count, values, WEIGHTED, question.by)

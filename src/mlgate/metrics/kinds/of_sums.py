"""Smooth functions of several sums over rows: averages of ratios over classes that a row may have several of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from mlgate.evidence.questions.moments import Moments
from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.metrics.base import Alone, Undefined
from mlgate.metrics.kinds.sums import Sums, sums_by_group, sums_needed
from mlgate.metrics.question import Question
from mlgate.stats.cells import LOGIT, GuardedBounds
from mlgate.values.estimate import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Totals = NDArray[Any]

Row = tuple[float, ...]
Rows = Callable[[Row], tuple[Row, ...]]
"""From the expressions' means, rows of them to add."""


@dataclass(frozen=True)
class OfSums(Alone):
    """A formula, in [0, 1], of the sums of some expressions over rows."""

    expressions: Callable[[Question], tuple[str, ...]]
    formula: Callable[[Totals], Totals]
    """From rows of totals, floats or fractions, to the metric of each; it fails or is NaN where that is 0/0."""
    undefined: Callable[[Question, tuple[Fraction, ...]], str | None]
    """Why there is no value for some totals; None where there is one."""
    worse: Rows
    """The rows whose halves guard the lower bound: one of each mistake that it looks at, and one of many at once."""
    better: Rows
    """The rows whose halves guard the upper bound."""
    guard: Callable[[Question], Iterable[Need]]
    weighted = False
    method = "delta method over rows on the logit, at half a row against and half a row for the demand"

    def needs(self, question: Question) -> Iterable[Need]:
        """First and joint second moments of the expressions, and what must hold before they are trusted."""
        return (*sums_needed(self._moments(question)), *self.guard(question))

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, Sums]:
        """The sums of every slice."""
        return sums_by_group(self._moments(question), facts)

    def estimate(self, question: Question, stats: Sums) -> Estimate:
        """The exact value, with guarded delta-method bounds. Raises Undefined where a part of it is 0/0."""
        import numpy as np

        k = len(stats.pivots)
        totals = tuple(stats.sums[power] + stats.rows * pivot for power, pivot in zip(ones(k), stats.pivots))
        reason = self.undefined(question, totals)
        if reason is not None:
            raise Undefined(reason)
        exact = self.formula(np.array([totals], dtype=object))[0]
        bounds = cache(partial(self._bounds, stats, totals))
        return Estimate(
            (),
            float(exact),
            stats.rows,
            stats.rows,
            lambda alpha: bounds().lower(alpha),
            lambda alpha: bounds().upper(alpha),
            Fraction(exact),
            no_bound_because="it has no spread here",
        )

    def _bounds(self, stats: Sums, totals: tuple[Fraction, ...]) -> GuardedBounds:
        import numpy as np

        from mlgate.stats.functions import bounds_of_sums

        k = len(totals)
        centred = np.array([[float(_product(stats, i, j)) for j in range(k)] for i in range(k)])
        means = tuple(float(total / stats.rows) for total in totals)
        guards = [[(0.5, np.array(row)) for row in rows(means)] for rows in (self.worse, self.better)]
        return bounds_of_sums(stats.rows, np.array(totals, dtype=float), centred, self.formula, LOGIT, *guards)

    def _moments(self, question: Question) -> Moments:
        values = self.expressions(question)
        return Moments(question.rows.table, question.where, question.count, values, joint(len(values)), question.by)


def ones(k: int) -> tuple[tuple[int, ...], ...]:
    """The exponents of each of k values alone."""
    return tuple(_powers(k, at) for at in range(k))


@cache
def joint(k: int) -> tuple[tuple[int, ...], ...]:
    """The exponents of k values, and of all their products two by two."""
    return (*ones(k), *(_powers(k, i, j) for i in range(k) for j in range(i, k)))


@cache
def _powers(k: int, *at: int) -> tuple[int, ...]:
    return tuple(at.count(place) for place in range(k))


def _product(stats: Sums, i: int, j: int) -> Fraction:
    """The sum of products of two values' deviations from their means."""
    k, s = len(stats.pivots), stats.sums
    return s[_powers(k, *sorted((i, j)))] - s[_powers(k, i)] * s[_powers(k, j)] / stats.rows

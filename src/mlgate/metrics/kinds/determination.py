"""R² and Brier skill: one less the ratio of squared errors to the spread of what is predicted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from mlgate.estimate import Bound, Estimate
from mlgate.evidence.facts import Facts, Group
from mlgate.evidence.needs import Moments, Need
from mlgate.metrics.base import Alone, Undefined
from mlgate.metrics.kinds.sums import UNSEEN, Sums, sums_by_group, sums_needed
from mlgate.metrics.question import Question
from mlgate.stats.ratios import one_minus_r2

JOINT = ((1, 0), (2, 0), (0, 1), (0, 2), (0, 3), (0, 4), (1, 1), (1, 2))
FINEST_LABEL = Fraction(1, 2**11)
"""Bounds need the label's fourth powers, which rounding reaches sooner."""


@dataclass(frozen=True)
class Determination(Alone):
    """1 - Σe²/Σ(y - ȳ)² of an expression y and its prediction, with the delta method on the log of the ratio."""

    actual: Callable[[Question], str]
    predicted: Callable[[Question], str]
    guard: Callable[[Question], Iterable[Need]]
    check: Callable[[Question, Facts], None]
    weighted = False
    method = "delta method on the log of one less the value"

    def needs(self, question: Question) -> Iterable[Need]:
        """Joint sums of the squared error and the label, and what must hold before they are trusted."""
        return (*sums_needed(self._moments(question)), *self.guard(question))

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, Sums]:
        """The sums of every slice."""
        self.check(question, facts)
        return sums_by_group(self._moments(question), facts)

    def estimate(self, question: Question, stats: Sums) -> Estimate:
        """The share explained. Raises Undefined where the label does not vary."""
        n, s, spread = stats.rows, stats.sums, stats.square(1)
        if n < 2 or not stats.stands_out(spread, stats.reaches[1], UNSEEN):
            raise Undefined("the label has one value only, so there is nothing to explain")
        p, e2 = stats.pivots[0], stats.total(1, 0)
        found = Estimate(
            (), float(1 - e2 / (n * spread)), n, n, no_bound_because="its errors or labels hardly vary here"
        )
        fine = stats.stands_out(spread, stats.reaches[1], FINEST_LABEL)
        if not fine or not stats.stands_out(stats.square(0), stats.reaches[0]):
            return found
        e4 = s[2, 0] + 2 * p * s[1, 0] + n * p * p
        y = (s[0, 1], s[0, 2], s[0, 3], s[0, 4])
        try:
            ratio = one_minus_r2(n, e2, e4, y, s[1, 1] + p * s[0, 1], s[1, 2] + p * s[0, 2])
        except ValueError:  # every label is as far from their mean, and rounding left a variance below 0
            return found
        return replace(found, lower=_complement(ratio.upper), upper=_complement(ratio.lower), no_bound_because=None)

    def _moments(self, question: Question) -> Moments:
        actual, predicted = self.actual(question), self.predicted(question)
        values = (f"({actual} - {predicted}) * ({actual} - {predicted})", actual)
        return Moments(question.rows.table, question.where, question.count, values, JOINT, question.by)


def _complement(bound: Bound) -> Bound:
    def complemented(alpha: float) -> float | None:
        found = bound(alpha)
        return None if found is None else 1 - found

    return complemented

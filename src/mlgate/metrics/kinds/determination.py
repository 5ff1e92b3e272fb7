"""R²: one less the ratio of squared errors to the label's spread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mlgate.estimate import Bound, Estimate
from mlgate.evidence.facts import Facts, Group, MomentsFact
from mlgate.evidence.needs import Moments, Need
from mlgate.metrics.base import Undefined
from mlgate.metrics.kinds.mean import RatioStats
from mlgate.metrics.question import Question
from mlgate.stats.ratios import one_minus_r2

JOINT = ((1, 0), (2, 0), (0, 1), (0, 2), (0, 3), (0, 4), (1, 1), (1, 2))


@dataclass(frozen=True)
class Determination:
    """1 - Σe²/Σ(y - ȳ)², with the delta method on the log of the ratio."""

    weighted = False
    method = "delta method on the log of 1 - R²"

    def needs(self, question: Question) -> Iterable[Need]:
        """Joint sums of the squared error and the label."""
        return (self._moments(question), *question.profiles("label", "prediction"))

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, RatioStats]:
        """The sums of every slice."""
        question.usable(facts, "label", "prediction")
        fact: MomentsFact = facts[self._moments(question)]
        return {found.group: RatioStats(found.n, fact.pivots, dict(found.sums)) for found in fact.groups}

    def estimate(self, question: Question, stats: RatioStats) -> Estimate:
        """R². Raises Undefined where the label does not vary."""
        p, n, s = stats.pivots[0], stats.rows, stats.sums
        squares = s[0, 2] - s[0, 1] ** 2 / n
        if n < 2 or not squares:
            raise Undefined("the label has one value only, so there is nothing to explain")
        e2 = s[1, 0] + n * p
        e4 = s[2, 0] + 2 * p * s[1, 0] + n * p * p
        y = (s[0, 1], s[0, 2], s[0, 3], s[0, 4])
        ratio = one_minus_r2(n, e2, e4, y, s[1, 1] + p * s[0, 1], s[1, 2] + p * s[0, 2])
        return Estimate((), float(1 - e2 / squares), n, n, _complement(ratio.upper), _complement(ratio.lower))

    def _moments(self, question: Question) -> Moments:
        label, prediction = question.number("label").number, question.number("prediction").number
        values = (f"({label} - {prediction}) * ({label} - {prediction})", label)
        return Moments(question.rows.table, question.where, question.count, values, JOINT, question.by)


def _complement(bound: Bound) -> Bound:
    def complemented(alpha: float) -> float | None:
        found = bound(alpha)
        return None if found is None else 1 - found

    return complemented

"""R² and Brier skill: one less the ratio of squared errors to the spread of what is predicted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from mlgate.evidence.questions.moments import Moments
from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.metrics.base import Alone, Kind, Paired, Undefined
from mlgate.metrics.kinds.spread import JOINT, ratio_to_spread
from mlgate.metrics.kinds.sums import UNSEEN, Sums, sums_by_group, sums_needed
from mlgate.metrics.pairs.sums import PairedDetermination
from mlgate.metrics.question import Question
from mlgate.values.estimate import Bound, Estimate


@dataclass(frozen=True)
class Determination(Alone):
    """1 - Σe²/Σ(y - ȳ)² of an expression y and its prediction, with the delta method on the log of the ratio."""

    actual: Callable[[Question], str]
    predicted: Callable[[Question], str]
    guard: Callable[[Question], Iterable[Need]]
    weighted = False
    method = "delta method on the log of one less the value"

    @property
    def paired(self) -> Paired:
        """By the rows' own differences of squared errors over the spread that both share."""
        return PairedDetermination(self)

    def needs(self, question: Question) -> Iterable[Need]:
        """Joint sums of the squared error and the label, and what must hold before they are trusted."""
        return (*sums_needed(self._moments(question)), *self.guard(question))

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, Sums]:
        """The sums of every slice."""
        return sums_by_group(self._moments(question), facts)

    @property
    def clustered(self) -> Kind:
        """The delta method between units."""
        from mlgate.metrics.kinds.unit_means import UnitDetermination

        return UnitDetermination(self)

    def estimate(self, question: Question, stats: Sums) -> Estimate:
        """The share explained. Raises Undefined where the label does not vary."""
        n, spread = stats.rows, stats.square(1)
        if n < 2 or not stats.stands_out(spread, stats.reaches[1], UNSEEN):
            raise Undefined("the label has one value only, so there is nothing to explain")
        e2 = stats.total(1, 0)
        found = Estimate(
            (), float(1 - e2 / (n * spread)), n, n, no_bound_because="its errors or labels hardly vary here"
        )
        ratio = ratio_to_spread(stats)
        if ratio is None:
            return found
        return replace(found, lower=_complement(ratio.upper), upper=_complement(ratio.lower), no_bound_because=None)

    def values(self, question: Question) -> tuple[str, str]:
        """The squared error, and what is predicted."""
        actual, error = self.actual(question), f"({self.actual(question)} - {self.predicted(question)})"
        return f"{error} * {error}", actual

    def _moments(self, question: Question) -> Moments:
        values = self.values(question)
        return Moments(question.rows.table, question.where, question.count, values, JOINT, question.by)


def _complement(bound: Bound) -> Bound:
    def complemented(alpha: float) -> float | None:
        found = bound(alpha)
        return None if found is None else 1 - found

    return complemented

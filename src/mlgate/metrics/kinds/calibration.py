"""Calibration error over fixed bins of the predicted probability."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, partial

from mlgate.evidence.questions.moments import Moments, MomentsFact, MomentsOf
from mlgate.evidence.questions.need import Facts, Group, Need, Term
from mlgate.metrics.metric import Alone
from mlgate.metrics.question import Question
from mlgate.stats.calibration import Bin, CalibrationError
from mlgate.stats.planning import Side
from mlgate.stats.widths import rows_by_width
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Estimate
from mlgate.values.pictures import Line, LineChart

BINS = 15
"""The default number of bins."""
SUMS = ((1, 0), (0, 1), (0, 2))
LEAST_DRAWN = 10
"""A bin with fewer rows is not drawn, because its point could reveal single rows."""


@dataclass(frozen=True)
class BinnedStats:
    """One slice's bins of the predicted probability."""

    bins: tuple[Bin, ...]
    """All of them, also those without rows."""

    @cached_property
    def rows(self) -> int:
        """Rows of the slice."""
        return sum(found.n for found in self.bins)


@dataclass(frozen=True)
class Calibration(Alone):
    """The debiased root mean square of (observed rate - mean probability) over bins of equal width."""

    outcome: Callable[[Question], str]
    probability: Callable[[Question], str]
    guard: Callable[[Question], Iterable[Need]]
    weighted = False
    method = "noncentral chi-square over fixed bins"

    def needs(self, question: Question) -> Iterable[Need]:
        """The guards, and the sums of rows, outcomes and probabilities by bin."""
        return (self._moments(question), *self.guard(question))

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, BinnedStats]:
        """The bins of every slice."""
        fact: MomentsFact = facts[self._moments(question)]
        count = question.options.bins or BINS
        edges = {str(at): (at / count, (at + 1) / count) for at in range(count)}
        found: dict[Group, dict[str | None, Bin]] = defaultdict(
            lambda: {name: Bin(0, 0, 0, 0, *edges[name]) for name in edges}
        )
        for of in fact.groups:
            *group, name = of.group
            if name not in edges:
                raise EvidenceError(f"there is no bin {name} of {count}; measure the facts again")
            found[tuple(group)][name] = _bin(of, fact.pivots, edges[name])
        return {group: BinnedStats(tuple(bins.values())) for group, bins in found.items()}

    def estimate(self, question: Question, stats: BinnedStats) -> Estimate:
        """The debiased error, with a note of the plain RMS error and the mean absolute one (ECE)."""
        error = CalibrationError.from_bins(stats.bins)
        note = f"with noise: {error.rms:.4g}, mean absolute gap (ECE): {error.ece:.4g}"
        found = Estimate((), error.debiased, stats.rows, stats.rows, error.lower, error.upper, note=note)
        return replace(found, rows_to_settle=partial(_rows_to_settle, found))

    def picture(self, question: Question, groups: Mapping[Group, BinnedStats]) -> LineChart:
        """The reliability diagram, with one line per group and without bins of fewer than `LEAST_DRAWN` rows."""
        names = [term.name for term in question.by]
        lines = [Line(_named(names, group), _points(stats)) for group, stats in sorted(groups.items(), key=str)]
        said = f"Reliability{' by ' + ', '.join(names) if names else ''}, in bins of {LEAST_DRAWN} rows or more"
        ideal = Line("calibrated", ((0.0, 0.0), (1.0, 1.0)))
        return LineChart(said, "mean probability", "observed rate", (*lines, ideal))

    def _moments(self, question: Question) -> Moments:
        probability, bins = self.probability(question), question.options.bins or BINS
        cut = f"cast(least(floor(({probability}) * {bins}), {bins - 1}) as integer)"
        by = (*question.by, Term("bin", f"cast({cut} as varchar)"))
        values = (self.outcome(question), probability)
        return Moments(question.rows.table, question.where, question.count, values, SUMS, by)


def _rows_to_settle(found: Estimate, bound: float, side: Side, alpha: float, power: float) -> int | None:
    """From the width of one side alone: a debiased error of 0 keeps its spread, and the bound below is then 0 too."""
    now = (found.lower if side == "at_least" else found.upper)(alpha)
    return rows_by_width(found.n, found.value, now, bound, alpha, power)


def _bin(of: MomentsOf, pivots: Sequence[Fraction], edges: tuple[float, float]) -> Bin:
    (p, q), sums, n = pivots, dict(of.sums), of.n
    outcomes, scores = sums[1, 0] + n * p, sums[0, 1] + n * q
    squared = sums[0, 2] + 2 * q * sums[0, 1] + n * q * q
    return Bin(n, float(outcomes), float(scores), float(squared), *edges)


def _named(names: Sequence[str], group: Group) -> str:
    return ", ".join(f"{name}={value}" for name, value in zip(names, group, strict=True)) or "all rows"


def _points(stats: BinnedStats) -> tuple[tuple[float, float], ...]:
    drawn = (found for found in stats.bins if found.n >= LEAST_DRAWN)
    return tuple(sorted((found.scores / found.n, found.outcomes / found.n) for found in drawn))

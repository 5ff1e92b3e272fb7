"""Means of the same rows under two models: the mean of the rows' own differences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import sqrt
from typing import TYPE_CHECKING

from mlgate.evidence.questions.moments import Moments
from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.metrics.base import Pair, Undefined
from mlgate.metrics.kinds.sums import PAIR, Sums, ratio_of_totals, sums_by_group, sums_needed
from mlgate.metrics.pairs.said import ALIKE, Both, less_one
from mlgate.metrics.question import NOT_NEGATIVE
from mlgate.stats.means import SampleMean
from mlgate.stats.roots import RootDifference
from mlgate.values.estimate import Estimate

if TYPE_CHECKING:
    from mlgate.metrics.kinds.mean import Mean

NO_WEIGHTED_ROOT = "the difference of two roots has no bound under sampling weights: compare it by `relative: true`"
CUBES = ((1,), (2,), (3,))


@dataclass(frozen=True)
class MeansOfBoth:
    """One slice: the rows' differences, and both numbers beside each other; times the weight where there is one."""

    apart: Sums
    beside: Sums

    @property
    def rows(self) -> int:
        """Rows of the slice."""
        return self.beside.rows


@dataclass(frozen=True)
class PairedMean:
    """The mean of new - old of every row by Hall's transform; of roots, and relative ones, by the delta method."""

    kind: Mean

    def needs(self, pair: Pair) -> Iterable[Need]:
        """Sums of both numbers and of their difference, and what must hold of both models."""
        sums = (*sums_needed(self._apart(pair)), *sums_needed(self._beside(pair)))
        weight = pair.new.usable("weight", within=NOT_NEGATIVE) if pair.new.weight else ()
        return (*self.kind.guard(pair.new), *self.kind.guard(pair.old), *weight, *sums)

    def groups(self, pair: Pair, facts: Facts) -> Mapping[Group, MeansOfBoth]:
        """The sums of every slice."""
        apart, beside = (sums_by_group(need, facts) for need in (self._apart(pair), self._beside(pair)))
        return {group: MeansOfBoth(apart[group], sums) for group, sums in beside.items()}

    def difference(self, pair: Pair, stats: MeansOfBoth, relative: bool) -> Estimate:
        """The difference, or the ratio less 1."""
        weighted = bool(pair.new.weight)
        rows = stats.apart.total(0, 1) if weighted else stats.rows
        if rows <= 0:
            raise Undefined("a weighted mean needs a row with a weight above 0")
        new, old = stats.beside.total(1, 0) / rows, stats.beside.total(0, 1) / rows
        values = Both(sqrt(new), sqrt(old)) if self.kind.root else Both(new, old)
        found = Estimate(
            (), float(values.less(relative)), stats.rows, stats.rows, no_bound_because=ALIKE, note=values.note
        )
        if relative:
            return self._relative(found, stats.beside)
        if self.kind.root and weighted:
            return replace(found, no_bound_because=NO_WEIGHTED_ROOT)
        if self.kind.root:
            return _roots(found, stats.beside)
        return _weighted(found, stats.apart) if weighted else _rows(found, stats.apart)

    def _relative(self, found: Estimate, beside: Sums) -> Estimate:
        ratio = ratio_of_totals(beside, linear=beside.total(1, 0) <= 0)
        if ratio.no_bound_because:
            return found
        shown = sqrt if self.kind.root else float
        return _bounded(replace(found, lower=less_one(ratio.lower, shown), upper=less_one(ratio.upper, shown)))

    def _apart(self, pair: Pair) -> Moments:
        apart = f"({self.kind.value(pair.new)}) - ({self.kind.value(pair.old)})"
        weight, at = pair.new.weight, pair.new
        values, powers = ((f"({apart}) * {weight}", weight), PAIR) if weight else ((apart,), CUBES)
        return Moments(at.rows.table, at.where, at.count, values, powers, at.by)

    def _beside(self, pair: Pair) -> Moments:
        times = f" * {pair.new.weight}" if pair.new.weight else ""
        values = tuple(f"({self.kind.value(question)}){times}" for question in (pair.new, pair.old))
        at = pair.new
        return Moments(at.rows.table, at.where, at.count, values, PAIR, at.by)


def _rows(found: Estimate, apart: Sums) -> Estimate:
    first, second, third = (apart.sums[power] for power in CUBES)
    if found.n < 2 or not apart.stands_out(apart.square(), apart.reaches[0]):
        return found
    sample = SampleMean.from_sums(found.n, first, second, third, apart.pivots[0])
    return _bounded(replace(found, lower=sample.lower, upper=sample.upper))


def _weighted(found: Estimate, apart: Sums) -> Estimate:
    mean = ratio_of_totals(apart, linear=True)
    if mean.no_bound_because:
        return found
    return _bounded(replace(found, lower=mean.lower, upper=mean.upper, note=f"{found.note}; weighted, delta method"))


def _roots(found: Estimate, beside: Sums) -> Estimate:
    n = beside.rows
    new, old = (float(beside.total(*powers) / n) for powers in ((1, 0), (0, 1)))
    if n < 2 or min(new, old) <= 0:
        return found
    joint = beside.sums[1, 1] / n - beside.sums[1, 0] * beside.sums[0, 1] / n**2
    spreads = (float(spread * n / (n - 1)) for spread in (beside.square(0), beside.square(1), joint))
    roots = RootDifference(n, new, old, *(max(spread, 0.0) if at < 2 else spread for at, spread in enumerate(spreads)))
    return _bounded(replace(found, lower=roots.lower, upper=roots.upper)) if roots.standard_error else found


def _bounded(found: Estimate) -> Estimate:
    return replace(found, no_bound_because=None)

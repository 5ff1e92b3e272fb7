"""Means, ratios of sums and R² of rows in units."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.evidence.questions.unit_moments import UnitMoments
from mlgate.metrics.base import Alone, Paired
from mlgate.metrics.kinds.sums import FromSums, Sums, sums_needed
from mlgate.metrics.question import Question
from mlgate.metrics.units import UnitTotals, in_units, moments_in_units, totals_by_group
from mlgate.stats.bounds import Wider
from mlgate.stats.cluster_means import mean_of_units, unexplained_in_units
from mlgate.stats.clusters import LEAST_UNITS
from mlgate.stats.means import RootMean
from mlgate.stats.ratios import RatioOfMeans
from mlgate.values.estimate import Bound, Estimate, no_bound

if TYPE_CHECKING:
    from mlgate.metrics.kinds.determination import Determination
    from mlgate.metrics.kinds.mean import Mean
    from mlgate.metrics.kinds.ratio import RatioOfSums

OF_MEAN = ((1, 0), (2, 0), (1, 1), (0, 2), (3, 0), (2, 1), (1, 2), (0, 3))
OF_PAIR = ((1, 0, 0), (0, 1, 0), (2, 0, 0), (1, 1, 0), (0, 2, 0), (1, 0, 1), (0, 1, 1), (0, 0, 2))
SQUARED_AND_LABEL = ((1, 0), (0, 1), (0, 2))
OF_DETERMINATION = (
    *((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (2, 0, 0, 0), (1, 1, 0, 0), (1, 0, 1, 0), (1, 0, 0, 1), (0, 2, 0, 0)),
    *((0, 1, 1, 0), (0, 1, 0, 1), (0, 0, 2, 0), (0, 0, 1, 1), (0, 0, 0, 2)),
)


@dataclass(frozen=True)
class SumsInUnits:
    """One slice's sums over rows, and over units."""

    sums: Sums
    totals: UnitTotals

    @property
    def rows(self) -> int:
        """Rows of the slice."""
        return self.sums.rows


@dataclass(frozen=True)
class FromUnitSums(Alone, ABC):
    """What every kind has that is made of sums over rows in units alone."""

    plain: FromSums
    weighted = False

    def needs(self, question: Question) -> Iterable[Need]:
        """Those of independent rows, and sums over units."""
        return (*self.plain.needs(question), *sums_needed(self._moments(question)))

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, SumsInUnits]:
        """The sums of every slice, in units."""
        totals = totals_by_group(self._moments(question), facts)
        return {group: SumsInUnits(sums, totals[group]) for group, sums in self.plain.groups(question, facts).items()}

    @abstractmethod
    def _moments(self, question: Question) -> UnitMoments:
        """What is asked of units."""


@dataclass(frozen=True)
class UnitMean(FromUnitSums):
    """The mean of an expression, of rows in units."""

    plain: Mean
    method = "Hall's transform of the t interval (Hall 1992) on the sums of units"

    def estimate(self, question: Question, stats: SumsInUnits) -> Estimate:
        """The mean, with bounds that know units."""
        plain, t = self.plain.estimate(question, stats.sums), stats.totals
        if t.units < LEAST_UNITS:
            return in_units(plain, no_bound, no_bound, t.units, None)
        found = mean_of_units(t.units, t.rows, t.sums, t.pivots[0])
        if not t.stands_out(found.variance, t.reaches[0]):
            return in_units(plain, no_bound, no_bound, t.units, None)
        shown = RootMean(found) if self.plain.root else found
        effective = float(stats.sums.square()) * t.units / found.variance
        return _no_narrower(plain, shown.lower, shown.upper, t.units, effective)

    @property
    def paired(self) -> Paired:
        """The delta method between units."""
        from mlgate.metrics.kinds.unit_paired_sums import UnitPairedSums

        return UnitPairedSums(self.plain, lambda question: (self.plain.value(question),), self.plain.root)

    def _moments(self, question: Question) -> UnitMoments:
        return moments_in_units(question, (self.plain.value(question),), ((1,),), OF_MEAN)


@dataclass(frozen=True)
class UnitRatio(FromUnitSums):
    """The ratio of two sums over rows, of rows in units."""

    plain: RatioOfSums
    method = "delta method on the log of the ratio, between units"

    def estimate(self, question: Question, stats: SumsInUnits) -> Estimate:
        """The ratio, with bounds that know units."""
        plain, t = self.plain.estimate(question, stats.sums), stats.totals
        if t.units < LEAST_UNITS:
            return in_units(plain, no_bound, no_bound, t.units, None)
        a, b, aa, bb, ab = (t.total(*powers) for powers in ((1, 0), (0, 1), (2, 0), (0, 2), (1, 1)))
        return _ratio_in_units(plain, RatioOfMeans.from_sums(t.units, a, b, aa, bb, ab), t)

    @property
    def paired(self) -> Paired:
        """The delta method between units."""
        from mlgate.metrics.kinds.unit_paired_sums import UnitPairedSums

        return UnitPairedSums(self.plain, self._values)

    def _values(self, question: Question) -> tuple[str, str]:
        return self.plain.numerator(question), self.plain.denominator(question)

    def _moments(self, question: Question) -> UnitMoments:
        return moments_in_units(question, self._values(question), ((1, 0), (0, 1)), OF_PAIR)


@dataclass(frozen=True)
class UnitDetermination(FromUnitSums):
    """R², of rows in units."""

    plain: Determination
    method = "delta method on the log of 1 - R², between units"

    def estimate(self, question: Question, stats: SumsInUnits) -> Estimate:
        """R², with bounds that know units."""
        plain, t = self.plain.estimate(question, stats.sums), stats.totals
        if t.units < LEAST_UNITS or plain.no_bound_because:
            return in_units(plain, no_bound, no_bound, t.units, None)
        try:
            found = unexplained_in_units(t.units, t.rows, t.sums, t.pivots[0])
        except ValueError:  # rounding left a variance below 0
            return in_units(plain, no_bound, no_bound, t.units, None)
        turned = replace(plain, lower=_complement(plain.upper), upper=_complement(plain.lower))
        ended = _ratio_in_units(turned, found, t)
        return replace(ended, lower=_complement(ended.upper), upper=_complement(ended.lower))

    def _moments(self, question: Question) -> UnitMoments:
        return moments_in_units(question, self.plain.values(question), SQUARED_AND_LABEL, OF_DETERMINATION)


def _ratio_in_units(plain: Estimate, found: RatioOfMeans, t: UnitTotals) -> Estimate:
    size = t.rows / t.units
    variance = found.standard_error**2 * t.units * (found.mean_b / size) ** 2
    if not t.stands_out(variance, t.reaches[0] + Fraction(abs(found.value)) * t.reaches[1]):
        return in_units(plain, no_bound, no_bound, t.units, None)
    return _no_narrower(plain, found.lower, found.upper, t.units, None)


def _no_narrower(plain: Estimate, lower: Bound, upper: Bound, units: int, effective: float | None) -> Estimate:
    """The estimate with these bounds, but where those of independent rows are wider: to name a unit never narrows."""
    found = Wider(plain, replace(plain, lower=lower, upper=upper))
    return in_units(plain, found.lower, found.upper, units, effective)


def _complement(bound: Bound) -> Bound:
    def complemented(alpha: float) -> float | None:
        found = bound(alpha)
        return None if found is None else 1 - found

    return complemented

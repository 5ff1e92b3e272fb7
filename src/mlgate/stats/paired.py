"""The difference of the ROC AUC of two scores on the same rows, by DeLong's covariance; in units by Obuchowski's."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import expm1, hypot, inf, log, sqrt

from mlgate.stats.bounds import EitherSide
from mlgate.stats.clusters import LEAST_UNITS
from mlgate.stats.means import t_quantile
from mlgate.stats.ranks import BetweenUnits, ClusteredAuc, RocAuc
from mlgate.stats.share import missed_share, require_level

LEAST_CLASS = 20
"""With fewer rows in a class the paired AUC has no bounds."""


class AucsApart(ABC):
    """new - old ROC AUC on the same rows, with approximate bounds.

    The distance of a bound combines the standard error of the difference with what rows may carry that the sample has
    missed, in quadrature: where two models agree on nearly all rows, few rows carry the difference. There are no bounds
    where a class has too few rows or units, or the variance of the difference is 0 (both rankings are the same).
    """

    new: RocAuc | ClusteredAuc
    old: RocAuc | ClusteredAuc

    @property
    @abstractmethod
    def variance(self) -> Fraction | None:
        """The exact variance of the difference; None where a class has only one row, or only one unit."""

    @property
    @abstractmethod
    def degrees(self) -> float:
        """Degrees of freedom of Student's t; infinite for the normal distribution."""

    @property
    @abstractmethod
    def enough(self) -> bool:
        """Whether there are enough rows, or units, of each class for bounds."""

    @property
    @abstractmethod
    def independent(self) -> tuple[float, float]:
        """The number of rows, or units, of each class that could have shown what the sample has missed."""

    @property
    def exact(self) -> Fraction:
        """The exact difference, in [-1, 1]."""
        return self.new.value - self.old.value

    @property
    def value(self) -> float:
        """The observed difference, in [-1, 1]."""
        return float(self.exact)

    @property
    def correlation(self) -> float:
        """The correlation of both areas' estimates; 0 where either has variance 0."""
        of_new, of_old = float(self.new.variance or 0), float(self.old.variance or 0)
        if not of_new * of_old or self.variance is None:
            return 0.0
        return (of_new + of_old - float(self.variance)) / (2 * sqrt(of_new * of_old))

    def lower(self, alpha: float) -> float | None:
        """The lower bound of the true difference at one-sided level alpha."""
        reach = self._reach(alpha)
        return None if reach is None else max(self.value - reach, -1.0)

    def upper(self, alpha: float) -> float | None:
        """The upper bound of the true difference at one-sided level alpha."""
        reach = self._reach(alpha)
        return None if reach is None else min(self.value + reach, 1.0)

    def ratio(self, slope: float, shift: float) -> AucRatio:
        """new / old - 1, where new and old are `slope` * AUC + `shift` of the two models."""
        return AucRatio(self, slope, shift)

    def bounded(self, alpha: float) -> bool:
        """Whether there are bounds. ValueError for a level outside (0, 0.5]."""
        require_level(alpha)
        return self.enough and bool(self.variance)

    def missed(self, alpha: float) -> float:
        """How far rows of which the sample has none may move the difference: both classes' shares, in quadrature."""
        return hypot(*(missed_share(rows, alpha) for rows in self.independent))

    def _reach(self, alpha: float) -> float | None:
        if not self.bounded(alpha):
            return None
        return hypot(t_quantile(self.degrees, alpha) * sqrt(self.variance or 0), self.missed(alpha))


@dataclass(frozen=True)
class PairedAuc(AucsApart):
    """The difference on independent rows (DeLong, DeLong & Clarke-Pearson 1988).

    `s10_cross` is the sum over positives of the product of both models' doubled placements, `s01_cross` the sum over
    negatives.
    """

    new: RocAuc
    old: RocAuc
    s10_cross: int
    s01_cross: int
    degrees = inf

    def __post_init__(self) -> None:
        if (self.new.m, self.new.n) != (self.old.m, self.old.n):
            raise ValueError("paired AUCs must have the same numbers of positives and negatives")
        spreads = [self._spreads(self.new, self.new), self._spreads(self.old, self.old)]
        products = [a * b for a, b in zip(*spreads)]
        if any(cross**2 > product for cross, product in zip(self._spreads(self.new, self.old), products)):
            raise ValueError("cross sums of placements do not fit their squares")

    @property
    def variance(self) -> Fraction | None:
        """DeLong's exact variance of the difference; None where a class has only one row."""
        m, n = self.new.m, self.new.n
        if m < 2 or n < 2 or self.new.variance is None or self.old.variance is None:
            return None
        positives, negatives = self._spreads(self.new, self.old)
        covariance = positives / (m * (m - 1) * 4 * n**2) + negatives / (n * (n - 1) * 4 * m**2)
        return self.new.variance + self.old.variance - 2 * covariance

    @property
    def enough(self) -> bool:
        """Whether there are enough rows of each class."""
        return min(self.new.m, self.new.n) >= LEAST_CLASS

    @property
    def independent(self) -> tuple[float, float]:
        """All rows of each class."""
        return self.new.m, self.new.n

    def _spreads(self, a: RocAuc, b: RocAuc) -> tuple[Fraction, Fraction]:
        """Sums of products of deviations from the mean placements: over positives, and over negatives."""
        if a is b:
            return a.s10_squares - Fraction(a.s10**2, a.m), a.s01_squares - Fraction(a.s01**2, a.n)
        return self.s10_cross - Fraction(a.s10 * b.s10, a.m), self.s01_cross - Fraction(a.s01 * b.s01, a.n)


@dataclass(frozen=True)
class ClusteredPairedAuc(AucsApart):
    """The difference on rows in units: Obuchowski's variance (1997) of placements' differences, and Student's t."""

    rows: PairedAuc
    """The difference, with the variance of independent rows."""
    of_new: BetweenUnits
    of_old: BetweenUnits
    apart: BetweenUnits
    """The sums of the new placements minus the old ones."""

    @cached_property
    def new(self) -> ClusteredAuc:  # type: ignore[override]
        """The area of the new score."""
        return ClusteredAuc(self.rows.new, self.of_new)

    @cached_property
    def old(self) -> ClusteredAuc:  # type: ignore[override]
        """The area of the old score."""
        return ClusteredAuc(self.rows.old, self.of_old)

    @property
    def variance(self) -> Fraction | None:
        """Obuchowski's exact variance of the difference; None where a class is in one unit only."""
        return self.apart.variance(self.rows.new.m, self.rows.new.n, self.exact)

    @property
    def degrees(self) -> float:
        """One less than the number of units that have rows of the rarer class."""
        return self.new.least_units - 1

    @property
    def enough(self) -> bool:
        """Whether there are enough units with rows of each class."""
        return self.new.least_units >= LEAST_UNITS

    @property
    def independent(self) -> tuple[float, float]:
        """The units that have rows of each class."""
        return self.of_new.with_positives, self.of_new.with_negatives


@dataclass(frozen=True)
class AucRatio(EitherSide):
    """new / old - 1 of two areas (or Ginis) of the same rows; bounds on the log, like those of the difference."""

    areas: AucsApart
    slope: float
    shift: float

    def _bound(self, sign: int, alpha: float) -> float | None:
        new, old = self._shown(float(self.areas.new.value)), self._shown(float(self.areas.old.value))
        if not self.areas.bounded(alpha) or min(new, old) <= 0:
            return None
        of_new, of_old = (
            self.slope * sqrt(auc.variance or 0) / at for auc, at in ((self.areas.new, new), (self.areas.old, old))
        )
        alone = t_quantile(self.areas.degrees, alpha) * correlated(of_new, of_old, self.areas.correlation)
        return expm1(log(new / old) + sign * hypot(alone, self.slope * self.areas.missed(alpha) / new))

    def _shown(self, area: float) -> float:
        return self.slope * area + self.shift


def correlated(one: float, other: float, correlation: float) -> float:
    """The margin of a difference, from the margins of two correlated estimates (MOVER, Zou & Donner 2008)."""
    return sqrt(max(one**2 + other**2 - 2 * correlation * one * other, 0.0))

"""The difference of the ROC AUC of two scores on the same rows, by DeLong's covariance."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import expm1, log, sqrt

from mlgate.stats.bounds import EitherSide
from mlgate.stats.ranks import RocAuc
from mlgate.stats.share import require_level

LEAST_CLASS = 20
"""With fewer rows in a class the paired AUC has no bounds."""


@dataclass(frozen=True)
class PairedAuc:
    """new - old ROC AUC on the same rows (DeLong, DeLong & Clarke-Pearson 1988), with approximate bounds.

    `s10_cross` is the sum over positives of the product of both models' doubled placements, `s01_cross` the sum over
    negatives. There are no bounds where a class has fewer than `LEAST_CLASS` rows, an AUC is 0 or 1, or the variance of
    the difference is 0.
    """

    new: RocAuc
    old: RocAuc
    s10_cross: int
    s01_cross: int

    def __post_init__(self) -> None:
        if (self.new.m, self.new.n) != (self.old.m, self.old.n):
            raise ValueError("paired AUCs must have the same numbers of positives and negatives")
        spreads = [self._spreads(self.new, self.new), self._spreads(self.old, self.old)]
        products = [a * b for a, b in zip(*spreads)]
        if any(cross**2 > product for cross, product in zip(self._spreads(self.new, self.old), products)):
            raise ValueError("cross sums of placements do not fit their squares")

    @property
    def exact(self) -> Fraction:
        """The exact difference, in [-1, 1]."""
        return self.new.value - self.old.value

    @property
    def value(self) -> float:
        """The observed difference, in [-1, 1]."""
        return float(self.exact)

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
    def correlation(self) -> float:
        """The correlation of both areas' estimates; 0 where either has variance 0."""
        of_new, of_old = float(self.new.variance or 0), float(self.old.variance or 0)
        if not of_new * of_old or self.variance is None:
            return 0.0
        return (of_new + of_old - float(self.variance)) / (2 * sqrt(of_new * of_old))

    def lower(self, alpha: float) -> float | None:
        """The lower bound of the true difference at one-sided level alpha."""
        reach = self._reach(self.new, self.old, alpha)
        return None if reach is None else max(self.value - reach, -1.0)

    def upper(self, alpha: float) -> float | None:
        """The upper bound of the true difference at one-sided level alpha."""
        reach = self._reach(self.old, self.new, alpha)
        return None if reach is None else min(self.value + reach, 1.0)

    def ratio(self, slope: float, shift: float) -> AucRatio:
        """new / old - 1, where new and old are `slope` * AUC + `shift` of the two models."""
        return AucRatio(self, slope, shift)

    def bounded(self, alpha: float) -> bool:
        """Whether there are bounds. ValueError for a level outside (0, 0.5]."""
        require_level(alpha)
        degenerate = any(auc.value in (0, 1) for auc in (self.new, self.old))
        return min(self.new.m, self.new.n) >= LEAST_CLASS and not degenerate and bool(self.variance)

    def _reach(self, high: RocAuc, low: RocAuc, alpha: float) -> float | None:
        """The distance to the bound: the larger of DeLong's and that from both areas' own, asymmetric bounds."""
        from mlgate.stats.special import ndtri

        if not self.bounded(alpha):
            return None
        off = float(high.value) - high.lower(alpha), low.upper(alpha) - float(low.value)
        delong = -float(ndtri(alpha)) * sqrt(self.variance or 0)
        return max(delong, correlated(*off, self.correlation))

    def _spreads(self, a: RocAuc, b: RocAuc) -> tuple[Fraction, Fraction]:
        """Sums of products of deviations from the mean placements: over positives, and over negatives."""
        if a is b:
            return a.s10_squares - Fraction(a.s10**2, a.m), a.s01_squares - Fraction(a.s01**2, a.n)
        return self.s10_cross - Fraction(a.s10 * b.s10, a.m), self.s01_cross - Fraction(a.s01 * b.s01, a.n)


@dataclass(frozen=True)
class AucRatio(EitherSide):
    """new / old - 1 of two areas (or Ginis) of the same rows; bounds on the log, like those of the difference."""

    areas: PairedAuc
    slope: float
    shift: float

    def _bound(self, sign: int, alpha: float) -> float | None:
        from mlgate.stats.special import ndtri

        new, old = self._shown(float(self.areas.new.value)), self._shown(float(self.areas.old.value))
        if not self.areas.bounded(alpha) or min(new, old) <= 0:
            return None
        high, low = (self.areas.new, self.areas.old) if sign < 0 else (self.areas.old, self.areas.new)
        worst = self._shown(high.lower(alpha))
        if worst <= 0:
            return None if sign > 0 else -1.0
        off = (
            log(self._shown(float(high.value)) / worst),
            log(self._shown(low.upper(alpha)) / self._shown(float(low.value))),
        )
        of_new, of_old = (
            self.slope * sqrt(auc.variance or 0) / at for auc, at in ((self.areas.new, new), (self.areas.old, old))
        )
        delong = -float(ndtri(alpha)) * correlated(of_new, of_old, self.areas.correlation)
        return expm1(log(new / old) + sign * max(delong, correlated(*off, self.areas.correlation)))

    def _shown(self, area: float) -> float:
        return self.slope * area + self.shift


def correlated(one: float, other: float, correlation: float) -> float:
    """The margin of a difference, from the margins of two correlated estimates (MOVER, Zou & Donner 2008)."""
    return sqrt(max(one**2 + other**2 - 2 * correlation * one * other, 0.0))

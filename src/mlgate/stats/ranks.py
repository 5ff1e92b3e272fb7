"""ROC AUC from sums of doubled mid-rank placements, with bounds by DeLong and by Newcombe's method 5.

The placement of a positive is the number of negatives below it plus half the number tied with it; doubled, it is a
whole number. For rows in units (Obuchowski 1997) placements are summed within units.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from mlgate.stats.bounds import EitherSide
from mlgate.stats.clusters import LEAST_UNITS
from mlgate.stats.means import t_quantile
from mlgate.stats.share import missed_share, require_level


def auc(m: int, n: int, s10: int) -> Fraction:
    """The exact area under the ROC curve: s10 / (2mn), from m positives and n negatives."""
    if m < 1 or n < 1:
        raise ValueError(f"ROC AUC requires rows of both classes, not {m} positive and {n} negative")
    if not 0 <= s10 <= 2 * m * n:
        raise ValueError(f"a sum of doubled placements must be in 0..{2 * m * n}, not {s10}")
    return Fraction(s10, 2 * m * n)


def bisect(function: Callable[[float], float], low: float, high: float) -> float:
    """The root between low and high of a function that goes from not positive to positive.

    The result is on the side of `low`, within two units in the last place.
    """
    for _ in range(200):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        low, high = (low, middle) if function(middle) > 0 else (middle, high)
    return low


@dataclass(frozen=True)
class RocAuc:
    """ROC AUC of m positives and n negatives; bounds are the wider of guarded logit-DeLong and Newcombe's method 5.

    `s10` and `s10_squares` are the sums over positives of 2 * (negatives below) + (negatives tied) and of its square.
    `s01` and `s01_squares` are the sums over negatives of 2 * (positives above) + (positives tied) and of its square.
    s10 and s01 are equal. The bounds are approximate below 50 rows per class.
    DeLong's lower bound is taken with half a positive added below all rows and half a negative above them, its upper
    bound with the opposite: a sample may lack the few rows that a model ranks last.
    Sun & Xu 2014 (IEEE SPL 21:1389); Newcombe 2006 (Statist. Med. 25:559).
    """

    m: int
    n: int
    s10: int
    s10_squares: int
    s01: int
    s01_squares: int

    def __post_init__(self) -> None:
        auc(self.m, self.n, self.s10)
        if self.s01 != self.s10:
            raise ValueError(f"placements of both classes must have the same sum, not {self.s10} and {self.s01}")
        if self._spread(self.m, self.s10, self.s10_squares) < 0 or (
            self._spread(self.n, self.s01, self.s01_squares) < 0
        ):
            raise ValueError("sums of squared placements are too small for their sums")

    @property
    def value(self) -> Fraction:
        """The exact AUC, in [0, 1]."""
        return auc(self.m, self.n, self.s10)

    @property
    def variance(self) -> Fraction | None:
        """DeLong's exact variance of the AUC; None where a class has only one row."""
        if self.m < 2 or self.n < 2:
            return None
        positives = self._spread(self.m, self.s10, self.s10_squares) / (self.m - 1) / (2 * self.n) ** 2
        negatives = self._spread(self.n, self.s01, self.s01_squares) / (self.n - 1) / (2 * self.m) ** 2
        return positives / self.m + negatives / self.n

    def lower(self, alpha: float) -> float:
        """The lower bound of the true AUC at one-sided level alpha."""
        return min(newcombe_lower(self.m, self.n, float(self.value), alpha), self._logit_delong(-1, alpha))

    def upper(self, alpha: float) -> float:
        """The upper bound of the true AUC at one-sided level alpha."""
        return max(newcombe_upper(self.m, self.n, float(self.value), alpha), self._logit_delong(1, alpha))

    def _logit_delong(self, sign: int, alpha: float) -> float:
        return guarded_logit(self, float(self.variance or 0), sign, alpha)

    @staticmethod
    def _spread(count: int, total: int, squares: int) -> Fraction:
        """The sum of squared deviations from the mean."""
        return squares - Fraction(total**2, count)


def guarded_logit(
    area: RocAuc, variance: float, sign: int, alpha: float, effect: float = 1.0, degrees: int = 0
) -> float:
    """The bound of an area on its logit, with half a row of each class added that is ranked against the bound's side.

    It is never nearer than the share of the rarer class that a sample may have missed. A row weighs as much as the
    design `effect` says; `degrees` of freedom are of t, 0 for the normal distribution.
    """
    half, against = effect / 2, float(area.value) if sign < 0 else 1 - float(area.value)
    m, n = area.m + half, area.n + half
    shrink = area.m * area.n / (m * n)
    value = against * shrink
    if not value:
        return 0.0 if sign < 0 else 1.0
    spread = variance * shrink**2 + effect**2 / 2 * value**2 * (1 / m**2 + 1 / n**2)
    surely = against * (1 - missed_share(min(area.m, area.n) / effect, alpha))
    # The upper bound of an area is 1 minus the lower bound of 1 minus the area.
    bound = LogitBounds(value, math.sqrt(spread) / (value * (1 - value)), degrees).bound(-1, alpha)
    least = min(bound or 0.0, surely)
    return least if sign < 0 else 1 - least


@dataclass(frozen=True)
class LogitBounds:
    """Bounds of a value in (0, 1) that are symmetric on the logit, multiplied by a factor.

    There are none for a value of 0 or 1, or without a standard error of the logit.
    """

    value: float
    standard_error: float | None
    degrees: int = 0
    """Degrees of freedom of Student's t; 0 for the normal distribution."""
    factor: float = 1.0
    bias: float = 0.0
    """The bias of the logit. It only widens: a positive one lowers the lower bound, a negative one raises the upper."""

    def lower(self, alpha: float) -> float | None:
        """The lower bound at one-sided level alpha."""
        return self.bound(-1, alpha)

    def upper(self, alpha: float) -> float | None:
        """The upper bound at one-sided level alpha."""
        return self.bound(1, alpha)

    def bound(self, sign: int, alpha: float) -> float | None:
        """The lower bound for sign -1, the upper one for +1; or None."""
        from mlgate.stats.special import expit, logit, ndtri

        require_level(alpha)
        if not self.standard_error or not 0 < self.value < 1:
            return None
        quantile = t_quantile(self.degrees, alpha) if self.degrees else -float(ndtri(alpha))
        step = sign * (quantile * self.standard_error + max(-sign * self.bias, 0.0))
        return self.factor * float(expit(logit(self.value) + step))


def newcombe_lower(m: float, n: float, value: float, alpha: float) -> float:
    """Newcombe's method 5: the smallest AUC that is within z of its own standard errors of the observed one."""
    return 1 - newcombe_upper(n, m, 1 - value, alpha)


def newcombe_upper(m: float, n: float, value: float, alpha: float) -> float:
    """Newcombe's method 5: the largest AUC that is within z of its own standard errors of the observed one."""
    from mlgate.stats.special import ndtri

    require_level(alpha)
    z2 = float(ndtri(alpha)) ** 2
    if value == 0:  # the equation is divided by theta, because 0 is a root of it but not the bound
        return bisect(lambda theta: theta - z2 * _variance_over_theta(m, n, theta), 0.0, 1.0)

    def outside(theta: float) -> float:
        return (theta - value) ** 2 - z2 * theta * _variance_over_theta(m, n, theta)

    return bisect(outside, value, 1.0)


def _variance_over_theta(m: float, n: float, theta: float) -> float:
    """Hanley and McNeil's variance divided by theta, with (m + n)/2 - 1 instead of m - 1 and of n - 1."""
    star = (m + n) / 2 - 1
    inner = 1 + star * (1 - theta) / (2 - theta) + star * theta / (1 + theta)
    return (1 - theta) / (m * n) * inner


@dataclass(frozen=True)
class BetweenUnits:
    """The numbers of units, of those with positives and of those with negatives; and sums over units of products.

    For each unit, m and n are its numbers of positives and negatives; p and q are the sums of the doubled placements of
    its positives and of its negatives. `mm` is Σm², `pq` is Σpq, and so on.
    """

    units: int
    with_positives: int
    with_negatives: int
    mm: int
    nn: int
    mn: int
    pp: int
    pm: int
    pn: int
    qq: int
    qn: int
    qm: int
    pq: int

    def variance(self, m: int, n: int, area: Fraction) -> Fraction | None:
        """Obuchowski's exact variance of the AUC of m positives and n negatives; None where one unit has a whole class.

        Where p and q are differences of two scores' placements, it is that of the difference of both areas.
        """
        i, j, k = self.with_positives, self.with_negatives, self.units
        if i < 2 or j < 2:
            return None
        a, b = Fraction(1, 2 * n), Fraction(1, 2 * m)
        positives = a**2 * self.pp - 2 * a * area * self.pm + area**2 * self.mm
        negatives = b**2 * self.qq - 2 * b * area * self.qn + area**2 * self.nn
        joint = a * b * self.pq - area * (a * self.pn + b * self.qm) + area**2 * self.mn
        found = Fraction(i, i - 1) * positives / m**2 + Fraction(j, j - 1) * negatives / n**2
        return max(found + 2 * Fraction(k, k - 1) * joint / (m * n), Fraction(0))


@dataclass(frozen=True)
class ClusteredAuc(EitherSide):
    """ROC AUC of rows in units; bounds are the wider of two methods, and None below `LEAST_UNITS` units of a class.

    One is symmetric on the logit, with Obuchowski's variance (Biometrics 53:567) and Student's t. The other is
    Newcombe's method 5 on effective rows, the rows divided by the design effect. Units that the sample has missed are
    allowed for in quadrature.
    """

    rows: RocAuc
    """The area, with the variance of independent rows."""
    between: BetweenUnits

    def __post_init__(self) -> None:
        of = self.between
        if not max(of.with_positives, of.with_negatives) <= of.units:
            raise ValueError(
                f"of {of.units} units, {of.with_positives} have positives and {of.with_negatives} negatives"
            )

    @property
    def value(self) -> Fraction:
        """The exact AUC, in [0, 1]."""
        return self.rows.value

    @property
    def variance(self) -> Fraction | None:
        """Obuchowski's exact variance of the AUC between units; None where a class is in one unit only."""
        return self.between.variance(self.rows.m, self.rows.n, self.value)

    @property
    def design_effect(self) -> float:
        """The variance between units divided by that of independent rows, at least 1.

        Where either is 0 or None, it is the mean number of rows per unit.
        """
        between, alone = self.variance, self.rows.variance
        if not between or not alone:
            return (self.rows.m + self.rows.n) / self.between.units
        return max(float(between / alone), 1.0)

    @property
    def least_units(self) -> int:
        """The number of units that have rows of the rarer class."""
        return min(self.between.with_positives, self.between.with_negatives)

    def _bound(self, sign: int, alpha: float) -> float | None:
        require_level(alpha)
        if self.least_units < LEAST_UNITS:
            return None
        newcombe = newcombe_lower if sign < 0 else newcombe_upper
        m, n = (max(count / self.design_effect, 1.0) for count in (self.rows.m, self.rows.n))
        variance = float(self.rows.variance or 0) * self.design_effect
        logit = guarded_logit(self.rows, variance, sign, alpha, self.design_effect, self.least_units - 1)
        ends = newcombe(m, n, float(self.value), alpha), logit
        bound, value = min(ends) if sign < 0 else max(ends), float(self.value)
        missed = (1 - value if sign > 0 else value) * missed_share(self.least_units, alpha)
        return value + sign * math.hypot(bound - value, missed)

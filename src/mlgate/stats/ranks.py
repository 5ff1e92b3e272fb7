"""ROC AUC from sums of doubled mid-rank placements, with bounds by DeLong and by Newcombe's method 5.

Of rows in units (Obuchowski 1997) placements are summed within units.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from mlgate.stats.bounds import EitherSide
from mlgate.stats.clusters import LEAST_UNITS
from mlgate.stats.means import t_quantile
from mlgate.stats.share import require_level


def auc(m: int, n: int, s10: int) -> Fraction:
    """The exact area under the ROC curve: s10 / (2mn), from m positives and n negatives."""
    if m < 1 or n < 1:
        raise ValueError(f"ROC AUC needs rows of both classes, not {m} positive and {n} negative")
    if not 0 <= s10 <= 2 * m * n:
        raise ValueError(f"a sum of doubled placements lies in 0..{2 * m * n}, not {s10}")
    return Fraction(s10, 2 * m * n)


def bisect(function: Callable[[float], float], low: float, high: float) -> float:
    """The place between low and high where a function changes sign from not positive to positive.

    Keeps to `low`'s side, within two units in the last place.
    """
    for _ in range(200):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        low, high = (low, middle) if function(middle) > 0 else (middle, high)
    return low


@dataclass(frozen=True)
class RocAuc:
    """ROC AUC of m positives, n negatives; bounds are the wider of guarded logit-DeLong and Newcombe's method 5.

    `s10` and `s10_squares` sum, over positives, 2 * (negatives below) + (negatives tied) and its square;
    `s01` and `s01_squares` sum, over negatives, 2 * (positives above) + (positives tied); both are s10 = s01.
    DeLong's bound is guarded by half a row in each class that the score ranks as wrongly as can be (for an upper bound,
    as rightly): a few rows that rank below all others may be missing from a sample.
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
            raise ValueError(f"placements of both classes have one sum, not {self.s10} and {self.s01}")
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
        """DeLong's variance of the AUC, exact; None where a class has one row."""
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
    surely = against * math.exp(math.log(alpha) * effect / min(area.m, area.n))
    # The bound of 1 less an area is 1 less the other bound: both are lower ones of what the rows speak against.
    bound = LogitBounds(value, math.sqrt(spread) / (value * (1 - value)), degrees).bound(-1, alpha)
    least = min(bound or 0.0, surely)
    return least if sign < 0 else 1 - least


@dataclass(frozen=True)
class LogitBounds:
    """Bounds of a value in (0, 1) from its logit's standard error, times a factor.

    None at 0, at 1 and without a standard error.
    """

    value: float
    standard_error: float | None
    degrees: int = 0
    """Of freedom of t; 0 for the normal distribution."""
    factor: float = 1.0
    bias: float = 0.0
    """Of the logit; only widens, on the side that it would flatter."""

    def lower(self, alpha: float) -> float | None:
        """The lower bound at one-sided level alpha."""
        return self.bound(-1, alpha)

    def upper(self, alpha: float) -> float | None:
        """The upper bound at one-sided level alpha."""
        return self.bound(1, alpha)

    def bound(self, sign: int, alpha: float) -> float | None:
        """The bound of a side: sign -1 lower, +1 upper."""
        from mlgate.stats.special import expit, logit, ndtri

        require_level(alpha)
        if not self.standard_error or not 0 < self.value < 1:
            return None
        quantile = t_quantile(self.degrees, alpha) if self.degrees else -float(ndtri(alpha))
        step = sign * (quantile * self.standard_error + max(-sign * self.bias, 0.0))
        return self.factor * float(expit(logit(self.value) + step))


def newcombe_lower(m: float, n: float, value: float, alpha: float) -> float:
    """Newcombe's method 5: the least AUC within z of its own standard errors of the observed one."""
    return 1 - newcombe_upper(n, m, 1 - value, alpha)


def newcombe_upper(m: float, n: float, value: float, alpha: float) -> float:
    """Newcombe's method 5: the greatest AUC within z of its own standard errors of the observed one."""
    from mlgate.stats.special import ndtri

    require_level(alpha)
    z2 = float(ndtri(alpha)) ** 2
    if value == 0:  # divided by theta, which is a root but not the bound
        return bisect(lambda theta: theta - z2 * _variance_over_theta(m, n, theta), 0.0, 1.0)

    def outside(theta: float) -> float:
        return (theta - value) ** 2 - z2 * theta * _variance_over_theta(m, n, theta)

    return bisect(outside, value, 1.0)


def _variance_over_theta(m: float, n: float, theta: float) -> float:
    """Hanley and McNeil's variance with both sizes less one replaced by (m + n)/2 - 1, divided by theta."""
    star = (m + n) / 2 - 1
    inner = 1 + star * (1 - theta) / (2 - theta) + star * theta / (1 + theta)
    return (1 - theta) / (m * n) * inner


@dataclass(frozen=True)
class BetweenUnits:
    """Units, those with positives and with negatives, and sums over units of products of a unit's positives m,
    negatives n, and doubled placements p of its positives and q of its negatives."""

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


@dataclass(frozen=True)
class ClusteredAuc(EitherSide):
    """ROC AUC of rows in units; bounds are the wider of the logit with Obuchowski's variance (Biometrics 53:567) and t,
    and of Newcombe's method 5 for as many rows as are independent.
    """

    rows: RocAuc
    """The area as of independent rows."""
    between: BetweenUnits

    def __post_init__(self) -> None:
        of = self.between
        if not max(of.with_positives, of.with_negatives) <= of.units:
            raise ValueError(f"of {of.units} units, {of.with_positives} and {of.with_negatives} have a class")

    @property
    def value(self) -> Fraction:
        """The exact AUC, in [0, 1]."""
        return self.rows.value

    @property
    def variance(self) -> Fraction | None:
        """Of the AUC between units, exact; None where a class is in one unit only."""
        s = self.between
        i, j, k = s.with_positives, s.with_negatives, s.units
        if i < 2 or j < 2:
            return None
        m, n = self.rows.m, self.rows.n
        area = self.value
        a, b = Fraction(1, 2 * n), Fraction(1, 2 * m)
        positives = a**2 * s.pp - 2 * a * area * s.pm + area**2 * s.mm
        negatives = b**2 * s.qq - 2 * b * area * s.qn + area**2 * s.nn
        joint = a * b * s.pq - area * (a * s.pn + b * s.qm) + area**2 * s.mn
        found = Fraction(i, i - 1) * positives / m**2 + Fraction(j, j - 1) * negatives / n**2
        return max(found + 2 * Fraction(k, k - 1) * joint / (m * n), Fraction(0))

    @property
    def design_effect(self) -> float:
        """How many times the variance of independent rows it has, at least 1; without any variance, rows a unit."""
        between, alone = self.variance, self.rows.variance
        if not between or not alone:
            return (self.rows.m + self.rows.n) / self.between.units
        return max(float(between / alone), 1.0)

    @property
    def least_units(self) -> int:
        """The units of the rarer class."""
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
        return min(ends) if sign < 0 else max(ends)

"""Bounds of a mean from its first three moments: by the range of a row's value, or by Hall's transform of t."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from mlgate.stats.bounds import EitherSide
from mlgate.stats.share import missed_share, require_level

LEAST_ROWS = 20
"""With fewer rows the mean of numbers without a known range has no bound: they estimate the skewness too badly."""
_HARDLY_SKEWED = 1e-4


def too_few(rows: int, least: int = LEAST_ROWS) -> str | None:
    """The reason why so few rows have no bound; None where there are enough."""
    if rows >= least:
        return None
    return f"a bound needs at least {least} rows and has {rows}: fewer say too little about rare large values"


def require_finite(**numbers: float | Fraction) -> None:
    """ValueError naming the first argument that is NaN or infinite."""
    for name, number in numbers.items():
        if not math.isfinite(number):
            raise ValueError(f"{name} must be finite, not {number!r}")


def t_quantile(degrees: float, alpha: float) -> float:
    """The upper alpha quantile (positive) of Student's t with `degrees` > 0 degrees of freedom."""
    from mlgate.stats.special import stdtrit

    require_level(alpha)
    return -float(stdtrit(degrees, alpha))


@dataclass(frozen=True)
class SampleMean:
    """The mean of n independent values, with bounds of the true mean by Hall's transform (Hall 1992, JRSS B 54:221).

    `variance` has divisor n-1; `third_central_moment` is the mean of (x - mean)**3, with divisor n. There are no bounds
    where n < 2 or the variance is 0. The bounds are approximate, and miss often with very heavy tails.
    """

    n: int
    mean: float
    variance: float
    third_central_moment: float

    def __post_init__(self) -> None:
        require_finite(mean=self.mean, variance=self.variance, third_central_moment=self.third_central_moment)
        if self.n < 1 or self.variance < 0:
            raise ValueError(f"a sample requires n >= 1 and variance >= 0, not n={self.n}, {self.variance}")

    @classmethod
    def from_sums(
        cls, units: int, rows: int, sums: Mapping[tuple[int, ...], Fraction], pivot: Fraction = Fraction(0)
    ) -> SampleMean:
        """The mean over rows, with the moments of the units' residuals y - r x; independent rows are units of one row.

        For each unit, x is its number of rows, y its sum of (value - pivot), and r is Σy / Σx. `sums` are the exact
        sums over units of y^a x^b by (a, b), for a + b up to 3. ValueError below two units.
        """
        if units < 2:
            raise ValueError(f"a variance requires at least two units, not {units}")
        r, size = sums[1, 0] / rows, Fraction(rows, units)
        second = sums[2, 0] - 2 * r * sums[1, 1] + r**2 * sums[0, 2]
        third = sums[3, 0] - 3 * r * sums[2, 1] + 3 * r**2 * sums[1, 2] - r**3 * sums[0, 3]
        variance = max(second, Fraction(0)) / (units - 1) / size**2
        return cls(units, float(r + pivot), float(variance), float(third / units / size**3))

    def lower(self, alpha: float) -> float | None:
        """The lower bound of the true mean at one-sided level alpha."""
        return self._bound(t_quantile(self.n - 1, alpha) if self.n > 1 else 0.0, alpha)

    def upper(self, alpha: float) -> float | None:
        """The upper bound of the true mean at one-sided level alpha."""
        return self._bound(-t_quantile(self.n - 1, alpha) if self.n > 1 else 0.0, alpha)

    def _bound(self, quantile: float, alpha: float) -> float | None:
        require_level(alpha)
        if self.n < 2 or self.variance == 0:
            return None
        return _finite(self.mean - math.sqrt(self.variance / self.n) * self._untransformed(quantile))

    def _untransformed(self, quantile: float) -> float:
        """Hall's inverse transform (3/a)(cbrt(1 + a(q - a/6)) - 1) of a quantile q; q itself if the skewness is 0."""
        population = self.variance * (self.n - 1) / self.n
        a = self.third_central_moment / population / math.sqrt(population * self.n)
        centred = quantile - a / 6
        if abs(a * centred) < 0.5:  # the same formula without cancellation
            return 3 * math.expm1(math.log1p(a * centred) / 3) / a if a else quantile
        return float(3 / a * (math.cbrt(1 + a * centred) - 1))


@dataclass(frozen=True)
class RangedMean(EitherSide):
    """The mean of `n` independent values in `low`..`high`, with bounds that count one more row at the end of the range.

    The rows' weights are drawn from a flat Dirichlet distribution, and the bound is the quantile of the weighted mean
    (Gaffke 2005; Learned-Miller & Thomas 2019, arXiv:1905.06208). The quantile is approximated by that of the Pearson
    type III distribution with the same mean, variance and third moment, and is at least as wide as for equal rows. For
    values 0 and 1 it is within 2 % of Clopper-Pearson's bound from 5 rows on. `variance` and `third_central_moment`
    have divisor n.
    """

    n: float
    mean: float
    variance: float
    third_central_moment: float
    low: float
    high: float

    def __post_init__(self) -> None:
        require_finite(mean=self.mean, variance=self.variance, third_central_moment=self.third_central_moment)
        if self.n <= 0 or self.variance < 0 or not self.low < self.high:
            raise ValueError(f"a mean with a range requires n > 0, variance >= 0 and low < high: {self}")

    def _bound(self, sign: int, alpha: float) -> float:
        require_level(alpha)
        end = self.high if sign > 0 else self.low
        size, far = self.n + 1, end - self.mean
        step = far / size
        square = (self.n * self.variance + far**2) / size
        cube = (self.n * self.third_central_moment + far**3) / size
        variance = max(square - step**2, 0.0) / (size + 1)
        third = 2 * (cube - 3 * step * square + 2 * step**3) / ((size + 1) * (size + 2))
        reach = abs(step) + math.sqrt(variance) * pearson_quantile(_skewness(variance, sign * third), alpha)
        reach = max(reach, abs(far) * missed_share(self.n, alpha))
        return max(self.mean - reach, end) if sign < 0 else min(self.mean + reach, end)


def pearson_quantile(skewness: float, alpha: float) -> float:
    """The upper alpha quantile of a standardised Pearson type III distribution: a gamma distribution, or its mirror."""
    from mlgate.stats.special import gammainccinv, gammaincinv, ndtri

    if abs(skewness) < _HARDLY_SKEWED:
        return -float(ndtri(alpha))
    shape = 4 / skewness**2
    root = math.sqrt(shape)
    if skewness > 0:
        return (float(gammainccinv(shape, alpha)) - shape) / root
    return (shape - float(gammaincinv(shape, alpha))) / root


def _skewness(variance: float, third: float) -> float:
    return third / variance / math.sqrt(variance) if variance > 0 else 0.0


@dataclass(frozen=True)
class RootMean:
    """The square root of a non-negative mean (RMSE from the mean square), with the roots of its bounds."""

    square: SampleMean | RangedMean

    def __post_init__(self) -> None:
        if self.square.mean < 0:
            raise ValueError(f"a mean square must not be negative: {self.square.mean}")

    @property
    def value(self) -> float:
        """The observed root."""
        return math.sqrt(self.square.mean)

    def lower(self, alpha: float) -> float | None:
        """The root of the lower bound, 0 where that is negative."""
        bound = self.square.lower(alpha)
        return None if bound is None else math.sqrt(max(bound, 0.0))

    def upper(self, alpha: float) -> float | None:
        """The root of the upper bound; None where that is negative."""
        bound = self.square.upper(alpha)
        return None if bound is None or bound < 0 else math.sqrt(bound)


def _finite(bound: float) -> float | None:
    return bound if math.isfinite(bound) else None

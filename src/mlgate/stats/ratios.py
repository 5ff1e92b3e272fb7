"""Bounds of a ratio of means by the delta method: on the log (WAPE, 1 - R²) or as it is (weighted means)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from mlgate.stats.bounds import EitherSide
from mlgate.stats.means import require_finite, t_quantile
from mlgate.stats.share import require_level

Number = float | Fraction


@dataclass(frozen=True)
class RatioOfMeans(EitherSide):
    """mean_a / mean_b of n independent rows; mean_b > 0; variances and covariance with divisor n-1.

    Bounds are on the log of the ratio (mean_a > 0 needed) or, with `linear`, on the ratio itself; t with n-1
    degrees of freedom. No bounds where n < 2 or the ratio has no variance.
    """

    n: int
    mean_a: float
    mean_b: float
    variance_a: float
    variance_b: float
    covariance: float
    linear: bool = False

    def __post_init__(self) -> None:
        require_finite(mean_a=self.mean_a, mean_b=self.mean_b, covariance=self.covariance)
        require_finite(variance_a=self.variance_a, variance_b=self.variance_b)
        if self.n < 1 or self.variance_a < 0 or self.variance_b < 0:
            raise ValueError(f"n >= 1 and variances >= 0: {self.n}, {self.variance_a}, {self.variance_b}")
        if self.mean_b <= 0 or (self.mean_a < 0 and not self.linear):
            raise ValueError(f"no ratio of {self.mean_a} to {self.mean_b}")

    @classmethod
    def from_sums(
        cls, n: int, a: Number, b: Number, aa: Number, bb: Number, ab: Number, linear: bool = False
    ) -> RatioOfMeans:
        """From the sums of a, b, a², b² and ab; exact where they are fractions."""
        if n < 2:
            raise ValueError(f"a variance needs at least two rows, not {n}")
        require_finite(a=a, b=b, aa=aa, bb=bb, ab=ab)
        mean_a, mean_b = Fraction(a) / n, Fraction(b) / n
        return cls(
            n,
            float(mean_a),
            float(mean_b),
            _spread(aa, n, mean_a * mean_a),
            _spread(bb, n, mean_b * mean_b),
            float((Fraction(ab) - n * mean_a * mean_b) / (n - 1)),
            linear,
        )

    @property
    def value(self) -> float:
        """The observed ratio."""
        return self.mean_a / self.mean_b

    @property
    def standard_error(self) -> float:
        """The delta method's standard error of the ratio; 0 where it has none."""
        ratio = self.value
        spread = self.variance_a - 2 * ratio * self.covariance + ratio**2 * self.variance_b
        # What is left of a - ratio * b after rounding is no variance.
        if spread <= 1e-14 * (self.variance_a + ratio**2 * self.variance_b):
            return 0.0
        return math.sqrt(spread / self.n) / self.mean_b

    def _bound(self, sign: int, alpha: float) -> float | None:
        require_level(alpha)
        ratio, error = self.value, self.standard_error
        if self.n < 2 or error == 0 or (ratio == 0 and not self.linear):
            return None
        step = sign * t_quantile(self.n - 1, alpha) * error
        if self.linear:
            return ratio + step
        exponent = math.log(ratio) + step / ratio
        return math.exp(exponent) if exponent < 700 else None


def one_minus_r2(
    n: int,
    e2: Number,
    e4: Number,
    y: tuple[Number, Number, Number, Number],
    e2y: Number,
    e2y2: Number,
    linear: bool = False,
) -> RatioOfMeans:
    """1 - R² = Σe² / Σ(y - ȳ)² from n and the sums of e², e⁴, (y, y², y³, y⁴), e²y and e²y².

    With `linear`, e² may be any number of a row, such as the difference of two models' squared errors.
    y may be less any pivot; give fractions, since floats cancel. That ȳ is estimated does not change the
    delta method's variance: the derivative of Σ(y - c)² at c = ȳ is 0.
    """
    if n < 2:
        raise ValueError(f"R² needs at least two rows, not {n}")
    require_finite(e2=e2, e4=e4, y=y[0], y2=y[1], y3=y[2], y4=y[3], e2y=e2y, e2y2=e2y2)
    y1, y2, y3, y4 = (Fraction(total) / n for total in y)
    mean_e2, mean_e2y, mean_e2y2 = Fraction(e2) / n, Fraction(e2y) / n, Fraction(e2y2) / n
    central2 = y2 - y1**2
    central4 = y4 - 4 * y1 * y3 + 6 * y1**2 * y2 - 3 * y1**4
    joint = mean_e2y2 - 2 * y1 * mean_e2y + y1**2 * mean_e2
    return RatioOfMeans.from_sums(n, n * mean_e2, n * central2, Fraction(e4), n * central4, n * joint, linear)


def _spread(squares: Number, n: int, squared_mean: Fraction) -> float:
    """The variance (divisor n-1); what is negative by rounding of float sums only is 0."""
    spread = Fraction(squares) - n * squared_mean
    if spread < 0 and spread > -Fraction(squares) / 10**9:
        spread = Fraction(0)
    return float(spread / (n - 1))

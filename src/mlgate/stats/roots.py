"""The difference of two root means of the same rows (RMSE), by the delta method."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from mlgate.stats.bounds import EitherSide
from mlgate.stats.means import require_finite, t_quantile


@dataclass(frozen=True)
class RootDifference(EitherSide):
    """√(mean a) - √(mean b) of n rows that have both; variances and the covariance have divisor n-1, means are > 0.

    t with n-1 degrees of freedom; no bounds where the difference has no variance.
    """

    n: int
    mean_a: float
    mean_b: float
    variance_a: float
    variance_b: float
    covariance: float

    def __post_init__(self) -> None:
        require_finite(mean_a=self.mean_a, mean_b=self.mean_b, covariance=self.covariance)
        require_finite(variance_a=self.variance_a, variance_b=self.variance_b)
        if self.n < 2 or min(self.mean_a, self.mean_b) <= 0 or min(self.variance_a, self.variance_b) < 0:
            raise ValueError(f"roots of two means above 0, of two rows or more: {self}")

    @property
    def value(self) -> float:
        """The observed difference."""
        return sqrt(self.mean_a) - sqrt(self.mean_b)

    @property
    def standard_error(self) -> float:
        """The delta method's standard error; 0 where there is none."""
        a, b = 0.5 / sqrt(self.mean_a), 0.5 / sqrt(self.mean_b)
        whole = a**2 * self.variance_a + b**2 * self.variance_b
        spread = whole - 2 * a * b * self.covariance
        return sqrt(spread / self.n) if spread > 1e-14 * whole else 0.0

    def _bound(self, sign: int, alpha: float) -> float | None:
        error = self.standard_error
        return self.value + sign * t_quantile(self.n - 1, alpha) * error if error else None

"""The Wasserstein distance (order 1) of two samples of numbers: the area between their distribution functions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlgate.stats.share import require_level

if TYPE_CHECKING:
    from numpy import ndarray


@dataclass(frozen=True)
class SampleShape:
    """What the distance needs of one sample: its rows, and its mean, variance (of n) and fourth central moment."""

    n: int
    variance: float
    fourth: float


@dataclass(frozen=True)
class Wasserstein:
    """The Wasserstein distance in the unit of the numbers, or per standard deviation or range of the reference.

    `noise` is the mean distance that sampling alone gives, in the unit of the numbers. The upper bound needs no
    correction for it: noise makes the distance of samples larger on average, and no choice of the sign of the
    difference varies more than the difference of the means. The lower bound subtracts it, and takes both populations to
    vary as the sample that varies more: one that has missed rare values says that it does not. Both bounds are
    approximate where rare values are far from all others: no sample bounds what it does not have.
    """

    distance: float
    noise: float
    reference: SampleShape
    current: SampleShape
    unit: float = 1.0
    """What the distance is divided by."""
    estimated: bool = False
    """Whether the unit is the standard deviation of the reference, which varies from sample to sample."""

    @property
    def value(self) -> float:
        """The distance of the samples."""
        return self.distance / self.unit

    def lower(self, alpha: float) -> float:
        """The lower bound of the distance of the populations at one-sided level alpha."""
        most = max(self.reference.variance, self.current.variance)
        return max(self.value - self.noise / self.unit - self._reach(alpha, most), 0.0)

    def upper(self, alpha: float) -> float:
        """The upper bound of the distance of the populations at one-sided level alpha."""
        return self.value + self._reach(alpha)

    def _reach(self, alpha: float, least: float = 0.0) -> float:
        """How far the distance may be from the truth, with variances of at least `least`."""
        from mlgate.stats.special import ndtri

        require_level(alpha)
        one, other = (math.sqrt(max(of.variance, least) / of.n) / self.unit for of in (self.reference, self.current))
        if self.estimated:
            kurtosis = self.reference.fourth / self.reference.variance**2
            one += self.value * math.sqrt(max(kurtosis - 1, 0.0) / self.reference.n) / 2
        return -float(ndtri(alpha)) * math.hypot(one, other)


def of_values(
    values: ndarray[Any, Any], reference: ndarray[Any, Any], current: ndarray[Any, Any]
) -> tuple[float, float]:
    """The distance and its noise, from sorted distinct values and how often each is in either sample."""
    import numpy as np

    n, m = int(reference.sum()), int(current.sum())
    one, other = (np.cumsum(counts)[:-1] / rows for counts, rows in ((reference, n), (current, m)))
    gaps = np.diff(values)
    pooled = (n * one + m * other) / (n + m)
    varied = np.maximum(one * (1 - one) / n + other * (1 - other) / m, pooled * (1 - pooled) * (1 / n + 1 / m))
    return float((np.abs(one - other) * gaps).sum()), math.sqrt(2 / math.pi) * float((np.sqrt(varied) * gaps).sum())

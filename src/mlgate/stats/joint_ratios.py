"""The ratio of two groups' means where clusters (queries) have members of both, which are not independent then."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from mlgate.stats.bounds import EitherSide
from mlgate.stats.clusters import LEAST_UNITS
from mlgate.stats.means import t_quantile
from mlgate.stats.share import require_level


@dataclass(frozen=True)
class JointRatio(EitherSide):
    """(Σa/Σm) / (Σb/Σn) over clusters that each have the sums a, m, b, n; by the delta method on the log.

    Students' t has one degree of freedom less than the clusters that have members of the group that fewer have.
    """

    clusters: int
    """Those that have members of either group."""
    fewest: int
    """Those that have members of the group that fewer have."""
    sums: tuple[Fraction, Fraction, Fraction, Fraction]
    """Σa, Σm, Σb, Σn, each above 0."""
    products: Sequence[Sequence[Fraction]]
    """Sums over clusters of the products of any two of a, m, b, n."""

    @property
    def value(self) -> float:
        """The observed ratio."""
        a, m, b, n = self.sums
        return float(a * n / (m * b))

    @property
    def variance(self) -> Fraction:
        """Of the log of the ratio, linearised, between clusters."""
        a, m, b, n = self.sums
        weights = (1 / a, -1 / m, -1 / b, 1 / n)
        squares = sum(
            (v * w * self.products[i][j] for i, v in enumerate(weights) for j, w in enumerate(weights)), Fraction(0)
        )
        return max(squares, Fraction(0)) * self.clusters / (self.clusters - 1)

    def _bound(self, sign: int, alpha: float) -> float | None:
        require_level(alpha)
        # What exact sums of rounded values leave of a variance that is 0.
        if self.fewest < LEAST_UNITS or self.variance < Fraction(1, 2**80):
            return None
        return self.value * math.exp(sign * t_quantile(self.fewest - 1, alpha) * math.sqrt(self.variance))

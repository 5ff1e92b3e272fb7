"""Sums over the label's spread, which R² is made of."""

from __future__ import annotations

from fractions import Fraction

from mlgate.metrics.kinds.sums import Sums
from mlgate.stats.ratios import RatioOfMeans, one_minus_r2

JOINT = ((1, 0), (2, 0), (0, 1), (0, 2), (0, 3), (0, 4), (1, 1), (1, 2))
FINEST_LABEL = Fraction(1, 2**11)
"""Bounds need the label's fourth powers, which rounding reaches sooner."""


def ratio_to_spread(stats: Sums, *, linear: bool = False) -> RatioOfMeans | None:
    """The first value's sum over the label's squared deviations; None where either hardly varies."""
    n, s, p = stats.rows, stats.sums, stats.pivots[0]
    fine = stats.stands_out(stats.square(1), stats.reaches[1], FINEST_LABEL)
    if not fine or not stats.stands_out(stats.square(0), stats.reaches[0]):
        return None
    e4 = s[2, 0] + 2 * p * s[1, 0] + n * p * p
    y = (s[0, 1], s[0, 2], s[0, 3], s[0, 4])
    try:
        return one_minus_r2(n, stats.total(1, 0), e4, y, s[1, 1] + p * s[0, 1], s[1, 2] + p * s[0, 2], linear)
    except ValueError:  # every label is as far from their mean, and rounding left a variance below 0
        return None

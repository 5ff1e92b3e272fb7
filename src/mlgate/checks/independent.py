"""Bounds of the difference or the ratio of two estimates of different rows, which are independent of each other."""

from __future__ import annotations

from mlgate.stats.bounds import Bounds
from mlgate.stats.difference import Remembered, ShareBounds, ShareDifference, mover_difference
from mlgate.stats.ratio import ShareRatio, mover_ratio
from mlgate.values.estimate import Estimate, no_bound


def difference(one: Estimate, other: Estimate) -> Bounds:
    """Bounds of one less the other; from exact bounds where both are shares of counts."""
    if one.share and other.share:
        return ShareDifference(ShareBounds(*one.share), ShareBounds(*other.share))
    return mover_difference(one.value, one, other.value, other)


def ratio(one: Estimate, other: Estimate) -> Bounds:
    """Bounds of one over the other, of values that are not negative; a ratio to 0 has bounds for shares only."""
    if one.share and other.share:
        return ShareRatio(ShareBounds(*one.share), ShareBounds(*other.share))
    if min(one.value, other.value) == 0:
        return Remembered(no_bound, no_bound)
    return mover_ratio(one.value, one, other.value, other)

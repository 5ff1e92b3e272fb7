"""Bounds of the difference or ratio of two independent estimates, made from different rows."""

from __future__ import annotations

from mlgate.stats.bounds import Bounds
from mlgate.stats.difference import Remembered, ShareBounds, ShareDifference, mover_difference
from mlgate.stats.ratio import ShareRatio, mover_ratio
from mlgate.values.estimate import Estimate, no_bound


def difference(one: Estimate, other: Estimate) -> Bounds:
    """Bounds of one minus the other. They come from exact bounds if both are shares of counts."""
    if one.share and other.share:
        return ShareDifference(ShareBounds(*one.share), ShareBounds(*other.share))
    return mover_difference(one.value, one, other.value, other)


def ratio(one: Estimate, other: Estimate) -> Bounds:
    """Bounds of one divided by the other, for values of 0 or more. A ratio to 0 has bounds only for shares."""
    if one.share and other.share:
        return ShareRatio(ShareBounds(*one.share), ShareBounds(*other.share))
    if min(one.value, other.value) == 0:
        return Remembered(no_bound, no_bound)
    return mover_ratio(one.value, one, other.value, other)

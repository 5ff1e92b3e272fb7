"""Bounds of rows in units that allow for units of which the sample has none, however few its units are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import hypot, isfinite, sqrt
from typing import TYPE_CHECKING

from mlgate.stats.bounds import Bounds, EitherSide
from mlgate.stats.share import missed_share

if TYPE_CHECKING:
    from mlgate.stats.linearised import Floats, SmoothFunction

Moved = Callable[[int, float], float]
"""The lowest value (-1) or the highest (1) if a share of further units were all wrong or all right.

The units are as large as those of a typical row. The share is that of the further units in all units.
"""


@dataclass(frozen=True)
class MissedUnits(EitherSide):
    """The bounds of a value, with the distance by which units that the sample has missed may move it, in quadrature.

    The variance between units says nothing about them.
    """

    value: float
    bounds: Bounds
    units: int
    """The number of units that have rows that count."""
    moved: Moved

    def _bound(self, sign: int, alpha: float) -> float | None:
        bound = self.bounds.lower(alpha) if sign < 0 else self.bounds.upper(alpha)
        far = self.moved(sign, missed_share(self.units, alpha))
        if bound is None or not isfinite(far):
            return None
        return self.value + sign * hypot(bound - self.value, far - self.value)


def towards(value: float, low: float, high: float, unevenness: float = 1.0) -> Moved:
    """How a mean of numbers from `low` to `high` is moved.

    `unevenness` is how many times as large as the mean unit the unit of a typical row is.
    """

    def moved(sign: int, share: float) -> float:
        rows = share * unevenness / (1 - share + share * unevenness)
        return value + rows * ((high if sign > 0 else low) - value)

    return moved


def rooted(moved: Moved) -> Moved:
    """How the square root of a mean is moved."""
    return lambda sign, share: sqrt(max(moved(sign, share), 0.0))


def moved_by(function: SmoothFunction, sums: Floats, units: int, worse: Floats, better: Floats) -> Moved:
    """How a function of sums is moved; `worse` and `better` are the sums of one further unit.

    Wrong rows lower a recall and raise a false positive rate, so the farther of both values counts on each side.
    """

    def moved(sign: int, share: float) -> float:
        number = units * share / (1 - share)
        ends = (function.value(sums + number * further) for further in (worse, better))
        return max(ends) if sign > 0 else min(ends)

    return moved

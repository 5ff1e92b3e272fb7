"""The difference of two independent estimates, or of two shares, from the one-sided bounds of each (MOVER).

MOVER: Zou & Donner 2008 (Statist. Med. 27:1693); Newcombe 1998 (Statist. Med. 17:873).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import hypot, isfinite, log
from operator import neg
from typing import Self

from mlgate.stats.bounds import Bounds
from mlgate.stats.share import clopper_pearson_lower, clopper_pearson_upper, require_counts, require_level


@dataclass(frozen=True)
class ShareBounds:
    """A share with its Clopper-Pearson bounds; counts may be fractional (effective rows)."""

    successes: float
    trials: float

    def __post_init__(self) -> None:
        require_counts(self.successes, self.trials)

    @property
    def exact(self) -> Fraction:
        """The exact share of the given counts."""
        return Fraction(self.successes) / Fraction(self.trials)

    @property
    def value(self) -> float:
        """The observed share."""
        return self.successes / self.trials

    def lower(self, alpha: float) -> float:
        """The exact lower bound at one-sided level alpha."""
        return clopper_pearson_lower(self.successes, self.trials, alpha)

    def upper(self, alpha: float) -> float:
        """The exact upper bound at one-sided level alpha."""
        return clopper_pearson_upper(self.successes, self.trials, alpha)


@dataclass(frozen=True)
class TwoShares:
    """A comparison of two independent shares."""

    a: ShareBounds
    b: ShareBounds

    @classmethod
    def from_counts(cls, successes_a: float, trials_a: float, successes_b: float, trials_b: float) -> Self:
        """The comparison of shares from their successes and trials, which may be fractional (effective rows)."""
        return cls(ShareBounds(successes_a, trials_a), ShareBounds(successes_b, trials_b))

    @property
    def exact(self) -> Fraction:
        """The exact value of the given counts."""
        raise NotImplementedError(type(self).__name__)

    @property
    def value(self) -> float:
        """The observed value; ValueError where it is not defined."""
        return float(self.exact)


@dataclass(frozen=True)
class MoverDifference:
    """a - b of two independent estimates. A bound is None where one of the two bounds it is computed from is None."""

    value_a: float
    bounds_a: Bounds
    value_b: float
    bounds_b: Bounds

    def __post_init__(self) -> None:
        if not (isfinite(self.value_a) and isfinite(self.value_b)):
            raise ValueError(f"a difference requires finite values, not {self.value_a} and {self.value_b}")

    @property
    def value(self) -> float:
        """The observed difference."""
        return self.value_a - self.value_b

    def lower(self, alpha: float) -> float | None:
        """The lower bound of the true difference at one-sided level alpha."""
        require_level(alpha)
        reach = _reach(self.value_a, self.bounds_a.lower(alpha), self.bounds_b.upper(alpha), self.value_b)
        return None if reach is None else self.value - reach

    def upper(self, alpha: float) -> float | None:
        """The upper bound of the true difference at one-sided level alpha."""
        require_level(alpha)
        reach = _reach(self.value_b, self.bounds_b.lower(alpha), self.bounds_a.upper(alpha), self.value_a)
        return None if reach is None else self.value + reach


def mover_difference(value_a: float, bounds_a: Bounds, value_b: float, bounds_b: Bounds) -> MoverDifference:
    """The difference a - b of two independent estimates, with bounds by MOVER."""
    return MoverDifference(value_a, bounds_a, value_b, bounds_b)


@dataclass(frozen=True)
class ShareDifference(TwoShares):
    """a - b of two independent shares, in [-1, 1]; MOVER from Clopper-Pearson bounds."""

    @property
    def exact(self) -> Fraction:
        """The exact difference of the given counts."""
        return self.a.exact - self.b.exact

    def lower(self, alpha: float) -> float:
        """The lower bound of the true difference at one-sided level alpha."""
        require_level(alpha)
        reach = hypot(self.a.value - self.a.lower(alpha), self.b.upper(alpha) - self.b.value)
        return max(self.value - reach, -1.0)

    def upper(self, alpha: float) -> float:
        """The upper bound of the true difference at one-sided level alpha."""
        require_level(alpha)
        reach = hypot(self.a.upper(alpha) - self.a.value, self.b.value - self.b.lower(alpha))
        return min(self.value + reach, 1.0)


@dataclass(frozen=True)
class Remembered:
    """Bounds that are computed once per level, and can be turned around or taken to the log without new work."""

    lower: Callable[[float], float | None]
    upper: Callable[[float], float | None]

    @classmethod
    def of(cls, bounds: Bounds) -> Remembered:
        """The same bounds, cached by level."""
        return bounds if isinstance(bounds, cls) else cls(lru_cache(None)(bounds.lower), lru_cache(None)(bounds.upper))

    def turned(self) -> Remembered:
        """The bounds of b - a, from those of a - b."""
        return Remembered(_then(self.upper, neg), _then(self.lower, neg))

    def on_log(self) -> Remembered:
        """The bounds of the log; None where a bound is not positive."""
        return Remembered(_then(self.lower, _log), _then(self.upper, _log))


def _then(
    bound: Callable[[float], float | None], change: Callable[[float], float | None]
) -> Callable[[float], float | None]:
    def changed(alpha: float) -> float | None:
        found = bound(alpha)
        return None if found is None else change(found)

    return changed


def _log(bound: float) -> float | None:
    return log(bound) if bound > 0 else None


def _reach(high: float, low: float | None, upper: float | None, under: float) -> float | None:
    """The length of the vector (high - low, upper - under), or None where a bound is missing.

    A bound on the wrong side of its value counts as distance 0.
    """
    if low is None or upper is None or not (isfinite(low) and isfinite(upper)):
        return None
    return hypot(max(high - low, 0.0), max(upper - under, 0.0))

"""Fixed point: floats are summed as integers, so that any engine and any number of threads give the same digits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from mlgate.evidence.dialect import double

SHIFT = 61
"""Values scaled into [-1, 1] are summed as integers in units of 2**-61, which leaves a bigint one bit to spare."""


@dataclass(frozen=True)
class FixedPoint:
    """How values become fixed point: less a pivot, times 2**-exponent, so that they lie in [-1, 1]."""

    pivot: Fraction
    exponent: int

    def sql(self, value: str) -> str:
        """The scaled value, as a double."""
        less = f"(cast({value} as double) - {double(float(self.pivot))})" if self.pivot else f"cast({value} as double)"
        return f"{less} * {double(math.ldexp(1.0, -self.exponent))}"

    @property
    def error(self) -> float:
        """How far a value may be from its fixed point."""
        return math.ldexp(1.0, self.exponent - SHIFT - 1)


def fixed_point(low: float | None, high: float | None, *, around_zero: bool = False) -> FixedPoint:
    """A pivot near the middle of the values, with few binary digits, and the exponent of the largest distance to it."""
    if low is None or high is None:
        return FixedPoint(Fraction(0), 0)
    pivot = 0.0 if around_zero else _middle(Fraction(low), Fraction(high))
    exponent = math.frexp(max(abs(low - pivot), abs(high - pivot)))[1]
    return FixedPoint(Fraction(pivot), max(exponent, -1000))


def _middle(low: Fraction, high: Fraction) -> float:
    half = (high - low) / 2
    if not half:
        return float(low)
    exponent = half.numerator.bit_length() - half.denominator.bit_length() - 3
    grid = Fraction(2) ** exponent
    return float(round((low + high) / 2 / grid) * grid)


def fixed(scaled: str) -> str:
    """A scaled value in units of 2**-61, as a bigint."""
    return whole(in_units(scaled))


def in_units(scaled: str) -> str:
    """A scaled value in units of 2**-61, as a double."""
    return f"({scaled}) * {double(math.ldexp(1.0, SHIFT))}"


def whole(units: str) -> str:
    """Units as a bigint."""
    return f"cast(round({units}) as bigint)"


def unfixed(total: int | None, exponent: int) -> Fraction:
    """The exact value of a sum of fixed-point values; `exponent` is that of the scaled product."""
    return Fraction(int(total or 0)) * Fraction(2) ** (exponent - SHIFT)

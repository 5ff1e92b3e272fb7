"""Comparisons of decimals with a bound, in which no digit of either is lost."""

from __future__ import annotations

from fractions import Fraction
from math import floor

from mlgate.evidence.dialect import MOST_DIGITS, literal
from mlgate.values.numbers import decimals_of, plain_digits

_PLAIN = 18
"""The most signs of a number for which the engine needs no wider numbers than most columns have."""


def decimal_compared(value: str, sign: str, bound: Fraction) -> str:
    """SQL for `value SIGN bound`, one of <, <=, > and >=, for decimals of at most 38 digits; NULL for NULL.

    The engine compares decimals exactly, and raises an error where their digits do not fit together. Then the value is
    so far from the bound that the whole part of the bound decides; and where that does not fit either, its sign does.
    """
    below = (bound > 0) is (sign[0] == "<")
    far = f"case when {value} is not null then {'1 = 1' if below else '1 = 0'} end"
    if abs(bound) >= 10**MOST_DIGITS:
        return f"({far})"
    before = len(str(int(abs(bound)))) if abs(bound) >= 1 else 0
    scale = 10 ** (MOST_DIGITS - before)
    near = Fraction(floor(bound * scale), scale)
    tried = dict.fromkeys(_tried(value, _toward(sign, bound, at), at) for at in (near, floor(bound)))
    return f"coalesce({', '.join([*tried, far])})"


def _tried(value: str, sign: str, at: Fraction | int) -> str:
    """A comparison that is NULL where the digits do not fit together.

    DuckDB before 2 converts a constant before the query runs, and a value that several expressions convert outside of
    them; both then fail outside of `try`. It does neither to what depends on a condition.
    """
    there = f"case when {value} is not null then"
    return f"{there} try({value} {sign} ({there} {_written(at)} end)) end"


def _toward(sign: str, bound: Fraction, at: Fraction | int) -> str:
    """The sign for a comparison with `at`, below or at the bound, where no value lies between the two."""
    return sign if at == bound else {"<": "<=", ">=": ">"}.get(sign, sign)


def _written(at: Fraction | int) -> str:
    """A terminating decimal in SQL."""
    decimals = decimals_of(at) or 0
    text = plain_digits(at, decimals)
    return text if len(text) <= _PLAIN else f"cast({literal(text)} as decimal({MOST_DIGITS},{decimals}))"

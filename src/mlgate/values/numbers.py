"""Numbers for people: four significant digits, and more only if fewer would hide a difference."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

_DIGITS = 4
_MOST_DIGITS = 17


def number(value: float | None, *apart_from: Fraction | float | None, decimals: int | None = None) -> str:
    """`0.8123`, `12,346`, `-` for None. With `apart_from` 0.6, 0.59996 is not shown as 0.6."""
    if value is None:
        return "-"
    if decimals is not None:
        return f"{value + 0.0:,.{decimals}f}"
    others = [float(other) for other in apart_from if other is not None and other != value]
    for digits in range(_DIGITS, _MOST_DIGITS):
        text = _shown(value, digits)
        if all(text != _shown(other, digits) for other in others):
            return text
    return repr(value)


def factor(times: float) -> str:
    """How many times: `0.69`, `3.3`, `200`. To two digits, as a forecast is not more exact."""
    return f"{float(f'{times:.2g}'):,.10g}"


def span(lower: float | None, upper: float | None, *apart_from: Fraction | float | None) -> str:
    """An interval in words: `0.4 to 0.6`, `0.4 or more`, `0.6 or less`; empty without bounds."""
    low, high = number(lower, *apart_from), number(upper, *apart_from)
    if lower is None or upper is None:
        return f"{low} or more" if lower is not None else f"{high} or less" if upper is not None else ""
    return f"{low} to {high}"


def decimals(values: Iterable[float | None]) -> int | None:
    """The number of decimals for a column of numbers; None if their sizes differ too much to share one."""
    shown = [_shown(value, _DIGITS) for value in values if value is not None]
    if any("e" in text for text in shown):
        return None
    fractions = [len(text.partition(".")[2]) for text in shown]
    whole = max((len(text.partition(".")[0]) for text in shown), default=0)
    most = max(fractions, default=0)
    return most if whole + most <= _DIGITS + 3 else None


def whole_percent(share: float) -> str:
    """A share to whole percent. Only exact values are shown as 0 % or 100 %."""
    if 0 < share < 0.005:
        return "<1 %"
    return ">99 %" if 0.995 <= share < 1 else f"{100 * share:.0f} %"


def percent(fraction: str) -> str:
    """`95 %` for "0.95" or "19/20". Text that is not a number stays unchanged."""
    try:
        return f"{float(Fraction(fraction) * 100):.10g} %"
    except (ValueError, ZeroDivisionError):
        return fraction


def complement(fraction: str) -> str:
    """`5 %` for "0.95": how often a bound may be wrong."""
    try:
        return f"{float((1 - Fraction(fraction)) * 100):.10g} %"
    except (ValueError, ZeroDivisionError):
        return "the rest"


def decimals_of(value: Fraction | int) -> int | None:
    """The digits after the point of an exact number; None for one that has no end, such as 1/3."""
    left, decimals = Fraction(value).denominator, 0
    while left % 10 == 0 or left % 2 == 0 or left % 5 == 0:
        left //= 10 if left % 10 == 0 else 2 if left % 2 == 0 else 5
        decimals += 1
    return decimals if left == 1 else None


def plain_digits(value: Fraction | int, decimals: int) -> str:
    """An exact number in plain digits with so many after the point: `-0.05`. Further digits are cut off."""
    digits = str(int(abs(value) * 10**decimals)).rjust(decimals + 1, "0")
    whole, rest = (digits[:-decimals], digits[-decimals:]) if decimals else (digits, "")
    return f"{'-' if value < 0 else ''}{whole}{'.' + rest if rest else ''}"


def _shown(value: float, digits: int) -> str:
    size = abs(value)
    if size >= 1e15 or 0 < size < 1e-4:
        return f"{value:.{digits}g}"
    if size >= 10 ** (digits - 1):
        return f"{value:,.0f}"
    return f"{value + 0.0:.{digits}g}"

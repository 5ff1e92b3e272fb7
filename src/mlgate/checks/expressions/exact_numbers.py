"""Numbers of a condition as SQL: as exact decimals where they fit, and as doubles for the rows where they do not.

Sums and products of whole numbers, of decimals and of numbers in text columns are exact up to 38 digits. A division,
and a column of floats with a fraction, are computed in doubles; then two results that differ by no more than rounding
does (1e-12 of the numbers that they are made of) are equal. NULL where a value is missing, is not a number, or is
divided by 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from mlgate.evidence.dialect import double, literal
from mlgate.evidence.typed import TypedColumn

TIE = "cast('1e-12' as double)"
"""Relative to the sizes of all numbers that a result is made of."""
MOST_SCALE, MOST_DECIMALS, FEW_DECIMALS = 18, 24, 8
"""The most decimals of a column's value that are read exactly, those of a whole product with its literals, and those of
a product of numbers so large that more decimals do not fit beside their digits."""
_TIED = {"=": True, "<=": True, ">=": True, "<>": False, "<": False, ">": False}


@dataclass(frozen=True)
class NumberSql:
    """A number: its exact decimal, NULL where it does not fit, its double, and the size of what it is made of."""

    exact: str | None
    """None where no row has an exact decimal."""
    double: str
    size: str
    computed: bool = False
    """Whether it is a result of arithmetic, which must be finite and may be off by rounding."""


def compared_numbers(sign: str, readings: Sequence[tuple[NumberSql, NumberSql]]) -> str:
    """SQL for `left SIGN right` by the first of some readings that is exact for a row, and else in doubles.

    NULL where a side has no value.
    """
    exactly = dict.fromkeys(
        f"try({left.exact} {sign} {right.exact})" for left, right in readings if None not in (left.exact, right.exact)
    )
    doubles = _compared_doubles(sign, *readings[0])
    return f"coalesce({', '.join([*exactly, doubles])})" if exactly else doubles


def _compared_doubles(sign: str, left: NumberSql, right: NumberSql) -> str:
    plain = f"{left.double} {sign} {right.double}"
    if not (left.computed or right.computed):
        return plain
    size = f"({left.size} + {right.size})"
    tied = "1 = 1" if _TIED[sign] else "1 = 0"
    finite = " and ".join(f"isfinite({side.double})" for side in (left, right) if side.computed)
    tie = f"abs({left.double} - {right.double}) <= {TIE} * {size} and isfinite({size})"
    return f"case when {tie} then {tied} when {finite} then {plain} end"


def literal_number(value: Fraction) -> NumberSql:
    """An exact number of a policy."""
    near = double(float(value))
    decimals = decimals_of(value)
    digits = len(str(abs(value.numerator) * 10**decimals // value.denominator)) if decimals <= MOST_SCALE else 99
    exact = f"cast({literal(_plain(value, decimals))} as decimal(38,{decimals}))" if digits <= 38 else None
    return NumberSql(exact, near, double(abs(float(value))))


def decimals_of(value: Fraction) -> int:
    """The digits after the point of a number that a policy wrote."""
    decimals = 0
    while (value * 10**decimals).denominator > 1:
        decimals += 1
    return decimals


def _plain(value: Fraction, decimals: int) -> str:
    digits = str(abs(value.numerator) * 10**decimals // value.denominator).rjust(decimals + 1, "0")
    whole, rest = (digits[:-decimals], digits[-decimals:]) if decimals else (digits, "")
    return f"{'-' if value < 0 else ''}{whole}{'.' + rest if rest else ''}"


def column_number(column: TypedColumn, scale: int | None) -> NumberSql:
    """A column's value, exactly with up to `scale` decimals; None for doubles only."""
    raw, kind, there = column.column.raw, column.column.kind, f"not {column.missing}"
    near = f"case when {there} then {column.column.number} end"
    exact: str | None = None
    if scale is None:
        pass
    elif kind == "text":
        exact = (
            f"case when matches({raw}, {literal(_exact_text(scale))}) then try_cast({raw} as decimal(38,{scale})) end"
        )
    elif kind == "integer":
        exact = f"cast({raw} as decimal(38,0))"
    elif kind == "decimal":
        exact = f"case when cast({raw} as decimal(38,{scale})) = {raw} then cast({raw} as decimal(38,{scale})) end"
    else:
        whole = f"{raw} = floor({raw}) and abs({raw}) < cast('1e18' as double)"
        exact = f"case when {whole} then cast(cast({raw} as hugeint) as decimal(38,0)) end"
    return NumberSql(None if exact is None else f"case when {there} then {exact} end", near, f"abs({near})")


def _exact_text(scale: int) -> str:
    """The pattern of texts that are numbers with at most so many decimals, also after a positive exponent."""
    after = f"[.][0-9]{{0,{scale}}}0*" if scale else "[.]0*"
    alone = f"|[.][0-9]{{1,{scale}}}0*" if scale else ""
    return f"[+-]?([0-9]+({after})?{alone})([eE][+]?[0-9]{{1,2}})?"


def whole_number(sql: str) -> NumberSql:
    """A bigint, such as the length of a text."""
    near = f"cast({sql} as double)"
    return NumberSql(f"cast({sql} as decimal(38,0))", near, f"abs({near})")


def negative(value: NumberSql) -> NumberSql:
    """`- value`."""
    exact = None if value.exact is None else f"(-{value.exact})"
    return NumberSql(exact, f"(-{value.double})", value.size, value.computed)


def absolute(value: NumberSql) -> NumberSql:
    """`abs(value)`."""
    exact = None if value.exact is None else f"abs({value.exact})"
    return NumberSql(exact, f"abs({value.double})", value.size, value.computed)


def arithmetic(sign: str, left: NumberSql, right: NumberSql) -> NumberSql:
    """`left + right`, or with another sign. A division has no exact decimal."""
    if sign == "/":
        divisor = f"nullif({right.double}, 0)"
        return NumberSql(None, f"({left.double} / {divisor})", f"({left.size} / abs({divisor}))", computed=True)
    both = left.exact is not None and right.exact is not None
    size = f"({left.size} {'*' if sign == '*' else '+'} {right.size})"
    exact = f"({left.exact} {sign} {right.exact})" if both else None
    return NumberSql(exact, f"({left.double} {sign} {right.double})", size, computed=True)

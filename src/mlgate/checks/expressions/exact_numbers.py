"""Numbers of a condition as SQL: as exact decimals where they fit, and as doubles for the rows where they do not.

Sums and products of whole numbers, of decimals and of numbers in text columns are exact up to 38 digits. A division,
and floats with a fraction, are computed in doubles; then two results that differ by no more than rounding does (1e-12
of the numbers that they are made of) are equal. In a text, a fraction of more than 15 digits is what a program writes
of a float, so it is computed with as one. NULL where a value is missing, is not a number, or is divided by 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from mlgate.evidence.dialect import MOST_DIGITS, double, literal
from mlgate.evidence.typed import TypedColumn
from mlgate.values.numbers import decimals_of, plain_digits

TIE = "cast('1e-12' as double)"
"""Relative to the sizes of all numbers that a result is made of."""
MOST_SCALE, MOST_DECIMALS, FEW_DECIMALS = 18, 24, 8
"""The most decimals of a column's value that are read exactly, those of a whole product with its literals, and those of
a product of numbers so large that more decimals do not fit beside their digits."""
FLOAT_DIGITS = 15
"""The most digits with which every decimal number survives as a double. A program writes more of most floats."""
_TIED = {"=": True, "<=": True, ">=": True, "<>": False, "<": False, ">": False}


@dataclass(frozen=True)
class ExactReading:
    """How columns are read exactly."""

    decimals: int
    """The most digits after the point."""
    computed: bool
    """Whether the condition computes with them, so that what a float wrote is read as a float."""


@dataclass(frozen=True)
class NumberSql:
    """A number: its exact decimal, NULL where it does not fit, its double, and the size of what it is made of."""

    exact: str | None
    """None where no row has an exact decimal."""
    double: str
    size: str
    computed: bool = False
    """Whether it is a result of arithmetic, which must be finite and may be off by rounding."""
    decimals: int = 0
    """The digits after the point of the type of the exact decimal."""

    def exactly(self, decimals: int) -> str:
        """The exact decimal with so many digits after the point, NULL where it does not fit.

        An engine may compute what two expressions share before either, and so outside their `try`: DuckDB 1.4 does.
        So whatever may not fit says itself that it becomes NULL.
        """
        same = decimals == self.decimals
        return str(self.exact) if same else f"try_cast({self.exact} as decimal({MOST_DIGITS},{decimals}))"


def compared_numbers(sign: str, readings: Sequence[tuple[NumberSql, NumberSql]]) -> str:
    """SQL for `left SIGN right` by the first of some readings that is exact for a row, and else in doubles.

    NULL where a side has no value.
    """
    exactly = dict.fromkeys(
        " ".join(_alike(left, sign, right)) for left, right in readings if None not in (left.exact, right.exact)
    )
    doubles = _compared_doubles(sign, *readings[0])
    return f"coalesce({', '.join([*exactly, doubles])})" if exactly else doubles


def _alike(left: NumberSql, sign: str, right: NumberSql) -> tuple[str, str, str]:
    """Both sides as decimals of one type, with the sign between them."""
    decimals = max(left.decimals, right.decimals)
    return left.exactly(decimals), sign, right.exactly(decimals)


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
    decimals = decimals_of(value) or 0
    text = plain_digits(value, decimals)
    fits = decimals <= MOST_SCALE and len(text.lstrip("-0.").replace(".", "")) <= MOST_DIGITS
    exact = f"cast({literal(text)} as decimal({MOST_DIGITS},{decimals}))" if fits else None
    return NumberSql(exact, near, double(abs(float(value))), decimals=decimals)


def column_number(column: TypedColumn, reading: ExactReading | None) -> NumberSql:
    """A column's value, exactly where it can be read so; without a reading in doubles only."""
    near = f"case when not {column.missing} then {column.column.number} end"
    if reading is None:
        return NumberSql(None, near, f"abs({near})")
    decimals = reading.decimals if column.column.kind in ("text", "decimal") else 0
    exact = f"case when not {column.missing} then {_exact(column, reading)} end"
    return NumberSql(exact, near, f"abs({near})", decimals=decimals)


def _exact(column: TypedColumn, reading: ExactReading) -> str:
    raw, cast = column.column.raw, f"try_cast({column.column.raw} as decimal({MOST_DIGITS},{reading.decimals}))"
    if column.column.kind == "text":
        return f"case when matches({raw}, {literal(_exact_text(reading))}) then {cast} end"
    if column.column.kind == "integer":
        return f"cast({raw} as decimal({MOST_DIGITS},0))"
    if column.column.kind == "decimal":
        return f"case when try({cast} = {raw}) then {cast} end"
    whole = f"{raw} = floor({raw}) and abs({raw}) < cast('1e18' as double)"
    return f"case when {whole} then cast(cast({raw} as hugeint) as decimal({MOST_DIGITS},0)) end"


def _exact_text(reading: ExactReading) -> str:
    """The pattern of texts that are whole numbers, or have few enough decimals; also with a positive exponent."""
    before = range(FLOAT_DIGITS) if reading.computed else ()
    after = {at: min(reading.decimals, FLOAT_DIGITS - at) for at in before}
    fractions = [f"0*[0-9]{{{at}}}[.][0-9]{{1,{most}}}0*" for at, most in after.items() if most]
    if not reading.computed and reading.decimals:
        fractions = [f"[0-9]*[.][0-9]{{1,{reading.decimals}}}0*"]
    return f"[+-]?({'|'.join(['[0-9]+([.]0*)?', *fractions])})([eE][+]?[0-9]{{1,2}})?"


def whole_number(sql: str) -> NumberSql:
    """A bigint, such as the length of a text."""
    near = f"cast({sql} as double)"
    return NumberSql(f"cast({sql} as decimal(38,0))", near, f"abs({near})")


def negative(value: NumberSql) -> NumberSql:
    """`- value`."""
    exact = None if value.exact is None else f"(-{value.exact})"
    return NumberSql(exact, f"(-{value.double})", value.size, value.computed, value.decimals)


def absolute(value: NumberSql) -> NumberSql:
    """`abs(value)`."""
    exact = None if value.exact is None else f"abs({value.exact})"
    return NumberSql(exact, f"abs({value.double})", value.size, value.computed, value.decimals)


def arithmetic(sign: str, left: NumberSql, right: NumberSql) -> NumberSql:
    """`left + right`, or with another sign. A division has no exact decimal."""
    if sign == "/":
        divisor = f"nullif({right.double}, 0)"
        return NumberSql(None, f"({left.double} / {divisor})", f"({left.size} / abs({divisor}))", computed=True)
    product, both = sign == "*", None not in (left.exact, right.exact)
    sides = (str(left.exact), sign, str(right.exact)) if product else _alike(left, sign, right)
    exact = f"try({' '.join(sides)})" if both else None
    decimals = left.decimals + right.decimals if product else max(left.decimals, right.decimals)
    size = f"({left.size} {'*' if product else '+'} {right.size})"
    return NumberSql(exact, f"({left.double} {sign} {right.double})", size, computed=True, decimals=decimals)

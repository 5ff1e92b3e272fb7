"""Decimals are compared with a bound as exact fractions are, whatever the digits of the two."""

from __future__ import annotations

import operator
import random
from fractions import Fraction

import pytest

from mlgate.evidence.decimal_limits import decimal_compared
from mlgate.evidence.engines.duckdb import DuckDB

SIGNS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


@pytest.mark.parametrize("decimals", [0, 2, 18, 38])
def test_decimals_are_compared_exactly(decimals: int) -> None:
    draw = random.Random(decimals)
    most = 10**38 - 1
    whole = [0, 1, most, -most, *(draw.randint(-(10**digits), 10**digits) for digits in range(1, 38, 3))]
    values = [Fraction(value, 10**decimals) for value in whole]
    near = [value + Fraction(draw.choice((-1, 0, 1)), 10 ** draw.randint(0, 45)) for value in values]
    bounds = [*values, *near, Fraction(10**38), Fraction(-(10**38)), Fraction(1, 10**60), Fraction(10**300)]
    listed = ", ".join(f"(cast('{_written(value, decimals)}' as decimal(38,{decimals})))" for value in values)
    asked = ", ".join(decimal_compared("x", sign, bound) for bound in bounds for sign in SIGNS)
    engine = DuckDB(threads=1)
    rows = engine.query(f"select {asked} from (values {listed}) v(x)")
    (nothing,) = engine.query(f"select {asked} from (select cast(null as decimal(38,{decimals})) as x)")
    engine.close()
    expected = [tuple(meets(value, bound) for bound in bounds for meets in SIGNS.values()) for value in values]
    assert rows == expected
    assert set(nothing) == {None}


def _written(value: Fraction, decimals: int) -> str:
    digits = str(abs(int(value * 10**decimals))).rjust(decimals + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}" if decimals else sign + digits

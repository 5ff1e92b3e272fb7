"""What a condition says of a row of Python values, by Kleene's logic and exact fractions: the oracle of its SQL."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from mlgate.checks.expressions import tree
from mlgate.checks.expressions.tree import Part

Row = Mapping[str, Any]
NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


def truth(part: Part, row: Row) -> bool | None:
    """Whether a part is true; None where it is not decided."""
    if isinstance(part, tree.Connection):
        sides = [truth(part.left, row), truth(part.right, row)]
        decides = part.word == "or"
        return decides if decides in sides else None if None in sides else not decides
    if isinstance(part, tree.Negation):
        return _not(truth(part.value, row))
    if isinstance(part, tree.Implication):
        return _implied(part, row)
    if isinstance(part, tree.IsMissing):
        return missing(row[part.column.name])
    if isinstance(part, tree.Relation):
        return compared(part.sign, part.left, part.right, row, (part.left, part.right))
    if isinstance(part, tree.Membership):
        return _any(compared("=", part.value, each, row, (part.value, *part.among)) for each in part.among)
    if isinstance(part, tree.InRange):
        sides = (part.value, part.low, part.high)
        below = [compared("<", part.value, part.low, row, sides), compared(">", part.value, part.high, row, sides)]
        return _not(_any(below))
    if isinstance(part, tree.LiteralTruth):
        return part.value
    assert isinstance(part, tree.NamedColumn)
    value = row[part.name]
    return value if isinstance(value, bool) else TRUTHS.get(value) if isinstance(value, str) else None


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def _any(values: Any) -> bool | None:
    found = list(values)
    return True if True in found else None if None in found else False


def _implied(part: tree.Implication, row: Row) -> bool | None:
    condition, demanded = truth(part.condition, row), truth(part.demanded, row)
    if part.otherwise is None:
        return _any([_not(condition), demanded])
    return None if condition is None else demanded if condition else truth(part.otherwise, row)


def missing(value: Any) -> bool:
    """Whether a value is missing: nothing, or NaN."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def compared(sign: str, left: Part, right: Part, row: Row, among: tuple[Part, ...]) -> bool | None:
    """`left sign right`, in the type that the parts of a comparison have together."""
    read = next((each for each in map(_reader, among, [row] * len(among)) if each), _text)
    one, two = read(left, row), read(right, row)
    if one is None or two is None:
        return None
    return {
        "=": one == two, "!=": one != two, "<": one < two, "<=": one <= two, ">": one > two, ">=": one >= two,
    }[sign]  # fmt: skip


def _reader(part: Part, row: Row) -> Any:
    if isinstance(part, (tree.LiteralNumber, tree.Arithmetic, tree.Negative)):
        return _number
    if isinstance(part, tree.LiteralText):
        return _text
    if isinstance(part, tree.LiteralMoment):
        return _time
    if isinstance(part, tree.Called):
        return _time if part.name == "date" else _number
    if isinstance(part, tree.NamedColumn):
        return row.get("kinds", {}).get(part.name)
    return truth


def _text(part: Part, row: Row) -> str | None:
    if isinstance(part, tree.LiteralText):
        return part.text
    assert isinstance(part, tree.NamedColumn)
    value = row[part.name]
    return value if isinstance(value, str) else None


def _time(part: Part, row: Row) -> datetime | None:
    if isinstance(part, tree.LiteralMoment):
        return _moment(part.text)
    if isinstance(part, tree.Called):
        return _time(part.given[0], row)
    assert isinstance(part, tree.NamedColumn)
    return _moment(row[part.name])


def _moment(value: Any) -> datetime | None:
    if isinstance(value, str):
        if not TIME.fullmatch(value):
            return None
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return datetime(value.year, value.month, value.day, tzinfo=UTC) if isinstance(value, date) else None


def _number(part: Part, row: Row) -> Fraction | None:
    if isinstance(part, tree.LiteralNumber):
        return part.value
    if isinstance(part, tree.Negative):
        value = _number(part.value, row)
        return None if value is None else -value
    if isinstance(part, tree.Arithmetic):
        return _computed(part, row)
    if isinstance(part, tree.Called):
        return _called(part, row)
    assert isinstance(part, tree.NamedColumn)
    return exact(row[part.name])


def _computed(part: tree.Arithmetic, row: Row) -> Fraction | None:
    one, two = _number(part.left, row), _number(part.right, row)
    if one is None or two is None or (part.sign == "/" and two == 0):
        return None
    return {"+": one + two, "-": one - two, "*": one * two}.get(part.sign) if part.sign != "/" else one / two


def _called(part: tree.Called, row: Row) -> Fraction | None:
    if part.name == "days":
        start, end = (_time(each, row) for each in part.given)
        if start is None or end is None:
            return None
        gap = end - start
        return Fraction(gap.days) + Fraction(gap.seconds * 10**6 + gap.microseconds, 86_400 * 10**6)
    if part.name == "length":
        text = _text(part.given[0], row)
        return None if text is None else Fraction(len(text))
    value = _number(part.given[0], row)
    return abs(value) if part.name == "abs" and value is not None else value


def exact(value: Any) -> Fraction | None:
    """The exact number that a value is; None where it is missing or no finite number."""
    if missing(value) or isinstance(value, bool):
        return None
    if isinstance(value, str):
        return Fraction(value) if NUMBER.fullmatch(value) else None
    return Fraction(value) if isinstance(value, (int, float, Decimal)) and math.isfinite(value) else None

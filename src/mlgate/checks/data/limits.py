"""Values of a policy about data: a number or date that values are compared with, and a range of numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

from mlgate.evidence.time_texts import CLOCK, DAY, ZONE
from mlgate.evidence.typed import TypedLimit
from mlgate.reading.fields import MISSING, Integer, Missing, Number, ProblemReport, number
from mlgate.reading.fields.scalars import OneScalar
from mlgate.reading.strict_yaml import Mapping, Node, Scalar, Sequence
from mlgate.values.demand import Demand
from mlgate.values.plain import Schema

TODAY = "today"
"""The day of the verdict, as a limit."""
_MOMENT = f"{DAY}({CLOCK}{ZONE}?)?"


@dataclass(frozen=True)
class LimitValue(OneScalar[TypedLimit]):
    """A number, `today`, or a date or time such as 2024-02-29 or 2024-02-29T10:00:00Z, in UTC without a zone."""

    @property
    def noun(self) -> str:
        """What is expected, in words."""
        return "a number, a date such as 2024-02-29, or `today`"

    def _value(self, node: Scalar, report: ProblemReport) -> TypedLimit | Missing:
        if (exact := number(node.text)) is not None:
            return TypedLimit(node.text, exact)
        if node.text == TODAY or is_moment(node.text):
            return TypedLimit(node.text)
        return report.refuse(node.at, f"must be {self.noun}, not {node}")

    def schema(self) -> Schema:
        """A number or a text."""
        return {"type": ["number", "string"]}


def on_day(limit: TypedLimit, sign: str, as_of: date) -> TypedLimit:
    """A limit with its day instead of `today`: the start of the day, or its end for what lies on it or after it."""
    if limit.text != TODAY:
        return limit
    return TypedLimit(f"{as_of}T23:59:59.999999" if sign in ("<=", ">") else as_of.isoformat())


def meets_limit(value: str, sign: str, limit: TypedLimit) -> bool:
    """Whether a value, as exact text, surely meets `value SIGN limit`. An infinite number does not."""
    if limit.number is None:
        found, bound = known_instant(value), instant(limit.text)
        if found is None:
            return False
        return found >= bound if sign == ">=" else found <= bound if sign == "<=" else _beyond(found, sign, bound)
    if value.lstrip("-") in ("inf", "infinity"):
        return False
    exact = Fraction(value)
    at = limit.number
    return exact >= at if sign == ">=" else exact <= at if sign == "<=" else _beyond(exact, sign, at)


def _beyond(found: Any, sign: str, bound: Any) -> bool:
    return bool(found > bound if sign == ">" else found < bound)


def instant(text: str) -> datetime:
    """A date or time as a moment in UTC, to the microsecond. ValueError for the 30th of February."""
    found = datetime.fromisoformat(re.sub(r"([.][0-9]{6})[0-9]+", r"\1", text))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def is_moment(text: str) -> bool:
    """Whether a text is a date or time that exists."""
    return bool(re.fullmatch(_MOMENT, text)) and known_instant(text) is not None


def known_instant(text: str) -> datetime | None:
    """A date or time as a moment in UTC; None for one that is outside the years 1 to 9999, or that does not exist."""
    try:
        return instant(text)
    except ValueError:
        return None


def whole_numbers(bits: int, *, signed: bool = True) -> tuple[TypedLimit, TypedLimit]:
    """The lowest and the highest whole number of so many bits."""
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    return TypedLimit(str(low), Fraction(low)), TypedLimit(str(high), Fraction(high))


def _said(node: Node) -> str:
    """What was written instead of a range."""
    strange = (
        [f"`{key.text}`" for key, _ in node.entries if key.text not in _SIDES] if isinstance(node, Mapping) else []
    )
    return f"{node} with {' and '.join(strange)}" if strange else f"{node}"


@dataclass(frozen=True)
class NumberRange:
    """A range of numbers: `[low, high]`, or `{at_least: low}` or `{at_most: high}`; one number is exactly that."""

    whole: bool = False
    """Whether only whole numbers of at least 0 make sense."""

    @property
    def noun(self) -> str:
        """What is expected, in words."""
        return "a range: [low, high], {at_least: low} or {at_most: high}"

    def read(self, node: Node, report: ProblemReport) -> Demand | Missing:
        """The demand, or MISSING with the problems in the report."""
        ends: tuple[Node | None, Node | None]
        if isinstance(node, Sequence) and len(node.items) == 2:
            ends = node.items[0], node.items[1]
        elif isinstance(node, Mapping) and node.entries and {key.text for key, _ in node.entries} <= _SIDES:
            ends = node.get("at_least"), node.get("at_most")
        elif isinstance(node, Scalar):
            ends = node, node
        else:
            return report.refuse(node.at, f"must be {self.noun}, not {_said(node)}")
        low, high = (None if end is None else self._end(end, report) for end in ends)
        if low is MISSING or high is MISSING:
            return MISSING
        if low and high and low[0] > high[0]:
            return report.refuse(node.at, f"is empty: {low[1]} is above {high[1]}; swap them")
        (least, least_text), (most, most_text) = low or (None, ""), high or (None, "")
        return Demand(least, most, least_text, most_text)

    def _end(self, node: Node, report: ProblemReport) -> tuple[Fraction, str] | Missing:
        one: Any = Integer(min=0) if self.whole else Number()
        value: int | Fraction | Missing = one.read(node, report)
        return MISSING if isinstance(value, Missing) or not isinstance(node, Scalar) else (Fraction(value), node.text)

    def schema(self) -> Schema:
        """A number, a pair or a mapping."""
        one: Schema = {"type": "integer", "minimum": 0} if self.whole else {"type": "number"}
        pair = {"type": "array", "items": one, "minItems": 2, "maxItems": 2}
        sides = {"type": "object", "properties": dict.fromkeys(sorted(_SIDES), one)}
        return {"anyOf": [one, pair, sides | {"additionalProperties": False, "minProperties": 1}]}


_SIDES = {"at_least", "at_most"}

"""A first rule for a column: it passes on the table that it is made from, with slack for the next one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor, log10

from mlgate.authoring.table_profile import ProfiledColumn
from mlgate.checks.data.column_names import pattern_of
from mlgate.evidence.typed import NUMBERS, TIMES
from mlgate.reading.strict_yaml import hidden_character

NULLS_SLACK, RANGE_SLACK, TIME_SLACK = Fraction(3, 2), Fraction(1, 10), Fraction(1, 4)
"""How much larger the share of missing values may be, and the share of the span that values may lie outside of it."""
MEAN_SLACK, LEAST_FOR_MEAN = 0.5, 30
"""How many standard deviations a mean may move, and the fewest values for such a rule."""
LONGEST_VALUE, LEAST_UNIQUE, _LONG = 60, 10, 20
_PRECISE = 1_000_000
"""How many times its standard deviation a mean may be, so that sums of doubles tell the deviation."""
_STORED = {"integer": "number", "float": "number", "decimal": "number"}
_ID = re.compile(r"(?i:(^|_|\b)(id|key|uuid|guid)s?$)|[a-z](Id|ID)$")
_OF_ONE = ("email", "uuid")
"""Forms of text that name one person or thing."""


def named_key(name: str) -> str:
    """The name of a column as a key of `columns`, that is never read as a pattern."""
    return json.dumps(f"/{re.escape(name)}/" if pattern_of(name) else name, ensure_ascii=False)


def column_rule(column: ProfiledColumn, typed: bool, today: date) -> dict[str, str]:
    """The keys of a column with their values as YAML. `typed` is whether the file holds types."""
    keys = dict(_about_type(column, typed))
    if not column.values or column.kind == "other":
        return {}  # the column must be there
    keys |= _about_nulls(column)
    if column.summary is None:
        return keys
    if values := _categories(column):
        return keys | values
    if unique := _is_unique(column):
        keys["unique"] = "true"
    if column.type in NUMBERS:
        return keys | dict(_about_numbers(column, unique))
    if column.kind == "time" or column.type in TIMES:
        return keys | dict(_about_times(column, today))
    return keys | dict(_about_texts(column, unique))


def _about_type(column: ProfiledColumn, typed: bool) -> Iterator[tuple[str, str]]:
    type_ = "text" if column.kind == "text" and not column.type and typed else column.type
    if type_:
        yield "type", type_
    if typed:
        yield "stored", _STORED.get(column.kind, column.kind)
    if column.sentinels:
        yield "missing", _list(column.sentinels)


def _about_nulls(column: ProfiledColumn) -> dict[str, str]:
    if not column.missing:
        return {"max_nulls": "0"}
    share = Fraction(column.missing, column.rows)
    most = min(_outward(share * NULLS_SLACK, share, up=True), (1 + share) / 2)
    return {"max_null_share": _text(max(_outward(most, share, up=True), share)) if most < 1 else "1"}


def _categories(column: ProfiledColumn) -> dict[str, str]:
    """The values of a column with few of them: all must occur, or the frequent ones where some are rare."""
    names = [value for value, _ in column.categories]
    if not names or any(len(name) > LONGEST_VALUE or hidden_character(name) or "\n" in name for name in names):
        return {}
    frequent = [value for value, rows in column.categories if rows >= max(5, column.values / 20)]
    if frequent == names:
        return {"exactly": _list(names)}
    return {"one_of": _list(names)} | ({"contains_all": _list(frequent)} if frequent else {})


def _is_unique(column: ProfiledColumn) -> bool:
    """Whether the values look like ids: all differ, and the name, the form or the steps of 1 say so."""
    found = column.summary
    if found is None or found.distinct < column.values or column.values < LEAST_UNIQUE:
        return False
    if column.type == "integer" and int(found.highest or 0) - int(found.lowest or 0) + 1 == column.values:
        return True
    return column.format in _OF_ONE or (column.type in ("", "integer") and bool(_ID.search(column.name)))


def _about_numbers(column: ProfiledColumn, unique: bool) -> Iterator[tuple[str, str]]:
    found = column.summary
    if found is None:
        return
    low, high = _finite(found.lowest), _finite(found.highest)
    if low is None or high is None:
        return
    if unique:
        yield from [("at_least", "0")] if low >= 0 else []
        return
    span = high - low or abs(high) or Fraction(1)
    least, most = (_outward(end + side * span * RANGE_SLACK, span, up=side > 0) for end, side in ((low, -1), (high, 1)))
    if column.type == "integer":
        least, most = Fraction(floor(least)), Fraction(ceil(most))
    least = max(least, Fraction(0)) if low >= 0 else least
    most = min(most, Fraction(0)) if high <= 0 else min(most, Fraction(1)) if low >= 0 and high <= 1 else most
    yield "between", f"[{_text(least)}, {_text(most)}]"
    yield from _about_mean(column)
    yield from _about_distinct(found.distinct)


def _about_mean(column: ProfiledColumn) -> Iterator[tuple[str, str]]:
    if column.spread is None or column.values < LEAST_FOR_MEAN:
        return
    mean, deviation = map(Fraction, column.spread)
    if deviation > abs(mean) / _PRECISE:
        ends = (mean + side * deviation * Fraction(MEAN_SLACK) for side in (-1, 1))
        low, high = (_outward(end, deviation, up=up) for up, end in zip((False, True), ends, strict=True))
        yield "mean", f"[{_text(low)}, {_text(high)}]"


def _about_distinct(distinct: int) -> Iterator[tuple[str, str]]:
    """A column that becomes constant, or nearly, has fewer different values."""
    if distinct > 1:
        yield "distinct", f"{{at_least: {ceil(distinct / 2)}}}"


def _about_times(column: ProfiledColumn, today: date) -> Iterator[tuple[str, str]]:
    found = column.summary
    if found is None or not (found.lowest and found.highest):
        return
    low, high = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (found.lowest, found.highest))
    slack = timedelta(days=ceil((high - low).days * TIME_SLACK) + 1)
    yield "at_least", _shifted(low.date(), -slack)
    yield "at_most", "today" if high.date() <= today else _shifted(high.date(), slack)
    yield from _about_distinct(found.distinct)


def _shifted(day: date, by: timedelta) -> str:
    try:
        return (day + by).isoformat()
    except OverflowError:
        return day.isoformat()


def _about_texts(column: ProfiledColumn, unique: bool) -> Iterator[tuple[str, str]]:
    if column.format:
        yield "format", column.format
    if column.lengths and column.lengths.lowest is not None and column.lengths.highest is not None:
        least, most = int(column.lengths.lowest), int(column.lengths.highest)
        yield "length", f"[{least}, {most}]" if least == most else f"[{least // 2}, {most * 2}]"
    absent = [r"\\s.*|.*\\s"] if "blanks" not in column.marks else []
    if {"lower", "upper"} & column.marks:
        absent += [pattern for mark, pattern in _CASES.items() if mark not in column.marks]
    if absent:
        yield "not_matches", f'"(?s){"|".join(absent)}"'
    if not unique and column.summary:
        yield from _about_distinct(column.summary.distinct)


_CASES = {"lower": ".*[a-z].*", "upper": ".*[A-Z].*"}


def _finite(text: str | None) -> Fraction | None:
    try:
        return Fraction(text) if text is not None else None
    except ValueError:  # infinity
        return None


def _outward(value: Fraction, scale: Fraction, *, up: bool) -> Fraction:
    """A value rounded up or down to two digits of a scale."""
    step = Fraction(10) ** (floor(log10(scale)) - 1) if scale > 0 else Fraction(1)
    return (ceil(value / step) if up else floor(value / step)) * step


def _text(value: Fraction) -> str:
    found = (Decimal(value.numerator) / Decimal(value.denominator)).normalize()
    return format(found, "f") if abs(found.adjusted()) < _LONG else str(found).replace("E", "e")


def _list(values: tuple[str, ...] | list[str]) -> str:
    return json.dumps(list(values), ensure_ascii=False)

"""First rules for a column: they pass on the table that they are made from, with slack for the next one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor, log10, sqrt

from mlgate.authoring.table_profile import ProfiledColumn
from mlgate.checks.data.column_names import pattern_of
from mlgate.evidence.typed import NUMBERS, TIMES
from mlgate.reading.strict_yaml import hidden_character

NULLS_SLACK, TIME_SLACK, WIDEST_SLACK = Fraction(3, 2), Fraction(1, 4), 10
"""How much larger the share of missing values may be; how many spans beyond its ends a time, or any number, may lie."""
_SKEWED = Fraction(8, 5)
"""How many times farther from the mean the far end is, for numbers of one sign that have it for a reason."""
NOISE = 2.5
"""How many standard deviations of the difference of two samples do not give a reason to block."""
USUAL_SLACK, USUAL_SLACK_OF_FEW = Fraction(1, 10), 5
"""How many spans beyond its ends the usual numbers may lie, and how many more, divided by the number of values."""
OUTSIDE, RARE, MOST_OUTSIDE = 12, 5, Fraction(1, 10)
"""Two samples of one source of equal size: more than so many values of one lie outside of the other once in 300 pairs.

Whatever the distribution is, the next value is beyond the largest of n with the probability 1/(n + 1). A category with
at most RARE rows is one of many such: another sample has others.
"""
MEAN_SLACK, MEAN_SLACK_OF_FEW, LEAST_FOR_MEAN, LEAST_SPREAD = 0.5, 5, 30, Fraction(1, 10)
"""How many standard deviations a mean may move (the second is divided by the root of the number of values), the fewest
values for such a rule, and the least part of its standard deviation that a column around zero must keep."""
LONGEST_VALUE, LEAST_UNIQUE, _LONG = 60, 10, 20
_LARGEST = Fraction(10**308)
"""A policy has no larger numbers."""
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
    noise = Fraction(NOISE * sqrt(2 * (column.missing + 2))) / column.rows
    most = min(_outward(max(share * NULLS_SLACK, share + noise), share, up=True), (1 + share) / 2)
    return {"max_null_share": _text(max(_outward(most, share, up=True), share)) if most < 1 else "1"}


def _categories(column: ProfiledColumn) -> dict[str, str]:
    """The values of a column with few of them: all must occur, or the frequent ones where some are rare."""
    names = [value for value, _ in column.categories]
    if not names or any(len(name) > LONGEST_VALUE or hidden_character(name) or "\n" in name for name in names):
        return {}
    frequent = [value for value, rows in column.categories if rows >= max(5, column.values / 20)]
    if frequent == names:
        return {"exactly": _list(names)}
    allowed = {} if _rare_rows(column) else {"one_of": _list(names)}
    return allowed | ({"contains_all": _list(frequent)} if frequent else {})


def _rare_rows(column: ProfiledColumn) -> int:
    return sum(rows for _, rows in column.categories if rows <= RARE)


def usual_rule(column: ProfiledColumn) -> dict[str, str]:
    """The keys that nearly all values of a column meet, and a few of the next table may not; empty for none."""
    found: dict[str, str] = {}
    outside = OUTSIDE
    if rare := _rare_rows(column) if _categories(column) else 0:
        found, outside = {"one_of": _list([value for value, _ in column.categories])}, OUTSIDE + rare
    elif column.summary and column.type in NUMBERS and not _categories(column) and not _is_unique(column):
        found = _range(column, USUAL_SLACK + Fraction(USUAL_SLACK_OF_FEW, column.values), zero=True)
    if not found:
        return {}
    missing = {"missing": _list(column.sentinels)} if column.sentinels else {}
    share = min(_outward(Fraction(outside, column.values), Fraction(1, column.values), up=True), MOST_OUTSIDE)
    return {**missing, **found, "max_fault_share": _text(share)}


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
    yield from _range(column, Fraction(WIDEST_SLACK), zero=_ends_at_zero(column)).items()
    yield from _about_mean(column)
    yield from _about_distinct(found.distinct)


def _ends_at_zero(column: ProfiledColumn) -> bool:
    """Whether numbers of one sign have it for a reason: they are shares, skewed, crowded at the ends, or far from zero.

    Others, such as those of a normal distribution around three standard deviations, have it only in this table.
    """
    found, spread = column.summary, column.spread
    low, high = (_finite(end) for end in (found.lowest, found.highest)) if found else (None, None)
    if spread is None or low is None or high is None:
        return False
    mean, deviation = map(Fraction, spread)
    nearest, near, far = (low, mean - low, high - mean) if low >= 0 else (-high, high - mean, mean - low)
    return 0 <= low < high <= 1 or nearest > deviation or far > _SKEWED * near or high - low < 4 * deviation


def _range(column: ProfiledColumn, slack: Fraction, *, zero: bool) -> dict[str, str]:
    """The range of a column's numbers, wider by so many spans on each side; empty where it is not finite.

    `zero` is whether numbers of one sign must keep it; else they may lie at most one span on the other side.
    """
    found = column.summary
    low, high = (_finite(end) for end in (found.lowest, found.highest)) if found else (None, None)
    if low is None or high is None:
        return {}
    span = high - low or abs(high) or Fraction(1)
    least, most = (_outward(end + side * span * slack, span, up=side > 0) for end, side in ((low, -1), (high, 1)))
    least, most = min(low, max(least, -_LARGEST)), max(high, min(most, _LARGEST))
    if column.type == "integer":
        least, most = Fraction(floor(least)), Fraction(ceil(most))
    beyond = (
        Fraction(0) if zero else Fraction(ceil(span)) if column.type == "integer" else _outward(span, span, up=True)
    )
    least = max(least, -beyond) if low >= 0 else least
    most = min(most, beyond) if high <= 0 else min(most, Fraction(1)) if low >= 0 and high <= 1 else most
    return {"between": f"[{_text(least)}, {_text(most)}]"}


def _about_mean(column: ProfiledColumn) -> Iterator[tuple[str, str]]:
    if column.spread is None or column.values < LEAST_FOR_MEAN:
        return
    mean, deviation = map(Fraction, column.spread)
    if deviation > abs(mean) / _PRECISE:
        slack = Fraction(max(MEAN_SLACK, MEAN_SLACK_OF_FEW / sqrt(column.values)))
        ends = (mean + side * deviation * slack for side in (-1, 1))
        low, high = (_outward(end, deviation, up=up) for up, end in zip((False, True), ends, strict=True))
        yield "mean", f"[{_text(low)}, {_text(high)}]"
        if low <= 0 <= high:  # then a smaller unit does not show in the mean
            yield "std", f"{{at_least: {_text(_outward(deviation * LEAST_SPREAD, deviation, up=False))}}}"


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

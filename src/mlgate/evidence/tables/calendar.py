"""Times as whole numbers (ticks), and the equal steps between them, for positions in a series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mlgate.evidence.dialect import kind_of, literal, quote
from mlgate.evidence.engine import Engine

WHOLE = r"[+-]?[0-9]{1,18}"
_MONTH, _DAY = r"[0-9]{4}-[0-9]{2}", r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_QUARTER = r"([0-9]{4})-?Q([1-4])"
_WEEK = r"([0-9]{4})-?W([0-9]{2})(?:-?([1-7]))?"
_SPAN = f"({_DAY})/{_DAY}"
# A microsecond is the finest: further digits must be zeros, as where a program always writes nanoseconds.
_CLOCK = r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6}0{0,3})?)?"
_OFFSET = r"([+-])([01][0-9])(?::?([0-5][0-9]))?"
_MOMENT = f"({_DAY}[T ]{_CLOCK}) ?(?:Z|{_OFFSET})?"


@dataclass(frozen=True)
class Clock:
    """How times become whole numbers: as they are, as microseconds, or as months plus an offset."""

    unit: str
    """ "whole", "moments", "months" (a fixed time from a month's start) or "month ends" (from its end)."""
    offset: int = 0
    """For months: microseconds from the month's start, or from the next one's."""
    wall: bool = False
    """Whether moments are read as they are written, without their offsets from UTC: all are at one time of day, so that
    they are days, weeks or months of a place whose clocks change."""

    @property
    def finest(self) -> Clock:
        """The clock that distinguishes any two times, whatever the steps between them."""
        return self if self.unit == "whole" else Clock("moments")

    def tick(self, name: str) -> str:
        """A time that was read under a name as a whole number, as SQL; NULL where it is missing, or no such time."""
        number, at, wall = _readings(name)
        at = wall if self.wall else at
        if self.unit == "whole":
            return number
        if self.unit == "moments":
            return f"epoch_us({at})"
        from_start, from_end = _within_month(at)
        within = from_start if self.unit == "months" else from_end
        return f"case when {within} = {self.offset} then year({at}) * 12 + month({at}) end"


def read(column: str | None, type_name: str, name: str) -> tuple[str, ...]:
    """The readings of a column of times, as columns of an inner select whose name `Clock.tick` takes."""
    readings = ("null",) * 3 if column is None else (whole(column, type_name), *moments(column, type_name))
    number, at, wall = _readings(name)
    types = {number: "bigint", at: "timestamp", wall: "timestamp"}
    return tuple(f"cast({sql} as {of}) as {each}" for sql, (each, of) in zip(readings, types.items(), strict=True))


def _readings(name: str) -> tuple[str, str, str]:
    return f"{name}_number", f"{name}_at", f"{name}_wall"


def whole(column: str, type_name: str) -> str:
    """SQL for a column as a bigint; NULL where a value is not a whole number."""
    name, kind = quote(column), kind_of(type_name)
    if kind == "integer":
        return f"try_cast({name} as bigint)"
    if kind == "text":
        return f"case when regexp_full_match({name}, {literal(WHOLE)}) then try_cast({name} as bigint) end"
    return "null"


def moments(column: str, type_name: str) -> tuple[str, str]:
    """A column as a timestamp of UTC, and as it is written, as SQL; NULL where its values are not dates of ISO 8601.

    A time without an offset is one of UTC. Weeks are their Mondays, quarters and months their first days.
    """
    name, kind = quote(column), kind_of(type_name)
    if kind == "time" and not type_name.startswith("TIME ") and type_name not in ("TIME", "TIMETZ"):
        exact = f"case when epoch_ns({name}) % 1000 = 0 then {name} end" if type_name.endswith("_NS") else name
        return (f"try_cast({exact} as timestamp)",) * 2
    if kind == "text":
        written = f"try_cast(replace({_part(name, _MOMENT, 1)}, 'T', ' ') as timestamp)"
        days = (
            f"when regexp_full_match({name}, {literal(_MONTH)}) then try_cast({name} || '-01' as timestamp) "
            f"when regexp_full_match({name}, {literal(_DAY)}) then try_cast({name} as timestamp) "
            f"when regexp_full_match({name}, {literal(_SPAN)}) then try_cast({_part(name, _SPAN, 1)} as timestamp) "
            f"when regexp_full_match({name}, {literal(_WEEK)}) then {_week(name)} "
            f"when regexp_full_match({name}, {literal(_QUARTER)}) then {_quarter(name)}"
        )
        known = f"when regexp_full_match({name}, {literal(_MOMENT)}) then {written}"
        return f"case {known} - {_offset(name)} {days} end", f"case {known} {days} end"
    return "null", "null"


def _part(name: str, pattern: str, group: int) -> str:
    return f"regexp_extract({name}, {literal(f'^{pattern}$')}, {group})"


def _offset(name: str) -> str:
    """How far a moment's place is ahead of UTC."""
    hours, minutes = (f"coalesce(try_cast({_part(name, _MOMENT, group)} as integer), 0)" for group in (3, 4))
    sign = f"case when {_part(name, _MOMENT, 2)} = '-' then -1 else 1 end"
    return f"to_minutes({sign} * ({hours} * 60 + {minutes}))"


def _week(name: str) -> str:
    """A day of a week of ISO 8601, Monday where none is named; NULL where the year has no such week."""
    year, week, day = (f"try_cast({_part(name, _WEEK, group)} as integer)" for group in (1, 2, 3))
    first = f"date_trunc('week', try_cast({_part(name, _WEEK, 1)} || '-01-04' as timestamp))"
    monday = f"{first} + to_days(({week} - 1) * 7)"
    found = f"{monday} + to_days(coalesce({day}, 1) - 1)"
    return f"case when {week} >= 1 and isoyear({monday}) = {year} then {found} end"


def _quarter(name: str) -> str:
    year, quarter = (_part(name, _QUARTER, group) for group in (1, 2))
    return f"try_cast({year} || '-01-01' as timestamp) + to_months((try_cast({quarter} as integer) - 1) * 3)"


def read_clock(engine: Engine, relation: str, time: str, type_name: str) -> Clock:
    """The clock by which all times of a table can be read, as far as they can be read at all."""
    rows = f"(select {', '.join(read(time, type_name, 't'))} from {relation})"
    ((utc, wall),) = engine.query(f"select {_hours('t_at')}, {_hours('t_wall')} from {rows}")
    by_wall = utc > 1 and wall == 1
    from_start, from_end = _within_month("t_wall" if by_wall else "t_at")
    ((numbers, moments, *within),) = engine.query(
        f"select count(t_number), count(t_at), min({from_start}), max({from_start}), min({from_end}), max({from_end}) "
        f"from {rows}"
    )
    return replace(_unit(numbers, moments, *within), wall=by_wall)


def _hours(at: str) -> str:
    """How many times of day there are."""
    return f"count(distinct epoch_us({at}) - epoch_us(date_trunc('day', {at})))"


def read_step(engine: Engine, relation: str, series: Sequence[str], time: str, type_name: str, clock: Clock) -> int:
    """The smallest distance between two times of one series; 0 where no series has two times."""
    keys = [f"s{at}" for at in range(len(series))]
    by = f"partition by {', '.join(keys)} " if keys else ""
    named = [f"{quote(column)} as {key}" for column, key in zip(series, keys, strict=True)]
    times = f"select {', '.join((*named, *read(time, type_name, 't')))} from {relation}"
    tick = f"{clock.tick('t')} as tick"
    ticks = f"select {', '.join((*keys, tick))} from ({times})"
    moves = f"select tick - lag(tick) over ({by}order by tick) as move from ({ticks}) where tick is not null"
    return int(engine.query(f"select coalesce(min(move), 0) from ({moves}) where move > 0")[0][0])


def _unit(
    numbers: int, moments: int, first: int | None, last: int | None, least: int | None, most: int | None
) -> Clock:
    if numbers >= moments:
        return Clock("whole")
    if first is not None and first == last:
        return Clock("months", first)
    if least is not None and least == most:
        return Clock("month ends", least)
    return Clock("moments")


def _within_month(at: str) -> tuple[str, str]:
    """SQL for the microseconds of a moment from the start of its month, and from the end of its month."""
    start = f"date_trunc('month', {at})"
    return f"epoch_us({at}) - epoch_us({start})", f"epoch_us({at}) - epoch_us({start} + interval 1 month)"

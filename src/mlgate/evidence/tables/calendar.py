"""Times as whole numbers (ticks), and the equal steps between them, for positions in a series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mlgate.evidence.dialect import kind_of, literal, quote
from mlgate.evidence.engine import Engine

WHOLE = r"[+-]?[0-9]{1,18}"
_MONTH, _DAY = r"[0-9]{4}-[0-9]{2}", r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_MOMENT = _DAY + r"[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?Z?"


@dataclass(frozen=True)
class Clock:
    """How times become whole numbers: as they are, as microseconds, or as months plus an offset."""

    unit: str
    """ "whole", "moments", "months" (a fixed time from a month's start) or "month ends" (from its end)."""
    offset: int = 0
    """For months: microseconds from the month's start, or from the next one's."""

    @property
    def finest(self) -> Clock:
        """The clock that distinguishes any two times, whatever the steps between them."""
        return self if self.unit == "whole" else Clock("moments")

    def tick(self, name: str) -> str:
        """SQL for a time, read under `name`, as a whole number; NULL where it is missing or not on this clock."""
        number, at = _readings(name)
        if self.unit == "whole":
            return number
        if self.unit == "moments":
            return f"epoch_us({at})"
        from_start, from_end = _within_month(at)
        within = from_start if self.unit == "months" else from_end
        return f"case when {within} = {self.offset} then year({at}) * 12 + month({at}) end"


def read(column: str | None, type_name: str, name: str) -> tuple[str, str]:
    """A column of times as a number and as a moment: two columns of an inner select, for `Clock.tick(name)`."""
    readings = ("null", "null") if column is None else (whole(column, type_name), moment(column, type_name))
    number, at = _readings(name)
    return f"cast({readings[0]} as bigint) as {number}", f"cast({readings[1]} as timestamp) as {at}"


def _readings(name: str) -> tuple[str, str]:
    return f"{name}_number", f"{name}_at"


def whole(column: str, type_name: str) -> str:
    """SQL for a column as a bigint; NULL where a value is not a whole number."""
    name, kind = quote(column), kind_of(type_name)
    if kind == "integer":
        return f"try_cast({name} as bigint)"
    if kind == "text":
        return f"case when regexp_full_match({name}, {literal(WHOLE)}) then try_cast({name} as bigint) end"
    return "null"


def moment(column: str, type_name: str) -> str:
    """SQL for a column as a timestamp; NULL where a value is not an ISO 8601 date."""
    name, kind = quote(column), kind_of(type_name)
    if kind == "time" and not type_name.startswith("TIME ") and type_name not in ("TIME", "TIMETZ"):
        return f"try_cast({name} as timestamp)"
    if kind == "text":
        known = f"regexp_full_match({name}, {literal(f'{_DAY}|{_MOMENT}')})"
        return (
            f"case when regexp_full_match({name}, {literal(_MONTH)}) then try_cast({name} || '-01' as timestamp) "
            f"when {known} then try_cast(replace(replace({name}, 'T', ' '), 'Z', '') as timestamp) end"
        )
    return "null"


def read_clock(engine: Engine, relation: str, time: str, type_name: str) -> Clock:
    """The clock on which all readable times of a table are whole numbers."""
    from_start, from_end = _within_month("t_at")
    row = engine.query(
        f"select count(t_number), count(t_at), min({from_start}), max({from_start}), min({from_end}), max({from_end}) "
        f"from (select {', '.join(read(time, type_name, 't'))} from {relation})"
    )[0]
    return _unit(*row)


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

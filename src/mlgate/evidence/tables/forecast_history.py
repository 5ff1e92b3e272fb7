"""Forecasts with the history of their series, as one statement with one row per forecast.

The history of a series has equal steps, and its first time is position 1. The origin of a forecast is the position of
its cutoff, or of the end of the history. Absolute differences are summed as integers, in units of 2**-61 of the largest
one of the series, so that the sum does not depend on the order.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mlgate.evidence.dialect import double, kind_of, literal, number_of, quote
from mlgate.evidence.fixed_point import SHIFT, fixed
from mlgate.evidence.tables.calendar import Clock, read
from mlgate.values.words import are, counted

Parts = Iterator[tuple[str, str]]
"""Named parts of a statement; each may use those before it."""
OWN = "coalesce(own, twice)"
Reasons = Iterator[tuple[str, str]]
"""(condition, fault): the fault of a row is that of the first condition it meets."""


@dataclass(frozen=True)
class Roles:
    """The columns of the forecasts, by role."""

    series: tuple[str, ...]
    time: str
    horizon: str
    cutoff: str | None = None
    label: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that have a role."""
        return (*self.series, *filter(None, (self.time, self.horizon, self.cutoff, self.label)))


@dataclass(frozen=True)
class ForecastRows:
    """The forecasts: their relation, the types of their columns, their roles, and the clock of their times."""

    relation: str
    types: Mapping[str, str]
    roles: Roles
    clock: Clock

    def read(self, column: str | None, name: str) -> tuple[str, ...]:
        """The readings of a column of times."""
        return read(column, self.types[column] if column else "", name)

    def number(self, column: str) -> str:
        """SQL for a column as a double."""
        return number_of(column, kind_of(self.types[column]))


@dataclass(frozen=True)
class History:
    """The history: its clock, its relation, and SQL for the columns of the series, the time and the finite value."""

    clock: Clock

    relation: str
    series: tuple[str, ...]
    readings: tuple[str, ...]
    value: str
    step: int


@dataclass(frozen=True)
class Seasonal:
    """A computed column for a season: "naive", "scale", or the reason why one of these has no value."""

    name: str
    season: int


def own_faults(rows: ForecastRows, columns: Sequence[str], fault: str) -> str:
    """The statement that selects columns, and the fault of each forecast without a history."""
    selected = [f"{OWN if column == fault else f'c{at}'} as {quote(column)}" for at, column in enumerate(columns)]
    return f"{_with(_read(rows, columns, rows.clock))} select {', '.join(selected)} from owned"


def beside_history(
    rows: ForecastRows, history: History, columns: Sequence[str], fault: str, seasonal: Mapping[str, Seasonal]
) -> str:
    """The statement that selects columns, the fault of each forecast, and the computed columns of each season."""
    seasons = sorted({each.season for each in seasonal.values()})
    parts = (
        *_read(rows, columns, history.clock),
        *_history(history),
        *_placed(rows, history),
        *_sums(history, seasons),
    )
    selected = []
    for at, column in enumerate(columns):
        of = seasonal.get(column)
        sql = _computed(of) if of else OWN if column == fault else f"h.c{at}"
        selected.append(f"{sql} as {quote(column)}")
    joins = "".join(_joins(history, season) for season in seasons)
    return f"{_with(parts)} select {', '.join(selected)} from held h{joins}"


def _with(parts: Iterable[tuple[str, str]]) -> str:
    return "with " + ", ".join(f"{name} as ({sql})" for name, sql in parts)


def _read(rows: ForecastRows, columns: Sequence[str], clock: Clock) -> Parts:
    """The columns asked for, named by position, so that none has a name of the statement's own."""
    roles = rows.roles
    found = [f"{quote(column)} as c{at}" for at, column in enumerate(columns) if column in rows.types]
    found += [f"{quote(column)} as s{at}" for at, column in enumerate(roles.series)]
    found += [*rows.read(roles.time, "time"), *rows.read(roles.cutoff, "until")]
    found += [f"{rows.number(roles.horizon)} as ahead"]
    found += [f"{rows.number(roles.label) if roles.label else 'cast(null as double)'} as label"]
    yield "seen", f"select {', '.join(found)} from {rows.relation}"
    ticks = [
        f"{by.tick(name)} as {own}{tick}"
        for by, own in ((rows.clock, "own_"), (clock, ""))
        for name, tick in (("time", "tick"), ("until", "cutoff"))
    ]
    yield "ticks", f"select *, {', '.join(ticks)} from seen"
    twice = _case(((f"count(*) over (partition by {_identity(roles)}) > 1", "another row is of the same forecast"),))
    yield "owned", f"select *, {_case(_own(roles))} as own, {twice} as twice from ticks"


def _own(roles: Roles) -> Reasons:
    time, horizon, cutoff = (f"`{name}`" for name in (roles.time, roles.horizon, roles.cutoff))
    unread = "is not, like the others, a whole number or a date of ISO 8601"
    for at, column in enumerate(roles.series):
        yield f"s{at} is null", f"`{column}` names no series"
    whole = "ahead >= 1 and ahead = floor(ahead) and ahead < 1e9"
    yield f"ahead is null or not ({whole})", f"{horizon} is not a whole number of 1 or more"
    yield "own_tick is null", f"{time} {unread}"
    if roles.cutoff:
        yield "own_cutoff is null", f"{cutoff} {unread}"
        yield "own_cutoff >= own_tick", f"{cutoff} is not before {time}: what is forecast was known"


def _identity(roles: Roles) -> str:
    return ", ".join((*_keys(len(roles.series)), "own_tick", "ahead", "own_cutoff"))


def _history(history: History) -> Parts:
    keys = _keys(len(history.series))
    named = [f"{quote(column)} as {key}" for column, key in zip(history.series, keys)]
    found = ", ".join((*named, *history.readings, f"{history.value} as value"))
    yield "past", f"select *, {history.clock.tick('time')} as tick from (select {found} from {history.relation})"
    yield "astray", f"select count(*) as n from past where {' or '.join(f'{key} is null' for key in keys) or 'false'}"
    grouped = f"group by {', '.join(keys)}" if keys else "having count(*) > 0"
    spanned = ", ".join((*keys, "min(tick) as first", "max(tick) as last", f"{_case(_flaws(history.step))} as flaw"))
    yield "spans", f"select {spanned} from past {grouped}"
    # Only series without flaws have places, each once, so that a join by them repeats no forecast.
    placed = ", ".join((*(f"p.{key}" for key in keys), "value", f"{_place('tick', history)} as place"))
    yield "places", f"select {placed} from past p join spans f on {_on('p', 'f', keys)} where flaw is null"


def _flaws(step: int) -> Reasons:
    of = "the history of its series"
    yield "count(tick) < count(*)", f"{of} has times that cannot be read"
    yield "count(value) < count(*)", f"{of} has values that are missing or not finite"
    yield "count(distinct tick) < count(*)", f"{of} repeats a time"
    yield str(step == 0).lower(), "no series of the history has two times, so its step is unknown"
    gaps = "has gaps: fill them, or number its steps and those of the forecasts 1, 2, 3"
    yield f"max(tick) - min(tick) <> (count(*) - 1) * {step}", f"{of} {gaps}"


def _placed(rows: ForecastRows, history: History) -> Parts:
    keys, roles = _keys(len(history.series)), rows.roles
    end = _place("f.last", history)
    found = ["o.*", "f.first is not null as known", "flaw", "last", f"{_place('tick', history)} as place"]
    found += [f"{end} as ending", f"{_place('cutoff', history) if roles.cutoff else end} as origin"]
    yield "placed", f"select {', '.join(found)} from owned o left join spans f on {_on('o', 'f', keys)}"
    wrong = f"coalesce(own, flaw, {_case(_wrong(roles))}) as wrong"
    at_place = _on("r", "x", keys, "r.place = x.place")
    yield "held", f"select r.*, {wrong} from placed r left join places x on {at_place}"


def _wrong(roles: Roles) -> Reasons:
    time, horizon = f"`{roles.time}`", f"`{roles.horizon}`"
    start = f"`{roles.cutoff}`" if roles.cutoff else "the end of the history"
    yield "(select n from astray) > 0", "the history has rows that name no series"
    yield "not known", "its series has no history"
    yield "tick is null", f"{time} is not written as the times of the history are"
    if roles.cutoff:
        yield "origin is null or not origin between 1 and ending", f"{start} is not a time in the history of its series"
    else:
        reaches = f"the history reaches up to {time} or beyond: end it before what is forecast, or name a `cutoff`"
        yield "tick <= last", reaches
    yield "r.place is null or r.place - origin <> ahead", f"{time} is not {horizon} steps after {start}"
    yield "x.value <> label", f"`{roles.label}` differs from what the history has at that time"


def _sums(history: History, seasons: Iterable[int]) -> Parts:
    keys = _keys(len(history.series))
    series = f"partition by {', '.join(keys)} " if keys else ""
    along = f"over ({series}order by place rows between unbounded preceding and current row)"
    for m in seasons:
        yield f"moves{m}", f"select *, abs(value - lag(value, {m}) over ({series}order by place)) as move from places"
        yield f"widest{m}", f"select *, max(move) over ({series.strip()}) as widest from moves{m}"
        yield f"sums{m}", f"select *, sum({fixed('move / nullif(widest, 0)')}) {along} as total from widest{m}"


def _joins(history: History, m: int) -> str:
    keys = _keys(len(history.series))
    back = f"h.origin - {m} + (cast(h.ahead as bigint) - 1) % {m} + 1"
    return (
        f" left join places v{m} on {_on('h', f'v{m}', keys, f'v{m}.place = {back}')}"
        f" left join sums{m} s{m} on {_on('h', f's{m}', keys, f's{m}.place = h.origin')}"
    )


def _computed(of: Seasonal) -> str:
    m = of.season
    fault = f"coalesce(h.wrong, {_case(_short(of))})"
    if of.name.endswith("_fault"):
        return fault
    mean = f"cast(s{m}.total as double) * {double(math.ldexp(1.0, -SHIFT))} * s{m}.widest / (h.origin - {m})"
    return f"case when {fault} is null then {f'v{m}.value' if of.name == 'naive' else mean} end"


def _short(of: Seasonal) -> Reasons:
    m, scaled = of.season, of.name.startswith("scale")
    known = f"{counted(m + scaled, 'value')} of its series {are(m + scaled)} known"
    yield f"h.origin < {m + scaled}", f"fewer than {known}, for a season of {m}"
    if scaled:
        alike = f"the known values of its series are those of {counted(m, 'step')} before, so that their scale is 0"
        yield f"not coalesce(s{m}.total, 0) > 0", f"{alike}: use relative_mae or mae"


def _place(tick: str, history: History) -> str:
    """SQL for the position of a time, joined with the `spans` of its series as f; NULL between two steps."""
    step = max(history.step, 1)
    return f"case when ({tick} - f.first) % {step} = 0 then ({tick} - f.first) // {step} + 1 end"


def _keys(series: int) -> tuple[str, ...]:
    return tuple(f"s{at}" for at in range(series))


def _on(left: str, right: str, keys: Iterable[str], more: str = "") -> str:
    return " and ".join((*(f"{left}.{key} = {right}.{key}" for key in keys), *([more] if more else []))) or "true"


def _case(reasons: Iterable[tuple[str, str]]) -> str:
    return f"case {' '.join(f'when {held} then {literal(said)}' for held, said in reasons)} end"

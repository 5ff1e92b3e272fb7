"""Forecasts with columns computed from the history of their series: a seasonal naive forecast, a scale, and faults."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mlgate.evidence.dialect import quote, selection
from mlgate.evidence.engine import Engine, Opened
from mlgate.evidence.questions.key_matches import Keys, check_kinds, present
from mlgate.evidence.tables.calendar import read, read_clock, read_step
from mlgate.evidence.tables.forecast_history import ForecastRows, History, Roles, Seasonal, beside_history, own_faults
from mlgate.evidence.tables.recipe import Prepared, Recipe
from mlgate.values.errors import EvidenceError

FAULT = "forecast_fault"
"""The column with the fault of a forecast without a history, in words; NULL where it has none."""
_SEASONAL = re.compile(r"(naive|naive_fault|scale|scale_fault)\(([1-9][0-9]{0,8})\)")


def naive(season: int) -> str:
    """The column with the seasonal naive forecast: the last known value of the same part of the season."""
    return f"naive({season})"


def scale(season: int) -> str:
    """The column with the scale: the mean absolute difference of known values that are one season apart."""
    return f"scale({season})"


def fault(column: str) -> str:
    """The column with the reason, in words, why a row has no value in one of these; NULL where it has a value."""
    return column.replace("(", "_fault(", 1)


@dataclass(frozen=True)
class Forecasts(Recipe):
    """Predictions as forecasts, with the history of their series if there is one."""

    predictions: str
    series: tuple[str, ...]
    time: str
    horizon: str
    cutoff: str | None = None
    label: str | None = None
    own: str = ""
    """The prefix of the names of the model's own columns in that table, where another table has the same names."""
    own_label: bool = True
    """Whether the label is one of the model's own columns."""
    history: str = ""
    """The table of the history; empty for none."""
    key: tuple[str, ...] = ()
    """Its columns that identify the series, then that of the time."""
    value: str = ""

    @property
    def parents(self) -> tuple[str, ...]:
        """The names of the tables it is made of."""
        return (self.predictions, self.history) if self.history else (self.predictions,)

    def prepared(self, parents: Mapping[str, Opened]) -> ForecastTable:
        """Find the columns of all roles. Raises EvidenceError where one is missing, or named like a computed one."""
        return _prepared(self, parents[self.predictions], parents.get(self.history))


@dataclass(frozen=True)
class ForecastTable(Prepared):
    """Forecasts whose tables are open: their own columns, and those computed on demand."""

    of: Forecasts
    rows: Opened
    past: Opened | None
    roles: Roles

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """The columns of the predictions."""
        return self.rows.columns

    def computes(self, column: str) -> bool:
        """Whether a name is a fault of a forecast or, with a history, `naive(12)`, `scale(12)` or their fault."""
        return column == FAULT or (self.past is not None and _seasonal(column) is not None)

    def wants(self, columns: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """The columns asked for; for a computed one the columns of all roles, and the history."""
        asked = frozenset(columns)
        plain = frozenset(column for column in asked if not self.computes(column))
        wanted = {self.of.predictions: plain | (frozenset(self.roles.columns) if plain != asked else frozenset())}
        if self.of.history:
            seasonal = asked - plain - {FAULT}
            wanted[self.of.history] = frozenset((*self.of.key, self.of.value)) if seasonal else frozenset()
        return wanted

    def sql(self, engine: Engine, columns: Sequence[str], parents: Mapping[str, str]) -> str:
        """One row per forecast."""
        rows, types = parents[self.of.predictions], self.rows.types
        if all(column in types for column in columns):
            return f"select {selection(map(quote, columns))} from {rows}"
        own = read_clock(engine, rows, self.roles.time, types[self.roles.time]).finest
        read = ForecastRows(rows, types, self.roles, own)
        seasonal = {column: found for column in columns if (found := _seasonal(column))}
        if self.past is not None and seasonal:
            history = self._history(engine, self.past, parents[self.of.history])
            return beside_history(read, history, columns, FAULT, seasonal)
        return own_faults(read, columns, FAULT)

    def _history(self, engine: Engine, past: Opened, relation: str) -> History:
        types, (*series, time) = past.types, self.of.key
        clock = read_clock(engine, relation, time, types[time])
        step = read_step(engine, relation, series, time, types[time], clock)
        readings = read(time, types[time], "time")
        return History(clock, relation, tuple(series), readings, _finite(past.number(self.of.value)), step)


def _seasonal(column: str) -> Seasonal | None:
    found = _SEASONAL.fullmatch(column)
    return Seasonal(found[1], int(found[2])) if found else None


def _finite(number: str) -> str:
    return f"case when isfinite({number}) then {number} end"


def _prepared(of: Forecasts, rows: Opened, past: Opened | None) -> ForecastTable:
    there = rows.types

    def own(name: str) -> str:
        return f"{of.own}{name}" if f"{of.own}{name}" in there else name

    label = own(of.label) if of.label and of.own_label else of.label
    cutoff = own(of.cutoff) if of.cutoff else None
    label = label if past is not None else None
    roles = Roles(tuple(map(own, of.series)), own(of.time), own(of.horizon), cutoff, label)
    found = ForecastTable(of, rows, past, roles)
    present(rows, of.predictions, roles.columns, "forecast")
    for name in there:
        if name == FAULT or _seasonal(name):
            raise EvidenceError(f"column `{name}` of {of.predictions} has a name that the gate computes; rename it")
    if past is not None:
        present(past, of.history, (*of.key, of.value), "history")
        if of.series:
            check_kinds(Keys(of.predictions, roles.series, of.history, of.key[:-1]), rows, past)
    return found

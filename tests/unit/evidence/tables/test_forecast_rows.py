"""Forecasts beside a history: the seasonal naive forecast and the scale by brute force, and what may not be judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlgate.evidence.evidence import open_evidence
from mlgate.evidence.sources import FrameSource
from mlgate.evidence.tables.forecast_rows import FAULT, Forecasts, fault, naive, scale
from mlgate.values.errors import EvidenceError

OF = Forecasts("predictions", ("s",), "t", "h", "o", "y", history="history", key=("s", "t"), value="y")
ALONE = replace(OF, series=(), key=("t",))


def made(rows: pd.DataFrame, history: pd.DataFrame | None, columns: list[str], of: Forecasts = OF, threads: int = 2):
    """The computed columns of every forecast, in the order of its `i`."""
    tables: dict[str, Any] = {"predictions": FrameSource(rows.assign(i=range(len(rows))))}
    tables |= {"history": FrameSource(history)} if history is not None else {}
    with open_evidence({**tables, "forecasts": of}, Path(), threads) as evidence:
        evidence.schema("forecasts")
        evidence._tables.want("forecasts", ["i", *columns])
        relation = evidence._tables.relation("forecasts")
        named = ", ".join(f'"{column}"' for column in columns)
        found = evidence.engine.query(f"select {named} from {relation} order by i")
    assert len(found) == len(rows)
    return [list(column) for column in zip(*found)]


def panel(seed: int, series: int = 6) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Series of differing starts, lengths and sizes, each forecast from several cutoffs."""
    random, rows, past = np.random.default_rng(seed), [], []
    for at in range(series):
        start, n, size = int(random.integers(-50, 50)), int(random.integers(40, 70)), 10.0 ** random.integers(-8, 9)
        y = size * np.cumsum(random.normal(size=n))
        past += [(f"s{at}", start + step, y[step]) for step in range(n)]
        for o, h in {(int(random.integers(24, n - 9)), int(random.integers(1, 9))) for _ in range(20)}:
            rows.append((f"s{at}", start + o, start + o + h, h, y[o + h]))
    history = pd.DataFrame(past, columns=["s", "t", "y"]).sample(frac=1, random_state=seed)
    return pd.DataFrame(rows, columns=["s", "o", "t", "h", "y"]).sample(frac=1, random_state=seed), history


def brute(rows: pd.DataFrame, history: pd.DataFrame, m: int) -> tuple[list[float], list[float]]:
    """By pandas: the last season known over and over, and the mean absolute difference of shifted values."""
    naives, scales = [], []
    for row in rows.itertuples():
        known = history[(history.s == row.s) & (history.t <= row.o)].sort_values("t").y
        naives.append(float(np.tile(known.to_numpy()[-m:], row.h)[row.h - 1]))
        scales.append(float((known - known.shift(m)).abs().mean()))
    return naives, scales


@pytest.mark.parametrize("m", [1, 2, 7, 12])
def test_naive_and_scale_are_those_of_brute_force(m: int) -> None:
    rows, history = panel(m)
    naives, scales, *faults = made(rows, history, [naive(m), scale(m), fault(naive(m)), fault(scale(m)), FAULT])
    expected = brute(rows, history, m)
    assert naives == expected[0]
    assert scales == pytest.approx(expected[1], rel=1e-13)
    assert faults == [[None] * len(rows)] * 3


def test_several_seasons_are_made_together() -> None:
    rows, history = panel(3)
    together = made(rows, history, [naive(1), scale(12), naive(12)])
    assert together == [made(rows, history, [column])[0] for column in (naive(1), scale(12), naive(12))]


def test_the_same_digits_on_any_number_of_threads() -> None:
    rows, history = panel(4, series=300)
    first = made(rows, history, [scale(12)], threads=1)
    assert all(made(rows, history.sample(frac=1, random_state=n), [scale(12)], threads=n) == first for n in (2, 4))


def test_without_a_cutoff_the_history_ends_where_forecasts_start() -> None:
    history = pd.DataFrame({"s": "a", "t": range(1, 25), "y": np.arange(24.0) ** 2})
    rows = pd.DataFrame({"s": "a", "t": [25, 26, 37], "h": [1, 2, 13], "y": 0.0})
    naives, scales = made(rows, history, [naive(12), scale(12)], replace(OF, cutoff=None))
    assert naives == [144.0, 169.0, 144.0]
    assert scales == [np.mean(np.arange(12, 24) ** 2 - np.arange(12) ** 2)] * 3


def test_a_single_series_needs_no_name() -> None:
    rows, history = panel(5, series=1)
    assert made(rows, history, [naive(4)], ALONE) == [brute(rows, history, 4)[0]]


MONTHS = pd.date_range("2000-01-01", periods=48, freq="MS")
WRITTEN: dict[str, Callable[[pd.DatetimeIndex], Any]] = {
    "timestamps": lambda months: months,
    "dates as text": lambda months: months.strftime("%Y-%m-%d"),
    "months as text": lambda months: months.strftime("%Y-%m"),
    "month ends": lambda months: (months + pd.offsets.MonthEnd(0)).strftime("%Y-%m-%d"),
    "moments as text": lambda months: months.strftime("%Y-%m-%dT06:00Z"),
    "whole numbers as text": lambda months: (months.year * 12 + months.month).astype(str),
    "weeks": lambda months: pd.date_range("2024-01-01", periods=len(months), freq="W").strftime("%Y-%m-%d"),
    "quarters of an hour": lambda months: pd.date_range("2024-01-01", periods=len(months), freq="15min"),
    "quarters": lambda months: pd.date_range("1990-01-01", periods=len(months), freq="QS"),
    "moments with an offset": lambda months: months.strftime("%Y-%m-%d 06:00:00+00:00"),
    "moments of a place whose clocks change": lambda months: [
        str(each) for each in months.tz_localize("Europe/Berlin")
    ],
    "days of a place whose clocks change": lambda months: [
        str(each) for each in pd.date_range("2026-03-01", periods=len(months), tz="Europe/Berlin")
    ],
    "hours of a place whose clocks change": lambda months: [
        each.isoformat() for each in pd.date_range("2026-10-24", periods=len(months), freq="h", tz="Europe/Berlin")
    ],
    "hours of a place without minutes in its offset": lambda months: [
        str(each).removesuffix(":00") for each in pd.date_range("2026", periods=len(months), freq="h", tz="Asia/Tokyo")
    ],
    "moments in nanoseconds": lambda months: months.strftime("%Y-%m-%dT06:00:00.000000000"),
    "timestamps in nanoseconds": lambda months: months.as_unit("ns"),
    "timestamps of a zone in nanoseconds": lambda months: months.as_unit("ns").tz_localize("UTC"),
    "weeks of ISO 8601": lambda months: [
        "{}-W{:02}".format(*each.isocalendar()[:2])
        for each in pd.date_range("2020-11-02", periods=len(months), freq="W")
    ],
    "days of weeks of ISO 8601": lambda months: [
        "{}W{:02}{}".format(*each.isocalendar()) for each in pd.date_range("2020-12-01", periods=len(months))
    ],
    "weeks as periods": lambda months: pd.period_range("2020-11-02", periods=len(months), freq="W"),
    "quarters as periods": lambda months: pd.period_range("2001Q1", periods=len(months), freq="Q"),
    "quarters as text": lambda months: [
        str(each).replace("Q", "-Q") for each in pd.period_range("2001Q1", periods=len(months), freq="Q")
    ],
    "months as periods": lambda months: months.to_period("M"),
    "leap years": lambda months: pd.date_range("1960-01-01", periods=len(months), freq="YS").strftime("%Y-%m-%d"),
}


@pytest.mark.parametrize("written", WRITTEN)
def test_times_may_be_whole_numbers_or_dates_of_equal_steps(written: str) -> None:
    times, y = WRITTEN[written](MONTHS), np.random.default_rng(1).normal(size=48)
    history = pd.DataFrame({"t": times, "y": y})
    rows = pd.DataFrame([(times[o], times[o + h], h, y[o + h]) for o in (20, 30) for h in (1, 2, 14)])
    rows.columns = ["o", "t", "h", "y"]
    expected = [y[o - 12 + (h - 1) % 12 + 1] for o in (20, 30) for h in (1, 2, 14)]
    assert made(rows, history, [naive(12), fault(scale(12)), FAULT], ALONE) == [expected, [None] * 6, [None] * 6]


HISTORY = pd.DataFrame({"s": "a", "t": range(1, 25), "y": np.arange(24.0) ** 2})
ROW = {"s": "a", "t": 15, "h": 2, "o": 13, "y": 196.0}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"h": 0}, "`h` is not a whole number of 1 or more"),
        ({"h": 1.5}, "`h` is not a whole number of 1 or more"),
        ({"h": None}, "`h` is not a whole number of 1 or more"),
        ({"s": None}, "`s` names no series"),
        ({"t": "soon"}, "`t` is not, like the others, a whole number or a date of ISO 8601"),
        ({"o": "2024-01-01"}, "`o` is not, like the others, a whole number or a date of ISO 8601"),
        ({"o": 15}, "`o` is not before `t`: what is forecast was known"),
    ],
    ids=str,
)
def test_a_forecast_is_ahead_of_what_it_knows(changed: dict[str, Any], said: str) -> None:
    rows = pd.DataFrame([{**ROW, "t": 16, "o": 14}, {**ROW, **changed}]).astype({"t": str, "o": str})
    for history, columns in ((None, [FAULT]), (HISTORY, [FAULT, fault(naive(4))])):
        of = OF if history is not None else replace(OF, history="")
        assert [found[1] for found in made(rows, history, columns, of)] == [said] * len(columns)


def test_a_forecast_is_there_once() -> None:
    (found,) = made(
        pd.DataFrame([ROW, {**ROW, "y": 195.0}, {**ROW, "t": 16, "o": 14}]), None, [FAULT], replace(OF, history="")
    )
    assert found == ["another row is of the same forecast"] * 2 + [None]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"s": "b"}, "its series has no history"),
        ({"t": 16}, "`t` is not `h` steps after `o`"),
        ({"o": 30, "t": 32}, "`o` is not a time in the history of its series"),
        ({"o": 0, "t": 2}, "`o` is not a time in the history of its series"),
        ({"y": 195.0}, "`y` differs from what the history has at that time"),
        ({"o": 3, "t": 5, "y": 16.0}, "fewer than 4 values of its series are known, for a season of 4"),
    ],
    ids=str,
)
def test_a_forecast_fits_its_history(changed: dict[str, Any], said: str) -> None:
    naives, why = made(pd.DataFrame([{**ROW, **changed}]), HISTORY, [naive(4), fault(naive(4))])
    assert (naives, why) == ([None], [said])


MISSING = "the history of its series has values that are missing or not finite"
UNREAD = "the history of its series has times that cannot be read"
UNLIKE = "`t` is not written as the times of the history are"
GAPS = "has gaps: fill them, or number its steps and those of the forecasts 1, 2, 3"


@pytest.mark.parametrize(
    ("history", "said"),
    [
        (HISTORY.drop(index=7), f"the history of its series {GAPS}"),
        (pd.concat([HISTORY, HISTORY.iloc[:1]]), "the history of its series repeats a time"),
        (HISTORY.assign(y=HISTORY.y.where(HISTORY.t != 9)), MISSING),
        (HISTORY.assign(y=HISTORY.y.replace(64.0, np.inf)), MISSING),
        (HISTORY.assign(s=HISTORY.s.where(HISTORY.t != 1)), "the history has rows that name no series"),
        (HISTORY.assign(t=HISTORY.t.astype(str).replace("9", "9a")), UNREAD),
        (HISTORY.iloc[12:13], "no series of the history has two times, so its step is unknown"),
        (HISTORY.iloc[:0], "its series has no history"),
        (HISTORY.assign(t=pd.date_range("2024-01-01", periods=24)), UNLIKE),
    ],
)  # fmt: skip
def test_a_history_is_whole(history: pd.DataFrame, said: str) -> None:
    assert made(pd.DataFrame([ROW]), history, [fault(naive(4)), fault(scale(4)), FAULT]) == [[said], [said], [None]]


def test_another_series_with_a_gap_hinders_no_forecast() -> None:
    other = HISTORY.assign(s="b").drop(index=7)
    assert made(pd.DataFrame([ROW]), pd.concat([HISTORY, other]), [naive(4)]) == [[100.0]]


def test_a_constant_history_has_a_naive_forecast_and_no_scale() -> None:
    rows, history = pd.DataFrame([{**ROW, "y": 5.0}]), HISTORY.assign(y=5.0)
    naives, scales, why = made(rows, history, [naive(4), scale(4), fault(scale(4))])
    assert (naives, scales) == ([5.0], [None])
    assert why[0].startswith("the known values of its series are those of 4 steps before, so that their scale is 0")


def test_a_history_that_reaches_the_forecasts_needs_a_cutoff() -> None:
    said = "the history reaches up to `t` or beyond: end it before what is forecast, or name a `cutoff`"
    rows = pd.DataFrame([ROW, {**ROW, "t": 25, "h": 1}])
    assert made(rows, HISTORY, [fault(naive(4))], replace(OF, cutoff=None)) == [[said, None]]


def test_a_history_that_ends_early_makes_the_naive_forecast_no_worse() -> None:
    rows = pd.DataFrame([{**ROW, "t": 25, "h": 1}])
    (why,) = made(rows, HISTORY.iloc[:20], [fault(naive(4))], replace(OF, cutoff=None))
    assert why == ["`t` is not `h` steps after the end of the history"]


@pytest.mark.parametrize("name", ["naive(12)", "scale_fault(4)", "forecast_fault"])
def test_what_is_computed_is_not_taken_from_the_file(name: str) -> None:
    with pytest.raises(EvidenceError, match="has a name that the gate computes; rename it"):
        made(pd.DataFrame([{**ROW, name: 1.0}]), HISTORY, [])


def test_names_of_columns_are_not_mistaken_for_those_of_the_statement() -> None:
    rows = pd.DataFrame([ROW]).rename(columns={"s": "own", "t": "tick", "h": "wrong", "o": "place", "y": "value"})
    history = HISTORY.rename(columns={"s": "first", "t": "last", "y": "tick"})
    of = Forecasts("predictions", ("own",), "tick", "wrong", "place", "value", history="history", key=("first", "last"),
                   value="tick")  # fmt: skip
    assert made(rows, history, ["own", "value", naive(4)], of) == [["a"], [196.0], [100.0]]

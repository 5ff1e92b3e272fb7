"""The oracles of forecasts, from each series' values up to the origin of the forecast."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np

from mlgate.metrics.options import Options
from support.oracles.base import Oracle, Sample
from support.oracles.regression import absolute, ratio_of_sums
from support.tables import Frame

SEASONS = tuple(Options(season=m) for m in (1, 4, 12))


@cache
def histories(frame: Frame) -> Mapping[str, tuple[Any, Any]]:
    """The times and values of each series, in order."""
    assert frame.history is not None
    ordered = frame.history.sort_values("t")
    return {str(name): (rows["t"].to_numpy(), rows["y"].to_numpy()) for name, rows in ordered.groupby("s")}


def known(s: Sample) -> Iterator[Any]:
    """For each forecast the values of its series up to its origin."""
    for series, origin in zip(s.rows["s"], s.rows["o"]):
        times, values = histories(s.frame)[series]
        yield values[times <= origin]


def mase(s: Sample) -> Any:
    m = s.options.season
    scale = [np.mean(np.abs(values[m:] - values[:-m])) for values in known(s)]
    return s.mean(absolute(s) / np.array(scale))


def relative_mae(s: Sample) -> Any:
    """Beside the seasonal naive forecast, which repeats the last known season over and over."""
    m = s.options.season
    naive = [np.tile(values[-m:], h)[h - 1] for values, h in zip(known(s), s.rows["h"])]
    return ratio_of_sums(absolute(s), np.abs(s.label - np.array(naive)))


FORECASTING: Mapping[str, Oracle] = {
    "mase": Oracle(mase, "forecasting", SEASONS),
    "relative_mae": Oracle(relative_mae, "forecasting", SEASONS),
}

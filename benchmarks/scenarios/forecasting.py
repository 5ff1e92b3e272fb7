"""Populations of series: errors scaled by the series' own history, or beside those of a seasonal naive forecast."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from mlgate.metrics.metric import Metric

from .sums import RATIO, chunks, numbers_of, sums_of

TRUTH_SEED, PARTS, PART = 7, 40, 25_000


@dataclass(frozen=True)
class Panel:
    """Independent series of sizes of their own, of noise or a walk, each forecast once, `skill` times as far off as the
    best forecast is."""

    name: str
    known: int
    season: int
    n: int
    walk: bool = False
    skill: float = 1.0
    weighted: bool = False

    def truth(self, metric: Metric) -> float:
        """The mean scaled error, or the ratio of the means, from many series."""
        scaled, relative = _truth(self)
        return scaled if metric.name == "mase" else relative

    def draws(self, metric: Metric, random: np.random.Generator, runs: int) -> Iterator[tuple[Any, int]]:
        """Samples of n series."""
        for part in chunks(runs):
            error, naive, scale = (each.reshape(part, self.n) for each in self.errors(random, part * self.n))
            for row in range(part):
                if metric.name == "mase":
                    yield numbers_of(error[row] / scale[row]), 1
                else:
                    yield sums_of(RATIO, error[row], naive[row]), 1

    def errors(self, random: np.random.Generator, series: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """|error|, |naive error| and scale of many series, one step ahead."""
        y = self.values(random, series)
        size = random.lognormal(0, 0.5, series)
        shock = y[:, -1] - y[:, -2] if self.walk else y[:, -1]
        # A model errs by less than all of the shock, and by something of its own.
        shock = 0.8 * shock + 0.6 * random.normal(0, 1, series)
        return size * np.abs(self.skill * shock), size * np.abs(y[:, -1] - y[:, -1 - self.season]), size * self.scale(y)

    def values(self, random: np.random.Generator, series: int) -> np.ndarray:
        """Series of normal shocks, the last value the one that is forecast."""
        shocks = random.normal(0, 1, (series, self.known + 1))
        return np.cumsum(shocks, axis=1) if self.walk else shocks

    def scale(self, y: np.ndarray) -> np.ndarray:
        """The mean absolute difference of a season within the history."""
        return np.asarray(np.abs(y[:, self.season : -1] - y[:, : -1 - self.season]).mean(axis=1))


@cache
def _truth(panel: Panel) -> tuple[float, float]:
    """Both values in the population: sizes, shocks ahead and the history known do not depend on one another."""
    random, scaled, naive_error = np.random.default_rng(TRUTH_SEED), 0.0, 0.0
    for _ in range(PARTS):
        y = panel.values(random, PART)
        scaled += float((1 / panel.scale(y)).mean()) / PARTS
        naive_error += float(np.abs(y[:, -1] - y[:, -1 - panel.season]).mean()) / PARTS
    error = panel.skill * math.sqrt(2 / math.pi)
    return error * scaled, error / naive_error


PANELS = (
    Panel("24 months known, season 12, 40 series", 24, 12, 40),
    Panel("36 months known, season 12, 200 series", 36, 12, 200, skill=1.2),
    Panel("walks of 20 steps, season 1, 100 series", 20, 1, 100, walk=True, skill=0.9),
    Panel("walks of 20 quarters, season 4, 300 series", 20, 4, 300, walk=True),
)


@dataclass(frozen=True)
class Walks:
    """Walks of 36 months and more, each forecast by its last value from several origins, 1 to `ahead` months on."""

    name: str
    series: int
    origins: int
    ahead: int
    weighted: bool = False
    in_units: bool = True

    def truth(self, metric: Metric) -> float:
        """The mean scaled error, or the ratio of the means, from many series."""
        error, naive, scale = self.errors(np.random.default_rng(TRUTH_SEED), 30_000)
        return float((error / scale).mean()) if metric.name == "mase" else float(error.sum() / naive.sum())

    def draws(self, metric: Metric, random: np.random.Generator, runs: int) -> Iterator[tuple[Any, int]]:
        """Samples of series, all forecasts of one a unit."""
        unit = np.repeat(np.arange(self.series), self.origins * self.ahead)
        for _ in range(runs):
            error, naive, scale = (each.ravel() for each in self.errors(random, self.series))
            if metric.name == "mase":
                yield numbers_of(error / scale, unit), 1
            else:
                yield sums_of(RATIO, error, naive, unit=unit), 1

    def errors(self, random: np.random.Generator, series: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """|error|, |naive error| and scale, a row of forecasts a series."""
        y = np.cumsum(random.normal(0, 1, (series, KNOWN + self.origins + self.ahead)), axis=1)
        moves = np.cumsum(np.abs(y[:, SEASON:] - y[:, :-SEASON]), axis=1)
        each = [(o, h) for o in range(KNOWN - 1, KNOWN - 1 + self.origins) for h in range(1, self.ahead + 1)]
        o, h = np.array(each).T
        naive = y[:, o - SEASON + (h - 1) % SEASON + 1]
        scale = moves[:, o - SEASON] / (o - SEASON + 1)
        return np.abs(y[:, o + h] - y[:, o]), np.abs(y[:, o + h] - naive), scale


KNOWN, SEASON = 36, 12
ROLLED = (
    Walks("in units: 30 series, 12 origins, 1 month ahead", 30, 12, 1),
    Walks("in units: 30 series, 1 origin, 1 to 12 months ahead", 30, 1, 12),
    Walks("in units: 100 series, 12 origins, 1 to 12 months ahead", 100, 12, 12),
)

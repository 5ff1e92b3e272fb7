"""An oracle: what a metric must be on one group of a random table, by other means than our own code."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from typing import Any

import numpy as np
import pandas as pd

from mlgate.metrics.options import Options
from support.tables import Frame

PLAIN = (Options(),)
"""The options of a metric that is asked without any."""
HALF = Fraction(1, 2)
CAPPED = (Options(), Options(cap=HALF))


@dataclass(frozen=True, eq=False)
class Sample:
    """One group of a table as arrays."""

    rows: pd.DataFrame
    frame: Frame
    options: Options

    def array(self, column: str) -> Any:
        """A column as an array of texts or numbers."""
        return np.array(self.rows[column].tolist())

    @cached_property
    def label(self) -> Any:
        return self.array(self.frame.roles["label"])

    @cached_property
    def prediction(self) -> Any:
        return self.array(self.frame.roles["prediction"])

    @cached_property
    def score(self) -> Any:
        return self.array(self.frame.roles["score"])

    @cached_property
    def value(self) -> Any:
        return self.array("value")

    @cached_property
    def weights(self) -> Any:
        """The sampling weights, as scikit-learn takes them: None where there are none."""
        column = self.frame.roles.get("weight")
        return self.rows[column].to_numpy() if column else None

    @cached_property
    def error(self) -> Any:
        return self.prediction - self.label

    @cached_property
    def positive(self) -> Any:
        """Which rows are of the positive class, or of the class that is asked for."""
        return self.label == (self.options.class_ or self.frame.positive)

    @cached_property
    def selected(self) -> Any:
        """Which rows are predicted positive, or of the class that is asked for."""
        if self.options.threshold is not None:
            return self.score >= float(self.options.threshold)
        return self.prediction == (self.options.class_ or self.frame.positive)

    def any(self, rows: Any) -> bool:
        """Whether some of these rows have a weight above 0."""
        return bool(rows.any()) if self.weights is None else bool(self.weights[rows].sum() > 0)

    def mean(self, values: Any) -> Any:
        """The weighted mean of one value per row."""
        return np.average(values, weights=self.weights)


@cache
def samples(frame: Frame, options: Options) -> dict[str, Sample]:
    """Every group of a table."""
    return {str(name): Sample(rows, frame, options) for name, rows in frame.rows.groupby("g")}


@dataclass(frozen=True)
class Oracle:
    """What a metric must be, where it is defined, on which tables, and with which options."""

    value: Callable[[Sample], Any]
    """May be None or not finite where the metric is undefined."""
    tables: str
    options: tuple[Options, ...] = PLAIN
    defined: Callable[[Sample], bool] = lambda _: True
    tolerance: float = 1e-12

    def __call__(self, sample: Sample) -> float | None:
        """The value that mlgate must give; None where it must give none."""
        everything = np.ones(len(sample.rows), dtype=bool)
        if not sample.any(everything) or not self.defined(sample):
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = self.value(sample)
            # Within: fairlearn 0.13 answers a table of one row with an array, and numpy warns where it becomes a float.
            return None if value is None or not math.isfinite(value) else float(value)

    def asked(self, frame: Frame) -> list[Options]:
        """The options that a table can answer: it has the class, and scores for a threshold."""
        scored = "score" in frame.roles or bool(frame.scores)
        return [
            options
            for options in self.options
            if (options.class_ is None or options.class_ in frame.classes) and (options.threshold is None or scored)
        ]


def mean_of(loss: Callable[[Sample], Any], tables: str, library: Callable[..., Any] | None = None) -> Oracle:
    """The mean of a loss per row, by a library's function of label and prediction where one has it.

    With `cap` it is the mean of min(loss, cap), which no library has.
    """

    def value(s: Sample) -> Any:
        if s.options.cap is not None:
            return s.mean(np.minimum(loss(s), float(s.options.cap)))
        return s.mean(loss(s)) if library is None else library(s)

    return Oracle(value, tables, CAPPED)


def same(ours: Any, theirs: Any, tolerance: float = 1e-12) -> Any:
    """`ours`, which a library must confirm."""
    assert math.isclose(ours, theirs, rel_tol=tolerance, abs_tol=tolerance), (ours, theirs)
    return ours

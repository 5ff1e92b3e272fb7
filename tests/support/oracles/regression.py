"""The oracles of predicted numbers, and of one column whatever the task: scikit-learn, or exact fractions."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import sklearn.metrics as sk

from mlgate.metrics.options import Options
from support.oracles.base import CAPPED, HALF, Oracle, Sample, mean_of, same

OF_LOSS = tuple(Options(quantile=q) for q in (HALF, Fraction(9, 10), Fraction(1, 20)))
OF_COLUMN = tuple(Options(quantile=q) for q in (HALF, Fraction(1, 4), Fraction(9, 10), Fraction(99, 100)))


def library(function: Callable[..., Any]) -> Callable[[Sample], Any]:
    """A library's function of label and prediction."""
    return lambda s: function(s.label, s.prediction, sample_weight=s.weights)


def absolute(s: Sample) -> Any:
    return np.abs(s.error)


def squared(s: Sample) -> Any:
    return s.error**2


def root_mean_square(s: Sample) -> Any:
    if s.options.cap is None:
        return library(sk.root_mean_squared_error)(s)
    return math.sqrt(s.mean(np.minimum(squared(s), float(s.options.cap))))


def symmetric(s: Sample) -> Any:
    size = np.abs(s.label) + np.abs(s.prediction)
    return np.where(size == 0, 0.0, 2 * absolute(s) / np.where(size == 0, 1, size))


def deviance(s: Sample) -> Any:
    y, p = s.label, s.prediction
    return 2 * (np.where(y == 0, 0, y * np.log(np.where(y == 0, 1, y) / p)) - y + p)


def pinball(s: Sample) -> Any:
    q = float(s.options.quantile)
    mine = s.mean(np.maximum(-q * s.error, (1 - q) * s.error))
    return same(mine, sk.mean_pinball_loss(s.label, s.prediction, alpha=q, sample_weight=s.weights))


def ratio_of_sums(above: Any, below: Any) -> Any:
    """In exact arithmetic; None where it is divided by 0."""
    size = sum(map(Fraction, below))
    return sum(map(Fraction, above)) / size if size else None


def r2(s: Sample) -> Any:
    """In exact arithmetic: scikit-learn's own sums lose digits where labels are far from 0."""
    y = [Fraction(value) for value in s.label]
    mean = sum(y) / len(y)
    spread = sum((value - mean) ** 2 for value in y)
    if not spread:
        return None
    exact = 1 - sum(Fraction(value) ** 2 for value in s.error) / spread
    return exact if spread < 1e-12 else same(exact, sk.r2_score(s.label, s.prediction), 1e-6)


def within(s: Sample) -> Any:
    return s.mean((s.array("lower") <= s.label) & (s.label <= s.array("upper")))


def column_quantile(s: Sample) -> Any:
    """The least value that at least the share `q` of the rows does not exceed."""
    q = s.options.quantile
    mine = np.sort(s.value)[math.ceil(q * len(s.rows)) - 1]
    # numpy rounds a share that floating point cannot hold.
    return same(mine, np.quantile(s.value, float(q), method="inverted_cdf"), 0) if q.denominator in (2, 4) else mine


FIXED_LABELS: Mapping[str, Oracle] = {
    "poisson_deviance": mean_of(deviance, "counts", library(sk.mean_poisson_deviance)),
    "r2": Oracle(r2, "regression"),
}
"""Of regression alone."""
REGRESSION: Mapping[str, Oracle] = {
    "mae": mean_of(absolute, "regression", library(sk.mean_absolute_error)),
    "mse": mean_of(squared, "regression", library(sk.mean_squared_error)),
    "rmse": Oracle(root_mean_square, "regression", CAPPED),
    "mape": mean_of(lambda s: absolute(s) / np.abs(s.label), "regression", library(sk.mean_absolute_percentage_error)),
    "smape": mean_of(symmetric, "regression"),
    "mean_prediction": Oracle(lambda s: s.mean(s.prediction), "regression"),
    "mean_error": Oracle(lambda s: s.mean(s.error), "regression"),
    "pinball_loss": Oracle(pinball, "regression", OF_LOSS),
    "median_absolute_error": Oracle(lambda s: sk.median_absolute_error(s.label, s.prediction), "regression"),
    "max_error": Oracle(lambda s: sk.max_error(s.label, s.prediction), "regression"),
    "wape": Oracle(lambda s: ratio_of_sums(absolute(s), np.abs(s.label)), "regression"),
    "interval_coverage": Oracle(within, "regression"),
    "interval_width": mean_of(lambda s: s.array("upper") - s.array("lower"), "regression"),
}
"""Of regression and forecasting."""
COLUMN: Mapping[str, Oracle] = {
    "mean": mean_of(lambda s: s.value, "regression"),
    "rate": Oracle(lambda s: s.mean(np.isin(s.value, [3.0, 2.5])), "regression", (Options(equals=("3.0", "2.5")),)),
    "quantile": Oracle(column_quantile, "regression", OF_COLUMN),
}
"""Of any task."""

"""The oracles of predicted numbers and of columns, and all oracles by entry."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import sklearn.metrics as sk
from metric_oracles import BINARY, CAPPED, Of, Oracle, capped, mean_of
from metric_oracles_multiclass import MULTICLASS
from metric_oracles_multilabel import MULTILABEL
from metric_oracles_text import TEXT
from metric_samples import Sample

from mlgate.metrics.options import Options


def _library(function: Callable[..., Any]) -> Of:
    return lambda s: function(s.label, s.prediction, sample_weight=s.weights)


def _absolute(s: Sample) -> Any:
    return np.abs(s.label - s.prediction)


def _symmetric(s: Sample) -> Any:
    size = np.abs(s.label) + np.abs(s.prediction)
    return np.where(size == 0, 0.0, 2 * _absolute(s) / np.where(size == 0, 1, size))


def _deviance(s: Sample) -> Any:
    y, p = s.label, s.prediction
    return 2 * (np.where(y == 0, 0, y * np.log(np.where(y == 0, 1, y) / p)) - y + p)


def _pinball(s: Sample) -> Any:
    q, error = float(s.options.quantile), s.label - s.prediction
    return np.average(np.maximum(q * error, (q - 1) * error), weights=s.w) if s.w.sum() else None


def _pinball_of_library(s: Sample) -> Any:
    alpha = float(s.options.quantile)
    mine, theirs = _pinball(s), sk.mean_pinball_loss(s.label, s.prediction, alpha=alpha)
    assert s.weights is not None or math.isclose(mine, theirs, rel_tol=1e-12, abs_tol=1e-12)
    return mine


def _wape(s: Sample) -> Any:
    size = sum(map(Fraction, np.abs(s.label)))
    return sum(map(Fraction, _absolute(s))) / size if size else None


def _r2(s: Sample) -> Any:
    """In exact arithmetic; scikit-learn's own sums lose digits of labels far from 0."""
    y = [Fraction(value) for value in s.label]
    mean = sum(y) / len(y)
    spread = sum((value - mean) ** 2 for value in y)
    if not spread:
        return None
    exact = 1 - sum(Fraction(value) for value in (s.label - s.prediction) ** 2) / spread
    theirs = sk.r2_score(s.label, s.prediction)
    assert math.isclose(exact, theirs, rel_tol=1e-6, abs_tol=1e-6) or spread < 1e-12
    return exact


def _above_median(s: Sample) -> Any:
    """Above the median of all groups together, each row as often as its count says."""
    rows = s.frame.rows
    times = rows["count"] if "count" in s.frame.roles else np.ones(len(rows), dtype=int)
    return np.mean(s.score > np.median(np.repeat(rows["score"].to_numpy(), times)))


def _column_quantile(s: Sample) -> Any:
    q = s.options.quantile
    mine = np.sort(s.value)[math.ceil(q * len(s.rows)) - 1]
    if q.denominator in (2, 4):
        assert mine == np.quantile(s.value, float(q), method="inverted_cdf")
    return mine


def _known(s: Sample) -> Any:
    """For each forecast the values of its series up to its cutoff."""
    assert s.frame.history is not None
    series = s.frame.history.set_index(["s", "t"])["y"].sort_index()
    return (series[row.s].loc[: row.o].to_numpy() for row in s.rows.itertuples())


def _scaled(s: Sample) -> Any:
    m = s.options.season
    scale = [np.mean(np.abs(known[m:] - known[:-m])) for known in _known(s)]
    return _absolute(s) / np.array(scale)


def _mase(s: Sample) -> Any:
    return None if not s.w.sum() else np.average(_scaled(s), weights=s.w)


def _relative_mae(s: Sample) -> Any:
    """The seasonal naive forecast as its definition goes: the last season known, over and over."""
    m, naive = s.options.season, []
    for known, h in zip(_known(s), s.rows["h"]):
        naive.append(np.tile(known[-m:], h)[h - 1])
    size = sum(map(Fraction, np.abs(s.label - np.array(naive))))
    return sum(map(Fraction, _absolute(s))) / size if size else None


SEASONS = tuple(Options(season=m) for m in (1, 4, 12))
FORECASTING: Mapping[str, Oracle] = {
    "mase": Oracle(_mase, "forecasting", SEASONS),
    "relative_mae": Oracle(_relative_mae, "forecasting", SEASONS),
}
REGRESSION: Mapping[str, Oracle] = {
    "mae": capped(_absolute, "regression", _library(sk.mean_absolute_error)),
    "mse": capped(lambda s: _absolute(s) ** 2, "regression", _library(sk.mean_squared_error)),
    "rmse": capped(lambda s: _absolute(s) ** 2, "regression", _library(sk.root_mean_squared_error), root=True),
    "mape": capped(
        lambda s: _absolute(s) / np.abs(s.label),
        "regression",
        _library(sk.mean_absolute_percentage_error),
    ),
    "smape": mean_of(_symmetric, "regression"),
    "mean_prediction": Oracle(lambda s: np.average(s.prediction, weights=s.w) if s.w.sum() else None, "regression"),
    "mean_error": Oracle(
        lambda s: np.average(s.prediction - s.label, weights=s.w) if s.w.sum() else None, "regression"
    ),
    "poisson_deviance": capped(_deviance, "counted", _library(sk.mean_poisson_deviance)),
    "pinball_loss": Oracle(
        _pinball_of_library,
        "regression",
        tuple(Options(quantile=q) for q in (Fraction(1, 2), Fraction(9, 10), Fraction(1, 20))),
    ),
    "median_absolute_error": Oracle(lambda s: sk.median_absolute_error(s.label, s.prediction), "regression"),
    "wape": Oracle(_wape, "regression"),
    "r2": Oracle(_r2, "regression"),
    "interval_coverage": Oracle(
        lambda s: np.average((s.lower <= s.label) & (s.label <= s.upper), weights=s.w) if s.w.sum() else None,
        "regression",
    ),
    "interval_width": mean_of(lambda s: s.upper - s.lower, "regression"),
    "max_error": Oracle(lambda s: sk.max_error(s.label, s.prediction), "regression"),
}
COLUMN: Mapping[str, Oracle] = {
    "mean": Oracle(
        lambda s: (np.average(s.value, weights=s.w) if s.options.cap is None else
                   np.average(np.minimum(s.value, 0.5), weights=s.w)) if s.w.sum() else None,
        "regression", CAPPED),
    "rate": Oracle(
        lambda s: np.average(np.isin(s.value, [3.0, 2.5]), weights=s.w) if s.w.sum() else None,
        "regression", (Options(equals=("3.0", "2.5")),)),
    "quantile": Oracle(
        _column_quantile, "regression",
        tuple(Options(quantile=q) for q in (Fraction(1, 2), Fraction(1, 4), Fraction(9, 10), Fraction(99, 100)))),
}  # fmt: skip


def _tasks(name: str) -> str:
    return "regression" if name in ("poisson_deviance", "r2") else "regression/forecasting"


ORACLES: Mapping[str, Oracle] = {
    **{f"binary {name}": oracle for name, oracle in BINARY.items()},
    **{f"multiclass {name}": oracle for name, oracle in MULTICLASS.items()},
    **{f"multilabel {name}": oracle for name, oracle in MULTILABEL.items()},
    **{f"text {name}": oracle for name, oracle in TEXT.items()},
    **{f"{_tasks(name)} {name}": oracle for name, oracle in REGRESSION.items()},
    **{f"forecasting {name}": oracle for name, oracle in FORECASTING.items()},
    "binary/regression scoring_rate": Oracle(_above_median, "binary"),
    **{f"any task {name}": oracle for name, oracle in COLUMN.items()},
}

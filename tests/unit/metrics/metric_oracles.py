"""What every metric entry must agree with: scikit-learn, fairlearn, scipy, or the definition by brute force.

An oracle gives None where mlgate must not give a number.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import fairlearn.metrics as fl
import numpy as np
import sklearn.metrics as sk
from metric_samples import COSTS, Sample
from scipy.stats import ks_2samp

from mlgate.metrics.base import Options

Of = Callable[[Sample], Any]


@dataclass(frozen=True)
class Oracle:
    """The function, the frames it is compared on, and the options it is asked with."""

    of: Of
    frames: str
    options: tuple[Options, ...] = (Options(),)

    def __call__(self, sample: Sample) -> float | None:
        if not sample.w.sum():
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = self.of(sample)
        return None if value is None or not math.isfinite(value) else float(value)


def _truth(s: Sample) -> tuple[Any, Any]:
    return s.hit.astype(int), s.chosen.astype(int)


def _of_class(function: Callable[..., Any], of: int = 1, **more: Any) -> Of:
    """A scikit-learn metric of one class, NaN where it is 0/0."""

    def value(s: Sample) -> Any:
        options = {"labels": [of], "average": None, "zero_division": np.nan, "sample_weight": s.weights}
        return function(*_truth(s), **{**options, **more})[0]

    return value


def _where(needed: Callable[[Sample], Any], function: Of) -> Of:
    """A metric that is 0/0 where no row (or only rows of weight 0) is what is needed."""
    return lambda s: function(s) if s.w[needed(s)].sum() > 0 else None


def _both(function: Of) -> Of:
    """A metric that needs rows of both classes."""
    return _where(lambda s: s.hit, _where(lambda s: ~s.hit, function))


def _weighted(function: Callable[..., Any], **more: Any) -> Of:
    return lambda s: function(*_truth(s), sample_weight=s.weights, **more)


def _matthews(s: Sample) -> Any:
    chosen, w = s.chosen, s.w
    if not w[chosen].sum() or not w[~chosen].sum():
        return None
    return sk.matthews_corrcoef(*_truth(s), sample_weight=s.weights)


def _cost(s: Sample) -> Any:
    cost = {name: float(value) for name, value in COSTS}
    each = np.where(
        s.hit, np.where(s.chosen, cost["tp"], cost["fn"]), np.where(s.chosen, cost["fp"], cost["tn"])
    )
    return np.average(each, weights=s.w)


def _top(s: Sample) -> tuple[int, Any]:
    """How many rows are on top, and the chance of each to be among them."""
    k, n, score = s.options.k, len(s.rows), s.score
    if k > n:
        return 0, None
    count = math.ceil(k * n) if k < 1 else int(k)
    cut = np.sort(score)[::-1][count - 1]
    above, tied = score > cut, score == cut
    return count, above + tied * (count - above.sum()) / tied.sum()


def _at_k(divisor: Callable[[Sample, int], float]) -> Of:
    def value(s: Sample) -> Any:
        count, chance = _top(s)
        return None if not count else (chance * s.hit).sum() / divisor(s, count)

    return _both(value)


def _ece(outcome: Any, score: Any, bins: int) -> float:
    """The root mean square of the bins' gaps without what noise adds, by loops."""
    n, square, noise = len(score), 0.0, 0.0
    at = [min(int(value * bins), bins - 1) for value in score]
    for bin_ in set(at):
        rows = [i for i in range(n) if at[i] == bin_]
        mean, rate = sum(score[i] for i in rows) / len(rows), sum(outcome[i] for i in rows) / len(rows)
        shrunk = (rate * len(rows) + 2 * mean) / (len(rows) + 2)
        spread = max(sum(score[i] ** 2 for i in rows) / len(rows) - mean**2, 0)
        square += len(rows) * (rate - mean) ** 2 / n
        noise += max(shrunk * (1 - shrunk) - spread, 0) / n
    return math.sqrt(max(square - noise, 0))


DECIDED = (Options(), Options(threshold=Fraction(1, 2)))
TOP = tuple(Options(k=k) for k in (Fraction(1, 10), Fraction(1, 2), Fraction(1), Fraction(5)))
BETA = tuple(Options(beta=beta) for beta in (Fraction(1, 2), Fraction(2)))
CAPPED = (Options(), Options(cap=Fraction(1, 2)))
PRECISION, RECALL = _of_class(sk.precision_score), _of_class(sk.recall_score)
SPECIFICITY, NEGATIVE = _of_class(sk.recall_score, 0), _of_class(sk.precision_score, 0)
OF_POSITIVE: Mapping[str, Of] = {
    "precision": PRECISION,
    "recall": RECALL,
    "specificity": SPECIFICITY,
    "false_positive_rate": _where(
        lambda s: ~s.hit, lambda s: fl.false_positive_rate(*_truth(s), pos_label=1, sample_weight=s.weights)
    ),
    "false_negative_rate": _where(
        lambda s: s.hit, lambda s: fl.false_negative_rate(*_truth(s), pos_label=1, sample_weight=s.weights)
    ),
    "negative_predictive_value": NEGATIVE,
    "selection_rate": _where(
        lambda s: s.hit | ~s.hit, lambda s: fl.selection_rate(*_truth(s), pos_label=1, sample_weight=s.w)
    ),
    "prevalence": _where(lambda s: s.hit | ~s.hit, lambda s: np.average(s.hit, weights=s.w)),
    "jaccard": _where(
        lambda s: s.hit | s.chosen, _of_class(sk.jaccard_score, zero_division=0)
    ),
    "f1": _of_class(sk.f1_score),
}


def _fbeta(s: Sample) -> Any:
    if not (s.hit | s.chosen).any():
        return None
    return sk.fbeta_score(*_truth(s), beta=float(s.options.beta), zero_division=0)


def _capped(loss: Callable[[Sample], Any], frames: str, whole: Of, root: bool = False) -> Oracle:
    """A library's mean loss; under a cap the mean of what is left of each row's."""

    def value(s: Sample) -> Any:
        if not s.w.sum():
            return None
        if s.options.cap is None:
            return whole(s)
        mean = np.average(np.minimum(loss(s), float(s.options.cap)), weights=s.w)
        return math.sqrt(mean) if root else mean

    return Oracle(value, frames, CAPPED)


def _mean(loss: Callable[[Sample], Any], frames: str) -> Oracle:
    """A mean that no library has."""
    return _capped(loss, frames, lambda s: np.average(loss(s), weights=s.w))


def _given(s: Sample) -> Any:
    p = np.where(s.hit, s.score, 1 - s.score)
    return -np.log(np.clip(p, np.finfo(float).eps, 1 - np.finfo(float).eps))


BINARY: Mapping[str, Oracle] = {
    "accuracy": Oracle(
        _where(lambda s: s.hit | ~s.hit, _weighted(sk.accuracy_score)), "binary", DECIDED
    ),
    **{name: Oracle(of, "binary", DECIDED) for name, of in OF_POSITIVE.items()},
    "balanced_accuracy": Oracle(_both(_weighted(sk.balanced_accuracy_score)), "binary", DECIDED),
    "informedness": Oracle(_both(_weighted(sk.balanced_accuracy_score, adjusted=True)), "binary", DECIDED),
    "matthews_corrcoef": Oracle(_both(_matthews), "binary", DECIDED),
    "cohen_kappa": Oracle(_both(_weighted(sk.cohen_kappa_score, labels=[0, 1])), "binary", DECIDED),
    "fbeta": Oracle(_fbeta, "binary", BETA),
    "expected_cost": Oracle(_both(_cost), "binary", (Options(costs=COSTS),)),
    "expected_value": Oracle(_both(_cost), "binary", (Options(costs=COSTS, threshold=Fraction(1, 4)),)),
    "roc_auc": Oracle(_both(lambda s: sk.roc_auc_score(s.hit, s.score)), "binary"),
    "gini": Oracle(_both(lambda s: 2 * sk.roc_auc_score(s.hit, s.score) - 1), "binary"),
    "ks_statistic": Oracle(
        _both(lambda s: ks_2samp(s.score[s.hit], s.score[~s.hit], method="asymp").statistic), "binary"
    ),
    "average_precision": Oracle(_both(lambda s: sk.average_precision_score(s.hit, s.score)), "binary"),
    "lift_at_k": Oracle(_at_k(lambda s, count: count * s.hit.mean()), "binary", TOP),
    "precision_at_k": Oracle(_at_k(lambda s, count: count), "binary", TOP),
    "recall_at_k": Oracle(_at_k(lambda s, count: s.hit.sum()), "binary", TOP),
    "log_loss": _capped(
        _given, "binary", lambda s: sk.log_loss(s.hit, s.score, labels=[False, True], sample_weight=s.weights)
    ),
    "brier_score": Oracle(
        _where(
            lambda s: s.hit | ~s.hit,
            lambda s: sk.brier_score_loss(s.hit, s.score, pos_label=True, sample_weight=s.weights),
        ),
        "binary",
    ),
    "calibration_error": Oracle(
        lambda s: _ece(s.hit, s.score, s.options.bins), "binary", (Options(), Options(bins=4))
    ),
}


def _classes(s: Sample) -> list[str]:
    return list(s.frame.classes)


def _supported(s: Sample) -> bool:
    return all(s.w[s.label == name].sum() for name in s.frame.classes)


def _averaged(function: Callable[..., Any], average: str) -> Of:
    """An average over all declared classes; None where that of one class is 0/0."""

    def value(s: Sample) -> Any:
        given = {"labels": _classes(s), "sample_weight": s.weights}
        each = function(s.label, s.prediction, average=None, zero_division=np.nan, **given)
        if np.isnan(each).any():
            return None
        return function(s.label, s.prediction, average=average, zero_division=0, **given)

    return value


def _micro(function: Callable[..., Any]) -> Of:
    return _where(
        lambda s: s.label == s.label,
        lambda s: function(
            s.label, s.prediction, labels=_classes(s), average="micro", sample_weight=s.weights
        ),
    )


def _averaged_by_rows(s: Sample) -> Any:
    if not s.w.sum():
        return None
    return sk.recall_score(
        s.label, s.prediction, labels=_classes(s), average="weighted", zero_division=0, sample_weight=s.weights
    )


def _balanced(adjusted: bool) -> Of:
    def value(s: Sample) -> Any:
        if not _supported(s):
            return None
        return sk.balanced_accuracy_score(
            s.label, s.prediction, adjusted=adjusted, sample_weight=s.weights
        )

    return value


def _kappa(weights: str | None) -> Of:
    def value(s: Sample) -> Any:
        if len(set(s.label)) == 1 and set(s.label) == set(s.prediction):
            return None
        return sk.cohen_kappa_score(s.label, s.prediction, labels=_classes(s), weights=weights)

    return value


def _multiclass_matthews(s: Sample) -> Any:
    if len(set(s.label)) == 1 or len(set(s.prediction)) == 1:
        return None
    return sk.matthews_corrcoef(s.label, s.prediction)


def _matrix(s: Sample) -> Any:
    return s.rows[[name for _, name in s.frame.scores]].to_numpy()


def _top_k(s: Sample) -> Any:
    if not s.w.sum():
        return None
    return sk.top_k_accuracy_score(
        s.label, _matrix(s), k=int(s.options.k or 1), labels=_classes(s), sample_weight=s.weights
    )


def _multiclass_given(s: Sample) -> Any:
    at = [s.frame.classes.index(label) for label in s.label]
    return -np.log(_matrix(s)[np.arange(len(at)), at])


def _top_gap(s: Sample) -> Any:
    scores = _matrix(s)
    at = [s.frame.classes.index(label) for label in s.label]
    top = scores.max(axis=1)
    return _ece(scores[np.arange(len(at)), at] == top, top, s.options.bins)


MULTICLASS: Mapping[str, Oracle] = {
    "accuracy": Oracle(
        _where(
            lambda s: s.label == s.label,
            lambda s: sk.accuracy_score(s.label, s.prediction, sample_weight=s.weights),
        ),
        "multiclass",
    ),
    "balanced_accuracy": Oracle(_balanced(adjusted=False), "multiclass"),
    "informedness": Oracle(_balanced(adjusted=True), "multiclass"),
    "top_k_accuracy": Oracle(_top_k, "multiclass", (Options(k=Fraction(1)), Options(k=Fraction(2)))),
    "cohen_kappa": Oracle(_kappa(None), "multiclass"),
    "quadratic_weighted_kappa": Oracle(_kappa("quadratic"), "multiclass"),
    "matthews_corrcoef": Oracle(_multiclass_matthews, "multiclass"),
    "log_loss": _capped(
        _multiclass_given,
        "multiclass",
        lambda s: sk.log_loss(s.label, _matrix(s), labels=_classes(s), sample_weight=s.weights),
    ),
    "calibration_error": Oracle(_top_gap, "multiclass", (Options(), Options(bins=4))),
    "precision (micro)": Oracle(_micro(sk.precision_score), "multiclass"),
    "recall (micro)": Oracle(_micro(sk.recall_score), "multiclass"),
    "f1 (micro)": Oracle(_micro(sk.f1_score), "multiclass"),
    "precision (macro)": Oracle(_averaged(sk.precision_score, "macro"), "multiclass"),
    "precision (weighted)": Oracle(_averaged(sk.precision_score, "weighted"), "multiclass"),
    "recall (macro)": Oracle(_averaged(sk.recall_score, "macro"), "multiclass"),
    "recall (weighted)": Oracle(_averaged_by_rows, "multiclass"),
    "f1 (macro)": Oracle(_averaged(sk.f1_score, "macro"), "multiclass"),
    "f1 (weighted)": Oracle(_averaged(sk.f1_score, "weighted"), "multiclass"),
    **{
        f"{name} (class)": Oracle(of, "multiclass", (Options(class_="1"), Options(class_="007")))
        for name, of in OF_POSITIVE.items()
    },
    "fbeta (class)": Oracle(
        _fbeta, "multiclass", tuple(Options(class_=name, beta=Fraction(2)) for name in ("1", "007"))
    ),
}


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


def _column_quantile(s: Sample) -> Any:
    q = s.options.quantile
    mine = np.sort(s.value)[math.ceil(q * len(s.rows)) - 1]
    if q.denominator in (2, 4):
        assert mine == np.quantile(s.value, float(q), method="inverted_cdf")
    return mine


REGRESSION: Mapping[str, Oracle] = {
    "mae": _capped(_absolute, "regression", _library(sk.mean_absolute_error)),
    "mse": _capped(lambda s: _absolute(s) ** 2, "regression", _library(sk.mean_squared_error)),
    "rmse": _capped(
        lambda s: _absolute(s) ** 2, "regression", _library(sk.root_mean_squared_error), root=True
    ),
    "mape": _capped(
        lambda s: _absolute(s) / np.abs(s.label),
        "regression",
        _library(sk.mean_absolute_percentage_error),
    ),
    "smape": _mean(_symmetric, "regression"),
    "mean_error": Oracle(
        lambda s: np.average(s.prediction - s.label, weights=s.w) if s.w.sum() else None, "regression"
    ),
    "poisson_deviance": _capped(_deviance, "counted", _library(sk.mean_poisson_deviance)),
    "pinball_loss": Oracle(
        _pinball_of_library,
        "regression",
        tuple(Options(quantile=q) for q in (Fraction(1, 2), Fraction(9, 10), Fraction(1, 20))),
    ),
    "median_absolute_error": Oracle(
        lambda s: sk.median_absolute_error(s.label, s.prediction), "regression"
    ),
    "wape": Oracle(_wape, "regression"),
    "r2": Oracle(_r2, "regression"),
    "interval_coverage": Oracle(
        lambda s: np.average((s.lower <= s.label) & (s.label <= s.upper), weights=s.w)
        if s.w.sum()
        else None,
        "regression",
    ),
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
ORACLES: Mapping[str, Oracle] = {
    **{f"binary {name}": oracle for name, oracle in BINARY.items()},
    **{f"multiclass {name}": oracle for name, oracle in MULTICLASS.items()},
    **{f"regression {name}": oracle for name, oracle in REGRESSION.items()},
    **{f"binary/multiclass/regression {name}": oracle for name, oracle in COLUMN.items()},
}

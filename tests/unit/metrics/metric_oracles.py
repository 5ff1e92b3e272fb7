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
from scipy.optimize import brentq
from scipy.special import expit, logit
from scipy.stats import ks_2samp
from sklearn.linear_model import LogisticRegression

from mlgate.metrics.options import Options

Of = Callable[[Sample], Any]


@dataclass(frozen=True)
class Oracle:
    """The function, the frames it is compared on, and the options it is asked with."""

    of: Of
    frames: str
    options: tuple[Options, ...] = (Options(),)
    tolerance: float = 1e-12

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


def where(needed: Callable[[Sample], Any], function: Of) -> Of:
    """A metric that is 0/0 where no row (or only rows of weight 0) is what is needed."""
    return lambda s: function(s) if s.w[needed(s)].sum() > 0 else None


def _both(function: Of) -> Of:
    """A metric that needs rows of both classes."""
    return where(lambda s: s.hit, where(lambda s: ~s.hit, function))


def _weighted(function: Callable[..., Any], **more: Any) -> Of:
    return lambda s: function(*_truth(s), sample_weight=s.weights, **more)


def _matthews(s: Sample) -> Any:
    chosen, w = s.chosen, s.w
    if not w[chosen].sum() or not w[~chosen].sum():
        return None
    return sk.matthews_corrcoef(*_truth(s), sample_weight=s.weights)


def _cost(s: Sample) -> Any:
    cost = {name: float(value) for name, value in COSTS}
    each = np.where(s.hit, np.where(s.chosen, cost["tp"], cost["fn"]), np.where(s.chosen, cost["fp"], cost["tn"]))
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


def ece(outcome: Any, score: Any, bins: int) -> float:
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


def _slope(s: Sample) -> Any:
    """The logistic regression of scikit-learn; none where a threshold parts the classes."""
    for cut in s.score:
        for of in (s.hit, ~s.hit):
            if (s.score[of] >= cut).all() and (s.score[~of] <= cut).all():
                return None
    x = logit(s.score)
    centre, width = x.mean(), x.std()
    fitted = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-14, max_iter=1000)
    return fitted.fit(((x - centre) / width)[:, None], s.hit).coef_[0, 0] / width


def _intercept(s: Sample) -> Any:
    x = logit(s.score)
    return brentq(lambda a: (s.hit - expit(a + x)).sum(), -40, 40, xtol=1e-15)


def _skill(s: Sample) -> Any:
    """In exact arithmetic; scikit-learn says the same."""
    outcome = [Fraction(int(hit)) for hit in s.hit]
    rate = sum(outcome) / len(outcome)
    error = sum((y - Fraction(value)) ** 2 for y, value in zip(outcome, s.score)) / len(outcome)
    exact = 1 - error / (rate * (1 - rate))
    assert math.isclose(exact, sk.r2_score(s.hit, s.score), rel_tol=1e-9, abs_tol=1e-9)
    return exact


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
    "false_positive_rate": where(
        lambda s: ~s.hit, lambda s: fl.false_positive_rate(*_truth(s), pos_label=1, sample_weight=s.weights)
    ),
    "false_negative_rate": where(
        lambda s: s.hit, lambda s: fl.false_negative_rate(*_truth(s), pos_label=1, sample_weight=s.weights)
    ),
    "negative_predictive_value": NEGATIVE,
    "selection_rate": where(
        lambda s: s.hit | ~s.hit, lambda s: fl.selection_rate(*_truth(s), pos_label=1, sample_weight=s.w)
    ),
    "prevalence": where(lambda s: s.hit | ~s.hit, lambda s: np.average(s.hit, weights=s.w)),
    "jaccard": where(lambda s: s.hit | s.chosen, _of_class(sk.jaccard_score, zero_division=0)),
    "f1": _of_class(sk.f1_score),
}


def fbeta(s: Sample) -> Any:
    if not (s.hit | s.chosen).any():
        return None
    return sk.fbeta_score(*_truth(s), beta=float(s.options.beta), zero_division=0)


def capped(loss: Callable[[Sample], Any], frames: str, whole: Of, root: bool = False) -> Oracle:
    """A library's mean loss; under a cap the mean of what is left of each row's."""

    def value(s: Sample) -> Any:
        if not s.w.sum():
            return None
        if s.options.cap is None:
            return whole(s)
        mean = np.average(np.minimum(loss(s), float(s.options.cap)), weights=s.w)
        return math.sqrt(mean) if root else mean

    return Oracle(value, frames, CAPPED)


def mean_of(loss: Callable[[Sample], Any], frames: str) -> Oracle:
    """A mean that no library has."""
    return capped(loss, frames, lambda s: np.average(loss(s), weights=s.w))


def _given(s: Sample) -> Any:
    p = np.where(s.hit, s.score, 1 - s.score)
    return -np.log(np.clip(p, np.finfo(float).eps, 1 - np.finfo(float).eps))


BINARY: Mapping[str, Oracle] = {
    "accuracy": Oracle(where(lambda s: s.hit | ~s.hit, _weighted(sk.accuracy_score)), "binary", DECIDED),
    **{name: Oracle(of, "binary", DECIDED) for name, of in OF_POSITIVE.items()},
    "balanced_accuracy": Oracle(_both(_weighted(sk.balanced_accuracy_score)), "binary", DECIDED),
    "informedness": Oracle(_both(_weighted(sk.balanced_accuracy_score, adjusted=True)), "binary", DECIDED),
    "matthews_corrcoef": Oracle(_both(_matthews), "binary", DECIDED),
    "cohen_kappa": Oracle(_both(_weighted(sk.cohen_kappa_score, labels=[0, 1])), "binary", DECIDED),
    "fbeta": Oracle(fbeta, "binary", BETA),
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
    "log_loss": capped(
        _given, "binary", lambda s: sk.log_loss(s.hit, s.score, labels=[False, True], sample_weight=s.weights)
    ),
    "brier_score": Oracle(
        where(
            lambda s: s.hit | ~s.hit,
            lambda s: sk.brier_score_loss(s.hit, s.score, pos_label=True, sample_weight=s.weights),
        ),
        "binary",
    ),
    "calibration_error": Oracle(lambda s: ece(s.hit, s.score, s.options.bins), "binary", (Options(), Options(bins=4))),
    "calibration_slope": Oracle(_both(_slope), "inside", tolerance=1e-8),
    "calibration_intercept": Oracle(_both(_intercept), "inside", tolerance=1e-9),
    "brier_skill": Oracle(_both(_skill), "binary"),
}

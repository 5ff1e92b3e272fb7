"""The oracles of two classes: scikit-learn, fairlearn, scipy, and definitions by brute force."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import fairlearn.metrics as fl
import numpy as np
import sklearn.metrics as sk
from scipy.optimize import brentq
from scipy.special import expit, logit
from scipy.stats import ks_2samp
from sklearn.linear_model import LogisticRegression

from mlgate.metrics.options import Options
from support.oracles.base import HALF, PLAIN, Oracle, Sample, mean_of, same

COSTS = (("tp", Fraction(-3, 2)), ("fp", Fraction(1)), ("fn", Fraction(10)), ("tn", Fraction(1, 10)))
DECIDED = (Options(), Options(threshold=HALF))
BETA = (Options(beta=HALF), Options(beta=Fraction(2)))
TOP = tuple(Options(k=k) for k in (Fraction(1, 10), HALF, Fraction(1), Fraction(5)))
BINS = (Options(), Options(bins=4))


# Where a metric is defined.


def positives(s: Sample) -> bool:
    return s.any(s.positive)


def negatives(s: Sample) -> bool:
    return s.any(~s.positive)


def both_classes(s: Sample) -> bool:
    return positives(s) and negatives(s)


def selected(s: Sample) -> bool:
    return s.any(s.selected)


def rejected(s: Sample) -> bool:
    return s.any(~s.selected)


def both_decisions_and_classes(s: Sample) -> bool:
    return both_classes(s) and selected(s) and rejected(s)


def positives_or_selected(s: Sample) -> bool:
    return s.any(s.positive | s.selected)


# What it is.


def of_decisions(function: Callable[..., Any], **more: Any) -> Callable[[Sample], Any]:
    """A library's function of true and predicted classes."""
    return lambda s: function(s.positive.astype(int), s.selected.astype(int), sample_weight=s.weights, **more)


def of_scores(function: Callable[..., Any]) -> Callable[[Sample], Any]:
    """A library's function of true classes and scores."""
    return lambda s: function(s.positive.astype(int), s.score, sample_weight=s.weights)


def fbeta(s: Sample) -> Any:
    return sk.fbeta_score(s.positive, s.selected, beta=float(s.options.beta), zero_division=0)


def cost(s: Sample) -> Any:
    of = {cell: float(value) for cell, value in COSTS}
    hit = np.where(s.selected, of["tp"], of["fn"])
    return s.mean(np.where(s.positive, hit, np.where(s.selected, of["fp"], of["tn"])))


def negative_log_likelihood(s: Sample) -> Any:
    return -np.log(np.where(s.positive, s.score, 1 - s.score))


def on_top(s: Sample) -> tuple[int, Any]:
    """How many rows are on top, and the chance of each row to be among them if ties are broken at random."""
    k, n, score = s.options.k, len(s.rows), s.score
    count = math.ceil(k * n) if k < 1 else int(k)
    cut = np.sort(score)[::-1][count - 1]
    above, tied = score > cut, score == cut
    return count, above + tied * (count - above.sum()) / tied.sum()


def enough_for_top(s: Sample) -> bool:
    return both_classes(s) and s.options.k <= len(s.rows)


def precision_at_k(s: Sample) -> Any:
    count, chance = on_top(s)
    return (chance * s.positive).sum() / count


def recall_at_k(s: Sample) -> Any:
    return (on_top(s)[1] * s.positive).sum() / s.positive.sum()


def calibration_error(outcome: Any, score: Any, bins: int) -> float:
    """The root mean square of the bins' gaps, without what chance adds to it, by loops."""
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


def no_threshold_separates(s: Sample) -> bool:
    """Otherwise the logistic regression has no finite slope."""
    separated = any(
        (s.score[of] >= cut).all() and (s.score[~of] <= cut).all()
        for cut in s.score
        for of in (s.positive, ~s.positive)
    )
    return both_classes(s) and not separated


def calibration_slope(s: Sample) -> Any:
    x = logit(s.score)
    centre, width = x.mean(), x.std()
    fitted = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-14, max_iter=1000)
    return fitted.fit(((x - centre) / width)[:, None], s.positive).coef_[0, 0] / width


def calibration_intercept(s: Sample) -> Any:
    x = logit(s.score)
    return brentq(lambda a: (s.positive - expit(a + x)).sum(), -40, 40, xtol=1e-15)


def brier_skill(s: Sample) -> Any:
    """In exact arithmetic; scikit-learn confirms it."""
    outcome = [Fraction(int(hit)) for hit in s.positive]
    rate = sum(outcome) / len(outcome)
    error = sum((y - Fraction(value)) ** 2 for y, value in zip(outcome, s.score)) / len(outcome)
    return same(1 - error / (rate * (1 - rate)), sk.r2_score(s.positive, s.score), 1e-9)


def ks(s: Sample) -> Any:
    return ks_2samp(s.score[s.positive], s.score[~s.positive], method="asymp").statistic


def above_median(s: Sample) -> Any:
    """The share above the median of all groups together, each row as often as its count says."""
    rows = s.frame.rows
    times = rows["count"] if "count" in s.frame.roles else np.ones(len(rows), dtype=int)
    return np.mean(s.score > np.median(np.repeat(rows["score"].to_numpy(), times)))


ONE_CLASS: Mapping[str, tuple[Callable[[Sample], Any], Callable[[Sample], bool]]] = {
    "precision": (of_decisions(sk.precision_score), selected),
    "recall": (of_decisions(sk.recall_score), positives),
    "specificity": (of_decisions(sk.recall_score, pos_label=0), negatives),
    "negative_predictive_value": (of_decisions(sk.precision_score, pos_label=0), rejected),
    "false_positive_rate": (of_decisions(fl.false_positive_rate, pos_label=1), negatives),
    "false_negative_rate": (of_decisions(fl.false_negative_rate, pos_label=1), positives),
    "selection_rate": (of_decisions(fl.selection_rate, pos_label=1), lambda _: True),
    "prevalence": (lambda s: s.mean(s.positive), lambda _: True),
    "jaccard": (of_decisions(sk.jaccard_score, zero_division=0), positives_or_selected),
    "f1": (of_decisions(sk.f1_score), positives_or_selected),
}
"""Metrics of one class against the others: what they are, and where they are defined."""

BINARY: Mapping[str, Oracle] = {
    **{name: Oracle(value, "binary", DECIDED, defined) for name, (value, defined) in ONE_CLASS.items()},
    "accuracy": Oracle(of_decisions(sk.accuracy_score), "binary", DECIDED),
    "balanced_accuracy": Oracle(of_decisions(sk.balanced_accuracy_score), "binary", DECIDED, both_classes),
    "informedness": Oracle(of_decisions(sk.balanced_accuracy_score, adjusted=True), "binary", DECIDED, both_classes),
    "matthews_corrcoef": Oracle(of_decisions(sk.matthews_corrcoef), "binary", DECIDED, both_decisions_and_classes),
    "cohen_kappa": Oracle(of_decisions(sk.cohen_kappa_score, labels=[0, 1]), "binary", DECIDED, both_classes),
    "fbeta": Oracle(fbeta, "binary", BETA, positives_or_selected),
    "expected_cost": Oracle(cost, "binary", (Options(costs=COSTS),), both_classes),
    "expected_value": Oracle(cost, "binary", (Options(costs=COSTS, threshold=Fraction(1, 4)),), both_classes),
    "roc_auc": Oracle(of_scores(sk.roc_auc_score), "binary", PLAIN, both_classes),
    "gini": Oracle(lambda s: 2 * sk.roc_auc_score(s.positive, s.score) - 1, "binary", PLAIN, both_classes),
    "ks_statistic": Oracle(ks, "binary", PLAIN, both_classes),
    "average_precision": Oracle(of_scores(sk.average_precision_score), "binary", PLAIN, both_classes),
    "precision_at_k": Oracle(precision_at_k, "binary", TOP, enough_for_top),
    "recall_at_k": Oracle(recall_at_k, "binary", TOP, enough_for_top),
    "lift_at_k": Oracle(lambda s: precision_at_k(s) / s.positive.mean(), "binary", TOP, enough_for_top),
    "log_loss": mean_of(
        negative_log_likelihood,
        "binary with logits",
        lambda s: sk.log_loss(s.positive, s.score, labels=[False, True], sample_weight=s.weights),
    ),
    "brier_score": Oracle(
        lambda s: sk.brier_score_loss(s.positive, s.score, pos_label=True, sample_weight=s.weights), "binary"
    ),
    "brier_skill": Oracle(brier_skill, "binary", PLAIN, both_classes),
    "calibration_error": Oracle(lambda s: calibration_error(s.positive, s.score, s.options.bins or 15), "binary", BINS),
    "calibration_slope": Oracle(calibration_slope, "binary with logits", PLAIN, no_threshold_separates, tolerance=1e-8),
    "calibration_intercept": Oracle(calibration_intercept, "binary with logits", PLAIN, both_classes, tolerance=1e-9),
}
BINARY_AND_REGRESSION: Mapping[str, Oracle] = {"scoring_rate": Oracle(above_median, "binary")}

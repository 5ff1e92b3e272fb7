"""The oracles of three and more classes: scikit-learn, and one class against the others as if there were two."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import sklearn.metrics as sk

from mlgate.metrics.options import Options
from support.oracles.base import PLAIN, Oracle, Sample, mean_of
from support.oracles.binary import BINS, ONE_CLASS, calibration_error, fbeta, positives_or_selected

ASKED = ("1", "007")
"""The classes that metrics of one class are asked for, one of each table."""
OF_CLASS = tuple(Options(class_=name) for name in ASKED)
BETA_OF_CLASS = tuple(Options(class_=name, beta=Fraction(2)) for name in ASKED)
FIRST = (Options(k=Fraction(1)), Options(k=Fraction(2)))


# Where a metric is defined.


def every_class_has_rows(s: Sample) -> bool:
    return all(s.any(s.label == name) for name in s.frame.classes)


def every_class_is_predicted(s: Sample) -> bool:
    return all(s.any(s.prediction == name) for name in s.frame.classes)


def every_class_with_rows_is_predicted(s: Sample) -> bool:
    return set(s.label) <= set(s.prediction)


def every_class_is_there(s: Sample) -> bool:
    return all(s.any((s.label == name) | (s.prediction == name)) for name in s.frame.classes)


def not_all_of_one_class(s: Sample) -> bool:
    return len({*s.label, *s.prediction}) > 1


def labels_and_predictions_vary(s: Sample) -> bool:
    return len(set(s.label)) > 1 and len(set(s.prediction)) > 1


# What it is.


def of_predictions(function: Callable[..., Any], **more: Any) -> Callable[[Sample], Any]:
    """A library's function of true and predicted classes."""
    return lambda s: function(s.label, s.prediction, sample_weight=s.weights, **more)


def averaged(function: Callable[..., Any], average: str) -> Callable[[Sample], Any]:
    """scikit-learn's average over all declared classes."""
    return lambda s: of_predictions(function, average=average, labels=list(s.frame.classes), zero_division=0)(s)


def kappa(weights: str | None) -> Callable[[Sample], Any]:
    return lambda s: of_predictions(sk.cohen_kappa_score, labels=list(s.frame.classes), weights=weights)(s)


def class_scores(s: Sample) -> Any:
    """The scores, rows by classes."""
    return s.rows[[column for _, column in s.frame.scores]].to_numpy()


def own_score(s: Sample) -> Any:
    """The score of each row's own class."""
    at = [s.frame.classes.index(label) for label in s.label]
    return class_scores(s)[np.arange(len(at)), at]


def top_k(s: Sample) -> Any:
    """By scikit-learn where no scores are equal; there ties are broken by the order of classes."""
    rivals = (class_scores(s) >= own_score(s)[:, None]).sum(axis=1)
    value = s.mean(rivals <= int(s.options.k or 1))
    if all(len(set(row)) == len(row) for row in class_scores(s)):
        given = {"k": int(s.options.k or 1), "labels": list(s.frame.classes), "sample_weight": s.weights}
        assert math.isclose(value, sk.top_k_accuracy_score(s.label, class_scores(s), **given), abs_tol=1e-12)
    return value


def error_of_top_score(s: Sample) -> Any:
    top = class_scores(s).max(axis=1)
    tied = (class_scores(s) == top[:, None]).sum(axis=1)
    return calibration_error((own_score(s) == top) / tied, top, s.options.bins or 15)


def log_loss(s: Sample) -> Any:
    return sk.log_loss(s.label, class_scores(s), labels=list(s.frame.classes), sample_weight=s.weights)


BALANCED, ADJUSTED = (of_predictions(sk.balanced_accuracy_score, adjusted=adjusted) for adjusted in (False, True))
MULTICLASS: Mapping[str, Oracle] = {
    "accuracy": Oracle(of_predictions(sk.accuracy_score), "multiclass"),
    "balanced_accuracy": Oracle(BALANCED, "multiclass", PLAIN, every_class_has_rows),
    "informedness": Oracle(ADJUSTED, "multiclass", PLAIN, every_class_has_rows),
    "matthews_corrcoef": Oracle(of_predictions(sk.matthews_corrcoef), "multiclass", PLAIN, labels_and_predictions_vary),
    "cohen_kappa": Oracle(kappa(None), "multiclass", PLAIN, not_all_of_one_class),
    "quadratic_weighted_kappa": Oracle(kappa("quadratic"), "multiclass", PLAIN, not_all_of_one_class),
    "top_k_accuracy": Oracle(top_k, "multiclass", FIRST),
    "log_loss": mean_of(lambda s: -np.log(own_score(s)), "multiclass", log_loss),
    "calibration_error": Oracle(error_of_top_score, "multiclass", BINS),
    "precision (micro)": Oracle(averaged(sk.precision_score, "micro"), "multiclass"),
    "recall (micro)": Oracle(averaged(sk.recall_score, "micro"), "multiclass"),
    "f1 (micro)": Oracle(averaged(sk.f1_score, "micro"), "multiclass"),
    "precision (macro)": Oracle(averaged(sk.precision_score, "macro"), "multiclass", PLAIN, every_class_is_predicted),
    "precision (weighted)": Oracle(
        averaged(sk.precision_score, "weighted"), "multiclass", PLAIN, every_class_with_rows_is_predicted
    ),
    "recall (macro)": Oracle(averaged(sk.recall_score, "macro"), "multiclass", PLAIN, every_class_has_rows),
    "recall (weighted)": Oracle(averaged(sk.recall_score, "weighted"), "multiclass"),
    "f1 (macro)": Oracle(averaged(sk.f1_score, "macro"), "multiclass", PLAIN, every_class_is_there),
    "f1 (weighted)": Oracle(averaged(sk.f1_score, "weighted"), "multiclass"),
    **{
        f"{name} (class)": Oracle(value, "multiclass", OF_CLASS, defined)
        for name, (value, defined) in ONE_CLASS.items()
    },
    "fbeta (class)": Oracle(fbeta, "multiclass", BETA_OF_CLASS, positives_or_selected),
}

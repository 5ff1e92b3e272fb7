"""The oracles of three and more classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import sklearn.metrics as sk
from metric_oracles import OF_POSITIVE, Of, Oracle, capped, ece, fbeta, where
from metric_samples import Sample

from mlgate.metrics.options import Options


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
    return where(
        lambda s: s.label == s.label,
        lambda s: function(s.label, s.prediction, labels=_classes(s), average="micro", sample_weight=s.weights),
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
        return sk.balanced_accuracy_score(s.label, s.prediction, adjusted=adjusted, sample_weight=s.weights)

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
    return ece(scores[np.arange(len(at)), at] == top, top, s.options.bins)


MULTICLASS: Mapping[str, Oracle] = {
    "accuracy": Oracle(
        where(
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
    "log_loss": capped(
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
        fbeta, "multiclass", tuple(Options(class_=name, beta=Fraction(2)) for name in ("1", "007"))
    ),
}

"""The oracles of rows with several tags at once: scikit-learn, and one tag as if there were two classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import sklearn.metrics as sk

from mlgate.metrics.options import Options
from support.oracles.base import Oracle, Sample
from support.oracles.binary import DECIDED, ONE_CLASS, fbeta, positives_or_selected
from support.tables import TAGS

OF_TAG = tuple(Options(class_=name) for name in ("dog", "%_ü'"))
BETA_OF_TAG = tuple(replace(options, beta=Fraction(2)) for options in OF_TAG)
YES = ("1", "true", "True", "1.0")


@cache
def tagged(s: Sample) -> tuple[Any, Any]:
    """Rows by tags: which they have, and which are predicted."""
    if "separator" in s.rows:
        return tuple(np.array([[tag in text.split("|") for tag in TAGS] for text in s.rows[column]])
                     for column in ("tags", "guess"))  # type: ignore[return-value]  # fmt: skip
    has = marked(s, "t")
    if s.options.threshold is None:
        return has, marked(s, "p")
    return has, np.stack([s.rows[f"s{at}"] >= float(s.options.threshold) for at in range(3)], axis=1)


def marked(s: Sample, letter: str) -> Any:
    """Rows by tags from one column per tag."""
    return np.stack([s.rows[f"{letter}{at}"].astype(str).isin(YES) for at in range(3)], axis=1)


# Where a metric is defined, pooled over tags or for each tag.


def has_some(s: Sample) -> Any:
    return tagged(s)[0]


def predicted_some(s: Sample) -> Any:
    return tagged(s)[1]


def has_or_predicted(s: Sample) -> Any:
    return tagged(s)[0] | tagged(s)[1]


def for_each(needed: Callable[[Sample], Any]) -> Callable[[Sample], bool]:
    """Every tag has a row that the metric divides by."""
    return lambda s: bool(needed(s).any(axis=0).all())


def for_any(needed: Callable[[Sample], Any]) -> Callable[[Sample], bool]:
    """Some tag has a row that the metric divides by."""
    return lambda s: bool(needed(s).any())


# What it is.


def of_tags(function: Callable[..., Any], **more: Any) -> Callable[[Sample], Any]:
    """A library's function of the tags that rows have and of those predicted."""
    return lambda s: function(*tagged(s), sample_weight=s.weights, **more)


@cache
def of_one_tag(s: Sample) -> Sample:
    """The tag that is asked for as a binary label and prediction."""
    at = TAGS.index(str(s.options.class_))
    has, predicted = (matrix[:, at].astype(str) for matrix in tagged(s))
    rows = s.rows.assign(has=has, predicted=predicted)
    weight = {role: column for role, column in s.frame.roles.items() if role == "weight"}
    frame = replace(s.frame, roles={"label": "has", "prediction": "predicted", **weight})
    return Sample(rows, frame, replace(s.options, class_="True", threshold=None))


def as_binary(of: Callable[[Sample], Any]) -> Callable[[Sample], Any]:
    """A binary oracle for the tag that is asked for."""
    return lambda s: of(of_one_tag(s))


AVERAGED: Mapping[str, tuple[Callable[..., Any], Callable[[Sample], Any]]] = {
    "precision": (sk.precision_score, predicted_some),
    "recall": (sk.recall_score, has_some),
    "f1": (sk.f1_score, has_or_predicted),
    "jaccard": (sk.jaccard_score, has_or_predicted),
}
"""Averages over tags: scikit-learn's function, and the rows that it divides by."""

MULTILABEL: Mapping[str, Oracle] = {
    "subset_accuracy": Oracle(of_tags(sk.accuracy_score), "multilabel", DECIDED),
    "hamming_loss": Oracle(of_tags(sk.hamming_loss), "multilabel", DECIDED),
    "f1 (samples)": Oracle(of_tags(sk.f1_score, average="samples", zero_division=1.0), "multilabel", DECIDED),
    "jaccard (samples)": Oracle(of_tags(sk.jaccard_score, average="samples", zero_division=1.0), "multilabel", DECIDED),
    **{
        f"{name} (macro)": Oracle(
            of_tags(function, average="macro", zero_division=0), "multilabel", DECIDED, for_each(needed)
        )
        for name, (function, needed) in AVERAGED.items()
    },
    **{
        f"{name} (micro)": Oracle(
            of_tags(function, average="micro", zero_division=0), "multilabel", DECIDED, for_any(needed)
        )
        for name, (function, needed) in AVERAGED.items()
    },
    **{
        f"{name} (class)": Oracle(as_binary(value), "multilabel", OF_TAG, as_binary(defined))
        for name, (value, defined) in ONE_CLASS.items()
    },
    "fbeta (class)": Oracle(as_binary(fbeta), "multilabel", BETA_OF_TAG, as_binary(positives_or_selected)),
}

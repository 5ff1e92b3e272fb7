"""The oracles of rows with several classes at once, and the frames they are compared on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import sklearn.metrics as sk
from metric_oracles import OF_POSITIVE, Of, Oracle, fbeta
from metric_samples import Frame, Sample, joined, sizes

from mlgate.metrics.options import Options

CLASSES = ("cat", "dog", "%_ü'")


def _matrices(s: Sample) -> tuple[Any, Any]:
    """Rows by classes: what they have, and what is predicted."""
    if "separator" in s.rows:
        texts = (s.rows["tags"], s.rows["guess"])
        return tuple(np.array([[name in t.split("|") for name in CLASSES] for t in text]) for text in texts)  # type: ignore[return-value]
    sides = ("scores", "decisions") if s.options.threshold is not None else ("decisions", "decisions")
    has = np.stack([s.rows[f"t{at}"].astype(str).isin(["1", "true", "True", "1.0"]) for at in range(3)], axis=1)
    if sides[0] == "scores":
        cut = float(s.options.threshold or 0)
        return has, np.stack([s.rows[f"s{at}"] >= cut for at in range(3)], axis=1)
    return has, np.stack([s.rows[f"p{at}"].astype(str).isin(["1", "true", "True", "1.0"]) for at in range(3)], axis=1)


def _library(function: Callable[..., Any], **more: Any) -> Of:
    return lambda s: function(*_matrices(s), sample_weight=s.weights, **more)


def _averaged(function: Callable[..., Any], average: str, zero: float = 0.0) -> Of:
    """An average of scikit-learn; of classes none where that of one is 0/0."""

    def value(s: Sample) -> Any:
        has, predicted = _matrices(s)
        if average != "samples":
            pooled = (has.ravel(), predicted.ravel()) if average == "micro" else (has, predicted)
            each = np.atleast_1d(_each(function, *pooled))
            if np.isnan(each).any():
                return None
        return function(has, predicted, average=average, zero_division=zero, sample_weight=s.weights)

    return value


def _each(function: Callable[..., Any], has: Any, predicted: Any) -> Any:
    counted = {
        "f1_score": has | predicted, "jaccard_score": has | predicted, "precision_score": predicted,
        "recall_score": has,
    }[function.__name__]  # fmt: skip
    return np.where(counted.any(axis=0), 1.0, np.nan)


def _of_class(of: Of) -> Of:
    """The binary oracle, on the class's own columns."""

    def value(s: Sample) -> Any:
        at = CLASSES.index(str(s.options.class_))
        has, predicted = (matrix[:, at].astype(str) for matrix in _matrices(s))
        rows = s.rows.assign(has=has, predicted=predicted)
        frame = replace(s.frame, roles={"label": "has", "prediction": "predicted"})
        return of(Sample(rows, frame, replace(s.options, class_="True", threshold=None), s.weights))

    return value


def columns(seed: int, yes: Any, no: Any, groups: int = 45) -> Frame:
    """A column a class, whose values are written as said; in many groups some class has no rows."""
    random, parts = np.random.default_rng(seed), []
    for n in sizes(random, groups):
        has, guess = _drawn(random, n)
        marks = {f"t{at}": np.where(has[:, at], yes, no) for at in range(3)}
        marks |= {f"p{at}": np.where(guess[:, at], yes, no) for at in range(3)}
        marks |= {f"s{at}": np.round(np.where(guess[:, at], 0.6, 0.2) + random.random(n) / 3, 2) for at in range(3)}
        parts.append(pd.DataFrame(marks))
    roles = {f"{key}.{name}": f"{letter}{at}" for key, letter in (("labels", "t"), ("decisions", "p"))
             for at, name in enumerate(CLASSES)}  # fmt: skip
    scores = tuple((name, f"s{at}") for at, name in enumerate(CLASSES))
    return Frame(joined(parts, random), "multilabel", roles, CLASSES, None, scores)


def texts(seed: int, groups: int = 45) -> Frame:
    """The classes of a row in one text, in any order."""
    random, parts = np.random.default_rng(seed), []

    def named(row: Any) -> str:
        return "|".join(CLASSES[at] for at in random.permutation(3) if row[at])

    for n in sizes(random, groups):
        has, guess = _drawn(random, n)
        parts.append(pd.DataFrame({"tags": list(map(named, has)), "guess": list(map(named, guess)), "separator": "|"}))
    return Frame(joined(parts, random), "multilabel", {"label": "tags", "prediction": "guess"}, CLASSES)


def _drawn(random: np.random.Generator, n: int) -> tuple[Any, Any]:
    has = random.random((n, 3)) < random.choice([0.0, 0.1, 0.5, 0.9], 3)
    return has, np.where(random.random((n, 3)) < random.random(), has, random.random((n, 3)) < 0.4)


FRAMES: Mapping[str, Callable[[], tuple[Frame, ...]]] = {
    "multilabel": lambda: (columns(11, 1, 0), columns(12, "true", "0"), columns(13, True, False), texts(14)),
}
DECIDED = (Options(), Options(threshold=Fraction(1, 2)))
OWN = tuple(Options(class_=name) for name in ("dog", "%_ü'"))
AVERAGES: Mapping[str, Callable[..., Any]] = {
    "f1": sk.f1_score,
    "jaccard": sk.jaccard_score,
    "precision": sk.precision_score,
    "recall": sk.recall_score,
}
MULTILABEL: Mapping[str, Oracle] = {
    "subset_accuracy": Oracle(_library(sk.accuracy_score), "multilabel", DECIDED),
    "hamming_loss": Oracle(_library(sk.hamming_loss), "multilabel", DECIDED),
    **{f"{name} ({average})": Oracle(_averaged(function, average), "multilabel", DECIDED)
       for name, function in AVERAGES.items() for average in ("macro", "micro")},
    **{f"{name} (samples)": Oracle(_averaged(AVERAGES[name], "samples", 1.0), "multilabel", DECIDED)
       for name in ("f1", "jaccard")},
    **{f"{name} (class)": Oracle(_of_class(of), "multilabel", OWN) for name, of in OF_POSITIVE.items()},
    "fbeta (class)": Oracle(_of_class(fbeta), "multilabel", tuple(replace(one, beta=Fraction(2)) for one in OWN)),
}  # fmt: skip

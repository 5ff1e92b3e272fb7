"""Which metric of mlgate the name of a reported number probably means: `val/test_Accuracy` is accuracy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from math import inf

from mlgate.metrics.registry import also_called, metrics
from mlgate.values.words import same_name

_AVERAGES = ("macro", "micro", "weighted", "samples", "ovr", "ovo", "mean", "avg")
_PARTS = ("test", "val", "valid", "validation", "eval", "train", "holdout", "dev", "best", "final", "cv", "oof")
"""First words of names that say on which rows a metric was measured."""
_TURNED = "neg"


@cache
def known_metric(name: str) -> str:
    """The metric of mlgate that the last part of a dotted name means; empty if there is none.

    The words before it may say which rows it is of, and those around it how it was averaged over classes or folds.
    """
    if sign_turned(name):
        return ""
    names = {**also_called(), **{known: known for known in metrics()}}
    return next(filter(None, (same_name(words, names) for words in _shorter(name_words(name)))), "")


def sign_turned(name: str) -> bool:
    """Whether a name is that of an error with its sign turned, as scikit-learn's scorer `neg_log_loss` is."""
    words = name_words(name)
    while words[:1] and words[0] in (*_PARTS, *_AVERAGES):
        words = words[1:]
    return words[:1] == [_TURNED] and "_".join(words) in also_called()


def name_words(name: str) -> list[str]:
    """The words, in small letters, of the last part of a name that names something.

    A place in a list does not, and neither does what says which value it is, or of which rows.
    """
    parts = re.split(r"[./:]", name.lower())
    while len(parts) > 1 and (parts[-1].isdecimal() or parts[-1] in ("value", *_PARTS, *_AVERAGES)):
        parts.pop()
    return [word for word in re.split(r"[^0-9a-z@]+", parts[-1]) if word]


def _shorter(words: list[str]) -> Iterator[str]:
    """A name, and the same with fewer words before and after it that say where and how it was measured."""
    for first in range(len(words)):
        for end in range(len(words), first, -1):
            if set(words[:first]) <= {*_PARTS, *_AVERAGES} and set(words[end:]) <= {*_AVERAGES}:
                yield "_".join(words[first:end])


def range_of(metric: str) -> tuple[float, float]:
    """The lowest and highest value of a metric; no limits for an empty name."""
    found = metrics().get(metric, ())
    return (min(each.range[0] for each in found), max(each.range[1] for each in found)) if found else (-inf, inf)

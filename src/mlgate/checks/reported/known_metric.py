"""Which metric of mlgate the name of a reported number probably means: `val.test_Accuracy` is accuracy."""

from __future__ import annotations

from functools import cache
from math import inf

from mlgate.metrics.registry import also_called, metrics
from mlgate.values.words import same_name

_PARTS = ("test", "val", "valid", "validation", "eval", "train", "holdout", "dev", "best", "final")
"""First words of names that say on which rows a metric was measured."""


@cache
def known_metric(name: str) -> str:
    """The metric of mlgate that the last part of a dotted name means; empty if there is none."""
    last = name.rpartition(".")[2]
    names = {**also_called(), **{known: known for known in metrics()}}
    first, _, rest = last.replace("-", "_").partition("_")
    return same_name(last, names) or (same_name(rest, names) if first.lower() in _PARTS and rest else "")


def range_of(metric: str) -> tuple[float, float]:
    """The lowest and highest value of a metric; no limits for an empty name."""
    found = metrics().get(metric, ())
    return (min(each.range[0] for each in found), max(each.range[1] for each in found)) if found else (-inf, inf)

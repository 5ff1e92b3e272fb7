"""What can be wrong with a metric rule before any data is seen."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from mlgate.checks.base import Demand
from mlgate.fields import did_you_mean
from mlgate.metrics.base import Better, Metric
from mlgate.metrics.registry import entries, metrics

if TYPE_CHECKING:
    from mlgate.checks.performance.metric import PerformanceMetric

CELLS = frozenset(("tp", "fp", "fn", "tn"))
Problems = Iterator[tuple[str, str]]


def metric_problems(check: PerformanceMetric, demand: Demand) -> Problems:
    """Every problem of a rule, as (key, message)."""
    name = check.metric
    found = entries(name)
    if not found:
        yield "metric", f"unknown metric `{name}`{did_you_mean(name, metrics())}"
        return
    yield from _keys(check, found)
    yield from _values(check)
    yield from _bounds(name, found, demand)


def _keys(check: PerformanceMetric, found: tuple[Metric, ...]) -> Problems:
    given = set(check.given())
    for key in sorted(given - {key for metric in found for key in metric.takes}):
        yield key, f"{check.metric} takes no `{key}`"
    for key in sorted(set.intersection(*(set(metric.requires) for metric in found)) - given):
        yield "metric", f"{check.metric} needs `{key}:`"
    if check.class_ is not None and check.average is not None:
        yield "class", "`class` and `average` exclude each other: one class's own value, or an average over all"


def _values(check: PerformanceMetric) -> Problems:
    names = {name for name, _ in check.costs}
    if check.costs and names != CELLS:
        yield "costs", f"must name each of tp, fp, fn and tn, not {', '.join(sorted(names))}"
    if check.costs and names == CELLS and len({cost for _, cost in check.costs}) == 1:
        yield "costs", "are all equal, so every decision costs the same and nothing is demanded"
    whole = check.k is None or check.k.denominator == 1
    if check.metric == "top_k_accuracy" and not whole:
        yield "k", "must be a whole number of classes"
    if check.metric != "top_k_accuracy" and not whole and check.k is not None and check.k > 1:
        yield "k", "is a share of the rows below 1, or a whole number of rows"


def _bounds(name: str, found: tuple[Metric, ...], demand: Demand) -> Problems:
    between = demand.at_least is not None and demand.at_most is not None
    better = {metric.better for metric in found}
    low, high = min(m.range[0] for m in found), max(m.range[1] for m in found)
    for key, bound in (("at_least", demand.at_least), ("at_most", demand.at_most)):
        if bound is not None and not low <= bound <= high:
            yield ("between" if between else key), (
                f"{float(bound):g} is outside the range of {name}, which is {_range(low, high)}{_percent(bound, high)}"
            )
    if between:
        return
    if demand.at_least is not None and better == {Better.LOWER}:
        yield "at_least", f"lower {name} is better, so a least value demands nothing good; write `at_most`"
    if demand.at_most is not None and better == {Better.HIGHER}:
        yield "at_most", f"higher {name} is better, so a greatest value demands nothing good; write `at_least`"
    if demand.at_least is not None and demand.at_least == low:
        yield "at_least", f"every value of {name} is at least {low:g}, so nothing is demanded"
    if demand.at_most is not None and demand.at_most == high:
        yield "at_most", f"every value of {name} is at most {high:g}, so nothing is demanded"


def _range(low: float, high: float) -> str:
    if high == float("inf"):
        return "any number" if low == float("-inf") else f"{low:g} and more"
    return f"at most {high:g}" if low == float("-inf") else f"{low:g} to {high:g}"


def _percent(bound: Fraction, high: float) -> str:
    return f"; for {float(bound):g} % write {float(bound / 100):g}" if high == 1 and 1 < bound <= 100 else ""

"""The mistakes in a metric rule that are visible without data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from mlgate.checks.suggestion import metric_hint
from mlgate.metrics.metric import Better, Metric
from mlgate.metrics.options import Options
from mlgate.metrics.registry import entries
from mlgate.values.demand import Demand

CELLS = frozenset(("tp", "fp", "fn", "tn"))
Problems = Iterator[tuple[str, str]]
Limit = float | Fraction


def metric_problems(name: str, given: Iterable[str], options: Options) -> Problems:
    """Mistakes in a rule's metric and its parameters, as (key, message)."""
    found = entries(name)
    if not found:
        yield "metric", f"unknown metric `{name}`{metric_hint(name)}"
        return
    keys = set(given)
    for key in sorted(keys - {key for metric in found for key in metric.takes}):
        yield key, f"{name} takes no `{key}`"
    for key in sorted(set.intersection(*(set(metric.requires) for metric in found)) - keys):
        yield "metric", f"{name} needs `{key}:`"
    if options.class_ is not None and options.average is not None:
        yield "class", "`class` (one class) and `average` (over all classes) exclude each other; keep one"
    yield from _costs(options)
    yield from _cap(found, options)
    yield from _top(name, options.k)


def _costs(options: Options) -> Problems:
    names = {name for name, _ in options.costs}
    if options.costs and names != CELLS:
        yield "costs", f"must name each of tp, fp, fn and tn, not {', '.join(sorted(names))}"
    elif options.costs and len({cost for _, cost in options.costs}) == 1:
        yield "costs", "are all equal, so every decision costs the same and the rule demands nothing; change them"


def _cap(found: tuple[Metric, ...], options: Options) -> Problems:
    low = max(metric.range[0] for metric in found)
    if options.cap is not None and options.cap <= low:
        yield "cap", f"must be above {low:g}, because {found[0].name} is never lower; raise it"


def _top(name: str, k: Fraction | None) -> Problems:
    if k is None or k.denominator == 1:
        return
    if name == "top_k_accuracy":
        yield "k", "must be a whole number of classes"
    elif k > 1:
        yield "k", "must be a share of the rows below 1, or a whole number of rows"


def bound_problems(name: str, demand: Demand, options: Options) -> Problems:
    """Mistakes in a bound on the metric: outside its range, in the wrong direction, or met by every value."""
    found = entries(name)
    if found and not any((*_costs(options), *_cap(found, options))):  # these have an error of their own
        limits = limits_of(name, options)
        yield from _outside(name, limits, demand)
        yield from _demanding(name, limits, {metric.better for metric in found}, demand)


def limits_of(name: str, options: Options) -> tuple[Limit, Limit]:
    """The lowest and highest value of a known metric, given its range, the rule's costs and its cap."""
    costs = [cost for _, cost in options.costs]
    if costs:
        return min(costs), max(costs)
    found = entries(name)
    low, high = min(m.range[0] for m in found), max(m.range[1] for m in found)
    return low, high if options.cap is None or high < options.cap else options.cap


def _outside(name: str, limits: tuple[Limit, Limit], demand: Demand) -> Problems:
    low, high = limits
    for key, bound, text in (
        ("at_least", demand.at_least, demand.at_least_text),
        ("at_most", demand.at_most, demand.at_most_text),
    ):
        if bound is not None and not low <= bound <= high:
            said = text or f"{float(bound):g}"
            yield key, f"{said} is outside the range of {name}, {_range(low, high)}{_percent(bound, high)}"


def _demanding(name: str, limits: tuple[Limit, Limit], better: set[Better], demand: Demand) -> Problems:
    """A side that every value meets demands nothing. One side must demand something, in the metric's direction."""
    low, high = limits
    least = demand.at_least is not None and demand.at_least != low
    most = demand.at_most is not None and demand.at_most != high
    if least and most:
        return
    if demand.at_least is not None and not most and better == {Better.LOWER}:
        yield "at_least", f"lower {name} is better, so a minimum is the wrong bound; write `at_most`"
    if demand.at_most is not None and not least and better == {Better.HIGHER}:
        yield "at_most", f"higher {name} is better, so a maximum is the wrong bound; write `at_least`"
    if not least and not most and demand.at_least is not None:
        yield "at_least", f"every value of {name} is at least {float(low):g}, so this demands nothing; raise the bound"
    if not least and not most and demand.at_most is not None:
        yield "at_most", f"every value of {name} is at most {float(high):g}, so this demands nothing; lower the bound"


def _range(low: Limit, high: Limit) -> str:
    if high == float("inf"):
        return "any number" if low == float("-inf") else f"{float(low):g} and more"
    return f"at most {float(high):g}" if low == float("-inf") else f"{float(low):g} to {float(high):g}"


def _percent(bound: Fraction, high: Limit) -> str:
    return f"; for {float(bound):g} % write {float(bound / 100):g}" if high == 1 and 1 < bound <= 100 else ""

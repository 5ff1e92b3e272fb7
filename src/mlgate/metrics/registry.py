"""Every metric by name. A name may have several entries, one per task and average."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from mlgate import metrics as package
from mlgate.metrics.kinds.resampled import Resampled
from mlgate.metrics.metric import EVERYWHERE, TASKS, Better, Interval, Kind, Metric
from mlgate.metrics.options import Options
from mlgate.values.errors import EvidenceError
from mlgate.values.family import Family

ANY = (float("-inf"), float("inf"))
RESAMPLED = ("binary", "multiclass", "regression", "forecasting")
"""Tasks with one label and one prediction per row, for which functions of scikit-learn's signature can be called."""


@cache
def metrics() -> Mapping[str, tuple[Metric, ...]]:
    """The entries of every metric that ships with mlgate, by name: the METRICS of each file of this folder."""
    files = [file.name for file in iter_modules(package.__path__) if not file.ispkg]
    found: dict[str, list[Metric]] = {}
    for file in sorted(files, key=lambda name: (*TASKS, name).index(name)):
        for metric in getattr(import_module(f"mlgate.metrics.{file}"), "METRICS", ()):
            found.setdefault(metric.name, []).append(metric)
    return {name: tuple(entries) for name, entries in found.items()}


@cache
def also_called() -> Mapping[str, str]:
    """The metrics that ship with mlgate, by the names that others give them: the ALSO_CALLED of each file."""
    files = [import_module(f"mlgate.metrics.{file.name}") for file in iter_modules(package.__path__) if not file.ispkg]
    tables: list[Mapping[str, str]] = [getattr(file, "ALSO_CALLED", {}) for file in files]
    return {other: name for table in tables for name, others in table.items() for other in others.split(", ")}


@cache
def known() -> Family[tuple[Metric, ...]]:
    """The entries of every metric that a policy may name, including those of plugins."""
    return Family("metric", metrics(), _accepted)


def entries(name: str) -> tuple[Metric, ...]:
    """All entries of a name, empty for an unknown one. For `module:function` it is one entry for several tasks.

    Raises MachineError for a plugin that is installed twice or broken.
    """
    if ":" in name:
        doc = f"`{name}` called as f(label, prediction), or with scores by `inputs:`, with a bootstrap standard error."
        caveat = "bootstrap of an unknown function"
        return (
            Metric(
                name,
                RESAMPLED,
                Resampled(name),
                Better.NEITHER,
                ANY,
                name,
                doc,
                ("inputs",),
                (),
                Interval.NOT_GUARANTEED,
                caveat,
            ),
        )
    return known().get(name, ())


def _accepted(name: str, found: Any) -> tuple[Metric, ...]:
    each = tuple(found) if isinstance(found, (tuple, list)) else (found,)
    if not each or not all(isinstance(metric, Metric) and metric.name == name for metric in each):
        raise ValueError(f"it is not a Metric, or a tuple of them, named `{name}`")
    if lacking := next((metric for metric in each if not isinstance(metric.kind, Kind)), None):
        members = ", ".join(sorted(member for member in vars(Kind) if not member.startswith("_")))
        raise ValueError(f"its kind is {lacking.kind!r}, which does not have all of {members}")
    return each


def choose(name: str, task: str, options: Options) -> Metric:
    """The entry for a candidate's task and a rule's parameters. Raises EvidenceError where the task has none."""
    for_task = [metric for metric in entries(name) if task in metric.tasks or metric.tasks == EVERYWHERE]
    if not for_task and not task:
        raise EvidenceError(
            f"{name} requires predictions, and the candidate presents none: add `predictions` and `task`, or restrict "
            "the rule by `when: {task: ...}`"
        )
    if not for_task:
        known = ", ".join(sorted({t for metric in entries(name) for t in metric.tasks}))
        raise EvidenceError(
            f"{name} is not defined for {task} candidates (it is for: {known}); restrict the rule by "
            f"`when: {{task: ...}}`"
        )
    wanted = "class" if options.class_ is not None else options.average
    for metric in for_task:
        if metric.average == wanted or (metric.average is None and wanted is None):
            return metric
    offered = sorted({metric.average for metric in for_task if metric.average})
    if not offered:
        raise EvidenceError(f"{name} of a {task} candidate takes neither `class` nor `average`")
    averages = [average for average in offered if average != "class"]
    ways = ["`class: NAME`"] * ("class" in offered) + [f"`average:`, one of {', '.join(averages)}"] * bool(averages)
    raise EvidenceError(f"{name} of a {task} candidate requires {' or '.join(ways)}")

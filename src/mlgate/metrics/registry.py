"""Every metric by name; a name may stand for several entries, one a task and average."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from mlgate.errors import EvidenceError
from mlgate.metrics.base import Better, Interval, Metric, Options
from mlgate.metrics.kinds.resampled import Resampled

ANY = (float("-inf"), float("inf"))
TASKS = ("binary", "multiclass", "regression")


@cache
def metrics() -> Mapping[str, tuple[Metric, ...]]:
    """The entries of every metric name: built-in ones and those of the entry-point group `mlgate.metrics`."""
    from mlgate.metrics import binary, column, multiclass, regression

    found: dict[str, list[Metric]] = {}
    for metric in (*binary.METRICS, *multiclass.METRICS, *regression.METRICS, *column.METRICS):
        found.setdefault(metric.name, []).append(metric)
    return {name: tuple(entries) for name, entries in found.items()}


def entries(name: str) -> tuple[Metric, ...]:
    """All entries of a name; a `module:function` is one for every task. Empty for an unknown name."""
    if ":" in name:
        doc = f"`{name}` called as f(label, prediction), with a bootstrap standard error."
        caveat = "bootstrap of an unknown function"
        return (
            Metric(name, TASKS, Resampled(name), Better.NEITHER, ANY, name, doc, (), (), Interval.NOT_GUARANTEED, caveat),
        )
    return metrics().get(name, ())


def choose(name: str, task: str, options: Options) -> Metric:
    """The entry for a candidate's task and a rule's options. Raises EvidenceError where the task has none."""
    for_task = [metric for metric in entries(name) if task in metric.tasks]
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
    raise EvidenceError(f"{name} of a {task} candidate needs `class: NAME` or `average:` one of {', '.join(offered)}")

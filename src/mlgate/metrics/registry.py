"""Every metric by name; a name may stand for several entries, one a task and average."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from mlgate.metrics.base import EVERYWHERE, Better, Interval, Metric
from mlgate.metrics.kinds.resampled import Resampled
from mlgate.metrics.options import Options
from mlgate.values.errors import EvidenceError, MachineError

ANY = (float("-inf"), float("inf"))
GROUP = "mlgate.metrics"
RESAMPLED = ("binary", "multiclass", "regression", "forecasting")
"""Tasks with one label and one prediction a row, which a function of scikit-learn's signature takes."""


@cache
def metrics() -> Mapping[str, tuple[Metric, ...]]:
    """The entries of every metric name that ships with mlgate."""
    from mlgate.metrics import binary, column, forecasting, multiclass, multilabel, ranking, regression, text

    tasks = (binary, multiclass, multilabel, regression, ranking, forecasting, text, column)
    found: dict[str, list[Metric]] = {}
    for metric in (metric for task in tasks for metric in task.METRICS):
        found.setdefault(metric.name, []).append(metric)
    return {name: tuple(entries) for name, entries in found.items()}


def entries(name: str) -> tuple[Metric, ...]:
    """All entries of a name: ours, a plugin's, or for a `module:function` one for every task. Empty for an unknown one.

    Raises MachineError for a plugin that is installed twice or broken.
    """
    if ":" in name:
        doc = f"`{name}` called as f(label, prediction), with a bootstrap standard error."
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
                (),
                (),
                Interval.NOT_GUARANTEED,
                caveat,
            ),
        )
    plugins = [plugin for plugin in _plugins() if plugin.name == name]
    if not plugins:
        return metrics().get(name, ())
    if name in metrics() or len(plugins) > 1:
        values = ", ".join(plugin.value for plugin in plugins)
        raise MachineError(f"the metric `{name}` is installed twice; uninstall one ({values})")
    return _loaded(plugins[0])


@cache
def _plugins() -> tuple[EntryPoint, ...]:
    """The plugins that are installed; none comes or goes while a process runs."""
    return tuple(entry_points(group=GROUP))


def _loaded(plugin: EntryPoint) -> tuple[Metric, ...]:
    try:
        found = plugin.load()
    except Exception as broken:
        raise MachineError(f"the metric `{plugin.name}` cannot be loaded from {plugin.value}: {broken}") from broken
    each = tuple(found) if isinstance(found, (tuple, list)) else (found,)
    if not each or not all(isinstance(metric, Metric) and metric.name == plugin.name for metric in each):
        raise MachineError(f"{plugin.value} is no Metric, or tuple of these, named `{plugin.name}`")
    return each


def choose(name: str, task: str, options: Options) -> Metric:
    """The entry for a candidate's task and a rule's options. Raises EvidenceError where the task has none."""
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
    raise EvidenceError(f"{name} of a {task} candidate needs `class: NAME` or `average:` one of {', '.join(offered)}")

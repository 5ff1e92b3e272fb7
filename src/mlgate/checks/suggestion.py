"""What an unknown name of a check or metric probably means: what others call one of ours, or the nearest by letters."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from mlgate.checks.registry import also_called as checks_called
from mlgate.metrics.registry import also_called as metrics_called
from mlgate.metrics.registry import known as known_metrics
from mlgate.values.words import did_you_mean, same_name


def check_hint(name: str, known: Collection[str]) -> str:
    """The hint for an unknown check; empty if nothing is near. For a metric it names the check that measures it."""
    called = {other: check for other, check in checks_called().items() if check in known}
    family, _, last = name.rpartition(".")
    if meant := same_name(name, {each: each for each in known}) or same_name(last, called):
        return f", did you mean `{meant}`?"
    measures = "fairness.gap" if family == "fairness" else "performance.metric"
    metric = same_name(last, _metrics())
    if metric and measures in known:
        return f", did you mean `{measures}` with `metric: {metric}`?"
    return did_you_mean(name, known)


def metric_hint(name: str) -> str:
    """The hint for an unknown metric. What is a check by itself is named as one."""
    check = same_name(name, checks_called())
    if check and not same_name(name, _metrics()):
        return f", did you mean `check: {check}`?"
    return did_you_mean(name, known_metrics(), metrics_called()) or "; `mlgate explain` lists all metrics"


def _metrics() -> Mapping[str, str]:
    return {**metrics_called(), **{name: name for name in known_metrics()}}

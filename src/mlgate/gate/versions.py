"""The versions of what computed a verdict: the methods, Python, the libraries, and what policies bring along."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterable, Iterator

from mlgate.checks.base import Check
from mlgate.checks.metric_rule import MetricRule
from mlgate.evidence.questions.resample import Resample
from mlgate.gate.ask import Asked
from mlgate.lineage.lineage_question import LineageOf
from mlgate.metrics.registry import known, metrics
from mlgate.values.faults import plugin_of
from mlgate.values.installed import installed_version
from mlgate.values.provenance import Versions
from mlgate.version import METHODS


def versions(engine: str, asked: Iterable[Asked]) -> Versions:
    """The versions for the given rules. `engine` is the name and version of what scanned the tables."""
    packages = sorted(set(_brought_along(asked)))
    return Versions(
        METHODS,
        platform.python_version(),
        _version_of("numpy"),
        _version_of("scipy"),
        engine,
        tuple(f"{package} {_version_of(package)}".strip() for package in packages),
    )


def _brought_along(asked: Iterable[Asked]) -> Iterator[str]:
    """The distributions of plugins (checks, metrics, readers of lineage), and of the functions that rules call."""
    for entry in asked:
        check = entry.rule.check
        yield from filter(None, [plugin_of(check), _metric_plugin(check)])
        for need in entry.needs:
            if isinstance(need, Resample):
                yield from _distributions(need.function.partition(":")[0].partition(".")[0])
            if isinstance(need, LineageOf):
                yield from need.plugins


def _metric_plugin(check: Check) -> str:
    """The distribution of the metric that a rule names; empty for one of ours."""
    named = check.metric if isinstance(check, MetricRule) else ""
    return known().plugins().get(named, "") if named and named not in metrics() else ""


def _distributions(package: str) -> list[str]:
    """The distributions that hold a package; none for a module of the policy's folder."""
    from importlib import metadata

    return list(metadata.packages_distributions().get(package, ()))


def _version_of(package: str) -> str:
    """The version of a package, the same whether or not this process has loaded it; empty where it is not installed."""
    if package in sys.modules and hasattr(sys.modules[package], "__version__"):
        return str(sys.modules[package].__version__)
    return installed_version(package)

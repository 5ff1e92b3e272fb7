"""Every check by its id: the built-in ones, and those of the entry-point group `mlgate.checks` that a policy names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from typing import Any

from mlgate.checks.base import Check
from mlgate.checks.fairness.audit import FairnessAudit
from mlgate.checks.fairness.calibration import Calibration
from mlgate.checks.fairness.exposure import FairnessExposure
from mlgate.checks.fairness.gap import FairnessGap
from mlgate.checks.fairness.ratio import FairnessRatio
from mlgate.checks.fairness.terms import (
    DemographicParity,
    EqualizedOdds,
    EqualOpportunity,
    ErrorParity,
    FourFifths,
    MeanPrediction,
    MeanResidual,
    PredictiveParity,
)
from mlgate.checks.performance.champion import PerformanceChampion
from mlgate.checks.performance.flips import PerformanceFlips
from mlgate.checks.performance.metric import PerformanceMetric
from mlgate.checks.performance.slices import PerformanceSlices
from mlgate.values.errors import MachineError

BUILT_IN: tuple[type[Check], ...] = (
    PerformanceMetric,
    PerformanceChampion,
    PerformanceFlips,
    PerformanceSlices,
    FairnessGap,
    FairnessRatio,
    DemographicParity,
    EqualOpportunity,
    EqualizedOdds,
    PredictiveParity,
    FourFifths,
    Calibration,
    MeanPrediction,
    ErrorParity,
    MeanResidual,
    FairnessExposure,
    FairnessAudit,
)
GROUP = "mlgate.checks"


class Checks(Mapping[str, type[Check]]):
    """Checks by id; one from a plugin is loaded when it is looked up, so only a policy that names it runs it."""

    def __init__(self) -> None:
        self._built_in = {check.id: check for check in BUILT_IN}
        self._plugins: dict[str, Any] = {}
        for plugin in entry_points(group=GROUP):
            if plugin.name in self._built_in or plugin.name in self._plugins:
                raise MachineError(f"the check `{plugin.name}` is installed twice; uninstall one ({plugin.value})")
            self._plugins[plugin.name] = plugin

    def __getitem__(self, name: str) -> type[Check]:
        if name in self._built_in:
            return self._built_in[name]
        plugin = self._plugins[name]
        try:
            check: type[Check] = plugin.load()
        except Exception as broken:
            raise MachineError(f"the check `{name}` cannot be loaded from {plugin.value}: {broken}") from broken
        if getattr(check, "id", None) != name:
            raise MachineError(f"the check `{name}` of {plugin.value} calls itself {getattr(check, 'id', None)!r}")
        return check

    def __iter__(self) -> Iterator[str]:
        return iter((*self._built_in, *self._plugins))

    def __len__(self) -> int:
        return len(self._built_in) + len(self._plugins)


def checks() -> Mapping[str, type[Check]]:
    """Every check that a policy may name. Raises MachineError for one that is installed twice."""
    return Checks()

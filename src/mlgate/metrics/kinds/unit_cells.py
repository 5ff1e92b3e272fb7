"""F-beta, averaged F1, weighted precision, multiclass kappa and MCC of rows in units."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

from mlgate.metrics.base import Paired
from mlgate.metrics.kinds.unit_confusion import FromUnitConfusion, UnitConfusion, in_cells, of_pair
from mlgate.metrics.kinds.unit_paired_cells import UnitPairedCells
from mlgate.metrics.question import Question
from mlgate.metrics.units import Belongs, in_units
from mlgate.stats.cells import LOGIT, Scale
from mlgate.stats.cluster_cells import UnitTable, clustered_bounds, design_effect
from mlgate.values.estimate import Estimate, no_bound

if TYPE_CHECKING:
    from mlgate.metrics.confusion import Confusion
    from mlgate.metrics.kinds.sampled import FBeta, Sampled
    from mlgate.stats.cells import CellMetric

METHOD = "delta method with the covariance between units and t, guarded by half an effective row"
Guard = tuple[list[float], list[float]]


@dataclass(frozen=True)
class UnitFBeta(FromUnitConfusion):
    """F-beta of the positive class, of rows in units."""

    plain: FBeta
    method = METHOD

    def estimate(self, question: Question, stats: UnitConfusion) -> Estimate:
        """The exact value, with bounds that know units."""
        from mlgate.metrics.kinds.sampled import FBETA_GUARD, fbeta_of_cells

        plain, positive = self.plain.estimate(question, stats.confusion), stats.confusion.positive
        table = stats.cells.table([in_cells(name, positive) for name in ("tp", "fp", "fn", "tn")])
        metric = partial(fbeta_of_cells, float(Fraction(question.options.beta or 1) ** 2))
        units = stats.cells.units_of(in_cells("tp+fp+fn", positive))
        return cells_in_units(plain, table, metric, LOGIT, FBETA_GUARD, units)

    @property
    def paired(self) -> Paired:
        """The delta method between units."""
        return UnitPairedCells(self.plain, _of_all)


@dataclass(frozen=True)
class UnitSampled(FromUnitConfusion):
    """A metric of the whole matrix, of rows in units."""

    plain: Sampled
    method = METHOD

    def estimate(self, question: Question, stats: UnitConfusion) -> Estimate:
        """The value, with bounds that know units."""
        plain, classes = self.plain.estimate(question, stats.confusion), stats.confusion.classes
        pairs = [(a, b) for a in classes for b in classes]
        table = stats.cells.table([of_pair(partial(_same, pair)) for pair in pairs])
        k = len(classes)
        metric = partial(self.plain.of_cells, k)
        return cells_in_units(plain, table, metric, self.plain.scale, self.plain.guard(k), stats.cells.units)

    @property
    def paired(self) -> Paired:
        """The delta method between units."""
        return UnitPairedCells(self.plain, _of_all)


def _of_all(confusion: Confusion) -> tuple[Belongs, ...]:
    """All cells, and of one class those that are or are predicted it by either model."""
    if confusion.positive is None:
        return (lambda _cell: True,)
    return (lambda cell: confusion.positive in cell,)


def _same(pair: tuple[str, str], label: str, prediction: str) -> bool:
    return pair == (label, prediction)


def cells_in_units(
    plain: Estimate, table: UnitTable, metric: CellMetric, scale: Scale, guard: Guard, units: int
) -> Estimate:
    """The estimate of a metric of cells with bounds that know units."""
    import numpy as np

    bounds = clustered_bounds(table, metric, scale, *guard, units)
    lower, upper = (no_bound, no_bound) if bounds is None else (bounds.lower, bounds.upper)
    effective = table.rows / design_effect(table, metric, scale, np.asarray(guard[0], dtype=np.float64))
    return in_units(plain, lower, upper, units, effective, every=table.units)

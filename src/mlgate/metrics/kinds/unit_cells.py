"""F-beta, averaged F1, weighted precision, multiclass kappa and MCC of rows in units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

from mlgate.estimate import Estimate, no_bound
from mlgate.evidence.facts import Facts, Group
from mlgate.evidence.needs import Need
from mlgate.metrics.base import Alone, Paired
from mlgate.metrics.kinds.unit_confusion import UnitConfusion, in_cells, needs_in_units, of_pair, stats_in_units
from mlgate.metrics.kinds.unit_paired_cells import UnitPairedCells
from mlgate.metrics.question import Question
from mlgate.metrics.units import Belongs, in_units
from mlgate.stats.cells import LOGIT, Scale
from mlgate.stats.cluster_cells import UnitTable, clustered_bounds, design_effect

if TYPE_CHECKING:
    from mlgate.metrics.confusion import Confusion
    from mlgate.metrics.kinds.sampled import FBeta, Sampled
    from mlgate.stats.cells import CellMetric

METHOD = "delta method with the covariance between units and t, guarded by half an effective row"
Guard = tuple[list[float], list[float]]


@dataclass(frozen=True)
class UnitFBeta(Alone):
    """F-beta of the positive class, of rows in units."""

    plain: FBeta
    weighted = False
    method = METHOD

    def needs(self, question: Question) -> Iterable[Need]:
        """Those of independent rows, and how cells are spread over units."""
        return needs_in_units(self.plain, question)

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, UnitConfusion]:
        """The confusion matrix of every slice, in units."""
        return stats_in_units(self.plain, question, facts)

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
        return UnitPairedCells(self.plain, self.plain.estimate, self._of_cells, _of_all)

    def _of_cells(self, question: Question, confusion: Confusion) -> CellMetric:
        import numpy as np

        from mlgate.metrics.kinds.sampled import fbeta_of_cells

        pairs = [(a, b) for a in confusion.classes for b in confusion.classes]
        names = ("tp", "fp", "fn", "tn")
        member = np.array([[in_cells(name, confusion.positive)(pair) for name in names] for pair in pairs], dtype=float)
        beta2 = float(Fraction(question.options.beta or 1) ** 2)
        return lambda cells: fbeta_of_cells(beta2, cells @ member)


@dataclass(frozen=True)
class UnitSampled(Alone):
    """A metric of the whole matrix, of rows in units."""

    plain: Sampled
    weighted = False
    method = METHOD

    def needs(self, question: Question) -> Iterable[Need]:
        """Those of independent rows, and how cells are spread over units."""
        return needs_in_units(self.plain, question)

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, UnitConfusion]:
        """The confusion matrix of every slice, in units."""
        return stats_in_units(self.plain, question, facts)

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
        return UnitPairedCells(self.plain, self.plain.estimate, self._of_cells, _of_all)

    def _of_cells(self, question: Question, confusion: Confusion) -> CellMetric:
        return partial(self.plain.of_cells, len(confusion.classes))


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

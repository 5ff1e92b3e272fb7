"""Balanced accuracy, MCC, kappa, macro recall, expected cost of rows in units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from mlgate.evidence.questions.need import Group
from mlgate.metrics.base import Paired
from mlgate.metrics.kinds.unit_confusion import FromUnitConfusion, UnitConfusion, in_cells, of_pair
from mlgate.metrics.kinds.unit_paired_cells import UnitPairedCells
from mlgate.metrics.question import Question
from mlgate.metrics.units import Belongs, in_units
from mlgate.stats.cluster_melded import ClusteredMelded
from mlgate.stats.clusters import ClusteredShare
from mlgate.values.estimate import Estimate

if TYPE_CHECKING:
    from mlgate.metrics.confusion import Confusion
    from mlgate.metrics.kinds.melded import Melded, MeldedShares

METHOD = "melded Clopper-Pearson on effective rows, by the variance between units of each share and of all together"


@dataclass(frozen=True)
class UnitMelded(FromUnitConfusion):
    """A formula of the true positive rate, true negative rate and prevalence, of rows in units."""

    plain: Melded
    method = METHOD

    def estimate(self, question: Question, stats: UnitConfusion) -> Estimate:
        """The formula of the observed rates, with bounds that know units."""
        plain, positive = self.plain.estimate(question, stats.confusion), stats.confusion.positive
        cells = [in_cells(name, positive) for name in ("tp", "fn", "tn", "fp")]
        of_positive = stats.cells.sums(in_cells("tp+fn", positive), in_cells("", positive))
        melded = ClusteredMelded(
            stats.cells.table(cells),
            _shares(stats, cells),
            list(self.plain.increasing(question.options)),
            self.plain.formula(question.options),
            ClusteredShare(of_positive) if self.plain.prevalence else None,
        )
        return _estimate(plain, melded, stats)

    @property
    def paired(self) -> Paired:
        """The delta method between units."""
        return UnitPairedCells(self.plain, _of_labels)


@dataclass(frozen=True)
class UnitMeldedShares(FromUnitConfusion):
    """The mean over classes of their own share of rows predicted right, of rows in units."""

    plain: MeldedShares
    method = METHOD

    def estimate(self, question: Question, stats: UnitConfusion) -> Estimate:
        """The scaled mean share, with bounds that know units."""
        plain, classes = self.plain.estimate(question, stats.confusion), stats.confusion.classes
        cells = [belongs for name in classes for belongs in self._own(name)]
        k = len(classes)
        table, shares = stats.cells.table(cells), _shares(stats, cells)
        melded = ClusteredMelded(table, shares, [True] * k, lambda *drawn: self.plain.scale(sum(drawn) / k, k))
        return _estimate(plain, melded, stats)

    @property
    def paired(self) -> Paired:
        """The delta method between units."""
        return UnitPairedCells(self.plain, _of_labels)

    def _own(self, name: str) -> tuple[Belongs, Belongs]:
        """The rows right and wrong among those labelled (or predicted) a class."""
        own = 0 if self.plain.of == "label" else 1
        return (
            of_pair(lambda label, prediction: label == name == prediction),
            of_pair(lambda *pair: pair[own] == name and pair[0] != pair[1]),
        )


def _of_labels(confusion: Confusion) -> tuple[Belongs, ...]:
    """For each class the cells of its label; of one class and the rest where the metric is about one."""
    if confusion.positive is None:
        return tuple(partial(_labelled, name) for name in confusion.classes)
    return partial(_labelled, confusion.positive), lambda cell: not _labelled(str(confusion.positive), cell)


def _labelled(name: str, cell: Group) -> bool:
    return cell[0] == name


def _shares(stats: UnitConfusion, cells: Sequence[Belongs]) -> tuple[ClusteredShare, ...]:
    """The share of each two cells' first."""
    return tuple(
        ClusteredShare(stats.cells.sums(hit, _either(hit, miss))) for hit, miss in zip(cells[::2], cells[1::2])
    )


def _either(one: Belongs, other: Belongs) -> Belongs:
    return lambda values: one(values) or other(values)


def _estimate(plain: Estimate, melded: ClusteredMelded, stats: UnitConfusion) -> Estimate:
    units = min(share.sums.units for share in melded.shares)
    return in_units(plain, melded.lower, melded.upper, units, None, every=stats.cells.units)

"""Two models' decisions on the same rows, which belong together in units: the difference of a metric of cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.evidence.questions.unit_counts import UnitCounts
from mlgate.metrics.base import Pair
from mlgate.metrics.confusion import Confusion, FromConfusion
from mlgate.metrics.kinds.unit_confusion import class_names, named
from mlgate.metrics.units import Belongs, UnitCells, cells_by_group, compared_in_units, counts_in_units
from mlgate.stats.cluster_cells import clustered_difference
from mlgate.values.estimate import Estimate

if TYPE_CHECKING:
    from mlgate.metrics.kinds.share import HitShare, HitTally
    from mlgate.stats.cells import CellMetric

METHOD = "delta method with the covariance between units and t, guarded by half an effective row"


@dataclass(frozen=True)
class TwoConfusions:
    """One slice's confusion matrices of both models, and its cells (label, new, old) in units."""

    new: Confusion
    old: Confusion
    cells: UnitCells

    @property
    def rows(self) -> int:
        """Rows of the slice."""
        return self.new.rows


@dataclass(frozen=True)
class UnitPairedCells:
    """The difference of a metric of the confusion matrix, of rows in units."""

    plain: FromConfusion
    counted: Callable[[Confusion], Sequence[Belongs]]
    """For each denominator the cells that count: bounds take enough units that have rows of each."""

    def needs(self, pair: Pair) -> Iterable[Need]:
        """Both models' cells, and how joint cells are spread over units."""
        return (*self.plain.needs(pair.new), *self.plain.needs(pair.old), _joint(pair))

    def groups(self, pair: Pair, facts: Facts) -> Mapping[Group, TwoConfusions]:
        """The joint cells of every slice."""
        new, old = self.plain.groups(pair.new, facts), self.plain.groups(pair.old, facts)
        found = {}
        for group, cells in cells_by_group(_joint(pair), facts).items():
            names = {1: class_names(pair.new, new[group]), 2: class_names(pair.old, old[group])}
            found[group] = TwoConfusions(new[group], old[group], UnitCells(named(cells.of, names)))
        return found

    def difference(self, pair: Pair, stats: TwoConfusions, relative: bool) -> Estimate:
        """new - old, or new / old - 1. Raises Undefined where either has no value, or a relative one has none."""
        ends = self.plain.estimate(pair.new, stats.new), self.plain.estimate(pair.old, stats.old)
        classes = stats.new.classes
        joint = _cells(stats)
        table = stats.cells.table([_exactly(cell) for cell in joint])
        pairs = [(a, b) for a in classes for b in classes]
        places = [[pairs.index((str(cell[0]), str(cell[at]))) for cell in joint] for at in (1, 2)]
        metric = self.plain.of_tables(pair.new, classes, stats.new.positive)
        units = min(stats.cells.units_of(belongs) for belongs in self.counted(stats.new))
        each = 1 / len(classes)
        worse = [each if cell[0] == cell[2] != cell[1] else 0.0 for cell in joint]
        better = [each if cell[0] == cell[1] != cell[2] else 0.0 for cell in joint]
        found = clustered_difference(table, metric, places, len(pairs), (worse, better), units, relative)
        return compared_in_units(*ends, found, units, stats.cells.units, relative)


@dataclass(frozen=True)
class TwoHits:
    """One slice's hits of both models, and its cells (new, old) in units."""

    new: HitTally
    old: HitTally
    cells: UnitCells

    @property
    def rows(self) -> int:
        """Rows of the slice."""
        return self.new.rows


@dataclass(frozen=True)
class UnitPairedHits:
    """The difference of the shares of rows for which an expression holds, of rows in units."""

    plain: HitShare

    def needs(self, pair: Pair) -> Iterable[Need]:
        """Both models' hits, and how both together are spread over units."""
        return (*self.plain.needs(pair.new), *self.plain.needs(pair.old), self._joint(pair))

    def groups(self, pair: Pair, facts: Facts) -> Mapping[Group, TwoHits]:
        """The joint hits of every slice."""
        new, old = self.plain.groups(pair.new, facts), self.plain.groups(pair.old, facts)
        cells = cells_by_group(self._joint(pair), facts)
        return {group: TwoHits(new[group], old[group], cells[group]) for group in new}

    def difference(self, pair: Pair, stats: TwoHits, relative: bool) -> Estimate:
        """new - old, or new / old - 1. Raises Undefined where a relative one has no value."""
        ends = self.plain.estimate(pair.new, stats.new), self.plain.estimate(pair.old, stats.old)
        joint = [("true", "true"), ("true", "false"), ("false", "true"), ("false", "false")]
        table = stats.cells.table([_exactly(cell) for cell in joint])
        places = [[0, 0, 1, 1], [0, 1, 0, 1]]
        share: CellMetric = lambda cells: cells[:, 0] / cells.sum(axis=1)  # noqa: E731
        guards = [0.0, 0.0, 0.5, 0.0], [0.0, 0.5, 0.0, 0.0]
        found = clustered_difference(table, share, places, 2, guards, stats.cells.units, relative)
        return compared_in_units(*ends, found, stats.cells.units, stats.cells.units, relative)

    def _joint(self, pair: Pair) -> UnitCounts:
        return counts_in_units(pair.new, self.plain.hit(pair.new), self.plain.hit(pair.old))


def _joint(pair: Pair) -> UnitCounts:
    return counts_in_units(pair.new, pair.new.label_term, pair.new.prediction_term, pair.old.prediction_term)


def _exactly(cell: Group) -> Belongs:
    return lambda values: values == cell


def _cells(stats: TwoConfusions) -> list[Group]:
    """The joint cells found, and those of the guards: of each class a row that one model has right, the other wrong."""
    found: list[Group] = [cell.values for cell in stats.cells.of.cells]
    for at, name in enumerate(stats.new.classes):
        other = stats.new.classes[at - 1]
        found += [(name, other, name), (name, name, other)]
    return list(dict.fromkeys(found))

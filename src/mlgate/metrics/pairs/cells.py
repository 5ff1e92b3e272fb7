"""Metrics of confusion matrices under two models: the delta method on the joint table of label and both predictions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.metrics.base import Pair
from mlgate.metrics.confusion import FromConfusion, cell_names
from mlgate.metrics.pairs.joint import Joint, joint_needs, joints
from mlgate.metrics.pairs.said import ALIKE, Both, fraction, of_champion
from mlgate.stats.paired import paired_cells, paired_cells_ratio
from mlgate.values.estimate import Estimate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PairedCells:
    """Any metric of a confusion matrix; both models' cells move together, as the joint table says how."""

    kind: FromConfusion

    def needs(self, pair: Pair) -> Iterable[Need]:
        """The cube of label and both predictions."""
        return joint_needs(pair, one_class=self.kind.one_class)

    def groups(self, pair: Pair, facts: Facts) -> Mapping[Group, Joint]:
        """The joint counts of every slice."""
        return joints(pair, facts, one_class=self.kind.one_class)

    def difference(self, pair: Pair, stats: Joint, relative: bool) -> Estimate:
        """The difference, exact where both values are. Raises Undefined where either model's is 0/0."""
        new = self.kind.estimate(pair.new, stats.new)
        with of_champion():
            old = self.kind.estimate(pair.old, stats.old)
        values = Both(new.sharpest, old.sharpest)
        value = values.less(relative)
        metric = self.kind.of_tables(pair.new, stats.classes, stats.positive)
        counts = stats.table(lambda tally: tally.weight)
        squares = stats.table(lambda tally: tally.weight2) if stats.weighted else None
        compared = paired_cells_ratio if relative else paired_cells
        bounds = compared(counts, len(stats.classes), metric, squares)
        apart = stats.where(lambda _label, one, other: one != other).n
        return Estimate(
            (),
            float(value),
            stats.rows,
            stats.rows,
            bounds.lower,
            bounds.upper,
            exact=fraction(value),
            no_bound_because=ALIKE,
            note=f"{values.note}; {apart} of {stats.rows} rows decided differently",
        )


def in_cells(names: frozenset[str], classes: tuple[str, ...], positive: str | None) -> Floats:
    """1 for every cell of a label x prediction table that is one of the named ones, or for all where none is named."""
    import numpy as np

    each = (cell_names(label, given, positive) for label in classes for given in classes)
    return np.array([1.0 if not names or names & found else 0.0 for found in each])

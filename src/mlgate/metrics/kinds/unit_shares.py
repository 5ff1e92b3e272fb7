"""Shares of rows in units: exact binomial bounds for as many rows as are independent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.metrics.base import Alone, Paired
from mlgate.metrics.kinds.unit_confusion import FromUnitConfusion, UnitConfusion, in_cells
from mlgate.metrics.kinds.unit_paired_cells import UnitPairedCells, UnitPairedHits
from mlgate.metrics.question import Question
from mlgate.metrics.units import Belongs, UnitCells, cells_by_group, counts_in_units, in_units
from mlgate.stats.clusters import LEAST_UNITS, ClusteredShare, UnitSums
from mlgate.stats.planning import Side, rows_for_share
from mlgate.values.estimate import Bound, Estimate

if TYPE_CHECKING:
    from mlgate.metrics.confusion import Confusion
    from mlgate.metrics.kinds.share import HitShare, HitTally, Share

METHOD = "Clopper-Pearson on effective rows, by the variance between units (Korn & Graubard 1998)"
Transform = Callable[[Fraction], Fraction]


@dataclass(frozen=True)
class UnitShare(FromUnitConfusion):
    """A share of confusion cells, of rows in units."""

    plain: Share
    method = METHOD

    def estimate(self, question: Question, stats: UnitConfusion) -> Estimate:
        """The share, with bounds that know units. Raises Undefined where no row is counted."""
        plain = self.plain.estimate(question, stats.confusion)
        hits = in_cells(self.plain.hits, stats.confusion.positive)
        every = in_cells(self.plain.of, stats.confusion.positive)
        transform, inverse = self.plain.transform, self.plain.inverse
        return share_in_units(plain, stats.cells.sums(hits, every), stats.cells.units, transform, inverse)

    @property
    def paired(self) -> Paired:
        """The delta method between units."""
        return UnitPairedCells(self.plain, self._counted)

    def _counted(self, confusion: Confusion) -> tuple[Belongs, ...]:
        """The cells (label, new, old) that count for the new model; those of the old one where they count for it."""
        belongs = in_cells(self.plain.of, confusion.positive)
        return (lambda cell: belongs(cell[:2]), lambda cell: belongs((cell[0], cell[2])))


@dataclass(frozen=True)
class HitsInUnits:
    """One slice of a yes-or-no quantity, also by unit."""

    tally: HitTally
    cells: UnitCells

    @property
    def rows(self) -> int:
        """Rows of the slice."""
        return self.tally.rows


@dataclass(frozen=True)
class UnitHitShare(Alone):
    """The share of rows for which an expression holds, of rows in units."""

    plain: HitShare
    weighted = False
    method = METHOD

    def needs(self, question: Question) -> Iterable[Need]:
        """Those of independent rows, and how hits are spread over units."""
        return (*self.plain.needs(question), counts_in_units(question, self.plain.hit(question)))

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, HitsInUnits]:
        """Hits and misses of every slice, in units."""
        found = self.plain.groups(question, facts)
        cells = cells_by_group(counts_in_units(question, self.plain.hit(question)), facts)
        return {group: HitsInUnits(tally, cells[group]) for group, tally in found.items()}

    def estimate(self, question: Question, stats: HitsInUnits) -> Estimate:
        """The share, with bounds that know units."""
        plain = self.plain.estimate(question, stats.tally)
        sums = stats.cells.sums(lambda values: values[0] == "true", lambda _values: True)
        return share_in_units(plain, sums, stats.cells.units)

    @property
    def paired(self) -> Paired:
        """The delta method between units."""
        return UnitPairedHits(self.plain)


def share_in_units(
    plain: Estimate,
    sums: UnitSums,
    every: int,
    transform: Transform | None = None,
    inverse: Transform | None = None,
) -> Estimate:
    """The estimate of a share with bounds and planning that know units; `every` is all units there are."""
    share = ClusteredShare(sums)
    lower, upper = _through(transform, share.lower), _through(transform, share.upper)
    found = in_units(plain, lower, upper, sums.units, share.effective_rows, every=every)
    if sums.units < LEAST_UNITS:
        return found
    return replace(found, rows_to_settle=partial(_rows_to_settle, share, inverse))


def _rows_to_settle(
    share: ClusteredShare, inverse: Transform | None, bound: float, side: Side, alpha: float, power: float
) -> int | None:
    limit = float(inverse(Fraction(bound))) if inverse else bound
    rows, effective = rows_for_share(share.value, limit, alpha, power, side), share.rows_at(alpha)
    return None if rows is None or not effective else round(rows * float(share.sums.x) / effective)


def _through(transform: Transform | None, bound: Bound) -> Bound:
    def shown(alpha: float) -> float | None:
        found = bound(alpha)
        return found if found is None or transform is None else float(transform(Fraction(found)))

    return shown

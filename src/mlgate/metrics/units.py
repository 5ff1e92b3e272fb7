"""Rows that belong together: a slice's counts and sums in units, and what every estimate of such rows says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from mlgate.evidence.questions.need import Facts, Group, Term
from mlgate.evidence.questions.unit_counts import UnitCounts, UnitCountsFact, UnitCountsOf
from mlgate.evidence.questions.unit_moments import UnitMoments, UnitMomentsFact
from mlgate.metrics.kinds.sums import UNSEEN, reaches_of, with_pivots
from mlgate.metrics.pairs.said import Both, fraction
from mlgate.metrics.question import Question
from mlgate.stats.bounds import Bounds, LessOne
from mlgate.stats.cluster_cells import UnitTable
from mlgate.stats.clusters import LEAST_UNITS, UnitSums
from mlgate.values.estimate import Bound, Estimate, no_bound

if TYPE_CHECKING:
    import numpy as np

Belongs = Callable[[Group], bool]
"""Whether a cell, by its terms' values, is one of those meant."""


def counts_in_units(question: Question, *terms: Term) -> UnitCounts:
    """The question how some terms' cells are spread over units, by slice."""
    return UnitCounts(question.rows.table, question.where, "", terms, question.by, question.unit)


def moments_in_units(
    question: Question,
    values: tuple[str, ...],
    parts: tuple[tuple[int, ...], ...],
    monomials: tuple[tuple[int, ...], ...],
) -> UnitMoments:
    """The question what some values add up to in units, by slice."""
    return UnitMoments(question.rows.table, question.where, "", values, parts, monomials, question.by, question.unit)


@dataclass(frozen=True)
class UnitCells:
    """One slice's cells in units; `belongs` in what follows chooses cells by their terms' values."""

    of: UnitCountsOf

    @property
    def units(self) -> int:
        """Units of the slice."""
        return self.of.units

    def sums(self, hits: Belongs, every: Belongs) -> UnitSums:
        """Hits y on the x rows of some cells, over the units that have any of them."""
        y, x = self._chosen(hits), self._chosen(every)
        n = [cell.n for cell in self.of.cells]
        yy, xx, xy = self._products(y, y), self._products(x, x), self._products(x, y)
        differing = min(self._units_of(y), self._units_of(x - y))
        return UnitSums(self._units_of(x), sum(n[at] for at in y), sum(n[at] for at in x), yy, xx, xy, differing)

    def units_of(self, belongs: Belongs) -> int:
        """Units with rows of some cells: exact for two cells and for all of a term's value, else not too many."""
        return self._units_of(self._chosen(belongs))

    def _units_of(self, chosen: set[int]) -> int:
        cells = self.of.cells
        if len(chosen) == len(cells):
            return self.units
        found = [cells[at].units for at in chosen]
        for pair in self.of.pairs:
            if pair.first != pair.second and {pair.first, pair.second} <= chosen:
                found.append(cells[pair.first].units + cells[pair.second].units - pair.units)
        apart = self._apart
        found += [cells[a].units + cells[b].units for a, b in apart if {a, b} <= chosen]
        for value in self.of.values:
            own = {at for at, cell in enumerate(cells) if cell.values[value.term] == value.value}
            found += [value.units] if own <= chosen else []
        return max(found, default=0)

    @cached_property
    def _apart(self) -> tuple[tuple[int, int], ...]:
        """Pairs of cells that no unit has both of: they are not among the pairs."""
        met = {(pair.first, pair.second) for pair in self.of.pairs}
        every = range(len(self.of.cells))
        return tuple((a, b) for a in every for b in every if a < b and (a, b) not in met)

    def table(self, cells: Sequence[Belongs]) -> UnitTable:
        """Counts and products of cells put together; a row is in at most one of them."""
        import numpy as np

        member = np.array([[belongs(cell.values) for belongs in cells] for cell in self.of.cells], dtype=np.float64)
        counts = np.array([cell.n for cell in self.of.cells], dtype=np.float64)
        return UnitTable(self.units, counts @ member, member.T @ self._matrix @ member)

    @cached_property
    def _matrix(self) -> np.ndarray:
        import numpy as np

        found = np.zeros((len(self.of.cells),) * 2)
        for pair in self.of.pairs:
            found[pair.first, pair.second] = found[pair.second, pair.first] = pair.products
        return found

    def _chosen(self, belongs: Belongs) -> set[int]:
        return {at for at, cell in enumerate(self.of.cells) if belongs(cell.values)}

    def _products(self, one: set[int], other: set[int]) -> int:
        total = 0
        for pair in self.of.pairs:
            total += pair.products * (pair.first in one and pair.second in other)
            if pair.first != pair.second:
                total += pair.products * (pair.second in one and pair.first in other)
        return total


def cells_by_group(need: UnitCounts, facts: Facts) -> dict[Group, UnitCells]:
    """The cells of every slice."""
    fact: UnitCountsFact = facts[need]
    return {found.group: UnitCells(found) for found in fact.groups}


@dataclass(frozen=True)
class UnitTotals:
    """One slice's sums over units, of the units' sums less pivots."""

    rows: int
    units: int
    sums: Mapping[tuple[int, ...], Fraction]
    pivots: tuple[Fraction, ...]
    reaches: tuple[Fraction, ...]
    """For each value, its greatest distance from the pivot in the whole table: the scale of the rounding."""

    def total(self, *powers: int) -> Fraction:
        """Σ over units of a product of powers of the units' sums of the values themselves, each a part of its own."""
        return with_pivots(powers, self.pivots, lambda lower: self._less((*lower, sum(powers) - sum(lower))))

    def _less(self, monomial: tuple[int, ...]) -> Fraction:
        if sum(monomial) == monomial[-1] and monomial[-1] <= 1:
            return Fraction(self.rows if monomial[-1] else self.units)
        return self.sums[monomial]

    def stands_out(self, variance: float, reach: Fraction) -> bool:
        """Whether a variance of units' means is more than rounding."""
        squares = self.sums[(0,) * (len(next(iter(self.sums))) - 1) + (2,)]
        unequal = float(squares * self.units) / self.rows**2
        return variance > 0 and variance >= float(UNSEEN * reach) ** 2 * unequal


def totals_by_group(need: UnitMoments, facts: Facts) -> dict[Group, UnitTotals]:
    """The sums of every slice, with the scales they were taken in."""
    fact: UnitMomentsFact = facts[need]
    reaches = reaches_of(need, fact.pivots, facts)
    return {of.group: UnitTotals(of.n, of.units, dict(of.sums), fact.pivots, reaches) for of in fact.groups}


def in_units(
    plain: Estimate,
    lower: Bound,
    upper: Bound,
    units: int,
    effective: float | None,
    *,
    every: int | None = None,
    without: str = "units do not differ, so their spread is unknown",
) -> Estimate:
    """An estimate of independent rows with the bounds of rows in units: it tells the units, and how much they know.

    `units` are those that count, of `every` unit there is.
    """
    few = f"{units} units have rows that count, and bounds take {LEAST_UNITS}; more rows of these units do not help"
    counted = f"{units:,} units" if every is None or every == units else f"{units:,} of {every:,} units"
    said = f"{counted}, {plain.n:,} rows"
    if effective is not None:
        said += f"; effective rows {min(effective, plain.n):,.0f}"
    return replace(
        plain,
        lower=lower,
        upper=upper,
        rows_to_settle=None,
        no_bound_because=few if units < LEAST_UNITS else plain.no_bound_because or without,
        note=f"{said}; {plain.note}" if plain.note else said,
        share=None,
        units=units,
    )


def compared_in_units(
    new: Estimate, old: Estimate, bounds: Bounds | None, units: int, every: int, relative: bool
) -> Estimate:
    """The difference of two estimates of the same rows, in units; `bounds` of a relative one are those of the log."""
    values = Both(new.sharpest, old.sharpest)
    value = values.less(relative)
    plain = Estimate((), float(value), new.n, new.rows, exact=fraction(value), counted=new.counted)
    shown = LessOne(bounds) if bounds and relative else bounds
    lower, upper = (shown.lower, shown.upper) if shown else (no_bound, no_bound)
    found = in_units(plain, lower, upper, units, None, every=every, without="both models err alike, or hardly differ")
    return replace(found, note=f"{values.note}; {found.note}")

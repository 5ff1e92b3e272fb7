"""Rows in units: how a slice's cells are spread over units, and the note of every estimate of such rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

from mlgate.evidence.questions.counts import Cell, Counts, CountsFact
from mlgate.evidence.questions.need import Facts, Group, Term
from mlgate.evidence.questions.unit_counts import UnitPair, UnitValue
from mlgate.metrics.question import Question
from mlgate.stats.clusters import LEAST_UNITS, UnitSums
from mlgate.values.estimate import Bound, Estimate
from mlgate.values.words import counted, have

if TYPE_CHECKING:
    import numpy as np

Place = tuple[str, ...]
"""A cell by the values of its terms: the label and the answer of each model, or these answers alone."""
Belongs = Callable[[Place], bool]
"""A condition on cells."""


def counts_in_units(question: Question, *terms: Term) -> Counts:
    """The need for the counts of some terms' cells by unit, for every slice."""
    by = question.by
    return Counts(question.rows.table, question.where, "", (*by, *terms), unit=question.unit, groups=len(by))


@dataclass(frozen=True)
class UnitCells:
    """One slice's cells in units. Its methods select cells by a condition, `belongs`."""

    units: int
    """The number of units with rows in the slice."""
    largest: int
    """The most rows of the slice in one unit."""
    cells: tuple[Cell, ...]
    pairs: tuple[UnitPair, ...]
    values: tuple[UnitValue, ...]

    def sums(self, hits: Belongs, every: Belongs) -> UnitSums:
        """The sums over units of hits y on x rows; only units with rows in `every` count."""
        y, x = self._chosen(hits), self._chosen(every)
        n = [cell.n for cell in self.cells]
        yy, xx, xy = self._products(y, y), self._products(x, x), self._products(x, y)
        differing = min(self._units_of(y), self._units_of(x - y))
        rows = sum(n[at] for at in y), sum(n[at] for at in x)
        return UnitSums(self._units_of(x), *rows, yy, xx, xy, self._largest(x), differing)

    def _largest(self, chosen: set[int]) -> int:
        """The most rows of some cells that one unit has: exact for all of a term's value, else not too few."""
        found = [sum(self.cells[at].largest for at in chosen), self.largest]
        for value in self.values:
            if chosen <= self._having(value):
                found.append(value.largest)
        return min(found)

    def _having(self, value: UnitValue) -> set[int]:
        return {at for at, cell in enumerate(self.cells) if cell.values[value.term] == value.value}

    def units_of(self, belongs: Belongs) -> int:
        """The number of units with rows in some cells: exact for one or two cells, for all, and for a term's value.

        For other sets of cells it is a lower bound.
        """
        return self._units_of(self._chosen(belongs))

    def _units_of(self, chosen: set[int]) -> int:
        cells = self.cells
        if len(chosen) == len(cells):
            return self.units
        found = [cells[at].units for at in chosen]
        for pair in self.pairs:
            if pair.first != pair.second and {pair.first, pair.second} <= chosen:
                found.append(cells[pair.first].units + cells[pair.second].units - pair.units)
        apart = self._apart
        found += [cells[a].units + cells[b].units for a, b in apart if {a, b} <= chosen]
        for value in self.values:
            found += [value.units] if self._having(value) <= chosen else []
        return max(found, default=0)

    @cached_property
    def _apart(self) -> tuple[tuple[int, int], ...]:
        """Pairs of cells that no unit has both of; the fact leaves these pairs out."""
        met = {(pair.first, pair.second) for pair in self.pairs}
        every = range(len(self.cells))
        return tuple((a, b) for a in every for b in every if a < b and (a, b) not in met)

    @property
    def rows_of_a_typical_unit(self) -> float:
        """The mean over rows of the number of rows of a row's unit, Σn² / Σn."""
        every = set(range(len(self.cells)))
        return self._products(every, every) / sum(cell.n for cell in self.cells)

    @property
    def even_units(self) -> float:
        """How many units of the largest size have the same Σn²; all units where these are equal."""
        every = set(range(len(self.cells)))
        return self._products(every, every) / self.largest**2

    def matrix(self, cells: Sequence[Place]) -> np.ndarray:
        """For each pair of cells, the sum over units of products of deviations of their counts from the mean unit."""
        import numpy as np

        place = {cell: at for at, cell in enumerate(cells)}
        at = [place[tuple(map(str, cell.values))] for cell in self.cells]
        found, n = np.zeros((len(cells),) * 2), np.zeros(len(cells))
        for pair in self.pairs:
            i, j = at[pair.first], at[pair.second]
            found[i, j] = found[j, i] = pair.products
        n[at] = [cell.n for cell in self.cells]
        return found - np.outer(n, n) / self.units

    def _chosen(self, belongs: Belongs) -> set[int]:
        return {at for at, cell in enumerate(self.cells) if belongs(tuple(map(str, cell.values)))}

    def _products(self, one: set[int], other: set[int]) -> int:
        total = 0
        for pair in self.pairs:
            total += pair.products * (pair.first in one and pair.second in other)
            if pair.first != pair.second:
                total += pair.products * (pair.second in one and pair.first in other)
        return total


def cells_by_group(need: Counts, facts: Facts) -> dict[Group, UnitCells]:
    """The cells of every slice."""
    fact: CountsFact = facts[need]
    cells = {
        group: tuple(replace(cell, values=cell.values[need.groups :]) for cell in own)
        for group, own in groupby(fact.cells, lambda cell: cell.values[: need.groups])
    }
    return {of.group: UnitCells(of.units, of.largest, cells[of.group], of.pairs, of.values) for of in fact.units}


OF_RAREST_CLASS = "rows of the rarest class"
"""What units must have that inform a value in which every class counts, such as ROC AUC or balanced accuracy."""


def in_units(
    found: Estimate,
    lower: Bound,
    upper: Bound,
    units: int,
    effective: float | None = None,
    *,
    every: int | None = None,
    having: str = "rows that count",
    without: str = "units do not differ, so their spread is unknown",
) -> Estimate:
    """An estimate with the bounds of rows in units, and a note on the number of units and of effective rows.

    `units` is the number of units that have such rows as `having` says, `every` the number of all units. `without` is
    the reason for a missing bound where the estimate has none of its own.
    """
    few = f"{have(units, 'unit')} {having}, and bounds require {LEAST_UNITS}; more rows of these units do not help"
    told = "" if every in (None, units) else f" ({units:,} with {having})"
    said = f"{counted(every or units, 'unit')}{told}, {counted(found.n, 'row')}"
    if effective is not None:
        said += f"; effective rows {min(effective, found.n):,.0f}"
    return replace(
        found,
        lower=lower,
        upper=upper,
        rows_to_settle=None,
        no_bound_because=few if units < LEAST_UNITS else found.no_bound_because or without,
        note=f"{said}; {found.note}" if found.note else said,
        share=None,
        units=units,
    )

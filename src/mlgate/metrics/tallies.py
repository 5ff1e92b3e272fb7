"""Counts of one slice by cell: what rows answer under one model or two, as they stand or by unit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, ClassVar

from mlgate.evidence.questions.counts import Cell
from mlgate.metrics.units import Belongs, Place, UnitCells
from mlgate.stats.linearised import Added, Of, Totals

if TYPE_CHECKING:
    from mlgate.stats.linearised import OfSums


@dataclass(frozen=True)
class Tally:
    """Rows, weights and squared weights of some cells; without sampling weights a row weighs 1."""

    n: int
    weight: Fraction
    weight2: Fraction

    @staticmethod
    def of(cells: Iterable[Cell], weighted: bool) -> Tally:
        """The sum of some cells."""
        found = tuple(cells)
        n = sum(cell.n for cell in found)
        if not weighted:
            return Tally(n, Fraction(n), Fraction(n))
        return Tally(n, sum((c.weight for c in found), Fraction(0)), sum((c.weight2 for c in found), Fraction(0)))

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.n + other.n, self.weight + other.weight, self.weight2 + other.weight2)

    def __sub__(self, other: Tally) -> Tally:
        return Tally(self.n - other.n, self.weight - other.weight, self.weight2 - other.weight2)


NOTHING = Tally(0, Fraction(0), Fraction(0))


@dataclass(frozen=True)
class CellFormula:
    """A formula of the counts of k sorts of rows, under one model."""

    of: OfSums
    size: int
    place: Callable[[Place], int]
    """The sort that a cell is of."""


@dataclass(frozen=True)
class Tallies:
    """One slice of a yes-or-no answer ("true" or "false") of one model, or of two: tallies by cell."""

    cells: Mapping[Place, Tally]
    weighted: bool
    units: UnitCells | None = None
    """The same cells in units, where rows belong together."""

    shared: ClassVar[int] = 0
    """Whether a cell starts with the label, which both models share."""

    @cached_property
    def rows(self) -> int:
        """Rows of the slice."""
        return sum(tally.n for tally in self.cells.values())

    @property
    def additive(self) -> bool:
        """Whether a slice's cells can be taken away: units may have rows in several slices."""
        return self.units is None

    def without(self, part: Tallies) -> Tallies:
        """The rest, once some of the rows are taken away."""
        return replace(self, cells={cell: tally - part.cells.get(cell, NOTHING) for cell, tally in self.cells.items()})

    @property
    def answers(self) -> tuple[str, ...]:
        """What a model may answer."""
        return ("true", "false")

    def where(self, belongs: Callable[..., bool]) -> Tally:
        """The tally of the cells for which `belongs(*cell)` holds."""
        return sum((tally for cell, tally in self.cells.items() if belongs(*cell)), NOTHING)

    def of_model(self, at: int) -> Tallies:
        """One model's own cells."""
        found: dict[Place, Tally] = {}
        for cell, tally in self.cells.items():
            own = self.seen_by(cell, at)
            found[own] = found.get(own, NOTHING) + tally
        return replace(self, cells=found, units=None)

    def seen_by(self, cell: Place, at: int) -> Place:
        """A cell as one model sees it."""
        return (*cell[: self.shared], cell[self.shared + at])

    @property
    def apart(self) -> list[Place]:
        """All cells in which two models answer differently."""
        pairs = [(new, old) for new in self.answers for old in self.answers if new != old]
        return [(*label, *pair) for label in product(self.answers, repeat=self.shared) for pair in pairs]

    def totals(self, cells: Sequence[Place], telling: int | None = None, differing: float | None = None) -> Totals:
        """The totals of cells, those found before any others; `telling` and `differing` are as in `Totals`."""
        import numpy as np

        found = [self.cells.get(cell, NOTHING) for cell in cells]
        sums = np.array([float(tally.weight) for tally in found])
        squares = np.array([float(tally.weight2) for tally in found])
        weight = float(squares.sum() / sums.sum()) if self.weighted else 1.0
        rows = Totals(self.rows, sums, squares, weight=weight)
        if self.units is None:
            return rows
        products = self.units.matrix(cells[: len(self.cells)])
        return Totals(self.units.units, sums, products, rows, telling, differing)

    def function(self, formula: CellFormula, cells: Sequence[Place], at: int = 0) -> Of:
        """A formula of one model's cells as a function of all cells' totals."""
        import numpy as np

        place = np.array([formula.place(self.seen_by(cell, at)) for cell in cells], dtype=np.int64)
        return Of(formula.of, formula.size, place)

    def half(self, cells: Sequence[Place], belongs: Belongs) -> Added:
        """Half a row in each of some cells in which two models of two classes differ, as many per label in more."""
        import numpy as np

        k = len(self.answers)
        each = np.array([1 / (k * (k - 1)) if cell[-2] != cell[-1] and belongs(cell) else 0.0 for cell in cells])
        return Added(each, each)

    def right(self, cell: Place, at: int) -> bool:
        """Whether a cell counts for a model: a yes, or the label."""
        return cell[self.shared + at] == (cell[0] if self.shared else "true")

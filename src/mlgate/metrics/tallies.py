"""Counts of one slice by cell: the answers of one model or two, over rows and over units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, ClassVar

from mlgate.evidence.questions.counts import Cell
from mlgate.evidence.questions.need import FALSE, TRUE
from mlgate.metrics.units import Belongs, Place, UnitCells
from mlgate.stats.linearised import Added, Of, Totals

if TYPE_CHECKING:
    from mlgate.stats.linearised import Floats, OfSums


@dataclass(frozen=True)
class Tally:
    """The sums of rows, weights and squared weights of some cells; without sampling weights a row has weight 1."""

    n: int
    weight: Fraction
    weight2: Fraction

    @staticmethod
    def of(cells: Iterable[Cell], weighted: bool) -> Tally:
        """The tally of some cells together."""
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
    """A formula of the counts of `size` sorts of rows, for one model."""

    of: OfSums
    size: int
    place: Callable[[Place], int]
    """From a cell to the index of its sort."""


@dataclass(frozen=True)
class Tallies:
    """One slice's tallies by cell, for a yes-or-no answer ("true" or "false") of one model or of two."""

    cells: Mapping[Place, Tally]
    weighted: bool
    units: UnitCells | None = None
    """The same cells in units; None for independent rows."""

    shared: ClassVar[int] = 0
    """1 if a cell starts with the label, which both models share, else 0."""

    @cached_property
    def rows(self) -> int:
        """Rows of the slice."""
        return sum(tally.n for tally in self.cells.values())

    @property
    def additive(self) -> bool:
        """Whether a slice's cells can be subtracted: not those of units, which may have rows in several slices."""
        return self.units is None

    def without(self, part: Tallies) -> Tallies:
        """The tallies of the rows that are not in `part`."""
        return replace(self, cells={cell: tally - part.cells.get(cell, NOTHING) for cell, tally in self.cells.items()})

    @property
    def answers(self) -> tuple[str, ...]:
        """The possible answers of a model."""
        return (TRUE, FALSE)

    def where(self, belongs: Callable[..., bool]) -> Tally:
        """The tally of the cells for which `belongs(*cell)` holds."""
        return sum((tally for cell, tally in self.cells.items() if belongs(*cell)), NOTHING)

    def of_model(self, at: int) -> Tallies:
        """The tallies by the answers of one model, number `at`."""
        found: dict[Place, Tally] = {}
        for cell, tally in self.cells.items():
            own = self.seen_by(cell, at)
            found[own] = found.get(own, NOTHING) + tally
        return replace(self, cells=found, units=None)

    def seen_by(self, cell: Place, at: int) -> Place:
        """A cell with the answer of one model alone."""
        return (*cell[: self.shared], cell[self.shared + at])

    @property
    def apart(self) -> list[Place]:
        """All cells in which two models answer differently."""
        pairs = [(new, old) for new in self.answers for old in self.answers if new != old]
        return [(*label, *pair) for label in product(self.answers, repeat=self.shared) for pair in pairs]

    def totals(self, cells: Sequence[Place], telling: int | None = None, differing: float | None = None) -> Totals:
        """The totals of some cells; `cells` starts with those found. `telling` and `differing` are as in `Totals`."""
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
        """A formula for one model, number `at`, as a function of the totals of all cells."""
        import numpy as np

        place = np.array([formula.place(self.seen_by(cell, at)) for cell in cells], dtype=np.int64)
        return Of(formula.of, formula.size, place)

    def half(self, cells: Sequence[Place], belongs: Belongs) -> Added:
        """Fractions of rows added in some of the cells in which two models differ.

        With two classes each cell has half a row. With k classes each has 1 / (k (k - 1)), which is one row per label.
        """
        import numpy as np

        k = len(self.answers)
        each = np.array([1 / (k * (k - 1)) if cell[-2] != cell[-1] and belongs(cell) else 0.0 for cell in cells])
        return Added(each, each)

    def typical_unit(self, cells: Sequence[Place], added: Floats) -> Floats:
        """The rows by cell of one unit, as large as that of a typical row, if all were as the rows that are `added`.

        Its labels are as frequent as in all units.
        """
        import numpy as np

        labels: Counter[Place] = Counter()
        for cell, tally in self.cells.items():
            labels[cell[: self.shared]] += tally.n
        rows = np.array(added) * [float(labels[cell[: self.shared]]) for cell in cells]
        size = 1.0 if self.units is None else self.units.rows_of_a_typical_unit
        return rows * (size / rows.sum()) if rows.any() else rows

    def right(self, cell: Place, at: int) -> bool:
        """Whether model number `at` is right in a cell: it answers the label, or without labels "true"."""
        return cell[self.shared + at] == (cell[0] if self.shared else TRUE)

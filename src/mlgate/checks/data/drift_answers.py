"""The answers of data.drift: a distance per column and group with what moved, and the share of columns that drift."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import sqrt

from mlgate.checks.data.compared_columns import Cells, ComparedColumn
from mlgate.checks.data.drift_distances import BoundedDistance, DriftDistance, exact_of
from mlgate.evidence.questions.need import Facts, Group
from mlgate.evidence.questions.two_samples import SampleSide, TwoSamplesOf
from mlgate.stats.cell_counts import CellCounts
from mlgate.stats.holm import holm_rejected
from mlgate.stats.share_distances import KolmogorovSmirnov, TotalVariation
from mlgate.stats.wasserstein import Wasserstein
from mlgate.values.demand import OwnDemand
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Answer, Bound, Estimate, LeftOut, Listed, Unanswered, no_bound
from mlgate.values.pictures import Bars, Histogram
from mlgate.values.verdict import Where
from mlgate.values.words import counted

CORRELATED = "rows of one unit are correlated, and these bounds need independent rows; present one row per unit"
INFINITE = "a cell has rows in one of the tables only, so the true value may be infinite; choose another distance"


@dataclass(frozen=True)
class ComparedGroup:
    """The answer for a column in a group, and a picture of both distributions."""

    answer: Estimate | Unanswered | LeftOut
    picture: Histogram | None = None
    same: bool = False
    """Whether both tables have the same counts."""
    freedom: int = 0
    """How many counts could differ: one less than there are cells or values."""

    def at(self, where: Where) -> ComparedGroup:
        """The same for a slice."""
        return replace(self, answer=replace(self.answer, where=where))

    @property
    def rows(self) -> int:
        """The rows of the table."""
        return self.answer.rows or 0

    @property
    def value(self) -> float:
        """The distance; 0 where there is none."""
        return self.answer.value if isinstance(self.answer, Estimate) else 0.0

    def surely_above(self, threshold: float, alpha: float) -> bool:
        """Whether the lower bound is above a threshold."""
        low = self.answer.lower(alpha) if isinstance(self.answer, Estimate) else None
        return low is not None and low > threshold


@dataclass(frozen=True)
class Comparing:
    """How columns are compared: the distance with its unit, and the names of the reference and of the table."""

    distance: DriftDistance
    per: str
    tables: tuple[str, str]
    independent: bool

    def groups(self, column: ComparedColumn, facts: Facts, *, shown: bool) -> Iterator[tuple[Group, ComparedGroup]]:
        """Every group with its answer. EvidenceError where the column cannot be compared at all."""
        where = (("column", column.name),)
        if self.distance.ordered:
            for of in facts[column.samples(facts)].groups:
                same = of.moved == 0 and of.reference == of.current
                for answer in self._of_samples(where, of):
                    yield of.group, ComparedGroup(answer, same=same, freedom=of.values - 1)
            return
        for group, cells in column.cells(facts).items():
            try:
                answer = self._of_cells(where, cells, shown=shown or column.edges is not None)
                same, freedom = cells.reference == cells.current, len(cells.counts.reference) - 1
                yield group, ComparedGroup(answer, self._picture(column.name, cells), same, freedom)
            except EvidenceError as error:
                yield group, ComparedGroup(Unanswered(where, str(error), sum(cells.current)))

    def _of_cells(self, where: Where, cells: Cells, *, shown: bool) -> Estimate:
        if self.distance.of_cells is None:
            raise EvidenceError(f"`{self.distance.name}` is not computed from cells")
        counts = cells.counts
        found = self.distance.of_cells(counts)
        moved = cells.moved(shown=shown)
        notes = (f"moved most: {moved}" if moved else "", self.distance.elsewhere(found))
        return self._estimate(where, found, (counts.n, counts.m), notes)

    def _of_samples(self, where: Where, of: TwoSamplesOf) -> Iterator[Estimate | Unanswered]:
        """The distance of all values; for the Wasserstein distance also that of the shares of rows without a number."""
        sides = of.reference, of.current
        empty = next((name for name, side in zip(self.tables, sides, strict=True) if not side.rows), "")
        if empty:
            yield Unanswered(where, f"{empty} has no rows here; there is nothing to compare", of.current.rows)
            return
        rows = of.reference.rows, of.current.rows
        if self.distance.name == "kolmogorov_smirnov":
            found = KolmogorovSmirnov(Fraction(of.moved, rows[0] * rows[1]), *rows)
            yield self._estimate(where, found, rows, (_without(sides, self.tables),))
            return
        try:
            yield self._estimate(where, self._wasserstein(of), (sides[0].finite, sides[1].finite), ())
        except EvidenceError as error:
            yield Unanswered(where, str(error), of.current.rows)
        if any(side.finite < side.rows for side in sides):
            cells = [(side.finite, side.rows - side.finite) for side in sides]
            share = TotalVariation(CellCounts.of(*cells))
            lost = self._estimate((*where, ("values", "(missing)")), share, rows, (_without(sides, self.tables),))
            yield replace(lost, own=OwnDemand("change of the share of rows without a number"))

    def _wasserstein(self, of: TwoSamplesOf) -> Wasserstein:
        for name, side in zip(self.tables, (of.reference, of.current), strict=True):
            if side.infinite:
                infinite = counted(side.infinite, "infinite value")
                raise EvidenceError(f"{name} has {infinite}, and no Wasserstein distance; compare another distance")
            if not side.finite:
                raise EvidenceError(f"{name} has no number here; there is nothing to compare")
        unit = sqrt(of.reference.variance) if self.per == "std" else of.width
        if not unit:
            which = "one value only" if not of.width else "numbers that are too close together"
            raise EvidenceError(
                f"{self.tables[0]} has {which}, so there is no standard deviation or range to measure by; "
                "choose another distance"
            )
        shapes = of.reference.shape, of.current.shape
        return Wasserstein(of.distance, of.noise, *shapes, unit, estimated=self.per == "std")

    def _estimate(self, where: Where, found: BoundedDistance, rows: tuple[int, int], notes: Sequence[str]) -> Estimate:
        bounds: tuple[Bound, Bound] = (found.lower, found.upper) if self.independent else (no_bound, no_bound)
        return Estimate(
            where,
            found.value,
            rows[1],
            rows[1],
            *bounds,
            exact=exact_of(found),
            no_bound_because=INFINITE if self.independent else CORRELATED,
            note="; ".join(filter(None, notes)) or None,
            compared=" and ".join(self.tables),
            fewest=min(rows),
        )

    def _picture(self, name: str, cells: Cells) -> Histogram | None:
        """The shares of both tables, of the cells that have rows."""
        some = [at for at, pair in enumerate(zip(cells.reference, cells.current, strict=True)) if any(pair)]
        bars = tuple(
            Bars(table, tuple(side[at] / sum(side) for at in some))
            for table, side in zip(self.tables, (cells.reference, cells.current), strict=True)
        )
        return Histogram(f"`{name}` in both tables", name, tuple(cells.labels[at] for at in some), bars)


def share_of_columns(
    judged: Sequence[Estimate | Unanswered | LeftOut], threshold: Fraction, measured: str
) -> Iterator[Answer]:
    """The share of the columns whose distance is above a threshold, and each of them as a listed finding."""
    columns: dict[Where, list[Estimate]] = {}
    for answer in judged:
        if isinstance(answer, Estimate):
            yield Listed(answer.where, answer, f"it counts in the {measured}")
            columns.setdefault(tuple(pair for pair in answer.where if pair[0] != "values"), []).append(answer)
        else:
            yield answer
    if columns:
        yield _ShareAbove(tuple(tuple(of) for of in columns.values()), threshold).estimate


@dataclass(frozen=True)
class _ShareAbove:
    """Columns, each with one distance or more, and how many of them have one above a threshold.

    By Holm's procedure over the columns, the lower bound of the share counts those that are surely above, and the upper
    bound all but those that are surely not.
    """

    columns: tuple[tuple[Estimate, ...], ...]
    threshold: Fraction

    @property
    def estimate(self) -> Estimate:
        """The share, with the names of the columns above the threshold."""
        number = len(self.columns)
        over = [of for of in self.columns if any(each.sharpest > self.threshold for each in of)]
        over.sort(key=lambda of: -max(each.value for each in of))
        names = ", ".join(f"`{dict(of[0].where)['column']}`" for of in over[:5])
        return Estimate(
            (),
            len(over) / number,
            number,
            min(each.rows for of in self.columns for each in of),
            self._above,
            self._not_within,
            exact=Fraction(len(over), number),
            counts=f"{len(over)}/{number}",
            counted="columns",
            rows_to_settle=lambda *_: None,
            note=f"above {float(self.threshold):g}: {names}{' and others' * (len(over) > 5)}" if over else None,
        )

    def _above(self, alpha: float) -> float:
        def above(at: int, level: float) -> bool:
            of = self.columns[at]
            return any(_beyond(each.lower(level / len(of)), self.threshold) for each in of)

        return len(holm_rejected(above, len(self.columns), alpha)) / len(self.columns)

    def _not_within(self, alpha: float) -> float:
        def within(at: int, level: float) -> bool:
            return all(_within(each.upper(level), self.threshold) for each in self.columns[at])

        return 1 - len(holm_rejected(within, len(self.columns), alpha)) / len(self.columns)


def _beyond(bound: float | None, threshold: Fraction) -> bool:
    return bound is not None and bound > threshold


def _within(bound: float | None, threshold: Fraction) -> bool:
    return bound is not None and bound <= threshold


def _without(sides: Sequence[SampleSide], tables: Sequence[str]) -> str:
    """How many rows have no number, in both tables; empty where all have one."""
    if all(side.finite + side.infinite == side.rows for side in sides):
        return ""
    said = (
        f"{100 * (side.rows - side.finite - side.infinite) / side.rows:.3g} % of {name}"
        for name, side in zip(tables, sides, strict=True)
    )
    return f"rows without a number: {' and '.join(said)}"

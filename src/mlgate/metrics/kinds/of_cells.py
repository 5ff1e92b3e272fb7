"""The common parts of kinds whose statistics are counts of cells: comparing two models, and delta-method bounds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.metrics.both import ALIKE, Both, fraction, of_champion
from mlgate.metrics.confusion import Confusion, confusion_needs, confusions
from mlgate.metrics.metric import Alone, Inquiry, Pair
from mlgate.metrics.question import Question
from mlgate.metrics.tallies import CellFormula
from mlgate.metrics.units import OF_RAREST_CLASS, Belongs, Place, UnitCells, in_units
from mlgate.stats.bounds import Bounds, LessOne
from mlgate.stats.linearised import Added, Apart, Link, compared, compared_in_units, linearised
from mlgate.stats.missed_units import MissedUnits, moved_by
from mlgate.values.estimate import Estimate
from mlgate.values.words import counted

Guards = tuple[Mapping[Place, float], Mapping[Place, float]]
"""Fractions of rows to add, by cell: for the lower bound, and for the upper bound."""
BY_DELTA = "delta method on the joint table of both models' answers, with half a row added in each discordant cell"
DELTA_IN_UNITS = (
    "delta method with the covariance between units and Student's t, with half an effective row added; approximate, "
    "bounds miss up to 7 % instead of 5 %"
)


class OfCells(Alone, ABC):
    """A metric of the counts of cells."""

    compared: str = BY_DELTA

    @abstractmethod
    def alone(self, question: Question, stats: Any) -> Estimate:
        """The metric of one model. Raises Undefined for 0/0."""

    @abstractmethod
    def formula(self, question: Question, stats: Any) -> CellFormula:
        """The metric as a smooth function of one model's counts."""

    def denominators(self, question: Question, stats: Any) -> tuple[Belongs, ...]:
        """The cells of each denominator. Bounds require enough units that have rows of every one."""
        return (lambda _cell: True,)

    def kinds_of_rows(self, question: Question, stats: Any) -> tuple[Belongs, ...]:
        """The kinds of rows whose counts vary. Only units that have any of the rarest kind inform the variance."""
        return (stats.among("right"), stats.among("wrong"))

    def estimate(self, asked: Inquiry, stats: Any) -> Estimate:
        """The metric of one slice, or its difference between two models. Raises Undefined for 0/0."""
        return self.difference(asked, stats) if isinstance(asked, Pair) else self.alone(asked, stats)

    def difference(self, pair: Pair, stats: Any) -> Estimate:
        """The difference, with bounds by the delta method; it is exact where both values are."""
        new = self.alone(pair.new, stats.of_model(0))
        with of_champion():
            old = self.alone(pair.old, stats.of_model(1))
        values = Both(new.sharpest, old.sharpest)
        value = values.less(pair.relative)
        n, noun = (new.n, new.counted) if stats.units else (stats.rows, "rows")
        found = Estimate((), float(value), n, stats.rows, exact=fraction(value), counted=noun)
        telling = self._telling(pair.new, stats, 2)
        bounds = self._apart(pair, stats, telling)
        apart = stats.where(lambda *cell: cell[-2] != cell[-1]).n
        note = f"{values.note}; {apart:,} of {counted(stats.rows, 'row')} decided differently"
        found = replace(found, lower=bounds.lower, upper=bounds.upper, no_bound_because=ALIKE, note=note)
        if telling is None:
            return found
        return in_units(
            found, bounds.lower, bounds.upper, telling, every=stats.units.units, having=self._having(pair.new, stats)
        )

    def bounded(self, found: Estimate, question: Question, stats: Any, link: Link, guards: Guards) -> Estimate:
        """The estimate with bounds by the delta method; for rows in units, with the note about units."""
        worse, better = guards
        cells = list(dict.fromkeys((*stats.cells, *worse, *better)))
        telling = self._telling(question, stats, 1)
        totals = stats.totals(cells, telling, self._differing(question, stats))
        function = stats.function(self.formula(question, stats), cells)
        ends = [_added(each, cells) for each in guards]
        bounds: Bounds = linearised(totals, function, link, *ends)
        if telling is None:
            return replace(found, lower=bounds.lower, upper=bounds.upper)
        further = [stats.typical_unit(cells, each.sums) for each in ends]
        moved = moved_by(function, totals.sums, telling, *further)
        bounds = MissedUnits(found.value, bounds, telling, moved)
        effective = totals.effective(function, link, ends[0])
        return in_units(
            found,
            bounds.lower,
            bounds.upper,
            telling,
            effective,
            every=stats.units.units,
            having=self._having(question, stats),
        )

    def _apart(self, pair: Pair, stats: Any, telling: int | None) -> Bounds:
        cells = list(dict.fromkeys((*stats.cells, *stats.apart)))
        new, old = (stats.function(self.formula(q, stats), cells, at) for at, q in enumerate(pair.questions))
        totals = stats.totals(cells, telling)
        apart = Apart(new, old, "log" if pair.relative else "difference")
        found: Bounds = compared(totals, apart, stats.half(cells, lambda _cell: True))
        if stats.units is not None:
            worse = stats.half(cells, lambda cell: stats.right(cell, 1))
            better = stats.half(cells, lambda cell: stats.right(cell, 0))
            units = compared_in_units(totals, apart, worse, better)
            further = [stats.typical_unit(cells, each.sums) for each in (worse, better)]
            moved = moved_by(apart, totals.sums, totals.telling or totals.units, *further)
            found = MissedUnits(apart.value(totals.sums), units, totals.telling or totals.units, moved)
        return LessOne(found) if pair.relative else found

    def _differing(self, question: Question, stats: Any) -> float | None:
        """The number of units that inform the variance: those with rows of the rarest kind, and at most one more than
        there would be if all were as large as the largest.
        """
        if stats.units is None:
            return None
        units: UnitCells = stats.units
        having = (units.units_of(belongs) for belongs in self.kinds_of_rows(question, stats))
        return min(units.even_units + 1, *(float(each) for each in having if each))

    def _telling(self, question: Question, stats: Any, models: int) -> int | None:
        """The number of units that have rows of the rarest denominator of any model; None for independent rows."""
        if stats.units is None:
            return None
        units: UnitCells = stats.units

        def having(belongs: Belongs, at: int) -> int:
            return units.units_of(lambda cell: belongs(stats.seen_by(cell, at)))

        every = self.denominators(question, stats)
        return min(having(belongs, at) for belongs in every for at in range(models))

    def _having(self, question: Question, stats: Any) -> str:
        """The rows that make a unit one of those, in words."""
        return OF_RAREST_CLASS if len(self.denominators(question, stats)) > 1 else "rows that count"


class FromConfusion(OfCells):
    """A metric of the confusion matrix."""

    one_class: ClassVar[bool]
    """Whether the metric is about the positive class, which then must occur."""

    @property
    def of_predictions(self) -> bool:
        """Whether the metric depends on predictions alone, so that labels are not required."""
        return False

    def needs(self, asked: Inquiry) -> Iterable[Need]:
        """The counts of label by prediction, with their guards."""
        return confusion_needs(asked, one_class=self.one_class, labelled=self._labelled(asked))

    def groups(self, asked: Inquiry, facts: Facts) -> Mapping[Group, Confusion]:
        """The confusion matrix of every slice."""
        return confusions(asked, facts, one_class=self.one_class, labelled=self._labelled(asked))

    def _labelled(self, asked: Inquiry) -> bool:
        """Whether labels are asked for: if there are any, for two models, and for metrics that require them."""
        return isinstance(asked, Pair) or "label" in asked.roles or not self.of_predictions


def half_rows(classes: tuple[str, ...], each: float) -> Guards:
    """Per class, `each` of a row that is wrong (for the lower bound), and `each` of a row that is right (for the
    upper).

    `each` is 0.5 for macro averages, and 0.5 / classes for metrics that pool the classes.
    """
    pairs: list[Place] = [(label, given) for label in classes for given in classes]
    worse = {pair: each / (len(classes) - 1) for pair in pairs if pair[0] != pair[1]}
    return worse, {pair: each for pair in pairs if pair[0] == pair[1]}


def in_table(classes: tuple[str, ...]) -> Callable[[Place], int]:
    """From a cell (label, prediction) to its index in the flattened table of classes."""
    at = {name: place for place, name in enumerate(classes)}
    return lambda cell: at[cell[0]] * len(classes) + at[cell[1]]


def _added(rows: Mapping[Place, float], cells: list[Place]) -> Added:
    import numpy as np

    each = np.array([rows.get(cell, 0.0) for cell in cells])
    return Added(each, each)

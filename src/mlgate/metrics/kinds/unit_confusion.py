"""The confusion matrix of rows in units: what every metric of decided classes has there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.evidence.questions.unit_counts import UnitCounts, UnitCountsOf
from mlgate.metrics.base import Alone
from mlgate.metrics.confusion import Confusion, FromConfusion, cell_names
from mlgate.metrics.question import DECIDED_NO, DECIDED_YES, Question
from mlgate.metrics.units import Belongs, UnitCells, cells_by_group, counts_in_units


@dataclass(frozen=True)
class UnitConfusion:
    """One slice's confusion matrix, and its cells (label, prediction) in units."""

    confusion: Confusion
    cells: UnitCells

    @property
    def rows(self) -> int:
        """Rows of the slice."""
        return self.confusion.rows


@dataclass(frozen=True)
class FromUnitConfusion(Alone):
    """What every kind has that is made of the confusion matrix of rows in units alone."""

    plain: FromConfusion
    weighted = False

    def needs(self, question: Question) -> Iterable[Need]:
        """Those of independent rows, and how cells are spread over units."""
        return (*self.plain.needs(question), self._counts(question))

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, UnitConfusion]:
        """The confusion matrix of every slice, in units."""
        cells, labelled = cells_by_group(self._counts(question), facts), self.plain.labelled(question)
        return {
            group: UnitConfusion(
                confusion, UnitCells(_shown(cells[group].of, class_names(question, confusion), labelled))
            )
            for group, confusion in self.plain.groups(question, facts).items()
        }

    def _counts(self, question: Question) -> UnitCounts:
        label = (question.label_term,) if self.plain.labelled(question) else ()
        return counts_in_units(question, *label, question.prediction_term)


def in_cells(names: str, positive: str | None) -> Belongs:
    """Whether a cell (label, prediction) is one of "tp+fn", "right"; of all where none is named."""
    wanted = frozenset(names.split("+")) if names else None
    return lambda values: wanted is None or bool(wanted & cell_names(str(values[0]), str(values[1]), positive))


def of_pair(belongs: Callable[[str, str], bool]) -> Belongs:
    """A condition on label and prediction as one on a cell."""
    return lambda values: belongs(str(values[0]), str(values[1]))


def _shown(of: UnitCountsOf, names: Mapping[str | None, str], labelled: bool) -> UnitCountsOf:
    """Cells of label and prediction by class; without labels every prediction is taken for its own label."""
    if labelled:
        return named(of, {1: names})
    found = named(of, {0: names})
    cells = tuple(replace(cell, values=cell.values * 2) for cell in found.cells)
    return replace(found, cells=cells, values=(*found.values, *(replace(value, term=1) for value in found.values)))


def class_names(question: Question, confusion: Confusion) -> Mapping[str | None, str]:
    """The classes that predictions "true" and "false" stand for; empty where predictions name classes."""
    if not question.decided:
        return {}
    (negative,) = (name for name in confusion.classes if name != question.positive)
    return {DECIDED_YES: question.positive, DECIDED_NO: negative}


def named(of: UnitCountsOf, names: Mapping[int, Mapping[str | None, str]]) -> UnitCountsOf:
    """Cells with classes' names in place of some values, by the place of their term."""

    def shown(at: int, value: str | None) -> str | None:
        return names.get(at, {}).get(value, value)

    cells = tuple(replace(c, values=tuple(shown(at, value) for at, value in enumerate(c.values))) for c in of.cells)
    return replace(of, cells=cells, values=tuple(replace(v, value=shown(v.term, v.value)) for v in of.values))

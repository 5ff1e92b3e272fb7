"""Joint counts of label and both models' predictions, by slice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial

from mlgate.evidence.guard import Guard
from mlgate.evidence.questions.counts import Cell, Counts, CountsFact
from mlgate.evidence.questions.need import Facts, Group, Need, Term
from mlgate.metrics.base import Pair
from mlgate.metrics.confusion import Confusion, Tally, class_names, complete, named_classes, of_positive
from mlgate.values.errors import EvidenceError

Answer = tuple[str, str, str]
"""(label, new prediction, old prediction)."""


@dataclass(frozen=True)
class Joint:
    """One slice: tallies by label and both predictions, over classes in a fixed order."""

    classes: tuple[str, ...]
    cells: Mapping[Answer, Tally]
    weighted: bool
    positive: str | None

    @cached_property
    def rows(self) -> int:
        """Rows of the slice."""
        return sum(tally.n for tally in self.cells.values())

    @cached_property
    def new(self) -> Confusion:
        """The new model's own confusion matrix."""
        return self._margin(1)

    @cached_property
    def old(self) -> Confusion:
        """The old model's own confusion matrix."""
        return self._margin(2)

    def where(self, belongs: Callable[[str, str, str], bool]) -> Tally:
        """The tally of the cells for which `belongs(label, new, old)` holds."""
        found = Tally(0, Fraction(0), Fraction(0))
        for cell, tally in self.cells.items():
            if belongs(*cell):
                found += tally
        return found

    def table(self, of: Callable[[Tally], Fraction | int]) -> list[float]:
        """A number of every cell, label x old x new in the order of the classes."""
        nothing = Tally(0, Fraction(0), Fraction(0))
        order = ((label, new, old) for label in self.classes for old in self.classes for new in self.classes)
        return [float(of(self.cells.get(cell, nothing))) for cell in order]

    def _margin(self, at: int) -> Confusion:
        found: dict[tuple[str, str], Tally] = {}
        for cell, tally in self.cells.items():
            pair = cell[0], cell[at]
            found[pair] = found[pair] + tally if pair in found else tally
        return Confusion(self.classes, found, self.weighted, self.positive)


def joint_needs(pair: Pair, *, one_class: bool) -> tuple[Need, ...]:
    """The cube of label and both predictions, guarded; with a threshold, also that both scores are usable.

    The guard refuses what that of `confusion_needs` does, for either model.
    """
    scores = (*pair.new.usable("score"), *pair.old.usable("score")) if pair.new.decided else ()
    return (*scores, Guard(_cube(pair), partial(_joint_classes, pair, one_class)))


def joints(pair: Pair, facts: Facts, *, one_class: bool) -> dict[Group, Joint]:
    """The joint counts of every slice."""
    fact: CountsFact = facts[_cube(pair)]
    cells, classes, positive = _joint_classes(pair, one_class, fact)
    by_group: dict[Group, dict[Answer, list[Cell]]] = defaultdict(lambda: defaultdict(list))
    for cell in cells:
        *group, label, new, old = cell.values
        by_group[tuple(group)][str(label), str(new), str(old)].append(cell)
    weighted = bool(pair.new.weight)
    return {
        group: Joint(classes, {at: Tally.of(found, weighted) for at, found in cube.items()}, weighted, positive)
        for group, cube in by_group.items()
    }


def _joint_classes(pair: Pair, one_class: bool, fact: CountsFact) -> tuple[Sequence[Cell], tuple[str, ...], str | None]:
    """Cells, the classes, and the positive one. Raises EvidenceError where they cannot be told for either model."""
    complete(pair.new, _without(fact.cells, -1))
    complete(pair.old, _without(fact.cells, -2))
    cells = _named(pair, fact.cells) if pair.new.decided else fact.cells
    classes = named_classes(pair.new, [*_without(cells, -1), *_without(cells, -2)])
    return cells, classes, of_positive(pair.new, classes) if one_class else None


def _cube(pair: Pair) -> Counts:
    question = pair.new
    predictions = (Term("new", question.prediction_term.sql), Term("old", pair.old.prediction_term.sql))
    if question.roles.get("prediction") is not None and not question.decided:
        alike(pair)
    terms = (*question.by, question.label_term, *predictions)
    return Counts(question.rows.table, question.where, question.count, terms, question.weight)


def alike(pair: Pair) -> None:
    """Raise EvidenceError where the predictions are of two kinds, so that they would differ by how they are written."""
    new, old = pair.new.role("prediction"), pair.old.role("prediction")
    if new.kind != old.kind:
        raise EvidenceError(
            f"prediction `{new.name}` is {new.kind} and the champion's `{old.name}` is {old.kind}: "
            "they would agree or differ by accident; write both in one kind"
        )


def _without(cells: Iterable[Cell], at: int) -> list[Cell]:
    kept = [(list(cell.values), cell) for cell in cells]
    for values, _ in kept:
        del values[at]
    return [Cell(tuple(values), cell.n, cell.weight, cell.weight2) for values, cell in kept]


def _named(pair: Pair, cells: Sequence[Cell]) -> list[Cell]:
    """Cells with the classes' names in place of what the threshold decided."""
    names = class_names(pair.new, _without(cells, -1))
    return [
        Cell((*c.values[:-2], names[str(c.values[-2])], names[str(c.values[-1])]), c.n, c.weight, c.weight2)
        for c in cells
    ]

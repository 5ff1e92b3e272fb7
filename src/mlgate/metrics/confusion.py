"""Joint counts of label and prediction, by slice: what every metric of decided classes is made of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, partial
from typing import TYPE_CHECKING, ClassVar

from mlgate.evidence.guard import Guard
from mlgate.evidence.questions.counts import Cell, Counts, CountsFact
from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.metrics.base import Alone
from mlgate.metrics.labels import NO_ROWS
from mlgate.metrics.question import DECIDED_NO, DECIDED_YES, Question
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Estimate

if TYPE_CHECKING:
    from mlgate.stats.cells import CellMetric


@dataclass(frozen=True)
class Tally:
    """Rows, weights and squared weights of some cells; without sampling weights a row weighs 1."""

    n: int
    weight: Fraction
    weight2: Fraction

    @staticmethod
    def of(cells: list[Cell], weighted: bool) -> Tally:
        """The sum of some cells."""
        n = sum(cell.n for cell in cells)
        if not weighted:
            return Tally(n, Fraction(n), Fraction(n))
        return Tally(n, sum((c.weight for c in cells), Fraction(0)), sum((c.weight2 for c in cells), Fraction(0)))

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.n + other.n, self.weight + other.weight, self.weight2 + other.weight2)

    def __sub__(self, other: Tally) -> Tally:
        return Tally(self.n - other.n, self.weight - other.weight, self.weight2 - other.weight2)


@dataclass(frozen=True)
class Confusion:
    """One slice's confusion matrix: tallies by (label, prediction), over classes in a fixed order."""

    classes: tuple[str, ...]
    cells: Mapping[tuple[str, str], Tally]
    weighted: bool
    positive: str | None

    @cached_property
    def rows(self) -> int:
        """Rows of the slice."""
        return sum(tally.n for tally in self.cells.values())

    def without(self, part: Confusion) -> Confusion:
        """The rest, once some of the rows are taken away."""
        nothing = Tally(0, Fraction(0), Fraction(0))
        cells = {pair: tally - part.cells.get(pair, nothing) for pair, tally in self.cells.items()}
        return replace(self, cells=cells)

    def where(self, belongs: Callable[[str, str], bool]) -> Tally:
        """The tally of the cells for which `belongs(label, prediction)` holds."""
        total = Tally(0, Fraction(0), Fraction(0))
        for (label, prediction), tally in self.cells.items():
            if belongs(label, prediction):
                total += tally
        return total

    def named(self, names: frozenset[str]) -> Tally:
        """The tally of some of the four cells "tp", "fp", "fn", "tn" of the positive class, or of "right", "wrong"."""
        return self.where(lambda label, prediction: bool(names & cell_names(label, prediction, self.positive)))


def cell_names(label: str, prediction: str, positive: str | None) -> frozenset[str]:
    """Which named cells a (label, prediction) pair belongs to."""
    names = {"right" if label == prediction else "wrong"}
    if positive is not None:
        hit = prediction == positive
        names.add(("tp" if hit else "fn") if label == positive else ("fp" if hit else "tn"))
    return frozenset(names)


def confusion_needs(question: Question, *, one_class: bool, labelled: bool = True) -> tuple[Need, ...]:
    """The cube of label and prediction by slice, guarded; with a threshold, also that the score is usable.

    The guard refuses missing labels or predictions, and classes that are not the declared ones.
    """
    cube = Guard(_cube(question, labelled), partial(_classes, question, one_class, labelled))
    return (*(question.usable("score") if question.decided else ()), cube)


def confusions(question: Question, facts: Facts, *, one_class: bool, labelled: bool = True) -> dict[Group, Confusion]:
    """The confusion matrix of every slice; `one_class` when the metric is about the positive class.

    Without `labelled` every prediction counts as its own label: enough for a metric of predictions alone.
    """
    fact: CountsFact = facts[_cube(question, labelled)]
    cells, classes, positive = _classes(question, one_class, labelled, fact)
    by_group: dict[Group, dict[tuple[str, str], list[Cell]]] = defaultdict(lambda: defaultdict(list))
    for cell in cells:
        *group, label, prediction = cell.values
        by_group[tuple(group)][str(label), str(prediction)].append(cell)
    weighted = bool(question.weight)
    return {
        group: Confusion(
            classes, {pair: Tally.of(found, weighted) for pair, found in matrix.items()}, weighted, positive
        )
        for group, matrix in by_group.items()
    }


def _classes(
    question: Question, one_class: bool, labelled: bool, fact: CountsFact
) -> tuple[list[Cell], tuple[str, ...], str | None]:
    """Cells by label and prediction, the classes, and the positive one. Raises EvidenceError where they cannot be."""
    complete(question, fact.cells, labelled)
    cells = _decided(question, fact.cells, labelled) if question.decided else list(fact.cells)
    if not labelled:
        cells = [replace(cell, values=(*cell.values, cell.values[-1])) for cell in cells]
    classes = named_classes(question, cells)
    return cells, classes, of_positive(question, classes) if one_class else None


def _cube(question: Question, labelled: bool) -> Counts:
    label = (question.label_term,) if labelled else ()
    terms = (*question.by, *label, question.prediction_term)
    return Counts(question.rows.table, question.where, question.count, terms, question.weight)


def of_positive(question: Question, classes: tuple[str, ...]) -> str:
    """The positive class. Raises EvidenceError where it is none of the classes."""
    if question.positive not in classes:
        raise EvidenceError(
            f"the positive class `{question.positive}` does not occur: the classes are {_quoted(classes)}"
        )
    return question.positive


def complete(question: Question, cells: Sequence[Cell], labelled: bool = True) -> None:
    """Raise EvidenceError, with counts, unless every row has a prediction and, if labelled, a label before it."""
    if not cells:
        raise EvidenceError(NO_ROWS)
    total = sum(cell.n for cell in cells)
    for position, what in ((-2, "label"), (-1, "prediction"))[not labelled :]:
        missing = sum(cell.n for cell in cells if cell.values[position] is None)
        if missing:
            column = question.roles.get(what, "score")
            raise EvidenceError(f"{missing} of {total} rows have no {what} (column `{column}`); every row needs one")


def _decided(question: Question, cells: Sequence[Cell], labelled: bool) -> list[Cell]:
    """Cells whose prediction was "true" or "false", with the classes' names in place of these."""
    named = class_names(question, cells, labelled)
    return [Cell((*c.values[:-1], named[str(c.values[-1])]), c.n, c.weight, c.weight2) for c in cells]


def class_names(question: Question, cells: Sequence[Cell], labelled: bool = True) -> Mapping[str, str]:
    """The classes that "true" and "false" stand for. Raises EvidenceError where the labels have a third one."""
    labels = {str(cell.values[-2]) for cell in cells} if labelled else set()
    others = (labels | set(question.classes)) - {question.positive}
    if len(others) > 1:
        raise EvidenceError(f"a threshold decides between two classes, and the labels are {_quoted(others)} besides")
    negative = next(iter(others), f"not {question.positive}")
    return {DECIDED_YES: question.positive, DECIDED_NO: negative}


def named_classes(question: Question, cells: Sequence[Cell]) -> tuple[str, ...]:
    """The classes there are, in a fixed order. Raises EvidenceError where they are not the declared ones."""
    labels = {str(cell.values[-2]) for cell in cells}
    predicted = {str(cell.values[-1]) for cell in cells}
    if question.classes:
        unknown = (labels | predicted) - set(question.classes)
        if unknown:
            raise EvidenceError(f"{_quoted(unknown)}: not among the declared classes {_quoted(question.classes)}")
        return question.classes
    if question.task == "binary":
        return _two_classes(question, labels, predicted)
    if len(labels) < 2:
        raise EvidenceError(f"only the class {_quoted(labels)} occurs: declare `classes:` in the candidate")
    if not predicted <= labels:
        raise EvidenceError(
            f"{_quoted(predicted - labels)} is predicted but never a label: declare `classes:` in the candidate"
        )
    return tuple(sorted(labels))


def _two_classes(question: Question, labels: set[str], predicted: set[str]) -> tuple[str, ...]:
    positive = question.positive_class
    found = labels | predicted
    # Decided predictions are named after the positive class, so they cannot vouch for its name; labels do, if any.
    unheard = question.decided and "label" not in question.roles
    if positive is None or not (unheard or positive in (labels if question.decided else found)):
        raise EvidenceError(f"the positive class `{positive}` does not occur: the classes are {_quoted(found)}")
    if len(found) > 2:
        raise EvidenceError(
            f"{len(found)} classes in a binary task: {_quoted(labels)} as labels, {_quoted(predicted)} as predictions; "
            "write both in the same two values"
        )
    return (*sorted(found - {positive}), positive)


def _quoted(names: set[str] | tuple[str, ...]) -> str:
    shown = sorted(names)[:8]
    return ", ".join(f"`{name}`" for name in shown) + (" ..." if len(names) > 8 else "")


class FromConfusion(Alone, ABC):
    """What every kind has that is made of a confusion matrix alone."""

    one_class: ClassVar[bool]
    """Whether the metric is about the positive class, which then has to occur."""

    @abstractmethod
    def estimate(self, question: Question, stats: Confusion) -> Estimate:
        """The metric of one slice. Raises Undefined for 0/0."""

    @abstractmethod
    def of_tables(self, question: Question, classes: tuple[str, ...], positive: str | None) -> CellMetric:
        """The metric as a function of label x prediction tables in row order, one in each row."""

    @property
    def of_predictions(self) -> bool:
        """Whether it says something of predictions alone, for which no label is needed."""
        return False

    def needs(self, question: Question) -> Iterable[Need]:
        """The cube of label and prediction, guarded."""
        return confusion_needs(question, one_class=self.one_class, labelled=self.labelled(question))

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, Confusion]:
        """The confusion matrix of every slice."""
        return confusions(question, facts, one_class=self.one_class, labelled=self.labelled(question))

    def labelled(self, question: Question) -> bool:
        """Whether labels are asked for: where there are any, and where it cannot do without."""
        return "label" in question.roles or not self.of_predictions

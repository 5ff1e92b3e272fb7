"""Joint counts of label and prediction by slice: the sufficient statistics of every metric of decided classes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

from mlgate.evidence.guard import Guard
from mlgate.evidence.questions.counts import Cell, Counts, CountsFact
from mlgate.evidence.questions.need import FALSE, TRUE, Facts, Group, Need, Term
from mlgate.metrics.labels import complete, no_such_positive, not_declared, positive_key, quoted
from mlgate.metrics.metric import Inquiry, Pair
from mlgate.metrics.question import NO_POSITIVE, Question, same_kind
from mlgate.metrics.tallies import Tallies, Tally
from mlgate.metrics.units import Belongs, Place, UnitCells, cells_by_group, counts_in_units
from mlgate.values.errors import EvidenceError


@dataclass(frozen=True)
class Confusion(Tallies):
    """One slice's tallies by (label, prediction), or for two models by (label, new prediction, old prediction)."""

    classes: tuple[str, ...] = ()
    """All classes, in a fixed order."""
    positive: str | None = None

    shared: ClassVar[int] = 1

    @property
    def answers(self) -> tuple[str, ...]:
        """The classes."""
        return self.classes

    @property
    def both(self) -> tuple[str, str]:
        """The positive class and the other one, which has a made-up name if it does not occur."""
        positive = str(self.positive)
        return positive, next((name for name in self.classes if name != positive), f"not {positive}")

    def named(self, names: frozenset[str]) -> Tally:
        """The tally of named cells: some of "tp", "fp", "fn", "tn" of the positive class, or of "right", "wrong"."""
        return self.where(lambda label, prediction: bool(names & cell_names(label, prediction, self.positive)))

    def among(self, names: str) -> Belongs:
        """The condition that a cell (label, prediction) is one of the named ones ("tp+fn"); every cell for ""."""
        wanted = frozenset(names.split("+")) if names else None
        return lambda cell: wanted is None or bool(wanted & cell_names(cell[0], cell[1], self.positive))


def cell_names(label: str, prediction: str, positive: str | None) -> frozenset[str]:
    """The names of the cell of a (label, prediction) pair: "right" or "wrong", and "tp", "fp", "fn" or "tn"."""
    names = {"right" if label == prediction else "wrong"}
    if positive is not None:
        hit = prediction == positive
        names.add(("tp" if hit else "fn") if label == positive else ("fp" if hit else "tn"))
    return frozenset(names)


def confusion_needs(asked: Inquiry, *, one_class: bool, labelled: bool = True) -> tuple[Need, ...]:
    """The counts of label by prediction (of both models) by slice, with their guards; for rows in units also in units.

    The guards refuse missing labels or predictions, classes other than the declared ones, and with a threshold unusable
    scores.
    """
    # What is computed of a row for one class is of one kind, whether it stood in a text or in a column.
    computed = asked.first.decided or asked.first.expressions
    if isinstance(asked, Pair) and "prediction" in asked.new.roles and not computed:
        new, old = (each.role("prediction") for each in asked.questions)
        same_kind(new, old, "prediction", f"{asked.old.whose}prediction")
    scores = tuple(need for question in asked.questions if question.decided for need in question.usable("score"))
    cube = Guard(_cube(asked, labelled), partial(_classes, asked, one_class, labelled))
    return (*scores, cube, *([_in_units(asked, labelled)] if asked.first.unit else []))


def confusions(asked: Inquiry, facts: Facts, *, one_class: bool, labelled: bool = True) -> dict[Group, Confusion]:
    """The confusion matrix of every slice; `one_class` for a metric of the positive class.

    Without `labelled` every prediction counts as its own label, which is enough for a metric of predictions alone.
    """
    fact: CountsFact = facts[_cube(asked, labelled)]
    cells, classes, positive = _classes(asked, one_class, labelled, fact)
    width, weighted = len(asked.first.by), bool(asked.first.weight)
    by_group: dict[Group, dict[Place, list[Cell]]] = defaultdict(lambda: defaultdict(list))
    for cell in cells:
        by_group[cell.values[:width]][tuple(map(str, cell.values[width:]))].append(cell)
    units = _units(asked, facts, fact, labelled) if asked.first.unit else {}
    return {
        group: Confusion(
            {at: Tally.of(found, weighted) for at, found in matrix.items()},
            weighted,
            units.get(group),
            classes,
            positive,
        )
        for group, matrix in by_group.items()
    }


def _classes(
    asked: Inquiry, one_class: bool, labelled: bool, fact: CountsFact
) -> tuple[list[Cell], tuple[str, ...], str | None]:
    """The cells with class names, the classes, and the positive class. Raises EvidenceError for unusable classes."""
    models = range(len(asked.questions))
    for at, question in zip(models, asked.questions):
        complete(question, _of_model(asked, fact.cells, at), ("label", "prediction")[not labelled :])
    names = _names(asked, fact.cells, labelled)
    cells = list(fact.cells)
    if names:
        cells = [replace(cell, values=_named(asked, cell.values, names)) for cell in cells]
    if not labelled:
        cells = [replace(cell, values=(*cell.values, cell.values[-1])) for cell in cells]
    classes = named_classes(asked.first, [cell for at in models for cell in _of_model(asked, cells, at)])
    return cells, classes, of_positive(asked.first, classes) if one_class else None


def _of_model(asked: Inquiry, cells: Iterable[Cell], at: int) -> list[Cell]:
    """The cells, each with the prediction of one model alone."""
    models = len(asked.questions)
    if models == 1:
        return list(cells)
    return [replace(c, values=(*c.values[:-models], c.values[at - models])) for c in cells]


def _names(asked: Inquiry, cells: Sequence[Cell], labelled: bool) -> Mapping[str | None, str]:
    """The classes that the predictions "true" and "false" mean; empty where predictions are class names."""
    return class_names(asked.first, _of_model(asked, cells, 0), labelled) if asked.first.decided else {}


def _named(asked: Inquiry, values: Group, names: Mapping[str | None, str]) -> Group:
    """A cell's values, with class names instead of the "true" and "false" of a threshold."""
    models = len(asked.questions)
    return (*values[:-models], *(names.get(value, value) for value in values[-models:]))


def _terms(asked: Inquiry, labelled: bool) -> tuple[Term, ...]:
    """The terms of the label (if labelled) and of the prediction of each model."""
    label = (asked.first.label_term,) if labelled else ()
    if not isinstance(asked, Pair):
        return (*label, asked.prediction_term)
    return (*label, *(Term(name, q.prediction_term.sql) for name, q in zip(("new", "old"), asked.questions)))


def _cube(asked: Inquiry, labelled: bool) -> Counts:
    question = asked.first
    terms = (*question.by, *_terms(asked, labelled))
    return Counts(question.rows.table, question.where, question.count, terms, question.weight)


def _in_units(asked: Inquiry, labelled: bool) -> Counts:
    return counts_in_units(asked.first, *_terms(asked, labelled))


def _units(asked: Inquiry, facts: Facts, fact: CountsFact, labelled: bool) -> dict[Group, UnitCells]:
    """The cells in units of every slice, with class names; without labels a prediction is its own label."""
    names, models = _names(asked, fact.cells, labelled), len(asked.questions)
    found = {}
    for group, units in cells_by_group(_in_units(asked, labelled), facts).items():
        cells = tuple(replace(cell, values=_named(asked, cell.values, names)) for cell in units.cells)
        decided = len(cells[0].values) - models
        values = tuple(
            replace(value, value=names.get(value.value, value.value) if value.term >= decided else value.value)
            for value in units.values
        )
        if not labelled:
            cells = tuple(replace(cell, values=cell.values * 2) for cell in cells)
            values += tuple(replace(value, term=1) for value in values)
        found[group] = replace(units, cells=cells, values=values)
    return found


def of_positive(question: Question, classes: tuple[str, ...]) -> str:
    """The positive class. Raises EvidenceError where it is not one of the classes."""
    if question.positive not in classes:
        raise no_such_positive(question.positive, positive_key(question), classes)
    return question.positive


def class_names(question: Question, cells: Sequence[Cell], labelled: bool = True) -> Mapping[str | None, str]:
    """The classes that "true" and "false" mean. Raises EvidenceError where the labels have a third class."""
    labels = {str(cell.values[-2]) for cell in cells} if labelled else set()
    others = (labels | set(question.classes)) - {question.positive}
    if len(others) > 1:
        raise EvidenceError(
            f"a threshold decides between two classes, and the labels also have {quoted(others)}", question.key("label")
        )
    negative = next(iter(others), f"not {question.positive}")
    return {TRUE: question.positive, FALSE: negative}


def named_classes(question: Question, cells: Sequence[Cell]) -> tuple[str, ...]:
    """The classes, in a fixed order. Raises EvidenceError where they are not the declared ones."""
    labels = {str(cell.values[-2]) for cell in cells}
    predicted = {str(cell.values[-1]) for cell in cells}
    if question.classes:
        unknown = (labels | predicted) - set(question.classes)
        if unknown:
            raise not_declared(question, unknown)
        return question.classes
    if question.task == "binary":
        return _two_classes(question, labels, predicted)
    if len(labels) < 2:
        raise EvidenceError(f"only the class {quoted(labels)} occurs: declare `classes:` in the candidate", "classes")
    if not predicted <= labels:
        raise EvidenceError(
            f"{quoted(predicted - labels)} is predicted but never a label: declare `classes:` in the candidate",
            "classes",
        )
    return tuple(sorted(labels))


def _two_classes(question: Question, labels: set[str], predicted: set[str]) -> tuple[str, ...]:
    positive = question.positive_class
    found = labels | predicted
    # Predictions that a threshold decides are named after the positive class, so only labels can confirm its name.
    unheard = question.decided and "label" not in question.roles
    if positive is None:
        raise EvidenceError(NO_POSITIVE, "positive")
    if not (unheard or positive in (labels if question.decided else found)):
        raise no_such_positive(positive, "positive", found)
    if len(found) > 2:
        raise EvidenceError(
            f"{len(found)} classes in a binary task: {quoted(labels)} as labels, {quoted(predicted)} as predictions; "
            "write both in the same two values",
            question.key("label"),
            question.key("prediction"),
        )
    return (*sorted(found - {positive}), positive)

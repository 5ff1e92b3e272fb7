"""Rows that may have several classes at once: a column for each class, or texts that name all classes of a row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlgate.candidate.presented import CHAMPION, EVALUATION, Candidate, by_class, declared_classes
from mlgate.candidate.roles import ByClass, Predictions
from mlgate.candidate.tasks.task import Misfit, Task


@dataclass(frozen=True)
class MultilabelTask(Task):
    """Decides of each class whether a row has it."""

    def problems(self, candidate: Candidate) -> Iterator[Misfit]:
        """The classes are the same everywhere, and stand in one of the two shapes."""
        yield from _differing(candidate)
        if candidate.predictions is not None:
            yield from _shapes(candidate, candidate.predictions)
            yield from _separator(candidate, candidate.predictions)
            yield from _champions(candidate)


def _differing(candidate: Candidate) -> Iterator[Misfit]:
    classes, found = set(declared_classes(candidate)), by_class(candidate)
    against = "`classes`" if candidate.classes else next((f"`{'.'.join(path)}`" for path, _ in found), "")
    for path, columns in found:
        odd = {name for name, _ in columns} ^ classes
        # Of scores, `classes` and these are compared for every task.
        if odd and not (path[-1] == "scores" and candidate.classes):
            yield path, f"`{'.'.join(path)}` and {against} differ in {', '.join(sorted(odd))}; make them equal"
        repeated = len(columns) - len({column for _, column in columns})
        if repeated and path[0] == "tables":
            yield path, f"`{'.'.join(path)}` names one column for two classes; name one column for each"


def _labels(candidate: Candidate, predictions: Predictions) -> tuple[str | None, ByClass]:
    """The text that names all classes of a row, and the column of each class, wherever they stand."""
    evaluation = candidate.evaluation
    text = predictions.label or (evaluation.label if evaluation else None)
    return text, predictions.labels or (evaluation.labels if evaluation else ())


def _shapes(candidate: Candidate, predictions: Predictions) -> Iterator[Misfit]:
    """Classes stand in columns of their own or in one text; both at once leave open which is meant."""
    text, columns = _labels(candidate, predictions)
    if predictions.labels and candidate.evaluation and candidate.evaluation.labels:
        said = f"`predictions.labels` beside `tables.{EVALUATION}.labels`: labels are taken from one place"
        yield ("predictions", "labels"), f"{said}; remove one"
    if text and columns:
        yield ("predictions",), "`label` beside `labels`: a text of all classes, or a column for each; keep one"
    if predictions.prediction and predictions.decisions:
        said = "`predictions.prediction` beside `decisions`: a text of all classes, or a column for each"
        yield ("predictions", "prediction"), f"{said}; keep one"
    if (text or predictions.prediction) and not predictions.separator:
        yield ("predictions",), 'a text that names several classes needs what stands between them: add `separator: "|"`'
    if (text or predictions.prediction) and not declared_classes(candidate):
        yield ("task",), "no classes are declared; add `classes: [...]`, without which a misspelt one would be one more"


def _champions(candidate: Candidate) -> Iterator[Misfit]:
    """A champion's answers stand in one shape too."""
    for name, champion in candidate.opponents.items():
        at = (CHAMPION,) if champion is candidate.champion else ("champions", name)
        if champion.prediction and champion.decisions:
            said = "`prediction` beside `decisions` of a champion: a text of all classes, or a column for each"
            yield (*at, "prediction"), f"{said}; keep one"


def _separator(candidate: Candidate, predictions: Predictions) -> Iterator[Misfit]:
    at, separator = ("predictions", "separator"), predictions.separator
    if not separator:
        return
    texts = [_labels(candidate, predictions)[0], *(model.prediction for model in candidate.opponents.values())]
    if not any(texts) and not predictions.prediction:
        yield at, "`predictions.separator` without a `label` or `prediction` that names several classes; remove it"
    inside = sorted(name for name in declared_classes(candidate) if separator in name)
    if inside:
        yield at, f"`{separator}` stands within the class `{inside[0]}`; separate classes by something else"
    if any(separator.startswith(separator[-length:]) for length in range(1, len(separator))):
        yield at, f"`{separator}` ends as it begins, so that it may be read in two ways; separate classes by another"


TASK = MultilabelTask(classes=True)

"""Multilabel: rows may have several classes, in one column per class or in a text that names all classes of a row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlgate.candidate.presented import CHAMPION, Candidate, by_class, declared_classes
from mlgate.candidate.roles import EVALUATION, ByClass, Predictions
from mlgate.candidate.tasks.task import Misfit, Task


@dataclass(frozen=True)
class MultilabelTask(Task):
    """Decides for each class whether a row has it."""

    def problems(self, candidate: Candidate) -> Iterator[Misfit]:
        """The classes must be the same everywhere, and be given in one of the two forms."""
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
        # For scores, every task compares them with `classes`.
        if odd and not (path[-1] == "scores" and candidate.classes):
            yield path, f"`{'.'.join(path)}` and {against} differ in {', '.join(sorted(odd))}; make them equal"
        repeated = len(columns) - len({column for _, column in columns})
        if repeated and path[0] == "tables":
            yield path, f"`{'.'.join(path)}` names the same column for two classes; name one column per class"


def _labels(candidate: Candidate, predictions: Predictions) -> tuple[str | None, ByClass]:
    """The column of texts that name all classes of a row, and the columns per class, from wherever they are given."""
    evaluation = candidate.evaluation
    text = predictions.label or (evaluation.label if evaluation else None)
    return text, predictions.labels or (evaluation.labels if evaluation else ())


def _shapes(candidate: Candidate, predictions: Predictions) -> Iterator[Misfit]:
    """Classes are given per column or as one text; both together would be ambiguous."""
    text, columns = _labels(candidate, predictions)
    if predictions.labels and candidate.evaluation and candidate.evaluation.labels:
        said = f"labels are given twice, by `predictions.labels` and `tables.{EVALUATION}.labels`"
        yield ("predictions", "labels"), f"{said}; remove one"
    if text and columns:
        yield (
            ("predictions",),
            "labels are given both by `label` (one text) and by `labels` (one column per class); keep one",
        )
    if predictions.prediction and predictions.decisions:
        said = "predictions are given both by `prediction` (one text) and by `decisions` (one column per class)"
        yield ("predictions", "prediction"), f"{said}; keep one"
    if (text or predictions.prediction) and not predictions.separator:
        yield ("predictions",), 'a text with several classes requires `separator`; add it, as in `separator: "|"`'
    if (text or predictions.prediction) and not declared_classes(candidate):
        yield ("task",), "no classes are declared, so a misspelt class would be a new one; add `classes: [...]`"


def _champions(candidate: Candidate) -> Iterator[Misfit]:
    """A champion's answers must be given in one form too."""
    for name, champion in candidate.opponents.items():
        at = (CHAMPION,) if champion is candidate.champion else ("champions", name)
        if champion.prediction and champion.decisions:
            said = "a champion is given both by `prediction` (one text) and by `decisions` (one column per class)"
            yield (*at, "prediction"), f"{said}; keep one"


def _separator(candidate: Candidate, predictions: Predictions) -> Iterator[Misfit]:
    at, separator = ("predictions", "separator"), predictions.separator
    if not separator:
        return
    texts = [_labels(candidate, predictions)[0], *(model.prediction for model in candidate.opponents.values())]
    if not any(texts) and not predictions.prediction:
        yield at, "`predictions.separator` requires a `label` or `prediction` with several classes; remove it"
    inside = sorted(name for name in declared_classes(candidate) if separator in name)
    if inside:
        yield at, f"the separator `{separator}` occurs in the class `{inside[0]}`; choose another separator"
    if any(separator.startswith(separator[-length:]) for length in range(1, len(separator))):
        yield at, f"the separator `{separator}` ends as it begins, which is ambiguous; choose another separator"


TASK = MultilabelTask(classes=True)

"""What must fit together in the candidate file of a multilabel task: a column a class, or texts that name classes."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.candidate.file import CandidateKeys, PredictionsKeys

TASK = "multilabel"
Said = tuple[tuple[str, ...], str]
Columns = tuple[tuple[str, str], ...]


def declared_classes(keys: CandidateKeys) -> tuple[str, ...]:
    """The classes that the file lists, else those that it names columns for."""
    return keys.classes or next((tuple(name for name, _ in columns) for _, columns in _by_class(keys)), ())


def multilabel_problems(keys: CandidateKeys) -> Iterator[Said]:
    """What does not fit together, as (path of keys, message)."""
    if keys.task and keys.task != TASK:
        yield from _misplaced(keys)
        return
    if keys.task == TASK:
        yield from _differing(keys)
        yield from _shapes(keys)
        if keys.predictions and keys.predictions.separator:
            yield from _separator(keys, keys.predictions.separator)


def _by_class(keys: CandidateKeys) -> Iterator[tuple[tuple[str, ...], Columns]]:
    """The keys that name a column for every class."""
    for name, table in keys.tables:
        if name == "evaluation" and table.labels:
            yield ("tables", name, "labels"), table.labels
    for key in ("labels", "decisions", "scores"):
        if keys.predictions and getattr(keys.predictions, key):
            yield ("predictions", key), getattr(keys.predictions, key)


def _misplaced(keys: CandidateKeys) -> Iterator[Said]:
    for path, _ in _by_class(keys):
        if path[-1] != "scores":
            yield path, f"`{'.'.join(path)}` is for multilabel tasks, not {keys.task}; remove it"
    if keys.predictions and keys.predictions.separator:
        said = f"`predictions.separator` is for multilabel tasks, not {keys.task}"
        yield ("predictions", "separator"), f"{said}; remove it"


def _differing(keys: CandidateKeys) -> Iterator[Said]:
    classes = set(declared_classes(keys))
    against = "`classes`" if keys.classes else next((f"`{'.'.join(path)}`" for path, _ in _by_class(keys)), "")
    for path, columns in _by_class(keys):
        odd = {name for name, _ in columns} ^ classes
        # Of scores, `classes` and these are compared for every task.
        if odd and not (path[-1] == "scores" and keys.classes):
            yield path, f"`{'.'.join(path)}` and {against} differ in {', '.join(sorted(odd))}; make them equal"
        repeated = len(columns) - len({column for _, column in columns})
        if repeated and path[0] == "tables":
            yield path, f"`{'.'.join(path)}` names one column for two classes; name one column for each"


def _shapes(keys: CandidateKeys) -> Iterator[Said]:
    """Classes stand in columns of their own or in one text; both at once leave open which is meant."""
    predictions, evaluation = keys.predictions, dict(keys.tables).get("evaluation")
    if predictions is None:
        return
    if predictions.labels and evaluation and evaluation.labels:
        said = "`predictions.labels` beside `tables.evaluation.labels`: labels are taken from one place"
        yield ("predictions", "labels"), f"{said}; remove one"
    text = predictions.label or (evaluation.label if evaluation else None)
    columns = predictions.labels or (evaluation.labels if evaluation else ())
    if text and columns:
        yield ("predictions",), "`label` beside `labels`: a text of all classes, or a column for each; keep one"
    if predictions.prediction and predictions.decisions:
        said = "`predictions.prediction` beside `decisions`: a text of all classes, or a column for each"
        yield ("predictions", "prediction"), f"{said}; keep one"
    if (text or predictions.prediction) and not predictions.separator:
        yield ("predictions",), 'a text that names several classes needs what stands between them: add `separator: "|"`'
    if (text or predictions.prediction) and not declared_classes(keys):
        yield ("task",), "no classes are declared; add `classes: [...]`, without which a misspelt one would be one more"


def _separator(keys: CandidateKeys, separator: str) -> Iterator[Said]:
    at = ("predictions", "separator")
    if not _texts(keys):
        yield at, "`predictions.separator` without a `label` or `prediction` that names several classes; remove it"
    inside = sorted(name for name in declared_classes(keys) if separator in name)
    if inside:
        yield at, f"`{separator}` stands within the class `{inside[0]}`; separate classes by something else"
    if any(separator.startswith(separator[-length:]) for length in range(1, len(separator))):
        yield at, f"`{separator}` ends as it begins, so that it may be read in two ways; separate classes by another"


def _texts(keys: CandidateKeys) -> bool:
    evaluation, predictions = dict(keys.tables).get("evaluation"), keys.predictions or PredictionsKeys(path="")
    return bool(predictions.label or predictions.prediction or (evaluation and evaluation.label))

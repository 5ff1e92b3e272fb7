"""Validates a candidate as a whole, for files and Python arguments: what its keys require of each other."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.candidate.champion_fit import champion_problems, label_as_answer
from mlgate.candidate.key_order import misplaced
from mlgate.candidate.presented import CHAMPION, Candidate, TableSpec
from mlgate.candidate.roles import EVALUATION, OUTCOMES, ROLES, Predictions, Role
from mlgate.candidate.tasks import BY_NAME, task_of
from mlgate.candidate.tasks.task import Misfit
from mlgate.reading.fields import ProblemReport
from mlgate.reading.strict_yaml import Mapping
from mlgate.values.words import counted

RESERVED_TABLES = (
    "predictions", "evaluated", "counted", "units", CHAMPION,
    *(name for task in BY_NAME.values() for name in task.makes),
)  # fmt: skip
"""Names of the tables that the gate derives."""


def validate(candidate: Candidate, node: Mapping, report: ProblemReport) -> None:
    """Add every mistake to the report, at its place."""
    for path, message in problems(candidate):
        report.add(node.place_of(*path), message)


def problems(candidate: Candidate) -> Iterator[Misfit]:
    """Every mistake, with the path of keys to its place."""
    yield from _presented(candidate)
    yield from _classes(candidate)
    yield from _tables(candidate)
    yield from _unit(candidate)
    yield from champion_problems(candidate)
    yield from task_of(candidate.task).problems(candidate)
    if candidate.predictions:
        yield from _task(candidate, candidate.predictions)
        yield from _roles(candidate, candidate.predictions)
        yield from _join(candidate.predictions, candidate.evaluation)
        yield from _distinct(candidate.predictions)
        yield from label_as_answer(candidate, candidate.predictions, candidate.predictions.source, ("predictions",))


def _presented(candidate: Candidate) -> Iterator[Misfit]:
    declared = any(found != record() for record, found in candidate.declared.items())
    source = candidate.source
    if source and bool(source.mlflow) == bool(source.dvc):
        what = "both `mlflow` and `dvc`" if source.mlflow else "neither `mlflow` nor `dvc`"
        yield ("source",), f"`source` has {what}; name one of them"
    if not (candidate.predictions or candidate.tables or candidate.model or source or declared):
        yield (), "the candidate presents nothing; add `predictions`, `tables` or `model`"
    if candidate.predictions and not candidate.task:
        yield (), f"missing key `task`, which `predictions` require; it must be one of {', '.join(BY_NAME)}"


def _unit(candidate: Candidate) -> Iterator[Misfit]:
    unit, predictions = candidate.unit, candidate.predictions
    if unit is None:
        return
    if predictions is None:
        yield ("unit",), "`unit` requires `predictions`, whose rows it groups; remove it"
        return
    if predictions.count:
        yield ("unit",), "`unit` cannot be combined with `predictions.count`, whose rows have no unit; remove one"
    if predictions.weight:
        yield ("unit",), "`unit` cannot be combined with `predictions.weight` yet; remove one"
    if unit.score and not predictions.score:
        said = f"`unit.score: {unit.score}` rolls up scores and requires `predictions.score`"
        yield ("unit", "score"), f"{said}; add it, or remove `unit.score`"
    used = {column: role.key for role in OUTCOMES.values() for _, column in role.columns(predictions)}
    for column in unit.column:
        if column in used:
            said = f"column `{column}` is the `{used[column]}` of the predictions and cannot identify a unit"
            yield ("unit", "column"), f"{said}; name another column"


def _classes(candidate: Candidate) -> Iterator[Misfit]:
    task = candidate.task
    for key in ("positive", "classes"):
        if getattr(candidate, key) and not task:
            yield (key,), f"`{key}` requires `task`; add `task`, or remove `{key}`"
    if candidate.positive is not None and task not in ("binary", ""):
        yield ("positive",), f"`positive` is for binary tasks, not {task}; remove it"
    if candidate.classes and task and not task_of(task).classes:
        named = _listed(name for name, of in BY_NAME.items() if of.classes)
        yield ("classes",), f"`classes` is for {named} tasks, not {task}; remove it"


def _task(candidate: Candidate, predictions: Predictions) -> Iterator[Misfit]:
    """Roles that the task requires and that are missing, and roles that it does not take."""
    task = task_of(candidate.task)
    for key, why in task.requires.items():
        if not getattr(predictions, key):
            yield ("predictions",), f"`predictions.{key}` is missing, which {why}; add `{key}: COLUMN`"
    for role in ROLES.values() if task.name else ():
        if getattr(predictions, role.key) and not task.taken(role.key):
            remedy = task.refuses.get(role.key, "remove it")
            fitting = f"{_for(role)}, not {task.name}" if role.fit.tasks else f"not for {task.name} tasks"
            yield ("predictions", role.key), f"`predictions.{role.key}` is {fitting}; {remedy}"


def _for(role: Role) -> str:
    """The tasks of a role, in words: "for binary and ranking tasks"."""
    return f"for {_listed(name for name, task in BY_NAME.items() if task.taken(role.key))} tasks"


def _listed(names: Iterator[str]) -> str:
    *some, last = names
    return f"{', '.join(some)} and {last}" if some else last


def _roles(candidate: Candidate, predictions: Predictions) -> Iterator[Misfit]:
    """Roles that exclude or require each other, and classes that differ from `classes`."""
    for role in ROLES.values():
        if not getattr(predictions, role.key):
            continue
        for other, why in role.fit.excludes.items():
            if getattr(predictions, other):
                yield ("predictions", role.key), f"`predictions.{role.key}` cannot be combined with `{other}`: {why}"
        if role.fit.pair and not getattr(predictions, role.fit.pair):
            said = f"`predictions.{role.key}` requires `{role.fit.pair}`"
            yield ("predictions", role.key), f"{said}; name both ends of the interval"
    scored = {name for name, _ in predictions.scores}
    if predictions.scores and candidate.classes and scored != set(candidate.classes):
        odd = ", ".join(sorted(scored ^ set(candidate.classes)))
        yield ("predictions", "scores"), f"`predictions.scores` and `classes` differ in {odd}; make them equal"


def _join(predictions: Predictions, evaluation: TableSpec | None) -> Iterator[Misfit]:
    if evaluation is None:
        return
    identity = predictions.identity
    if predictions.count:
        said = f"`predictions.count` cannot be combined with `tables.{EVALUATION}`, as counted rows have no id"
        yield ("predictions", "count"), f"{said}; remove one"
    elif not identity:
        said = f"`predictions.id` is missing, by which rows are joined to `tables.{EVALUATION}`"
        yield ("predictions",), f"{said}; add it"
    if identity and evaluation.key and len(identity) != len(evaluation.key):
        said = f"the id of the predictions has {_columns(identity)}, and `tables.{EVALUATION}.key` has"
        yield ("tables", EVALUATION, "key"), f"{said} {_columns(evaluation.key)}; name equally many"
    if wrong := misplaced(identity, evaluation.key):
        yield ("tables", EVALUATION, "key"), f"`tables.{EVALUATION}.key` {wrong}"
    if predictions.label and evaluation.label:
        said = f"the label is given twice, by `predictions.label` and `tables.{EVALUATION}.label`"
        yield ("predictions", "label"), f"{said}; remove one"


def _columns(names: tuple[str, ...]) -> str:
    return f"{counted(len(names), 'column')} ({', '.join(names)})"


def _distinct(predictions: Predictions) -> Iterator[Misfit]:
    """A column in two roles is a mistake: a label that is also the prediction is always right."""
    # The id may contain columns that identify a row: series and time of a forecast, query and item of a ranking.
    used = [(role, column) for role in ROLES.values() if role.key != "id" for _, column in role.columns(predictions)]
    parts = {column for role, column in used if role.fit.identifies}
    used += [(ROLES["id"], column) for column in predictions.id if column not in parts]
    seen: dict[str, str] = {}
    for role, column in sorted(used, key=lambda one: not one[0].fit.truth):
        if column in seen:
            first = seen[column]
            both = f"both `{first}` and `{role.key}` of" if first != role.key else f"twice in `{role.key}` of"
            yield ("predictions", role.key), f"column `{column}` is {both} the predictions; name one column for each"
        seen.setdefault(column, role.key)


def _source(name: str, table: TableSpec, joined: tuple[str, ...]) -> Iterator[Misfit]:
    """A table is either in a file, or its facts are; those of a table that is joined by its rows are not enough."""
    if table.source is None and table.facts is None:
        yield ("tables", name), "missing key `path`, the file of the table; add it, or `facts` that were stored of it"
    elif table.facts is not None:
        both = next((key for key in ("source", "key", "label", "labels") if getattr(table, key)), "")
        if both:
            key = "path" if both == "source" else both
            said = f"`tables.{name}.{key}` cannot be combined with `facts`, which say all that is known of the table"
            yield ("tables", name, key), f"{said}; remove one"
        elif name in joined:
            said = f"`tables.{name}` is joined by its rows, and `facts` have none"
            yield ("tables", name, "facts"), f"{said}; name its file by `path`"


def _tables(candidate: Candidate) -> Iterator[Misfit]:
    labelled = {"label": (EVALUATION, *task_of(candidate.task).labelled), "labels": (EVALUATION,)}
    if candidate.evaluation and candidate.evaluation.labels and candidate.task not in ("", "multilabel"):
        said = f"`tables.{EVALUATION}.labels` is {_for(ROLES['labels'])}, not {candidate.task}"
        yield ("tables", EVALUATION, "labels"), f"{said}; remove it"
    for name, table in candidate.tables:
        if name in RESERVED_TABLES:
            yield ("tables", name), f"the table name `{name}` is reserved; choose another"
        yield from _source(name, table, labelled["label"] if candidate.predictions else ())
        for key, read in labelled.items():
            if getattr(table, key) and name not in read:
                said = f"`tables.{name}.{key}` is not used, because only `{EVALUATION}` has a label"
                yield ("tables", name, key), f"{said}; remove it"
        if table.label in table.key:
            said = f"column `{table.label}` is both `key` and `label` of `tables.{name}`"
            yield ("tables", name, "label"), f"{said}; name one column for each"
        if name == EVALUATION and not table.key and candidate.predictions:
            said = f"`tables.{EVALUATION}` has no `key`, by which rows are joined"
            yield ("tables", name), f"{said}; add the id column"

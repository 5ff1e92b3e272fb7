"""What must fit together in a candidate file, beyond what each key may hold."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.candidate.champions import champion_problems
from mlgate.candidate.file import RESERVED_TABLES, CandidateKeys, PredictionsKeys, TableKeys
from mlgate.candidate.forecasts import HISTORY, of_forecasts
from mlgate.candidate.multilabel import multilabel_problems
from mlgate.reading.fields import Report
from mlgate.reading.strict_yaml import Mapping

Said = tuple[tuple[str, ...], str]
"""A problem: the path of keys that it stands at, and the message."""


def validate(keys: CandidateKeys, node: Mapping, report: Report) -> None:
    """Note everything that does not fit together."""
    evaluation = dict(keys.tables).get("evaluation")
    champions = champion_problems(keys, _FITTING)
    of_whole = (
        *_classes(keys),
        *_tables(keys),
        *_presented(keys),
        *_unit(keys),
        *champions,
        *of_forecasts(keys),
        *multilabel_problems(keys),
    )
    for path, message in of_whole:
        report.add(node.place_of(*path), message)
    if keys.predictions:
        for path, message in (
            *_roles(keys, keys.predictions),
            *_rows(keys.predictions),
            *_ranking(keys, keys.predictions),
            *_join(keys.predictions, evaluation),
            *_distinct(keys.predictions),
        ):
            report.add(node.place_of(*path), message)


def _presented(keys: CandidateKeys) -> Iterator[Said]:
    if not keys.predictions and not keys.tables and not keys.model:
        yield (), "nothing is presented; add `predictions`, `tables` or `model`"


def _unit(keys: CandidateKeys) -> Iterator[Said]:
    unit, predictions = keys.unit, keys.predictions
    if unit is None:
        return
    if predictions is None:
        yield ("unit",), "`unit` without `predictions`: it says which of their rows belong together; remove it"
        return
    if predictions.count:
        yield ("unit",), "`unit` beside `predictions.count`: a row that stands for several has no unit; remove one"
    if predictions.weight:
        yield ("unit",), "`unit` beside `predictions.weight` is not supported yet; remove one"
    if unit.score and not predictions.score:
        said = f"`unit.score: {unit.score}` rolls scores up, and `predictions.score` names none"
        yield ("unit", "score"), f"{said}; add it, or remove `unit.score`"
    roles = ("label", "prediction", "score", "lower", "upper")
    used = {getattr(predictions, role): role for role in roles if getattr(predictions, role)}
    for column in unit.column:
        if column in used:
            yield ("unit", "column"), f"column `{column}` is the `{used[column]}` of the predictions, and no unit"


def _classes(keys: CandidateKeys) -> Iterator[Said]:
    used = keys.predictions and (keys.predictions.label or keys.predictions.prediction or keys.predictions.score)
    labelled = any(table.label for _, table in keys.tables)
    if keys.task == "binary" and keys.positive is None and (used or labelled):
        yield ("task",), 'a binary candidate must name its `positive` class; add e.g. positive: "1"'
    if keys.positive is not None and keys.task not in ("binary", ""):
        yield ("positive",), f"`positive` is for binary tasks, not {keys.task}; remove it"
    if keys.classes and keys.task in ("regression", "forecasting", "text", "ranking"):
        yield ("classes",), f"`classes` is for binary, multiclass and multilabel tasks, not {keys.task}; remove it"
    if keys.classes and keys.task == "binary":
        if len(keys.classes) != 2:
            yield (
                ("classes",),
                f"a binary task has exactly 2 classes, not {len(keys.classes)}; use task: multiclass",
            )
        if keys.positive is not None and keys.positive not in keys.classes:
            classes = ", ".join(keys.classes)
            yield ("positive",), f"`positive` is `{keys.positive}`, which is not among the classes {classes}"


_FITTING = {
    "score": ("binary", "ranking"),
    "scores": ("multiclass", "multilabel"),
    "lower": ("regression", "forecasting"),
    "upper": ("regression", "forecasting"),
    "query": ("ranking",),
    "item": ("ranking",),
}


def _roles(keys: CandidateKeys, predictions: PredictionsKeys) -> Iterator[Said]:
    for role, tasks in _FITTING.items():
        if getattr(predictions, role) and keys.task and keys.task not in tasks:
            hint = "; use `scores`" if role == "score" and keys.task == "multiclass" else "; remove it"
            yield (
                ("predictions", role),
                f"`predictions.{role}` is for {' and '.join(tasks)} tasks, not {keys.task}{hint}",
            )
    for one, other in (("lower", "upper"), ("upper", "lower")):
        if getattr(predictions, one) and not getattr(predictions, other):
            yield (
                ("predictions", one),
                f"`predictions.{one}` without `{other}`; name both ends of the interval",
            )
    scored = {name for name, _ in predictions.scores}
    if predictions.scores and keys.classes and scored != set(keys.classes):
        odd = ", ".join(sorted(scored ^ set(keys.classes)))
        yield (
            ("predictions", "scores"),
            f"`predictions.scores` and `classes` differ in {odd}; make them equal",
        )


def _rows(predictions: PredictionsKeys) -> Iterator[Said]:
    if predictions.count and predictions.weight:
        yield (
            ("predictions", "weight"),
            "`predictions.weight` beside `count`: rows are counted or weighted; keep one",
        )
    if predictions.count and predictions.id:
        yield (
            ("predictions", "count"),
            "`predictions.count` beside `id`: a row that has an id is one row; keep one",
        )


def _ranking(keys: CandidateKeys, predictions: PredictionsKeys) -> Iterator[Said]:
    if keys.task != "ranking":
        return
    for role, said in (("query", "says which items are ranked together"), ("item", "identifies what is ranked")):
        if not getattr(predictions, role):
            yield ("predictions",), f"`predictions.{role}` is missing: it {said}; add `{role}: COLUMN`"
    for role in ("prediction", "count", "weight"):
        if getattr(predictions, role):
            hint = "; use `score`" if role == "prediction" else "; remove it"
            yield ("predictions", role), f"`predictions.{role}` is not for ranking tasks{hint}"
    if keys.unit and keys.unit.score:
        yield ("unit", "score"), "`unit.score` rolls rows up, and items of a ranking are not one; remove it"


def _join(predictions: PredictionsKeys, evaluation: TableKeys | None) -> Iterator[Said]:
    if evaluation is None:
        return
    if not predictions.identity and not predictions.count:
        yield (
            ("predictions",),
            "`predictions.id` is missing: rows are joined to `tables.evaluation` by it; add it",
        )
    if predictions.count:
        said = "`predictions.count` beside `tables.evaluation`: counted rows cannot be joined"
        yield ("predictions", "count"), f"{said}; remove one"
    identity = predictions.identity
    if identity and evaluation.key and len(identity) != len(evaluation.key):
        said = f"`predictions.id` has {_columns(identity)}, but `tables.evaluation.key` has"
        yield ("predictions", "id"), f"{said} {_columns(evaluation.key)}; name as many"
    if predictions.label and evaluation.label:
        said = "`predictions.label` beside `tables.evaluation.label`: the label is taken from one place"
        yield ("predictions", "label"), f"{said}; remove one"


def _columns(names: tuple[str, ...]) -> str:
    return f"{len(names)} column{'s' if len(names) > 1 else ''} ({', '.join(names)})"


def _distinct(predictions: PredictionsKeys) -> Iterator[Said]:
    """One column in two roles is a slip: a label that is its own prediction is always right."""
    roles = ("label", "prediction", "score", "lower", "upper", "count", "weight", "time", "horizon", "cutoff")
    used = [(role, getattr(predictions, role)) for role in roles if getattr(predictions, role)]
    names = {role: getattr(predictions, role) for role in ("query", "item") if getattr(predictions, role)}
    used += names.items()
    # The id of a forecast may well be made of its series and its times, that of a ranking of query and item.
    parts = {*predictions.series, predictions.time, predictions.horizon, predictions.cutoff, *names.values()}
    used += [("id", column) for column in predictions.id if column not in parts]
    used += [("series", column) for column in predictions.series]
    for role in ("labels", "decisions", "scores"):
        used += [(role, column) for _, column in getattr(predictions, role)]
    seen: dict[str, str] = {}
    for role, column in used:
        if column in seen:
            said = f"column `{column}` is both `{seen[column]}` and `{role}`"
            yield ("predictions", role), f"{said} of the predictions; name one column for each"
        seen.setdefault(column, role)


def _tables(keys: CandidateKeys) -> Iterator[Said]:
    for name, table in keys.tables:
        if name in RESERVED_TABLES:
            yield ("tables", name), f"the table name `{name}` is reserved; choose another"
        of_history = name == HISTORY and keys.task == "forecasting"
        for key in ("label", "labels"):
            if getattr(table, key) and name != "evaluation" and not (of_history and key == "label"):
                said = f"`tables.{name}.{key}` is not read: only `evaluation` has a label"
                yield ("tables", name, key), f"{said}; remove it"
        if table.label in table.key:
            said = f"column `{table.label}` is both `key` and `label` of `tables.{name}`"
            yield ("tables", name, "label"), f"{said}; name one column for each"
        if name == "evaluation" and not table.key:
            yield (
                ("tables", name),
                "`tables.evaluation` has no `key`: rows are joined by it; add the id column",
            )

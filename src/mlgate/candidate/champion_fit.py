"""Validates the champions of a candidate: what must fit together if it names an earlier model."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.candidate.key_order import misplaced
from mlgate.candidate.named_files import KeyPath
from mlgate.candidate.presented import CHAMPION, Candidate
from mlgate.candidate.roles import ANSWERS, EVALUATION, ROLES, AnswerRoles, ChampionSpec, Predictions
from mlgate.candidate.tasks import task_of
from mlgate.candidate.tasks.task import Misfit
from mlgate.evidence.sources import Source, share_rows
from mlgate.values.words import counted


def champion_problems(candidate: Candidate) -> Iterator[Misfit]:
    """The mistakes in all champions, as (path of keys, message)."""
    if candidate.champion and candidate.champions:
        yield ("champions",), "`champions` cannot be combined with `champion`; move that one into `champions`"
    if candidate.champion:
        yield from _one(candidate, candidate.champion, ("champion",))
    for name, champion in candidate.champions:
        if name == CHAMPION:
            yield ("champions", name), f"the name `{name}` is reserved for an only champion; choose another"
        yield from _one(candidate, champion, ("champions", name))


def _one(candidate: Candidate, champion: ChampionSpec, at: KeyPath) -> Iterator[Misfit]:
    given = {key: getattr(champion, key) for key in ("source", "id", "label", *ANSWERS)}
    if champion.verdict is not None:
        beside = next((key for key, value in given.items() if value), "").replace("source", "path")
        if beside:
            yield (*at, beside), f"`{beside}` cannot be combined with `verdict`, which has no rows; keep one"
        return
    if not any(given[role] for role in ANSWERS):
        yield at, f"`{'.'.join(at)}` names no answer of the earlier model; add it, as in `prediction: COLUMN`"
    if candidate.predictions is None:
        yield at, f"`{'.'.join(at)}` requires `predictions`, with which it is compared; add them"
        return
    yield from _fits(candidate, candidate.predictions, champion, at)
    yield from _rows(candidate, candidate.predictions, champion, at)
    yield from _itself(candidate.predictions, champion, at)
    yield from label_as_answer(candidate, champion, champion.source or candidate.predictions.source, at)


def _fits(candidate: Candidate, own: Predictions, champion: ChampionSpec, at: KeyPath) -> Iterator[Misfit]:
    """The champion's answers must be those of the task, for the same classes."""
    for role in ANSWERS:
        if getattr(champion, role) and candidate.task and not task_of(candidate.task).taken(role):
            tasks = ROLES[role].fit.tasks
            fitting = f"for {tasks[0]} tasks, not" if tasks else "not for"
            yield (*at, role), f"`{role}` of a champion is {fitting} {candidate.task}; remove it"
    for key in ("scores", "decisions"):
        named = {name for name, _ in getattr(champion, key)}
        wanted = set(candidate.classes) or {name for name, _ in getattr(own, key)}
        if named and wanted and named != wanted:
            odd = ", ".join(sorted(named ^ wanted))
            said = f"`{key}` of the champion and the candidate's classes differ in {odd}"
            yield (*at, key), f"{said}; make them equal"


def _rows(candidate: Candidate, predictions: Predictions, champion: ChampionSpec, at: KeyPath) -> Iterator[Misfit]:
    identity = predictions.identity
    if champion.source is None:
        if champion.id:
            yield (*at, "id"), "`id` requires `path`, because columns of the predictions need no id; remove it"
        return
    if predictions.count:
        yield (
            (*at, "path"),
            "`path` cannot be combined with `predictions.count`, as counted rows have no id; name columns",
        )
    elif not identity:
        yield ("predictions",), "`predictions.id` is missing, by which rows are joined to the champion's; add it"
    elif champion.id and len(champion.id) != len(identity):
        columns = counted(len(champion.id), "column")
        said = f"`id` of the champion has {columns}, and that of the predictions {len(identity)}"
        yield (*at, "id"), f"{said}; name equally many"
    other = candidate.evaluation.key if candidate.evaluation else ()
    if wrong := misplaced(identity, champion.id) or misplaced(other, champion.id):
        yield (*at, "id"), f"`id` of the champion {wrong}"


def label_as_answer(candidate: Candidate, model: AnswerRoles, source: Source, at: KeyPath) -> Iterator[Misfit]:
    """A model's answers must not be the label: the same column of the file that `evaluation` has its labels from."""
    evaluation = candidate.evaluation
    if evaluation is None or evaluation.source is None or not share_rows(source, evaluation.source):
        return
    labels = {column: key for key in ("label", "labels") for _, column in ROLES[key].columns(evaluation)}
    for key, role in ANSWERS.items():
        for _, column in role.columns(model):
            if column in labels:
                said = f"column `{column}` of the same data is the `{labels[column]}` of `tables.{EVALUATION}`"
                yield (*at, key), f"{said}, so every answer would be right; name the column of the model's answers"


def _itself(predictions: Predictions, champion: ChampionSpec, at: KeyPath) -> Iterator[Misfit]:
    """The champion's columns, except the label, must differ from the candidate's own."""
    here = champion.source is None or share_rows(champion.source, predictions.source)
    own = {column: key for key, role in ROLES.items() for _, column in role.columns(predictions)} if here else {}
    for key, role in ANSWERS.items():
        shared = [column for _, column in role.columns(champion) if own.get(column) == key]
        if shared:
            said = f"`{key}` is the candidate's own column `{', '.join(shared)}`"
            yield (*at, key), f"{said}, so it would be compared with itself; name the earlier model's column"
    used = [("label", champion.label)] if champion.label else []
    used += [(key, column) for key, role in ANSWERS.items() for _, column in role.columns(champion)]
    seen: dict[str, str] = {}
    for key, column in used:
        if column in seen or own.get(column, key) != key:
            first = f"`{seen[column]}`" if column in seen else f"`{own[column]}` of the predictions"
            both = f"twice in `{key}`" if seen.get(column) == key else f"both {first} and `{key}`"
            yield (*at, key), f"column `{column}` is {both} of the champion; name one column for each"
        seen.setdefault(column, key)

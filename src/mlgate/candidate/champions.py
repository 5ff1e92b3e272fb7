"""What must fit together where a candidate file names an earlier model."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from mlgate.candidate.file import CandidateKeys, ChampionKeys, PredictionsKeys
from mlgate.candidate.model import CHAMPION

Path = tuple[str, ...]
Said = tuple[Path, str]
ANSWERS = ("prediction", "score", "scores", "lower", "upper")
Fitting = Mapping[str, tuple[str, ...]]
"""For which tasks an answer is."""


def champion_problems(keys: CandidateKeys, fitting: Fitting) -> Iterator[Said]:
    """A problem of every champion, as (path of keys, message)."""
    if keys.champion and keys.champions:
        yield ("champions",), "`champions` beside `champion`: name the one among the several, and remove `champion`"
    if any(name == CHAMPION for name, _ in keys.champions):
        yield (
            ("champions", CHAMPION),
            f"the name `{CHAMPION}` is that of an only champion; choose another",
        )
    if keys.champion:
        yield from _one(keys, keys.champion, ("champion",), fitting)
    for name, champion in keys.champions:
        yield from _one(keys, champion, ("champions", name), fitting)


def _one(keys: CandidateKeys, champion: ChampionKeys, at: Path, fitting: Fitting) -> Iterator[Said]:
    if champion.verdict is not None:
        given = [key for key in ("path", "id", "label", *ANSWERS) if getattr(champion, key)]
        if given:
            yield (*at, given[0]), f"`{given[0]}` beside `verdict`: an earlier verdict has no rows; keep one"
        return
    if not any(getattr(champion, role) for role in ANSWERS):
        yield at, f"`{'.'.join(at)}` names no answer of the earlier model; add e.g. `prediction: COLUMN`"
    if keys.predictions is None:
        yield at, f"`{'.'.join(at)}` without `predictions`: there is nothing to compare it with; add them"
        return
    yield from _fits(keys, champion, at, fitting)
    yield from _rows(keys.predictions, champion, at)
    yield from _itself(keys.predictions, champion, at)


def _fits(keys: CandidateKeys, champion: ChampionKeys, at: Path, fitting: Fitting) -> Iterator[Said]:
    for role in ANSWERS:
        tasks = fitting.get(role)
        if tasks and getattr(champion, role) and keys.task and keys.task not in tasks:
            yield (*at, role), f"`{role}` of a champion is for {tasks[0]} tasks, not {keys.task}; remove it"
    scored, wanted = {name for name, _ in champion.scores}, set(keys.classes)
    wanted = wanted or {name for name, _ in (keys.predictions.scores if keys.predictions else ())}
    if champion.scores and wanted and scored != wanted:
        odd = ", ".join(sorted(scored ^ wanted))
        yield (*at, "scores"), f"`scores` of the champion and the candidate's classes differ in {odd}; make them equal"


def _rows(predictions: PredictionsKeys, champion: ChampionKeys, at: Path) -> Iterator[Said]:
    if champion.path is None:
        if champion.id:
            yield (*at, "id"), "`id` without `path`: columns of the predictions are on the same rows; remove it"
        return
    if predictions.count:
        yield (*at, "path"), "`path` beside `predictions.count`: counted rows cannot be joined; name columns instead"
    elif not predictions.identity:
        yield ("predictions",), "`predictions.id` is missing: rows are joined to the champion's by it; add it"
    elif champion.id and len(champion.id) != len(predictions.identity):
        said = f"`id` of the champion has {len(champion.id)} columns and `predictions.id` {len(predictions.identity)}"
        yield (*at, "id"), f"{said}; name as many"


def _itself(predictions: PredictionsKeys, champion: ChampionKeys, at: Path) -> Iterator[Said]:
    """The candidate's own answers are no champion, and neither is the label."""
    here = champion.path is None or posixpath.normpath(champion.path) == posixpath.normpath(predictions.path)
    for role in (role for role in ANSWERS if here and getattr(champion, role)):
        if getattr(champion, role) == getattr(predictions, role):
            said = f"`{role}` is the candidate's own column `{_shown(champion, role)}`"
            yield (*at, role), f"{said}: that compares the candidate with itself; name the earlier model's"
    used = [(role, getattr(champion, role)) for role in ("label", "prediction", "score", "lower", "upper")]
    used += [("scores", column) for _, column in champion.scores]
    seen = {predictions.label: "label"} if champion.path is None and predictions.label else {}
    for role, column in used:
        if column is not None and column in seen and not (role == "label" == seen[column]):
            said = f"column `{column}` is both `{seen[column]}` and `{role}` of the champion"
            yield (*at, role), f"{said}; name one column for each"
        elif column is not None:
            seen.setdefault(column, role)


def _shown(champion: ChampionKeys, role: str) -> str:
    found = getattr(champion, role)
    return found if isinstance(found, str) else ", ".join(column for _, column in found)

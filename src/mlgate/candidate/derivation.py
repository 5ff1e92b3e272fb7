"""The tables of a candidate: those that it names, and those that the gate derives from them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from mlgate.candidate.presented import CHAMPION, Candidate, TableSpec, Unit
from mlgate.candidate.roles import EVALUATION, ChampionSpec, Predictions
from mlgate.candidate.tasks import task_of
from mlgate.evidence.tables.counted_rows import CountedRows
from mlgate.evidence.tables.join import Join
from mlgate.evidence.tables.recipe import Recipe, TableOrigin
from mlgate.evidence.tables.rollup import RollUp
from mlgate.evidence.tables.run_judgements import RunJudgements

PREDICTIONS, EVALUATED, COUNTED, UNITS = "predictions", "evaluated", "counted", "units"


def tables(candidate: Candidate) -> dict[str, TableOrigin]:
    """The tables to open: files, frames, and the tables that the gate derives from them."""
    found: dict[str, TableOrigin] = {name: spec.source for name, spec in candidate.tables if spec.source is not None}
    if candidate.predictions is not None:
        found[PREDICTIONS] = candidate.predictions.source
        found |= steps(candidate) | grouped(candidate)
        for champion in candidate.opponents.values():
            if champion.source is not None:
                found[table_of(champion)] = champion.source
                found |= steps(candidate, champion) | grouped(candidate, champion)
    return found


def table_of(champion: ChampionSpec) -> str:
    """The name of a champion's own table. A table of a candidate cannot have this name."""
    return CHAMPION if champion.name == CHAMPION else f"{CHAMPION} {champion.name}"


def section_of(champion: ChampionSpec | str) -> str:
    """The section of the candidate file that presents a champion, given by itself or by its name."""
    name = champion if isinstance(champion, str) else champion.name
    return CHAMPION if name == CHAMPION else f"champions.{name}"


def id_key(table: str) -> str:
    """The key of the candidate file that names the columns by which the rows of a table are joined."""
    if table in (PREDICTIONS, EVALUATED):
        return f"{PREDICTIONS}.id"
    first, _, name = table.partition(" ")
    return f"{section_of(name or CHAMPION)}.id" if first == CHAMPION else f"tables.{table}.key"


def beside(champion: ChampionSpec) -> str:
    """The name of the predictions joined with a champion's answers from its own file."""
    return f"predictions beside {table_of(champion)}"


def grouped(candidate: Candidate, champion: ChampionSpec | None = None) -> dict[str, Recipe]:
    """The tables with one row per group of rows, such as queries. With a champion, they have its answers and name."""
    if candidate.predictions is None:
        return {}
    names = possible_names(candidate.predictions.query, PREDICTIONS, candidate.evaluation is not None)
    made = task_of(candidate.task).grouped(judged(candidate, champion), names)
    return {grouped_name(name, champion): table for name, table in made}


def grouped_name(name: str, champion: ChampionSpec | None) -> str:
    """The name of a table of groups: for the candidate alone, or joined with a champion's file."""
    return name if champion is None or champion.source is None else f"{name} of {beside(champion)}"


def steps(candidate: Candidate, champion: ChampionSpec | None = None) -> dict[str, Recipe]:
    """The chain of tables derived from the predictions, each from the one before. Rules see the last.

    With a champion that has a file, its answers are joined to the predictions. Rules about the candidate alone use the
    chain without champion.
    """
    return dict(_steps(candidate, candidate.predictions, champion)) if candidate.predictions is not None else {}


def _steps(
    candidate: Candidate, predictions: Predictions, champion: ChampionSpec | None
) -> Iterator[tuple[str, Recipe]]:
    last, of, evaluation = PREDICTIONS, "", candidate.evaluation
    if predictions.count:
        last = COUNTED
        yield last, CountedRows(PREDICTIONS, predictions.count)
    if evaluation:
        last = EVALUATED
        yield last, _evaluated(predictions, evaluation)
    if champion is not None and champion.source is not None:
        last = beside(champion)
        yield last, joined(candidate, predictions, champion)
        of = f" of {last}"
    for name, table in task_of(candidate.task).computed(candidate, last):
        last = f"{name}{of}"
        yield last, table
    if candidate.unit is not None and candidate.unit.score:
        yield f"{UNITS}{of}", _rolled_up(candidate, predictions, candidate.unit, last, champion)


def _evaluated(predictions: Predictions, evaluation: TableSpec) -> Join:
    """The predictions with labels and groups; as a run with its judgements where the candidate says so."""
    parts = (PREDICTIONS, EVALUATION, predictions.identity, evaluation.key)
    named_by = (id_key(PREDICTIONS), id_key(EVALUATION))
    if predictions.unretrieved:
        return RunJudgements(*parts, predictions.score or "", evaluation.label or "", named_by=named_by)
    return Join(*parts, named_by=named_by)


def _rolled_up(
    candidate: Candidate, predictions: Predictions, unit: Unit, last: str, champion: ChampionSpec | None
) -> RollUp:
    """One row per unit. The scores of all models are rolled up in the same way."""
    names = partial(possible_names, table=PREDICTIONS, joined=candidate.evaluation is not None)
    models = [spec for spec in candidate.opponents.values() if spec.source is None and spec.verdict is None]
    others = [name for spec in models for name in names(spec.score)]
    decided = [name for spec in models for name in names(spec.prediction)]
    if champion is not None and champion.source is not None:
        others += possible_names(champion.score, table_of(champion), joined=True)
        decided += possible_names(champion.prediction, table_of(champion), joined=True)
    decided += names(predictions.prediction)
    return RollUp(last, unit.column, unit.score or "", names(predictions.score), tuple(decided), tuple(others))


def possible_names(column: str | None, table: str, joined: bool) -> tuple[str, ...]:
    """The possible names of a table's column in the judged table."""
    if column is None:
        return ()
    return (f"{table}.{column}", column) if joined else (column,)


def joined(candidate: Candidate, predictions: Predictions, champion: ChampionSpec) -> Join:
    """The predictions, with labels and groups, joined with a champion's own file."""
    evaluation = candidate.evaluation
    table, key = (EVALUATED, evaluation.key) if evaluation else (PREDICTIONS, predictions.identity)
    named_by = (id_key(table_of(champion)), id_key(EVALUATION if evaluation else PREDICTIONS))
    return Join(table_of(champion), table, champion.id, key, named_by=named_by)


def judged(candidate: Candidate, champion: ChampionSpec | None = None) -> str:
    """The name of the table that rules about predictions see; with a champion, the one with its answers."""
    return next(reversed(steps(candidate, champion)), PREDICTIONS)

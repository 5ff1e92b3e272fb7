"""Policies meet a candidate: which of them apply, which tables there are, and what every rule may ask about."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

from mlgate.candidate.model import Candidate, ChampionSpec, Predictions, Unit
from mlgate.checks.champions import Champion
from mlgate.checks.subject import PREDICTIONS, Subject
from mlgate.evidence.questions.digest import Digest
from mlgate.evidence.questions.earlier_verdict import EarlierVerdict
from mlgate.evidence.questions.key_matches import Keys
from mlgate.evidence.questions.table_schema import SchemaFact
from mlgate.evidence.rows import Rows
from mlgate.evidence.sources import FileSource
from mlgate.evidence.tables.exposures import EXPOSURES, Exposures
from mlgate.evidence.tables.forecast_rows import Forecasts
from mlgate.evidence.tables.join import Join, keys_need
from mlgate.evidence.tables.ranked_queries import QUERIES, OfRankings, Queries
from mlgate.evidence.tables.recipe import Recipe, TableOrigin
from mlgate.evidence.tables.rollup import RollUp
from mlgate.evidence.tables.texts import Texts
from mlgate.policy.model import Policy
from mlgate.policy.selector import matches
from mlgate.reading import locate
from mlgate.values.errors import InputError, MlgateError

EVALUATION, EVALUATED, UNITS = "evaluation", "evaluated", "units"
HISTORY, FORECASTS, TEXTS = "history", "forecasts", "texts"
ANSWERS = ("prediction", "score", "lower", "upper")


class Schemas(Protocol):
    """What knows the tables' columns."""

    def schema(self, name: str) -> SchemaFact:
        """A table's columns and kinds. Raises EvidenceError or MachineError where it cannot be opened."""
        ...


def applying(policies: Iterable[Policy], candidate: Candidate) -> tuple[Policy, ...]:
    """The policies whose `for:` matches the candidate. Raises InputError where none does: nothing would be asked."""
    asked = tuple(policies)
    found = tuple(policy for policy in asked if matches(policy.applies_to, candidate))
    if not found:
        names = ", ".join(policy.name for policy in asked)
        raise InputError(
            f"no policy applies to candidate `{candidate.name}` (task {candidate.task}, tags "
            f"{', '.join(candidate.tags) or 'none'}): of {names}, none has it in `for:`"
        )
    return found


def tables(candidate: Candidate) -> dict[str, TableOrigin]:
    """The tables to open: those of files, and those that the gate makes of them."""
    found: dict[str, TableOrigin] = {name: spec.source for name, spec in candidate.tables.items()}
    if candidate.predictions is not None:
        found[PREDICTIONS] = candidate.predictions.source
        found.update(steps(candidate))
        found.update(_queries(candidate, None))
        for champion in candidate.champions.values():
            if champion.source is not None:
                found[champion.table] = champion.source
                found.update(steps(candidate, champion))
                found.update(_queries(candidate, champion))
    return found


def _queries(candidate: Candidate, champion: ChampionSpec | None) -> Iterator[tuple[str, OfRankings]]:
    """The queries of a ranking, and the exposure of its items; with a champion its queries beside its answers."""
    if candidate.predictions is not None and candidate.predictions.query is not None:
        names = _possible_names(candidate.predictions.query, PREDICTIONS, EVALUATION in candidate.tables)
        yield queries_of(champion), Queries(judged(candidate, champion), names)
        if champion is None:
            yield EXPOSURES, Exposures(judged(candidate), names)


def queries_of(champion: ChampionSpec | None) -> str:
    """What the table of queries is called: the candidate's own, or the one beside a champion with a file."""
    return QUERIES if champion is None or champion.source is None else f"{QUERIES} of {champion.beside}"


def steps(candidate: Candidate, champion: ChampionSpec | None = None) -> tuple[tuple[str, Recipe], ...]:
    """The tables that are made of the predictions, each of the one before; rules about predictions see the last.

    With a champion that has a file, its answers stand beside the predictions; what only concerns the candidate is
    asked of the chain without it.
    """
    return tuple(_steps(candidate, champion))


def _steps(candidate: Candidate, champion: ChampionSpec | None) -> Iterator[tuple[str, Recipe]]:
    predictions, evaluation = candidate.predictions, candidate.tables.get(EVALUATION)
    if predictions is None:
        return
    last = PREDICTIONS
    if evaluation:
        last = EVALUATED
        yield EVALUATED, Join(PREDICTIONS, EVALUATION, predictions.id, evaluation.key)
    if champion is not None and champion.source is not None:
        last = champion.beside
        yield champion.beside, _beside(candidate, champion)
    of = f" of {last}" if champion is not None and last == champion.beside else ""
    if candidate.task == "forecasting" and predictions.time and predictions.horizon:
        yield f"{FORECASTS}{of}", _forecasts(candidate, predictions, predictions.time, predictions.horizon, last)
    if candidate.task == "text":
        yield f"{TEXTS}{of}", Texts(last)
        last = f"{TEXTS}{of}"
    if candidate.unit is not None and candidate.unit.score:
        yield f"{UNITS}{of}", _rolled_up(candidate, candidate.unit, last, champion)


def _forecasts(candidate: Candidate, predictions: Predictions, time: str, horizon: str, last: str) -> Forecasts:
    evaluation, history = candidate.tables.get(EVALUATION), candidate.tables.get(HISTORY)
    found = Forecasts(last, predictions.series, time, horizon, predictions.cutoff)
    own = f"{PREDICTIONS}." if evaluation else ""
    judged_by = evaluation.label if evaluation and evaluation.label else None
    found = replace(found, own=own, label=judged_by or predictions.label, own_label=judged_by is None)
    if history is None or history.label is None:
        return found
    return replace(found, history=HISTORY, key=history.key, value=history.label)


def _rolled_up(candidate: Candidate, unit: Unit, last: str, champion: ChampionSpec | None) -> RollUp:
    """One row a unit; the scores of all models are rolled up alike."""
    joined, own = EVALUATION in candidate.tables, candidate.predictions
    names = partial(_possible_names, table=PREDICTIONS, joined=joined)
    beside = _beside_themselves(candidate)
    others = [name for spec in beside for name in names(spec.score)]
    decided = [name for spec in beside for name in names(spec.prediction)]
    if champion is not None and champion.source is not None:
        others += _possible_names(champion.score, champion.table, joined=True)
        decided += _possible_names(champion.prediction, champion.table, joined=True)
    if own is not None:
        decided += names(own.prediction)
    return RollUp(last, unit.column, unit.score or "", names(own.score) if own else (), tuple(decided), tuple(others))


def _beside_themselves(candidate: Candidate) -> list[ChampionSpec]:
    """The champions whose answers are columns of the predictions."""
    return [spec for spec in candidate.champions.values() if spec.source is None and spec.verdict is None]


def _possible_names(column: str | None, table: str, joined: bool) -> tuple[str, ...]:
    """What a column of a table may be called in the judged one."""
    if column is None:
        return ()
    return (f"{table}.{column}", column) if joined else (column,)


def _beside(candidate: Candidate, champion: ChampionSpec) -> Join:
    """The predictions, with labels and groups, joined to a champion's own file."""
    evaluation = candidate.tables.get(EVALUATION)
    table, key = (EVALUATED, evaluation.key) if evaluation else (PREDICTIONS, _ids(candidate))
    return Join(champion.table, table, champion.id, key)


def _ids(candidate: Candidate) -> tuple[str, ...]:
    return candidate.predictions.id if candidate.predictions else ()


def judged(candidate: Candidate, champion: ChampionSpec | None = None) -> str:
    """The table that rules about the predictions see; with a champion, those that compare it."""
    return next((name for name, _ in reversed(steps(candidate, champion))), PREDICTIONS)


def digests(candidate: Candidate, workspace: Path) -> tuple[Digest, ...]:
    """The questions which bytes the verdict rests on: the model's and every table's."""
    named: list[tuple[str, object]] = [("model", candidate.model)] if candidate.model else []
    if candidate.predictions:
        named.append((PREDICTIONS, candidate.predictions.source))
    named += [(name, spec.source) for name, spec in candidate.tables.items()]
    named += [(champion.table, champion.source or champion.verdict) for champion in candidate.champions.values()]
    return tuple(
        Digest(role, locate.shown(source.root / source.path, workspace))
        for role, source in named
        if isinstance(source, FileSource)
    )


def subject(candidate: Candidate, policy: Policy, schemas: Schemas) -> Subject:
    """The candidate as the rules of one policy see it."""
    joined = candidate.predictions is not None and EVALUATION in candidate.tables
    found = {name: _rows(name, name, schemas) for name in candidate.tables}
    if candidate.predictions is not None:
        found[PREDICTIONS] = _rows(judged(candidate), "the predictions", schemas)
        for spec in candidate.champions.values():
            if spec.source is not None:
                found[spec.beside] = _rows(judged(candidate, spec), f"the {spec.beside}", schemas)
        for name in (name for name, table in tables(candidate).items() if isinstance(table, OfRankings)):
            found[name] = _rows(name, f"the {name}", schemas)
    taken = _columns(found.get(EVALUATION)) if joined else frozenset()
    return Subject(
        candidate.task,
        candidate.positive,
        candidate.classes,
        dict(_roles(candidate, taken)),
        tuple((name, _in_join(column, taken)) for name, column in _scores(candidate)),
        found,
        dict(_keys(candidate)),
        policy.derive,
        policy.groups,
        tuple(_unit(candidate, taken)),
        {name: _champion(spec, candidate, schemas) for name, spec in candidate.champions.items()},
        separator=candidate.predictions.separator if candidate.predictions else "",
    )


def _unit(candidate: Candidate, taken: frozenset[str]) -> Iterator[str]:
    """What rows belong together by; items of a query do, whatever the candidate says of it."""
    if candidate.unit is not None and not candidate.unit.score:
        yield from candidate.unit.column
    elif candidate.unit is None and candidate.predictions is not None and candidate.predictions.query is not None:
        yield _in_join(candidate.predictions.query, taken)


def _champion(spec: ChampionSpec, candidate: Candidate, schemas: Schemas) -> Champion:
    """A champion with its columns as the table beside it names them."""
    if spec.verdict is not None:
        return Champion(spec.name, verdict=EarlierVerdict(_path(candidate, spec.verdict), candidate.name))
    table = EVALUATED if EVALUATION in candidate.tables else PREDICTIONS
    if spec.source is None:
        taken, prefix = (
            _columns(_rows(EVALUATION, EVALUATION, schemas)) if table == EVALUATED else frozenset(),
            PREDICTIONS,
        )
    else:
        taken, prefix = _columns(_rows(table, table, schemas)), spec.table

    def column(name: str) -> str:
        return f"{prefix}.{name}" if name.casefold() in taken else name

    roles = {role: column(name) for role in ANSWERS if (name := getattr(spec, role)) is not None}
    return Champion(
        spec.name,
        PREDICTIONS if spec.source is None else spec.beside,
        roles,
        tuple((name, column(score)) for name, score in spec.scores),
        None if spec.label is None else column(spec.label),
        tuple(_same_file(spec, candidate)),
        queries=queries_of(spec),
    )


def _same_file(spec: ChampionSpec, candidate: Candidate) -> Iterator[Digest]:
    """The digests of the candidate's file and the champion's, where equal bytes would mean equal answers."""
    own = candidate.predictions
    if own is None or not isinstance(own.source, FileSource) or not isinstance(spec.source, FileSource):
        return
    if any(getattr(spec, role) == getattr(own, role) for role in ANSWERS if getattr(spec, role) is not None):
        yield Digest(PREDICTIONS, _path(candidate, own.source))
        yield Digest(spec.table, _path(candidate, spec.source))


def _path(candidate: Candidate, source: FileSource) -> str:
    """A file's path in the workspace, as the candidate's own is told."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(candidate.file), source.path))


def cautions(candidate: Candidate) -> tuple[str, ...]:
    """What a reader of all bounds must know of the candidate's rows."""
    predictions = candidate.predictions
    if candidate.task != "forecasting" or predictions is None or candidate.unit is not None:
        return ()
    named = f"`unit: {{column: {predictions.series[0]}}}`" if len(predictions.series) == 1 else "`unit:`"
    said = "forecasts of one series hang together, and bounds that take rows as independent promise too much"
    return (f"{said}: where there are 20 series or more, say so by {named}",)


def _rows(table: str, shown_as: str, schemas: Schemas) -> Rows | MlgateError:
    try:
        return Rows(table, shown_as, schemas.schema(table))
    except MlgateError as error:
        return error


def _columns(rows: Rows | MlgateError | None) -> frozenset[str]:
    return frozenset(name.casefold() for name in rows.kinds) if isinstance(rows, Rows) else frozenset()


def _roles(candidate: Candidate, taken: frozenset[str]) -> Iterator[tuple[str, str]]:
    predictions = candidate.predictions
    if predictions is None:
        return
    for role in ("label", *ANSWERS, "count", "weight", "horizon", "query", "item"):
        column = getattr(predictions, role)
        if column is not None:
            yield role, _in_join(column, taken)
    for key in ("labels", "decisions"):
        yield from ((f"{key}.{name}", _in_join(column, taken)) for name, column in getattr(predictions, key))
    evaluation = candidate.tables.get(EVALUATION)
    if evaluation and evaluation.label is not None:
        yield "label", evaluation.label
    if evaluation:
        yield from ((f"labels.{name}", column) for name, column in evaluation.labels)
    if candidate.task == "forecasting" and HISTORY in candidate.tables:
        yield "history", candidate.tables[HISTORY].label or ""


def _scores(candidate: Candidate) -> tuple[tuple[str, str], ...]:
    return candidate.predictions.scores if candidate.predictions else ()


def _in_join(column: str, taken: frozenset[str]) -> str:
    return f"{PREDICTIONS}.{column}" if column.casefold() in taken else column


def _keys(candidate: Candidate) -> Iterator[tuple[str, Keys]]:
    for name, spec in candidate.tables.items():
        if spec.key:
            yield name, Keys(name, spec.key)
    predictions, evaluation = candidate.predictions, candidate.tables.get(EVALUATION)
    if predictions is None or not predictions.identity:
        return
    if predictions.query and predictions.item:
        yield QUERIES, Keys(PREDICTIONS, (predictions.query, predictions.item))
    for champion in candidate.champions.values():
        if champion.source is not None:
            yield champion.beside, keys_need(_beside(candidate, champion))
    if evaluation and predictions.id:
        yield PREDICTIONS, Keys(PREDICTIONS, predictions.id, EVALUATION, evaluation.key)
    else:
        yield PREDICTIONS, Keys(PREDICTIONS, predictions.identity)

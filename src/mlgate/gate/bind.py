"""Policies meet a candidate: which of them apply, which files are digested, and what every rule may ask about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

from mlgate.candidate.declared import records_of
from mlgate.candidate.derivation import (
    EVALUATED,
    PREDICTIONS,
    beside,
    grouped,
    grouped_name,
    joined,
    judged,
    table_of,
)
from mlgate.candidate.named_files import files
from mlgate.candidate.presented import EVALUATION, Candidate
from mlgate.candidate.read import load_candidate
from mlgate.candidate.roles import ANSWERS, ROLES, ChampionSpec, Predictions
from mlgate.candidate.tasks import task_of
from mlgate.checks.champions import Champion
from mlgate.checks.registry import shipped
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.digest import Digest
from mlgate.evidence.questions.earlier_verdict import EarlierVerdict
from mlgate.evidence.questions.key_matches import Keys
from mlgate.evidence.questions.table_schema import SchemaFact
from mlgate.evidence.rows import Rows
from mlgate.evidence.sources import FileSource
from mlgate.evidence.tables.join import keys_need
from mlgate.evidence.tables.ranked_queries import QUERIES
from mlgate.policy.demanded import Policy
from mlgate.policy.selector import matches
from mlgate.reading import locate
from mlgate.values.errors import InputError, MlgateError


class Schemas(Protocol):
    """What knows the tables' columns."""

    def schema(self, name: str) -> SchemaFact:
        """A table's columns and kinds. Raises EvidenceError or MachineError where it cannot be opened."""
        ...


def load(path: Path, policies: Iterable[Policy], workspace: Path) -> Candidate:
    """The candidate of a file, with the keys that checks declare. Raises InputError with all its problems."""
    return load_candidate(path, workspace=workspace, declared=lambda: declared(policies))


def declared(policies: Iterable[Policy]) -> tuple[type[Any], ...]:
    """The records of further candidate keys: those of the checks of mlgate, and of every check that a rule names."""
    named = (type(rule.check) for policy in policies for rule in policy.rules)
    return records_of((*shipped().values(), *named))


def applying(policies: Iterable[Policy], candidate: Candidate) -> tuple[Policy, ...]:
    """The policies whose `for:` matches the candidate. Raises InputError where none does: nothing would be asked."""
    asked = tuple(policies)
    found = tuple(policy for policy in asked if matches(policy.applies_to, candidate))
    if not found:
        names = ", ".join(policy.name for policy in asked)
        raise InputError(
            f"no policy applies to candidate `{candidate.name}` (task {candidate.task or 'none'}, "
            f"risk {candidate.risk or 'none'}, tags {', '.join(candidate.tags) or 'none'}): "
            f"of {names}, none has it in `for:`"
        )
    return found


def digests(candidate: Candidate, workspace: Path) -> tuple[Digest, ...]:
    """The questions which bytes the verdict rests on: those of every file that the candidate names anywhere."""
    return tuple(
        Digest(_called(keys), locate.shown(source.root / source.path, workspace)) for keys, source in files(candidate)
    )


def _called(keys: tuple[str, ...]) -> str:
    """What a file is called among the inputs, by the keys that lead to it."""
    first, *rest = keys
    if first == "declared":
        return rest[0]
    if first == "champions":
        return f"champion {rest[0]}"
    return rest[0] if first == "tables" else first


def subject(candidate: Candidate, policy: Policy, schemas: Schemas) -> Subject:
    """The candidate as the rules of one policy see it."""
    predictions = candidate.predictions
    found = {name: _rows(name, name, schemas) for name, _ in candidate.tables}
    if predictions is None:
        return Subject(candidate, tables=found, keys=_keys(candidate), derive=policy.derive, groups=policy.groups)
    found |= _tables(candidate, schemas)
    taken = _columns(found.get(EVALUATION))
    return Subject(
        candidate,
        roles=dict(_roles(candidate, predictions, taken)),
        scores=tuple((name, _in_join(column, taken)) for name, column in predictions.scores),
        tables=found,
        keys=_keys(candidate),
        derive=policy.derive,
        groups=policy.groups,
        unit=_unit(candidate, predictions, taken),
        champions={name: _champion(spec, candidate, schemas) for name, spec in candidate.opponents.items()},
    )


def _tables(candidate: Candidate, schemas: Schemas) -> dict[str, Rows | MlgateError]:
    """The predictions, beside each champion too, and the groups of rows that are made of them."""
    found = {PREDICTIONS: _rows(judged(candidate), "the predictions", schemas)}
    found |= {name: _rows(name, f"the {name}", schemas) for name in grouped(candidate)}
    for spec in candidate.opponents.values():
        if spec.source is not None:
            found[beside(spec)] = _rows(judged(candidate, spec), f"the {beside(spec)}", schemas)
            found |= {name: _rows(name, f"the {name}", schemas) for name in grouped(candidate, spec)}
    return found


def _rows(table: str, shown_as: str, schemas: Schemas) -> Rows | MlgateError:
    try:
        return Rows(table, shown_as, schemas.schema(table))
    except MlgateError as error:
        return error


def _columns(rows: Rows | MlgateError | None) -> frozenset[str]:
    return frozenset(name.casefold() for name in rows.kinds) if isinstance(rows, Rows) else frozenset()


def _in_join(column: str, taken: frozenset[str], table: str = PREDICTIONS) -> str:
    """What a column is called in a join where other columns have taken names."""
    return f"{table}.{column}" if column.casefold() in taken else column


def _roles(candidate: Candidate, predictions: Predictions, taken: frozenset[str]) -> Iterator[tuple[str, str]]:
    """The column of every role: those of the predictions, then the labels of the evaluation and what the task adds."""
    for role in ROLES.values():
        if role.key not in ("id", "series", "scores"):
            for name, column in role.columns(predictions):
                yield f"{role.key}.{name}" if name else role.key, _in_join(column, taken)
    evaluation = candidate.evaluation
    if evaluation and evaluation.label is not None:
        yield "label", evaluation.label
    if evaluation:
        yield from ((f"labels.{name}", column) for name, column in evaluation.labels)
    yield from task_of(candidate.task).further_roles(candidate)


def _unit(candidate: Candidate, predictions: Predictions, taken: frozenset[str]) -> tuple[str, ...]:
    """What rows belong together by; items of a query do, whatever the candidate says of it."""
    if candidate.unit is not None:
        return () if candidate.unit.score else candidate.unit.column
    column = task_of(candidate.task).unit(predictions)
    return (_in_join(column, taken),) if column else ()


def _champion(spec: ChampionSpec, candidate: Candidate, schemas: Schemas) -> Champion:
    """A champion with its columns as the table beside it names them."""
    if spec.verdict is not None:
        return Champion(spec.name, verdict=EarlierVerdict(candidate.path_of(spec.verdict), candidate.name))
    taken, prefix = frozenset[str](), PREDICTIONS if spec.source is None else table_of(spec)
    if candidate.evaluation or spec.source is not None:
        other = EVALUATION if spec.source is None else EVALUATED if candidate.evaluation else PREDICTIONS
        taken = _columns(_rows(other, other, schemas))
    answers = {
        f"{key}.{name}" if name else key: _in_join(column, taken, prefix)
        for key, role in ANSWERS.items()
        if key != "scores"
        for name, column in role.columns(spec)
    }
    return Champion(
        spec.name,
        PREDICTIONS if spec.source is None else beside(spec),
        answers,
        tuple((name, _in_join(column, taken, prefix)) for name, column in spec.scores),
        None if spec.label is None else _in_join(spec.label, taken, prefix),
        _same_file(spec, candidate),
        queries=grouped_name(QUERIES, spec),
    )


def _same_file(spec: ChampionSpec, candidate: Candidate) -> tuple[Digest, ...]:
    """The digests of the candidate's file and the champion's, where equal bytes would mean equal answers."""
    own = candidate.predictions
    if own is None or not isinstance(own.source, FileSource) or not isinstance(spec.source, FileSource):
        return ()
    if not any(getattr(spec, role) and getattr(spec, role) == getattr(own, role) for role in ANSWERS):
        return ()
    return (
        Digest(PREDICTIONS, candidate.path_of(own.source)),
        Digest(table_of(spec), candidate.path_of(spec.source)),
    )


def _keys(candidate: Candidate) -> dict[str, Keys]:
    """The questions about ids that must be answered well before a table's rows count."""
    found = {name: Keys(name, spec.key) for name, spec in candidate.tables if spec.key}
    predictions, evaluation = candidate.predictions, candidate.evaluation
    if predictions is None or not predictions.identity:
        return found
    if predictions.query and predictions.item:
        found[QUERIES] = Keys(PREDICTIONS, (predictions.query, predictions.item))
    for champion in candidate.opponents.values():
        if champion.source is not None:
            found[beside(champion)] = keys_need(joined(candidate, predictions, champion))
    if evaluation:
        found[PREDICTIONS] = Keys(PREDICTIONS, predictions.identity, EVALUATION, evaluation.key)
    else:
        found[PREDICTIONS] = Keys(PREDICTIONS, predictions.identity)
    return found

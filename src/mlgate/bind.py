"""Policies meet a candidate: which of them apply, which tables there are, and what every rule may ask about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Protocol

from mlgate import locate
from mlgate.candidate.model import Candidate
from mlgate.checks.subject import PREDICTIONS, Subject
from mlgate.errors import InputError, MlgateError
from mlgate.evidence.derived import Derived
from mlgate.evidence.facts import SchemaFact
from mlgate.evidence.needs import Digest, Keys
from mlgate.evidence.rollup import RollUp
from mlgate.evidence.rows import Rows
from mlgate.evidence.sources import FileSource, Join
from mlgate.evidence.tables import Table
from mlgate.policy.model import Policy
from mlgate.policy.selector import matches

EVALUATION, EVALUATED, UNITS = "evaluation", "evaluated", "units"


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


def tables(candidate: Candidate) -> dict[str, Table]:
    """The tables to open: those of files, and those that the gate makes of them."""
    found: dict[str, Table] = {name: spec.source for name, spec in candidate.tables.items()}
    if candidate.predictions is not None:
        found[PREDICTIONS] = candidate.predictions.source
        found.update(steps(candidate))
        if candidate.predictions.query is not None:
            taken = candidate.tables.get(EVALUATION)
            found[QUERIES] = Queries(judged(candidate), candidate.predictions.query)
    return found


def steps(candidate: Candidate) -> tuple[tuple[str, Derived], ...]:
    """The tables that are made of the predictions, each of the one before; rules about predictions see the last."""
    return tuple(_steps(candidate))


def _steps(candidate: Candidate) -> Iterator[tuple[str, Derived]]:
    predictions, evaluation = candidate.predictions, candidate.tables.get(EVALUATION)
    last = PREDICTIONS
    if predictions is not None and evaluation:
        last = EVALUATED
        yield EVALUATED, Join(PREDICTIONS, EVALUATION, predictions.id, evaluation.key)
    if predictions is not None and candidate.unit is not None and candidate.unit.score:
        names = partial(_possible_names, joined=evaluation is not None)
        score, prediction = names(predictions.score), names(predictions.prediction)
        yield UNITS, RollUp(last, candidate.unit.column, candidate.unit.score, score, prediction)


def _possible_names(column: str | None, joined: bool) -> tuple[str, ...]:
    """What a column of the predictions may be called in the judged table."""
    if column is None:
        return ()
    return (f"{PREDICTIONS}.{column}", column) if joined else (column,)


def judged(candidate: Candidate) -> str:
    """The table that rules about the predictions see."""
    return next((name for name, _ in reversed(steps(candidate))), PREDICTIONS)


def digests(candidate: Candidate, workspace: Path) -> tuple[Digest, ...]:
    """The questions which bytes the verdict rests on: the model's and every table's."""
    named: list[tuple[str, object]] = [("model", candidate.model)] if candidate.model else []
    if candidate.predictions:
        named.append((PREDICTIONS, candidate.predictions.source))
    named += [(name, spec.source) for name, spec in candidate.tables.items()]
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
        # Rolled up, a row is a unit and stands for itself.
        candidate.unit.column if candidate.unit is not None and not candidate.unit.score else (),
    )


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
    for role in ("label", "prediction", "score", "lower", "upper", "count", "weight"):
        column = getattr(predictions, role)
        if column is not None:
            yield role, _in_join(column, taken)
    evaluation = candidate.tables.get(EVALUATION)
    if evaluation and evaluation.label is not None:
        yield "label", evaluation.label


def _scores(candidate: Candidate) -> tuple[tuple[str, str], ...]:
    return candidate.predictions.scores if candidate.predictions else ()


def _in_join(column: str, taken: frozenset[str]) -> str:
    return f"{PREDICTIONS}.{column}" if column.casefold() in taken else column


def _keys(candidate: Candidate) -> Iterator[tuple[str, Keys]]:
    for name, spec in candidate.tables.items():
        if spec.key:
            yield name, Keys(name, spec.key)
    predictions, evaluation = candidate.predictions, candidate.tables.get(EVALUATION)
    if predictions is None or not predictions.id:
        return
    if evaluation:
        yield PREDICTIONS, Keys(PREDICTIONS, predictions.id, EVALUATION, evaluation.key)
    else:
        yield PREDICTIONS, Keys(PREDICTIONS, predictions.id)

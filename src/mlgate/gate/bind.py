"""Combines policies and a candidate: which policies apply, which files are digested, and what every rule sees."""

from __future__ import annotations

import os
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
from mlgate.candidate.from_source import SOURCE, Sourcing, completed_by_source
from mlgate.candidate.named_files import files, role_of
from mlgate.candidate.presented import Candidate
from mlgate.candidate.read import load_candidate
from mlgate.candidate.roles import ANSWERS, EVALUATION, ROLES, ChampionSpec, Predictions
from mlgate.candidate.tasks import task_of
from mlgate.checks.champions import Champion
from mlgate.checks.registry import shipped
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.copies import Copies
from mlgate.evidence.questions.digest import Digest
from mlgate.evidence.questions.earlier_verdict import EarlierVerdict
from mlgate.evidence.questions.key_matches import Keys
from mlgate.evidence.questions.table_schema import SchemaFact
from mlgate.evidence.rows import Rows
from mlgate.evidence.sources import FileSource
from mlgate.evidence.tables.join import keys_need
from mlgate.evidence.tables.ranked_queries import QUERIES
from mlgate.policy.demanded import Policy
from mlgate.policy.judged_once import judged_once, repeat_notes
from mlgate.policy.selector import matches
from mlgate.reading import locate
from mlgate.reading.edge import is_repository
from mlgate.reading.edge import workspace as workspace_of
from mlgate.reading.fields import ProblemReport, read_values
from mlgate.reading.strict_yaml import Mapping
from mlgate.values.errors import InputError, MlgateError, NotCoveredError
from mlgate.values.file_search import before_pattern, is_glob
from mlgate.values.reach import Reach
from mlgate.values.servers import Servers


class Schemas(Protocol):
    """Knows the columns of tables."""

    def schema(self, name: str) -> SchemaFact:
        """A table's columns and kinds. Raises EvidenceError or MachineError if it cannot be opened."""
        ...


def load(
    path: Path,
    policies: Iterable[Policy],
    workspace: Path,
    named: Iterable[Path] = (),
    asked: Servers = (),
    sourcing: Sourcing | None = None,
) -> Candidate:
    """The candidate in a file, with the keys that checks declare and what its source says.

    `named` are the roots and `asked` the servers that the caller names; `sourcing` is what asks the source, by default
    as the policies allow. Raises InputError with all mistakes;
    EvidenceError and MachineError where its source cannot be read.
    """
    policies, named = tuple(policies), tuple(named)
    locate.refuse_links_out([path], workspace, (*named, *(root for policy in policies for root in policy.roots)))
    sourcing = sourcing or sourced_by(policies, workspace, named, asked)
    return load_candidate(path, workspace=workspace, declared=lambda: declared(policies), sourcing=sourcing)


def sourced_by(policies: Iterable[Policy], workspace: Path, named: Iterable[Path], asked: Servers) -> Sourcing:
    """What completes a candidate by its source: files and servers that the policies which apply to it, and the caller,
    allow.
    """

    def completed(node: Mapping, folder: Path) -> Mapping:
        if node.get(SOURCE) is None:
            return node
        told = read_values(Candidate, node, ProblemReport())
        selected = {key: told[key] for key in ("task", "tags", "risk") if key in told}
        file = locate.shown(folder / "candidate.yaml", workspace)
        probe = Candidate(name=told.get("name", ""), file=file, **selected)
        chosen = [policy for policy in policies if matches(policy.applies_to, probe)]
        reach = Reach.of(workspace, roots(probe, chosen, workspace, named), servers(chosen, asked))
        return completed_by_source(node, folder, reach)

    return completed


def declared(policies: Iterable[Policy]) -> tuple[type[Any], ...]:
    """The records of candidate keys that checks declare: built-in checks, and every check that a rule names."""
    named = (type(rule.check) for policy in policies for rule in policy.rules)
    return records_of((*shipped().values(), *named))


def applying(policies: Iterable[Policy], candidate: Candidate) -> tuple[Policy, ...]:
    """The policies whose `for:` matches the candidate, in which each rule is asked once.

    Raises NotCoveredError if there are none.
    """
    asked = tuple(policies)
    found = _matching(asked, candidate)
    if not found:
        names = ", ".join(policy.name for policy in asked)
        raise NotCoveredError(
            f"no policy applies to candidate `{candidate.name}` (task {candidate.task or 'none'}, "
            f"risk {candidate.risk or 'none'}, tags {', '.join(candidate.tags) or 'none'}); "
            f"change its keys, or the `for:` of one of: {names}",
            candidate.name,
        )
    return judged_once(found)


def repeated(policies: Iterable[Policy], candidate: Candidate) -> tuple[str, ...]:
    """Which rules of several policies that apply to a candidate are judged once, as sentences."""
    return tuple(repeat_notes(_matching(policies, candidate)))


def _matching(policies: Iterable[Policy], candidate: Candidate) -> tuple[Policy, ...]:
    return tuple(policy for policy in policies if matches(policy.applies_to, candidate))


def roots(candidate: Candidate, policies: Iterable[Policy], workspace: Path, named: Iterable[Path]) -> list[Path]:
    """Where files of a candidate may be read.

    That is in the git repository, else in the candidate's folder; in roots that the policies and the caller name; and,
    for a candidate that is not in a file, in the paths that it names outside these.
    """
    found = [*named, *(root for policy in policies for root in policy.roots)]
    found += [workspace] if is_repository(workspace) else []
    if candidate.file:
        folder = (workspace / candidate.file).parent
        return found if Reach.of(workspace, found).covers(folder) else [*found, workspace_of(folder)]
    reach = Reach.of(workspace, found)
    given = (Path(os.path.abspath(source.root / source.path)) for _, source in files(candidate))
    return found + [before_pattern(path) if is_glob(str(path)) else path for path in given if not reach.covers(path)]


def servers(policies: Iterable[Policy], named: Servers) -> Servers:
    """The servers that may be asked, as the caller and the policies name them.

    Raises InputError where two of them name different addresses: it must be clear who is believed.
    """
    found: dict[str, tuple[str, str]] = {}
    said = [("the caller", *server) for server in named]
    said += [(f"policy `{policy.name}`", *server) for policy in policies for server in policy.servers]
    for by, name, address in said:
        first, first_by = found.setdefault(name, (address, by))
        if first != address:
            raise InputError(
                f"the server `{name}` is {first} for {first_by}, and {address} for {by}; make them equal, or name one"
            )
    return tuple((name, address) for name, (address, _) in found.items())


def digests(candidate: Candidate, workspace: Path) -> tuple[Digest, ...]:
    """The digests to compute: one per file that the candidate names anywhere."""
    return tuple(
        Digest(role_of(keys), locate.shown(source.root / source.path, workspace)) for keys, source in files(candidate)
    )


def subject(candidate: Candidate, policy: Policy, schemas: Schemas) -> Subject:
    """The candidate as the rules of one policy see it."""
    predictions = candidate.predictions
    found = {name: _rows(name, name, schemas) for name, spec in candidate.tables if spec.source is not None}
    if predictions is None:
        return Subject(candidate, tables=found, keys=_keys(candidate), derive=policy.derive, groups=policy.groups)
    found |= _tables(candidate, schemas)
    taken = _columns(found.get(EVALUATION))
    roles = dict(_roles(candidate, predictions, taken))
    scores = tuple((name, _in_join(column, taken)) for name, column in predictions.scores)
    champions = {name: _champion(spec, candidate, schemas) for name, spec in candidate.opponents.items()}
    told_apart = predictions.identity or candidate.unit
    answers = [(*roles.values(), *dict(scores).values())]
    answers += [(*of.roles.values(), *dict(of.scores).values()) for of in champions.values()]
    return Subject(
        candidate,
        roles=roles,
        scores=scores,
        tables=found,
        keys=_keys(candidate),
        copies=None
        if told_apart
        else Copies(judged(candidate), tuple(sorted({name for of in answers for name in of}))),
        derive=policy.derive,
        groups=policy.groups,
        unit=_unit(candidate, predictions, taken),
        champions=champions,
    )


def _tables(candidate: Candidate, schemas: Schemas) -> dict[str, Rows | MlgateError]:
    """The predictions, alone and joined with each champion, and the tables that are made by grouping their rows."""
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
    """The name of a column in a join, which has a prefix if another column has the same name."""
    return f"{table}.{column}" if column.casefold() in taken else column


def _roles(candidate: Candidate, predictions: Predictions, taken: frozenset[str]) -> Iterator[tuple[str, str]]:
    """The column of every role: from the predictions, from the labels of the evaluation table, and from the task."""
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
    """The columns that identify a unit; for rankings the query, unless the candidate names a unit itself."""
    if candidate.unit is not None:
        return () if candidate.unit.score else candidate.unit.column
    column = task_of(candidate.task).unit(predictions)
    return (_in_join(column, taken),) if column else ()


def _champion(spec: ChampionSpec, candidate: Candidate, schemas: Schemas) -> Champion:
    """A champion, with its columns as they are called in the joined table."""
    if spec.verdict is not None:
        stored = EarlierVerdict(candidate.path_of(spec.verdict), candidate.name)
        return Champion(spec.name, verdict=stored, files=_own_file(candidate))
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


def _own_file(candidate: Candidate) -> tuple[Digest, ...]:
    """The digest of the candidate's predictions; none if they have no file."""
    own = candidate.predictions.source if candidate.predictions else None
    return (Digest(PREDICTIONS, candidate.path_of(own)),) if isinstance(own, FileSource) else ()


def _same_file(spec: ChampionSpec, candidate: Candidate) -> tuple[Digest, ...]:
    """The digests of the candidate's file and the champion's, if equal bytes would mean equal answers; else none."""
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
    """For each table with ids, the question whether they are complete, unique and matched."""
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

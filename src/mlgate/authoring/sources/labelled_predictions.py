"""Predictions: a candidate with the roles of its columns, and rules whose bounds these rows show."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mlgate.authoring.drafted_gate import DraftedGate, DraftedRule
from mlgate.authoring.facing_score import CHANCE, faced
from mlgate.authoring.first_tests import FirstMutation, first_tests, mixed, why_untestable
from mlgate.authoring.guessed_roles import (
    MOST_CLASSES,
    GuessedRoles,
    guess_roles,
    looks_like_predictions,
    named_column,
)
from mlgate.authoring.source import FileToStart, FirstFiles, StartSource, as_name
from mlgate.authoring.sources.table import table_mutations, table_rules
from mlgate.authoring.table_profile import TableProfile, profile
from mlgate.evidence.evidence import OpenEvidence, open_evidence
from mlgate.evidence.missing_column import unsplit
from mlgate.evidence.open import FORMATS
from mlgate.evidence.questions.counts import Counts
from mlgate.evidence.questions.need import Term
from mlgate.evidence.rows import Rows
from mlgate.evidence.sources import FileSource
from mlgate.evidence.typed import TypedColumn
from mlgate.values.errors import EvidenceError, InputError
from mlgate.values.verdict import Outcome

TABLE = "predictions"
_RESERVED = (TABLE, "evaluation")
_METRICS: Mapping[str, tuple[tuple[str, str, str, float | None], ...]] = {
    "binary": (
        ("balanced_accuracy", "prediction", "at_least", 0.5),
        ("recall", "prediction", "at_least", 0.0),
        ("roc_auc", "score", "at_least", CHANCE),
    ),
    "multiclass": (("accuracy", "prediction", "at_least", 0.0), ("balanced_accuracy", "prediction", "at_least", 0.0)),
    "regression": (("mae", "prediction", "at_most", None), ("r2", "prediction", "at_least", 0.0)),
}
"""For each task the metrics to demand: the role that each reads, its side, and the value that shows nothing."""
_BY_GROUP = {"binary": "recall", "multiclass": "accuracy", "regression": "mae"}


def _draft(wanted: FileToStart) -> FirstFiles | None:
    endings = tuple(ending for form in FORMATS for ending in form.extensions)
    if wanted.given is not None or not wanted.path.casefold().endswith(endings):
        return None
    source = FileSource(wanted.path, wanted.workspace)
    names = _names(wanted, source)
    if not (wanted.roles or looks_like_predictions(names) or unsplit(names)):
        return None
    try:
        with open_evidence({TABLE: source}, wanted.workspace) as evidence:
            found = profile(evidence, TABLE, wanted.path)
            classes = _classes(evidence, wanted, found)
            roles = guess_roles(wanted, found, classes)
        beside = [_table(wanted, name, path) for name, path in wanted.tables.items()]
    except EvidenceError as error:
        raise InputError(str(error)) from error
    if "score" in roles.columns:
        roles = faced(roles, classes, _ranking(wanted, roles))
    rules = (*_rules(roles), *_champion_rules(wanted, roles), *_lineage_rules(wanted))
    further = "".join(each.rules for each in beside)
    gate = DraftedGate(wanted, _candidate(wanted, roles), _head(wanted), rules, further).settled()
    steps = tuple(_next_steps(wanted, roles, gate))
    paths = [wanted.path, *([wanted.champion] if wanted.champion else []), *wanted.tables.values()]
    why = "a test has no run of MLflow" if wanted.mlflow else why_untestable(wanted, paths)
    if why:
        return FirstFiles(gate.candidate, gate.policy, steps, untestable=why)
    tests = first_tests(wanted, gate.candidate, paths, [*_mutations(wanted, roles, gate), *_of_tables(beside)])
    return FirstFiles(gate.candidate, gate.policy, steps, tests)


def _ranking(wanted: FileToStart, roles: GuessedRoles) -> Outcome:
    """How the score ranks the rows of the positive class among the others."""
    rule = _metric_rule("ranking", "roc_auc", "at_least", CHANCE)
    return DraftedGate(wanted, _candidate(wanted, roles), _head(wanted), (rule,)).judged()[rule.id]


def _mutations(wanted: FileToStart, roles: GuessedRoles, gate: DraftedGate) -> Iterator[FirstMutation]:
    answers = [name for role, name in roles.columns.items() if role in ("prediction", "score")]
    yield mixed(wanted.path, answers, tuple(rule.id for rule in gate.rules))
    own, another = roles.columns["label"], _text(f"another {roles.columns['label']}")
    candidate = f"candidate: {{predictions: {{label: {another}}}}}"
    edit = f"edit: [{{in: {_text(wanted.path)}, rename: {{{_text(own)}: {another}}}}}]"
    yield FirstMutation("another column is taken for the label", f"{candidate}\n    {edit}", ("expects",))


def _of_tables(tables: Iterable[_TableRules]) -> Iterator[FirstMutation]:
    for each in tables:
        yield from table_mutations(each.path, each.found, each.rules, f"{each.name}-")


@dataclass(frozen=True)
class _TableRules:
    """A further table, and the rules for it as text."""

    name: str
    path: str
    found: TableProfile
    rules: str


def _names(wanted: FileToStart, source: FileSource) -> tuple[str, ...]:
    """The names of the columns; none of a file that is not a table, of which another source says what is wrong."""
    try:
        with open_evidence({TABLE: source}, wanted.workspace) as evidence:
            return tuple(Rows(TABLE, wanted.path, evidence.schema(TABLE)).kinds)
    except EvidenceError:
        return ()


def _classes(evidence: OpenEvidence, wanted: FileToStart, found: TableProfile) -> dict[str, tuple[str, ...]]:
    """The values of each column that has few, as texts, sorted."""
    rows = Rows(TABLE, wanted.path, evidence.schema(TABLE))
    few = [each for each in found.columns if each.summary and 0 < each.summary.distinct <= MOST_CLASSES + 1]
    asked = {
        each.name: Counts(TABLE, terms=(Term(each.name, TypedColumn(rows.column(each.name, "label")).column.text),))
        for each in few
        if each.kind != "other"
    }
    facts = evidence.measure(asked.values())
    found_values = {
        name: tuple(sorted({str(cell.values[0]) for cell in facts[need].cells if cell.values[0] is not None}))
        for name, need in asked.items()
    }
    return {name: values for name, values in found_values.items() if len(values) <= MOST_CLASSES}


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _candidate(wanted: FileToStart, roles: GuessedRoles) -> str:
    columns = {"path": wanted.path, **roles.columns}
    return (
        "# What is presented to the gate. docs/candidate.md of mlgate lists all keys.\n"
        "mlgate: 1\n"
        f"candidate: {wanted.candidate}\n"
        f"task: {roles.task}\n"
        + (f"positive: {_text(roles.positive)}\n" if roles.positive else "")
        + (f"classes: [{', '.join(map(_text, roles.classes))}]\n" if roles.classes else "")
        + "predictions:\n"
        + "".join(f"  {key}: {_text(value)}\n" for key, value in columns.items())
        + (_champion(wanted, roles) if wanted.champion else "")
        + (f"tables:\n{_tables(wanted)}" if wanted.tables else "")
        + (f"source: {{mlflow: {_text(wanted.mlflow)}}}\n" if wanted.mlflow else "")
        + ("" if wanted.mlflow else "# model: {path: ...}         # its bytes become part of the verdict\n")
    )


def _tables(wanted: FileToStart) -> str:
    return "".join(f"  {name}: {{path: {_text(path)}}}\n" for name, path in wanted.tables.items())


def _champion(wanted: FileToStart, roles: GuessedRoles) -> str:
    """The section of the earlier model, whose answers have the usual names, or those of the candidate."""
    if "id" not in roles.columns:
        said = f"an earlier model's answers are joined by an id, and {wanted.path} has no column of unique ids"
        raise InputError(f"{said}; write one, called `id`")
    source = FileSource(wanted.champion, wanted.workspace)
    with open_evidence({"champion": source}, wanted.workspace) as evidence:
        names = tuple(Rows("champion", wanted.champion, evidence.schema("champion")).kinds)
    if roles.columns["id"] not in names:
        said = f"{wanted.champion} has no column `{roles.columns['id']}`, by which its rows are joined to {wanted.path}"
        raise InputError(f"{said}; add it")
    found = {
        role: column
        for role in ("prediction", "score")
        if role in roles.columns
        and (column := roles.columns[role] if roles.columns[role] in names else named_column(role, names))
    }
    if not found:
        said = f"no column of {wanted.champion} has a usual name of a prediction; it has {', '.join(names[:20])}"
        raise InputError(f"{said}; rename one to `prediction`")
    return f"champion:\n  path: {_text(wanted.champion)}\n" + "".join(
        f"  {role}: {_text(column)}\n" for role, column in found.items()
    )


def _head(wanted: FileToStart) -> str:
    return (
        "# What a model must show before it merges. Each bound is what the present rows show, with room for the next\n"
        "# ones: set those that you need.\n"
        "mlgate: 1\n"
        f"policy: {wanted.candidate}\n"
        f"owner: {_text(wanted.owner)}\n"
        f"enforce_from: {wanted.enforced_from} # until then its rules only warn\n"
    )


def _rules(roles: GuessedRoles) -> Iterator[DraftedRule]:
    for metric, role, side, nothing in _METRICS[roles.task]:
        if role in roles.columns:
            yield _metric_rule(metric, metric, side, nothing)
    metric = _BY_GROUP[roles.task]
    nothing = None if metric == "mae" else 0.0
    for column in roles.groups if "prediction" in roles.columns else ():
        side = "at_most" if metric == "mae" else "at_least"
        yield _metric_rule(as_name(f"{metric}-by-{column}", metric), metric, side, nothing, by=column)


def _metric_rule(name: str, metric: str, side: str, nothing: float | None, by: str = "") -> DraftedRule:
    keys = f"check: performance.metric, metric: {metric}" + (f", by: {_text(by)}" if by else "")
    if side == "at_most":
        return DraftedRule(name, keys, "at_most", "1000000", nothing)
    return DraftedRule(name, keys, "at_least", "0.01", nothing)


def _champion_rules(wanted: FileToStart, roles: GuessedRoles) -> Iterator[DraftedRule]:
    if not wanted.champion:
        return
    metric = {"binary": "balanced_accuracy", "multiclass": "accuracy", "regression": "r2"}[roles.task]
    if "prediction" not in roles.columns:
        metric = "roc_auc"
    yield DraftedRule("no-worse-than-before", f"check: performance.champion, metric: {metric}", "margin", "0.5")


def _lineage_rules(wanted: FileToStart) -> Iterator[DraftedRule]:
    if wanted.mlflow:
        yield DraftedRule("true-record", "check: lineage.verified")
        yield DraftedRule("sources-agree", "check: lineage.consistent")


def _table(wanted: FileToStart, name: str, path: str) -> _TableRules:
    if name in _RESERVED:
        raise InputError(f"`--table {name}=...`: `{name}` is joined to the predictions; write it in candidate.yaml")
    source = FileSource(path, wanted.workspace)
    with open_evidence({name: source}, wanted.workspace) as evidence:
        found = profile(evidence, name, path)
    return _TableRules(name, path, found, table_rules(wanted, name, path, found, f"{name}-"))


def _next_steps(wanted: FileToStart, roles: GuessedRoles, gate: DraftedGate) -> Iterator[str]:
    yield "Run `mlgate check`: the policy passes on the present rows."
    yield from roles.unsure
    columns = ", ".join(f"{role}: {name}" for role, name in roles.columns.items())
    yield f"Read candidate.yaml: {wanted.path} has {roles.task} predictions ({columns})."
    yield f"Set the bounds to what you need; until {wanted.enforced_from} its rules only warn."
    kept = {rule.id for rule in gate.rules}
    if lost := [rule.id for rule in _rules(roles) if rule.id not in kept]:
        yield f"These rows are too few to show {', '.join(lost)}; `mlgate plan` says how many a rule needs."
    others = (*_champion_rules(wanted, roles), *_lineage_rules(wanted))
    if failing := [rule.id for rule in others if rule.id not in kept]:
        yield f"The policy does not ask what the candidate cannot show yet: {', '.join(failing)}."


SOURCE = StartSource("predictions", "predictions with their labels (CSV, Parquet and others)", _draft, columns=True)

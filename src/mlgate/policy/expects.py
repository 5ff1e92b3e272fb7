"""`expects:`, the values that a policy requires of a candidate's keys: how they are read, and the rule they become.

Its keys are those of the candidate file, so a policy can fix whatever a candidate can say.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, make_dataclass
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from mlgate.candidate.named_files import FilePath
from mlgate.candidate.presented import Candidate, ModelFile, TableSpec, Unit
from mlgate.candidate.roles import EVALUATION, ROLES, ChampionSpec, Predictions
from mlgate.candidate.tasks import BY_NAME
from mlgate.checks.base import Check
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.sources import FileSource
from mlgate.policy.demanded import NOTHING, Expectation, Nothing, Policy, Rule, shown
from mlgate.reading.fields import Identifier, MapOf, Param, ProblemReport, Record, Spec, Text, param, params
from mlgate.reading.python_values import Held
from mlgate.reading.strict_yaml import Mapping, Node, Scalar
from mlgate.values.demand import Demand
from mlgate.values.errors import Location
from mlgate.values.estimate import Answer, Claim
from mlgate.values.plain import Schema
from mlgate.values.verdict import EXPECTS
from mlgate.values.words import Words

TABLES = (EVALUATION, *(name for task in BY_NAME.values() for name in task.labelled))
"""The tables with a label. A policy fixes their keys under their own names, and those of all others under `tables`."""
_NAMED = (("champions",), ("tables",))
"""Keys whose entries have names that the candidate chooses."""
_OPEN = ("mlgate", "version", "champions", "tables")
"""Keys that are not taken over as they are: champions and tables follow by their names."""


@dataclass(frozen=True)
class OrNone:
    """A key's value, or the word `none`, which requires that the candidate leaves the key out."""

    of: Spec[Any]

    @property
    def noun(self) -> str:
        """What is expected, in words."""
        return self.of.noun

    def read(self, node: Node, report: ProblemReport) -> Any:
        """The value, NOTHING, or MISSING."""
        if isinstance(node, Scalar) and not isinstance(node, Held) and node.text == str(NOTHING):
            return NOTHING
        return self.of.read(node, report)

    def schema(self) -> Schema:
        """The value's schema, or the word."""
        schema = self.of.schema()
        kinds = schema.get("type", ())
        if "string" in kinds and "pattern" not in schema:
            return schema
        return {"anyOf": [schema, {"const": str(NOTHING)}]}


def _expecting(name: str, record: type[Any], doc: str, further: Iterable[tuple[str, Any, Any]] = ()) -> type[Any]:
    """A record with the same keys, all optional."""
    fields = [_fixed(entry) for entry in params(record) if entry.key not in _OPEN]
    return make_dataclass(name, [*fields, *further], frozen=True, kw_only=True, namespace={"__doc__": doc})


def _fixed(entry: Param) -> tuple[str, Any, Any]:
    spec, doc = entry.spec, entry.doc
    if isinstance(spec, Record):
        spec = Record(_RECORDS[spec.cls], min=1)
    if isinstance(spec, FilePath):
        spec, doc = Text(), "The file, as the candidate file must name it; with `/` first, from the workspace's top."
    # A policy calls the candidate's name `name`; in the candidate file the key is `candidate`.
    return "name" if entry.key == "candidate" else entry.key, Any, param(OrNone(spec), default=None, doc=doc)


ExpectedPredictions = _expecting(
    "ExpectedPredictions", Predictions, "Required values for the candidate's `predictions`."
)
ExpectedEvaluation = _expecting("ExpectedEvaluation", TableSpec, "Required values for a table of the candidate.")
ExpectedUnit = _expecting("ExpectedUnit", Unit, "Required values for the candidate's `unit`.")
ExpectedChampion = _expecting("ExpectedChampion", ChampionSpec, "Required values for a `champion` of the candidate.")
_RECORDS: dict[type[Any], type[Any]] = {
    ModelFile: _expecting("ExpectedModel", ModelFile, "Required values for the candidate's `model`."),
    Predictions: ExpectedPredictions,
    Unit: ExpectedUnit,
    ChampionSpec: ExpectedChampion,
}
_TABLE = OrNone(Record(ExpectedEvaluation, min=1))
_CHAMPION = OrNone(Record(ExpectedChampion, min=1))
ExpectKeys = _expecting(
    "ExpectKeys",
    Candidate,
    "Values that the candidate's keys must have; a candidate with other values is blocked.",
    [
        (
            "champions",
            Any,
            param(OrNone(MapOf(_CHAMPION, key=Identifier())), default=None, doc="Champions of the candidate, by name."),
        ),
        *((name, Any, param(_TABLE, default=None, doc=f"The table `{name}`.")) for name in TABLES),
        (
            "tables",
            Any,
            param(OrNone(MapOf(_TABLE, key=Identifier())), default=None, doc="Other tables that rules read, by name."),
        ),
    ],
)


def read_expects(given: Any, node: Mapping, report: ProblemReport) -> tuple[Expectation, ...]:
    """The expectations of one policy file, in its order."""
    if given is None:
        return ()
    positive = given.positive if isinstance(given.positive, str) else None
    if positive and isinstance(given.classes, tuple) and positive not in given.classes:
        classes = ", ".join(given.classes)
        said = f"`expects.positive` is `{positive}`, which is not in `expects.classes`; write one of {classes}"
        report.add(node.place_of("expects", "positive"), said)
    if positive and given.task not in (None, NOTHING, "binary"):
        said = f"`expects.positive` is for binary tasks, not {given.task}; remove it"
        report.add(node.place_of("expects", "positive"), said)
    for name in TABLES:
        if isinstance(given.tables, tuple) and name in dict(given.tables):
            at = node.place_of("expects", "tables", name)
            report.add(at, f"the table `{name}` is fixed by `expects.{name}`; write it there")
    return tuple(sorted(_flat(given, (), node), key=lambda expectation: expectation.at))


def _flat(value: Any, keys: tuple[str, ...], node: Mapping) -> Iterator[Expectation]:
    """One expectation per key that the policy names."""
    if value is None:
        return
    if keys in _NAMED and isinstance(value, tuple):
        for name, below in value:
            yield from _flat(below, (*keys, name), node)
    elif isinstance(value, (str, tuple, Nothing)):
        yield Expectation(keys, value, node.place_of("expects", *keys))
    else:
        for entry in params(type(value)):
            yield from _flat(getattr(value, entry.attribute), (*keys, entry.key), node)


@dataclass(frozen=True)
class Expectations(Check):
    """The candidate's keys have the values that the policy's `expects:` requires."""

    id: ClassVar[str] = EXPECTS
    bounded: ClassVar[bool] = False

    expected: tuple[Expectation, ...]

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return "what the policy expects of the candidate"

    def words(self, _subject: Subject) -> Words:
        """Each finding is about one key of the candidate file."""
        return Words("key")

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        """None: the candidate is already known."""
        return ()

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """One claim per key, and per key that follows from those that the policy names."""
        for entry in self.expected:
            yield _claim(entry, subject.candidate)
        yield from implied(self.expected, subject.candidate)


def _claim(entry: Expectation, candidate: Candidate) -> Claim:
    """Whether the candidate has the value that is expected for one key."""
    found, where = presented(candidate, entry.keys), (("key", entry.key),)
    above = entry.keys[:-1]
    if above[:1] in (("champion",), ("champions",)) and presented(candidate, above) is None:
        # A policy that names a key of a champion requires the champion.
        key = ".".join(above)
        return Claim(where, False, f"{_lacks(key)}; the policy expects one, with {entry.key}: {shown(entry.value)}")
    said = _has(entry.key, found) if found is not None else _lacks(entry.key)
    if isinstance(entry.value, Nothing):
        return Claim(where, found is None, said if found is None else f"{said}; the policy expects none, so remove it")
    met = _comparable(found, entry) == _comparable(entry.value, entry) or _leads_there(candidate, entry)
    return Claim(where, met, said if met else f"{said}; the policy expects {shown(entry.value)}")


def _comparable(value: Any, entry: Expectation) -> Any:
    """A value without what does not matter: the order of a mapping, and `./` in a path.

    A `..` matters: after a link it leads elsewhere.
    """
    if entry.is_path and isinstance(value, str):
        return PurePosixPath(value)
    return dict(value) if isinstance(value, tuple) and isinstance(value[0], tuple) else value


def _leads_there(candidate: Candidate, entry: Expectation) -> bool:
    """Whether a candidate's path leads to the file that a policy names from the workspace's top, by `/` first.

    A path without it is relative to the candidate file, so another file meets it if the candidate file is moved.
    """
    source = _found(candidate, entry.keys)
    if not isinstance(entry.value, str) or not isinstance(source, FileSource):
        return False
    folder, own = Path(os.path.abspath(source.root)), PurePosixPath(candidate.file).parent.parts
    if not entry.value.startswith("/") or folder.parts[len(folder.parts) - len(own) :] != own:
        return False
    top = Path(*folder.parts[: len(folder.parts) - len(own)])
    return os.path.realpath(folder / source.path) == os.path.realpath(top / entry.value.lstrip("/"))


def _has(key: str, value: Any) -> str:
    plain = isinstance(value, str) or (isinstance(value, tuple) and (key,) not in _NAMED)
    return f"the candidate has {key}: {shown(value)}" if plain else f"the candidate has {key}"


def _lacks(key: str) -> str:
    return f"the candidate does not have {key}"


def presented(candidate: Candidate, keys: tuple[str, ...]) -> Any:
    """The candidate's value for the keys of an expectation, for a file its path; None if it has none."""
    value = _found(candidate, keys)
    if isinstance(value, FileSource):
        return value.path
    return None if value in ("", ()) else value


def _found(candidate: Candidate, keys: tuple[str, ...]) -> Any:
    first, *rest = keys
    value: Any = candidate.table(first) if first in TABLES else getattr(candidate, first)
    for part in rest:
        if value is not None:
            value = _below(value, part)
    return value


def _below(value: Any, part: str) -> Any:
    if isinstance(value, tuple):
        return dict(value).get(part)
    return getattr(value, next(entry.attribute for entry in params(type(value)) if entry.key == part))


def implied(expected: Iterable[Expectation], candidate: Candidate) -> Iterator[Claim]:
    """The claims that follow from a policy that names columns: they are not read from elsewhere.

    A candidate may add the table `evaluation` to columns that the policy names only if the policy names it too. A
    champion is joined by the id of the predictions, unless the policy names another.
    """
    fixed = {entry.keys for entry in expected}
    named = any(names_column(entry) for entry in expected)
    if named and candidate.evaluation and not any(keys[0] == EVALUATION for keys in fixed):
        said = f"the candidate adds tables.{EVALUATION}, and the policy expects the columns of the predictions alone"
        yield Claim((("key", EVALUATION),), False, f"{said}; remove it, or name it in `expects.{EVALUATION}`")
    for keys, champion in _champions(candidate):
        own = candidate.predictions.identity if candidate.predictions else ()
        known = any(entry[: len(keys)] == keys for entry in fixed)
        if known and (*keys, "id") not in fixed and champion.id != own:
            key = ".".join((*keys, "id"))
            said = f"the candidate has {key}: {shown(champion.id)}, and its predictions have {shown(own)}"
            yield Claim((("key", key),), False, f"{said}; make them equal, or name it in `expects.{key}`")


def names_column(entry: Expectation) -> bool:
    """Whether an expectation says in which column of the predictions something is."""
    if isinstance(entry.value, Nothing) or len(entry.keys) != 2:
        return False
    first, key = entry.keys
    return entry.keys == ("unit", "column") or (first == "predictions" and key in ROLES and ROLES[key].fit.column)


def _champions(candidate: Candidate) -> Iterator[tuple[tuple[str, ...], ChampionSpec]]:
    if candidate.champion:
        yield ("champion",), candidate.champion
    yield from ((("champions", name), champion) for name, champion in candidate.champions)


def expected_rules(policy: Policy) -> tuple[Rule, ...]:
    """The rule `expects`, which comes before the others; empty if the policy has no `expects:`."""
    if not policy.expects:
        return ()
    at = policy.expects_at or Location(policy.file)
    return (Rule(policy.name, "expects", Expectations(policy.expects), Demand(), at),)

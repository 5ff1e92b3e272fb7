"""`expects:`, the values that a policy requires of a candidate's keys: how they are read, and the rule they become.

Its keys are those of the candidate file, so a policy can fix whatever a candidate can say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, make_dataclass
from typing import Any, ClassVar

from mlgate.candidate.named_files import FilePath
from mlgate.candidate.presented import EVALUATION, Candidate, ModelFile, TableSpec, Unit
from mlgate.candidate.roles import ChampionSpec, Predictions
from mlgate.candidate.tasks import BY_NAME
from mlgate.checks.base import Check
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.sources import FileSource
from mlgate.policy.demanded import Expectation, Policy, Rule
from mlgate.reading.fields import Choice, OneOrMany, Param, ProblemReport, Record, Text, param, params
from mlgate.reading.strict_yaml import Mapping
from mlgate.values.demand import Demand
from mlgate.values.errors import Location
from mlgate.values.estimate import Answer, Claim
from mlgate.values.verdict import EXPECTS
from mlgate.values.words import Words

NOTHING = "none"
"""A policy writes this to require that the candidate leaves a key out: `weight: none`."""
TABLES = (EVALUATION, *(name for task in BY_NAME.values() for name in task.labelled))
"""The names of the tables whose keys a policy can fix."""
_OPEN = ("mlgate", "version", "champions", "tables")
"""Keys that a policy cannot fix; it fixes tables by their names instead."""


def _expecting(name: str, record: type[Any], doc: str, further: Iterable[tuple[str, Any, Any]] = ()) -> type[Any]:
    """A record with the same keys, all optional."""
    fields = [_fixed(entry) for entry in params(record) if entry.key not in _OPEN]
    return make_dataclass(name, [*fields, *further], frozen=True, kw_only=True, namespace={"__doc__": doc})


def _fixed(entry: Param) -> tuple[str, Any, Any]:
    spec, doc = entry.spec, entry.doc
    if isinstance(spec, Record):
        record = _RECORDS[spec.cls]
        return entry.key, Any, param(Record(record, min=1), default=None, doc=doc)
    if isinstance(spec, FilePath):
        return entry.key, str, param(Text(), default="", doc="The file, as the candidate file must name it.")
    if isinstance(spec, Choice) and entry.key != "task":
        spec = Choice(*spec.values, NOTHING)
    # A policy calls the candidate's name `name`; in the candidate file the key is `candidate`.
    key = "name" if entry.key == "candidate" else entry.key
    return key, Any, param(spec, default=() if isinstance(spec, OneOrMany) else "", doc=doc)


ExpectedPredictions = _expecting(
    "ExpectedPredictions", Predictions, "Required values for the candidate's `predictions`."
)
ExpectedEvaluation = _expecting(
    "ExpectedEvaluation", TableSpec, f"Required values for the table {' or '.join(TABLES)}."
)
ExpectedUnit = _expecting("ExpectedUnit", Unit, "Required values for the candidate's `unit`.")
ExpectedChampion = _expecting("ExpectedChampion", ChampionSpec, "Required values for the candidate's only `champion`.")
_RECORDS: dict[type[Any], type[Any]] = {
    ModelFile: _expecting("ExpectedModel", ModelFile, "Required values for the candidate's `model`."),
    Predictions: ExpectedPredictions,
    Unit: ExpectedUnit,
    ChampionSpec: ExpectedChampion,
}
ExpectKeys = _expecting(
    "ExpectKeys",
    Candidate,
    "Values that the candidate's keys must have; a candidate with other values is blocked.",
    [
        (name, Any, param(Record(ExpectedEvaluation, min=1), default=None, doc=f"The table `{name}`."))
        for name in TABLES
    ],
)


def read_expects(given: Any, node: Mapping, report: ProblemReport) -> tuple[Expectation, ...]:
    """The expectations of one policy file, in its order."""
    if given is None:
        return ()
    if given.positive and given.classes and given.positive not in given.classes:
        classes = ", ".join(given.classes)
        said = f"`expects.positive` is `{given.positive}`, which is not in `expects.classes`; write one of {classes}"
        report.add(node.place_of("expects", "positive"), said)
    if given.positive and given.task not in ("", "binary"):
        said = f"`expects.positive` is for binary tasks, not {given.task}; remove it"
        report.add(node.place_of("expects", "positive"), said)
    return tuple(sorted(_flat(given, (), node), key=lambda expectation: expectation.at))


def _flat(record: Any, path: tuple[str, ...], node: Mapping) -> Iterator[Expectation]:
    for entry in params(type(record)):
        value, keys = getattr(record, entry.attribute), (*path, entry.key)
        if isinstance(value, (str, tuple)):
            if value:
                yield Expectation(".".join(keys), _text(value), node.place_of("expects", *keys))
        elif value is not None:
            yield from _flat(value, keys, node)


def presented(candidate: Candidate, key: str) -> str | None:
    """The candidate's value for a dotted key of `expects`; None if it has none."""
    first, *rest = key.split(".")
    value: Any = candidate.table(first) if first in TABLES else getattr(candidate, first)
    for part in rest:
        if value is not None:
            value = getattr(value, next(entry.attribute for entry in params(type(value)) if entry.key == part))
    if isinstance(value, FileSource):
        return value.path
    return _text(value) if isinstance(value, (str, tuple)) and value else None


def _text(value: str | tuple[Any, ...]) -> str:
    """A value as messages show it."""
    if isinstance(value, str):
        return value
    return ", ".join(entry if isinstance(entry, str) else ": ".join(entry) for entry in value)


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
        """One claim per key."""
        for entry in self.expected:
            key, wanted, found = entry.key, entry.value, presented(subject.candidate, entry.key)
            said = f"the candidate has {key}: {found}" if found is not None else f"the candidate does not have {key}"
            met = found == wanted or (wanted == NOTHING and found is None)
            yield Claim((("key", key),), met, said if met else f"{said}; the policy expects {wanted}")


def expected_rules(policy: Policy) -> tuple[Rule, ...]:
    """The rule `expects`, which comes before the others; empty if the policy has no `expects:`."""
    if not policy.expects:
        return ()
    at = policy.expects_at or Location(policy.file)
    return (Rule(policy.name, "expects", Expectations(policy.expects), Demand(), at),)

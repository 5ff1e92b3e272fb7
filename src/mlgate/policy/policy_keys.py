"""The keys of a policy file, as declarations: `load` reads by them and `schemas` publishes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any, cast

from mlgate.candidate.presented import RISKS
from mlgate.metrics.metric import TASKS
from mlgate.policy.expects import ExpectKeys
from mlgate.reading.fields import (
    MISSING,
    Choice,
    Date,
    FormatVersion,
    Identifier,
    Integer,
    ListOf,
    MapOf,
    Missing,
    Number,
    OneOrMany,
    ProblemReport,
    Record,
    Text,
    param,
    place,
)
from mlgate.reading.strict_yaml import Node, Scalar
from mlgate.values.errors import Location
from mlgate.values.plain import Schema
from mlgate.values.verdict import Proof, Severity


@dataclass(frozen=True)
class Raw:
    """A node that is read later, when more is known; its schema is filled in by `schemas`."""

    noun: str

    def read(self, node: Node, report: ProblemReport) -> Node:
        """The node itself."""
        return node

    def schema(self) -> Schema:
        """Anything."""
        return {}


@dataclass(frozen=True)
class Written:
    """A number with its own text: bounds and edges are shown as the policy wrote them."""

    value: Fraction
    text: str


@dataclass(frozen=True)
class WrittenNumber:
    """The spec of `Written`."""

    number: Number = field(default_factory=Number)

    @property
    def noun(self) -> str:
        """What is expected, in words."""
        return self.number.noun

    def read(self, node: Node, report: ProblemReport) -> Written | Missing:
        """The number and its text, or MISSING."""
        value = self.number.read(node, report)
        return MISSING if isinstance(value, Missing) else Written(value, cast("Scalar", node).text)

    def schema(self) -> Schema:
        """A number."""
        return self.number.schema()


@dataclass(frozen=True)
class SelectorKeys:
    """Which candidates: every key that is given must match, by any of its entries."""

    tags: tuple[str, ...] = param(OneOrMany(Text()), default=(), doc="Any of these tags.")
    name: tuple[str, ...] = param(
        OneOrMany(Text()), default=(), doc="Any of these names; `*`, `?` and `[...]` as in a shell."
    )
    task: tuple[str, ...] = param(OneOrMany(Choice(*TASKS)), default=(), doc="Any of these tasks.")
    risk: tuple[str, ...] = param(OneOrMany(Choice(*RISKS)), default=(), doc="Any of these risk tiers.")


_CONFIDENCE: Any = Number(above=Fraction(1, 2), below=1)
_PROOF_DOC = (
    "`shown` (default): the confidence bound meets the demand. `unrefuted`: blocks only what is refuted. Every slice "
    "is then refuted by itself: of 10 groups just at the bound, one fails by chance in 40 % of runs. `estimate`: the "
    "observed value decides."
)
_SEVERITY_DOC = "`block` (default), or `warn`: shown, never blocks."


@dataclass(frozen=True, kw_only=True)
class RuleKeys:
    """The keys that every rule may have, whatever its check."""

    id: str = param(
        Identifier(), default="", doc="The rule's name within its policy; left out = check, metric and `by`."
    )
    check: str = param(Text(), doc="What is checked: `family.name`.")
    description: str = param(Text(), default="", doc="Why the rule is there.")
    at_least: Written | None = param(WrittenNumber(), default=None, doc="The value may not be lower.")
    at_most: Written | None = param(WrittenNumber(), default=None, doc="The value may not be higher.")
    between: tuple[Written, ...] = param(
        ListOf(WrittenNumber(), min=2, max=2), default=(), doc="[lowest, highest] allowed value."
    )
    proof: Proof | None = param(Choice("shown", "unrefuted", "estimate"), default=None, doc=_PROOF_DOC)
    confidence: Fraction | None = param(
        _CONFIDENCE, default=None, doc="Confidence of each one-sided bound; 0.95 unless told."
    )
    severity: Severity | None = param(Choice("block", "warn"), default=None, doc=_SEVERITY_DOC)
    enforce_from: date | None = param(Date(), default=None, doc="The rule blocks from this day on and warns before it.")
    when: SelectorKeys | None = param(
        Record(SelectorKeys, min=1),
        default=None,
        doc="Only for these candidates; skipped, and shown so, for others.",
    )
    min_n: int = param(
        Integer(min=0),
        default=0,
        doc="Slices with fewer rows are left out and listed; without `by` fewer rows are INCONCLUSIVE.",
    )
    looks: int = param(
        Integer(min=1, max=100),
        default=1,
        doc="How often this demand may be looked at as rows are added; the level is shared between the looks.",
    )
    at: Location = place()


BOUND_KEYS = ("at_least", "at_most", "between")


@dataclass(frozen=True)
class DeriveKeys:
    """A numeric column cut into bands: below the first edge, from each up to the next, from the last on."""

    column: str = param(Text(), doc="The numeric column.")
    edges: tuple[Written, ...] = param(ListOf(WrittenNumber()), doc="Where to cut; strictly increasing.")
    labels: tuple[str, ...] = param(
        ListOf(Text(), unique=True),
        default=(),
        doc='Names of the bands, one more than edges; else "<25", "[25,40)", ">=40".',
    )
    at: Location = place()


@dataclass(frozen=True)
class GroupKeys:
    """What the policy says of one column that rules slice by."""

    values: tuple[str, ...] = param(
        ListOf(Text(empty=True), unique=True),
        default=(),
        doc="The groups there are; left out = any value is one.",
    )
    unknown: str = param(
        Choice("block", "own_group", "report"),
        default="block",
        doc="What becomes of rows whose group is missing or not named.",
    )
    at: Location = place()


@dataclass(frozen=True, kw_only=True)
class WaiverKeys:
    """A dated, owned, reasoned, bounded exception to one rule."""

    rule: str = param(Identifier(), doc="The id of the rule, in this policy.")
    where: tuple[tuple[str, str], ...] = param(
        MapOf(Text(empty=True)),
        default=(),
        doc="The slice: a value for every column of the rule's `by`; left out = all.",
    )
    not_below: Written | None = param(
        WrittenNumber(), default=None, doc="The bound while the waiver holds, for `at_least`."
    )
    not_above: Written | None = param(
        WrittenNumber(), default=None, doc="The bound while the waiver holds, for `at_most`."
    )
    owner: str = param(Text(), doc="Who answers for it.")
    reason: str = param(Text(), doc="Why, with a ticket.")
    granted: date = param(Date(), doc="The day it was granted.")
    expires: date = param(Date(), doc="The day it expires.")
    at: Location = place()


@dataclass(frozen=True)
class PolicyKeys:
    """What is demanded of a model before it may merge."""

    mlgate: int = param(FormatVersion(), doc="The version of this file's format: 1.")
    policy: str = param(Identifier(), doc="The policy's name.")
    owner: str = param(
        Text(), default="", doc="Who answers for the policy; left out = whom `owner.yaml` of its folder names."
    )
    description: str = param(Text(), default="", doc="What the policy is for.")
    applies_to: SelectorKeys | None = param(
        Record(SelectorKeys, min=1),
        default=None,
        key="for",
        doc="Which candidates; left out = every candidate.",
    )
    extends: tuple[str, ...] = param(
        OneOrMany(Text()),
        default=(),
        doc="Policies whose rules hold too: `mlgate/<pack>`, or a file beside this one.",
    )
    confidence: Fraction = param(
        _CONFIDENCE, default=Fraction(19, 20), doc="Confidence of the rules of this file; 0.95 unless told."
    )
    proof: Proof = param(Choice("shown", "unrefuted", "estimate"), default="shown", doc=_PROOF_DOC)
    severity: Severity = param(Choice("block", "warn"), default="block", doc=_SEVERITY_DOC)
    expects: Any = param(Record(ExpectKeys, min=1), default=None, doc="What the policy fixes of the candidate.")
    derive: tuple[tuple[str, DeriveKeys], ...] = param(
        MapOf(Record(DeriveKeys)), default=(), doc="Bands of numeric columns, to slice by."
    )
    groups: tuple[tuple[str, GroupKeys], ...] = param(
        MapOf(Record(GroupKeys)), default=(), doc="The groups of columns that rules slice by."
    )
    rules: tuple[Node, ...] = param(ListOf(Raw("a rule"), min=0), default=(), doc="The demands.")
    waivers: tuple[WaiverKeys, ...] = param(ListOf(Record(WaiverKeys), min=0), default=(), doc="Dated exceptions.")
    at: Location = place()

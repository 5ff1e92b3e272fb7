"""The keys of a policy file, as declarations: `load` reads by them and `schemas` publishes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any, cast

from mlgate.candidate.model import RISKS, ROLL_UPS
from mlgate.metrics.base import TASKS
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
    Record,
    Report,
    Schema,
    Text,
    param,
    place,
)
from mlgate.reading.strict_yaml import Node, Scalar
from mlgate.values.errors import Location
from mlgate.values.verdict import Proof, Severity


@dataclass(frozen=True)
class Raw:
    """A node that is read later, when more is known; its schema is filled in by `schemas`."""

    noun: str

    def read(self, node: Node, report: Report) -> Node:
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

    def read(self, node: Node, report: Report) -> Written | Missing:
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
    "`shown` (default): the confidence bound meets the demand. `unrefuted`: blocks only what is refuted. "
    "`estimate`: the observed value decides."
)
_SEVERITY_DOC = "`block` (default), or `warn`: shown, never blocks."


@dataclass(frozen=True)
class RuleKeys:
    """The keys that every rule may have, whatever its check."""

    id: str = param(Identifier(), doc="The rule's name within its policy.")
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


@dataclass(frozen=True)
class ExpectedPredictions:
    """Which columns of the predictions the policy fixes."""

    id: tuple[str, ...] = param(OneOrMany(Text()), default=(), doc="The id columns.")
    label: str = param(Text(), default="", doc="The label column.")
    prediction: str = param(Text(), default="", doc="The prediction column.")
    score: str = param(Text(), default="", doc="The score column.")
    count: str = param(Text(), default="", doc="The column of frequencies.")
    weight: str = param(Text(), default="", doc="The column of weights.")
    series: tuple[str, ...] = param(OneOrMany(Text()), default=(), doc="The columns that name a series.")
    time: str = param(Text(), default="", doc="The column of the time that is forecast.")
    horizon: str = param(Text(), default="", doc="The column of the steps ahead.")
    cutoff: str = param(Text(), default="", doc="The column of the last time known.")


@dataclass(frozen=True)
class ExpectedEvaluation:
    """What the policy fixes of the candidate's `tables: evaluation`, or `history`."""

    path: str = param(Text(), default="", doc="The file, as the candidate file must name it.")
    key: tuple[str, ...] = param(OneOrMany(Text()), default=(), doc="The key columns.")
    label: str = param(Text(), default="", doc="The label column.")


@dataclass(frozen=True)
class ExpectedUnit:
    """What the policy fixes of the candidate's `unit`."""

    column: tuple[str, ...] = param(OneOrMany(Text()), default=(), doc="The column or columns that name the unit.")
    score: str = param(
        Choice(*ROLL_UPS, "none"), default="", doc="How rows are rolled up to units; `none`: they are not."
    )


@dataclass(frozen=True)
class ExpectedChampion:
    """What the policy fixes of the candidate's only `champion`."""

    path: str = param(Text(), default="", doc="Its file, as the candidate file must name it.")
    verdict: str = param(Text(), default="", doc="Its verdict, as the candidate file must name it.")
    label: str = param(Text(), default="", doc="The label column.")
    prediction: str = param(Text(), default="", doc="The prediction column.")
    score: str = param(Text(), default="", doc="The score column.")


@dataclass(frozen=True)
class ExpectKeys:
    """What the policy itself fixes; a candidate that says otherwise is blocked."""

    name: str = param(Identifier(), default="", doc="The candidate's name.")
    task: str = param(Choice(*TASKS), default="", doc="The task.")
    positive: str = param(Text(), default="", doc="The positive class, as exact text.")
    classes: tuple[str, ...] = param(OneOrMany(Text(), min=2), default=(), doc="The classes, in order.")
    predictions: ExpectedPredictions | None = param(
        Record(ExpectedPredictions, min=1), default=None, doc="Columns of the predictions."
    )
    unit: ExpectedUnit | None = param(Record(ExpectedUnit, min=1), default=None, doc="What rows belong together by.")
    evaluation: ExpectedEvaluation | None = param(
        Record(ExpectedEvaluation, min=1), default=None, doc="The evaluation table."
    )
    champion: ExpectedChampion | None = param(
        Record(ExpectedChampion, min=1), default=None, doc="The earlier model that it is compared with."
    )
    history: ExpectedEvaluation | None = param(
        Record(ExpectedEvaluation, min=1), default=None, doc="Forecasting: the table of the series' history."
    )


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
    owner: str = param(Text(), doc="Who answers for the policy.")
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
    expects: ExpectKeys | None = param(
        Record(ExpectKeys, min=1), default=None, doc="What the policy fixes of the candidate."
    )
    derive: tuple[tuple[str, DeriveKeys], ...] = param(
        MapOf(Record(DeriveKeys)), default=(), doc="Bands of numeric columns, to slice by."
    )
    groups: tuple[tuple[str, GroupKeys], ...] = param(
        MapOf(Record(GroupKeys)), default=(), doc="The groups of columns that rules slice by."
    )
    rules: tuple[Node, ...] = param(ListOf(Raw("a rule"), min=0), default=(), doc="The demands.")
    waivers: tuple[WaiverKeys, ...] = param(ListOf(Record(WaiverKeys), min=0), default=(), doc="Dated exceptions.")
    at: Location = place()

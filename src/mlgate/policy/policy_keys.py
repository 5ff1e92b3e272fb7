"""The keys of a policy file, declared once. `load` reads a file with them and `schemas` publishes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any, Literal, cast

from mlgate.candidate.presented import RISKS
from mlgate.checks.base import Check
from mlgate.metrics.metric import TASKS
from mlgate.policy.demanded import MOST_LOOKS, Approver
from mlgate.policy.extended_keys import Extended, ExtendsList
from mlgate.policy.variable_types import MOST_VARIABLES, VariableKeys
from mlgate.reading.fields import (
    MISSING,
    Choice,
    Date,
    Either,
    Flag,
    FormatVersion,
    Identifier,
    Integer,
    ListOf,
    MapOf,
    Missing,
    Number,
    OneOrMany,
    ProblemReport,
    Raw,
    Record,
    Text,
    keys,
    param,
    place,
)
from mlgate.reading.strict_yaml import Node, Scalar
from mlgate.values.errors import Location
from mlgate.values.plain import Schema
from mlgate.values.verdict import Proof, Severity


@dataclass(frozen=True)
class Written:
    """A number with its text, so that messages show bounds and edges as the policy wrote them."""

    value: Fraction
    text: str


@dataclass(frozen=True)
class WrittenNumber:
    """How a `Written` number is read."""

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
class PlainSelectorKeys:
    """What a candidate says. Every given key must match, and a key matches if any of its entries does."""

    tags: tuple[str, ...] = param(OneOrMany(Text()), default=(), doc="Any of these tags.")
    name: tuple[str, ...] = param(
        OneOrMany(Text()), default=(), doc="Any of these names; `*`, `?` and `[...]` work as in a shell."
    )
    task: tuple[str, ...] = param(OneOrMany(Choice(*TASKS)), default=(), doc="Any of these tasks.")
    risk: tuple[str, ...] = param(OneOrMany(Choice(*RISKS)), default=(), doc="Any of these risk tiers.")


@dataclass(frozen=True)
class EntrySelectorKeys(PlainSelectorKeys):
    """Every given key must match, and what `not` selects must not."""

    but_not: PlainSelectorKeys | None = param(
        Record(PlainSelectorKeys, min=1), default=None, key="not", doc="Leaves out the candidates that it selects."
    )


@dataclass(frozen=True)
class SelectorKeys(EntrySelectorKeys):
    """Selects candidates. Every given key must match, and a key matches if any of its entries does."""

    any: tuple[EntrySelectorKeys, ...] = param(
        ListOf(Record(EntrySelectorKeys, min=1), min=1), default=(), doc="Selectors, one of which must match."
    )


_CONFIDENCE: Any = Number(above=Fraction(1, 2), below=1)
_PROOF_DOC = (
    "What decides. `shown` (default): the confidence bound must meet the demand. `unrefuted`: only a refuted demand "
    "blocks, and each slice is refuted separately: of 10 groups just at the bound, at least one fails by chance in "
    "40 % of runs. `estimate`: the observed value decides."
)
_SHOW_VALUES: Any = Either(Flag(), OneOrMany(Text()))
_SHOW_VALUES_DOC = (
    "Whose values and row ids reports may show, as examples of rows at fault and in pictures: these columns, or all "
    "with `true`. Reports travel, so by default they show none."
)
_SEVERITY_DOC = "`block` (default), or `warn`: reports show the rule, but it never blocks."


@dataclass(frozen=True, kw_only=True)
class RuleKeys:
    """The keys that every rule may have, for any check."""

    id: str = param(
        Identifier(), default="", doc="The rule's name in its policy; if left out, made of check, metric and `by`."
    )
    check: str = param(Text(), doc="The check, as `family.name`.")
    description: str = param(Text(), default="", doc="Why the rule exists; reports show it.")
    source: str = param(
        Text(), default="", doc="The law, standard or paragraph that asks for it; reports show it with the description."
    )
    at_least: Written | None = param(WrittenNumber(), default=None, doc="The lowest allowed value.")
    at_most: Written | None = param(WrittenNumber(), default=None, doc="The highest allowed value.")
    between: tuple[Written, ...] = param(
        ListOf(WrittenNumber(), min=2, max=2), default=(), doc="The lowest and the highest allowed value, as a list."
    )
    proof: Proof | None = param(Choice("shown", "unrefuted", "estimate"), default=None, doc=_PROOF_DOC)
    confidence: Fraction | None = param(
        _CONFIDENCE, default=None, doc="Confidence of each one-sided bound; 0.95 by default."
    )
    severity: Severity | None = param(Choice("block", "warn"), default=None, doc=_SEVERITY_DOC)
    enforce_from: date | None = param(Date(), default=None, doc="The rule blocks from this day on; before, it warns.")
    locked: bool | None = param(
        Flag(),
        default=None,
        doc="`true`: no policy that extends this one may loosen the rule, and no waiver of another file covers it.",
    )
    when: SelectorKeys | None = param(
        Record(SelectorKeys, min=1),
        default=None,
        doc="The candidates that the rule applies to; for others it is SKIPPED.",
    )
    min_n: int = param(
        Integer(min=0),
        default=0,
        doc="Slices with fewer rows are listed, not judged. Fewer rows that count (for recall those with a positive "
        "label) are INCONCLUSIVE without `by`, and no PASS unless `proof` is `shown`.",
    )
    at_most_left_out: Fraction | None = param(
        Number(min=0, below=1),
        default=None,
        doc="The largest share of rows in groups that `min_n` or `min_share` leaves out; more are an ERROR. For "
        "`performance.slices`, of rows that are in no searched slice of a column; the column with most of them counts.",
    )
    at_most_unknown: Fraction | None = param(
        Number(min=0, below=1),
        default=None,
        doc="The largest share of rows in unknown groups that `unknown: report` leaves out; more are an ERROR.",
    )
    looks: int = param(
        Integer(min=1, max=MOST_LOOKS),
        default=1,
        doc="How often this demand may be judged on the same rows, by further models or as rows are added; the looks "
        "share the rule's error level.",
    )
    show_values: bool | tuple[str, ...] | None = param(_SHOW_VALUES, default=None, doc=_SHOW_VALUES_DOC)
    at: Location = place()


BOUND_KEYS = ("at_least", "at_most", "between")
LEFT_OUT_KEYS = ("at_most_left_out", "at_most_unknown")
ROW_KEYS = ("min_n", "confidence", "looks")
"""Keys for values that are estimated from rows, which a report does not have."""


def untaken(check: type[Check]) -> tuple[str, ...]:
    """The common keys that a check does not take: bounds if it has none, and those of rows that it has not."""
    own = keys(check)
    left_out = check.left_out_keys if check.searching or "by" in own else ()
    refused = (
        *(BOUND_KEYS if not check.bounded else ()),
        *(key for key in LEFT_OUT_KEYS if key not in left_out),
        *(ROW_KEYS if check.about == "report" else ()),
    )
    return tuple(key for key in refused if key not in own)


@dataclass(frozen=True)
class DeriveKeys:
    """A numeric column cut at edges into bands. The first is below the first edge, the last is open above."""

    column: str = param(Text(), doc="The numeric column.")
    edges: tuple[Written, ...] = param(ListOf(WrittenNumber()), doc="Where to cut, in increasing order.")
    labels: tuple[str, ...] = param(
        ListOf(Text(), unique=True),
        default=(),
        doc='Names of the bands, one more than there are edges; by default "<25", "[25,40)", ">=40".',
    )
    at: Location = place()


@dataclass(frozen=True)
class GroupKeys:
    """The groups of one column that rules slice by."""

    values: tuple[str, ...] = param(
        ListOf(Text(empty=True), unique=True),
        default=(),
        doc="The known groups; if left out, every value is a group.",
    )
    unknown: str = param(
        Choice("block", "own_group", "report"),
        default="block",
        doc="Rows whose group is missing or not in `values`: they block, form one group, or are only reported.",
    )
    at: Location = place()


@dataclass(frozen=True, kw_only=True)
class WaiverKeys:
    """An exception to one rule, with an owner, a reason, a bound and an end date."""

    rule: str = param(Identifier(), doc="The id of the rule, which must be in this policy.")
    where: tuple[tuple[str, str], ...] = param(
        MapOf(Text(empty=True)),
        default=(),
        doc="The slice, as one value per column of the rule's `by`; if left out, all slices. Where the findings of a "
        "rule have demands of their own, one of them.",
    )
    not_below: Written | None = param(
        WrittenNumber(), default=None, doc="Replaces `at_least` while the waiver is in force."
    )
    not_above: Written | None = param(
        WrittenNumber(), default=None, doc="Replaces `at_most` while the waiver is in force."
    )
    applies_to: SelectorKeys | tuple[str, ...] | None = param(
        Either(Record(SelectorKeys, min=1), OneOrMany(Text())),
        default=None,
        key="for",
        doc="The candidates that it is for: a name, several, or keys as in the policy's `for`. Required unless the "
        "policy's own `for` is one name.",
    )
    owner: str = param(Text(), doc="Who is responsible for the waiver.")
    reason: str = param(Text(), doc="Why it was granted, preferably with a ticket.")
    granted: date = param(Date(), doc="The first day of the waiver.")
    expires: date = param(Date(), doc="The last day of the waiver.")
    at: Location = place()


LONGEST_WAIVER = 3660
"""The most days that a policy can allow for a waiver."""


@dataclass(frozen=True)
class PolicyKeys:
    """What a model must show before it may merge."""

    mlgate: int = param(FormatVersion(), doc="The version of this file's format: 1.")
    policy: str = param(Identifier(), doc="The policy's name.")
    owner: str = param(
        Text(),
        default="",
        doc="Who is responsible for the policy; if left out, whom the folder's `owner.yaml` names.",
    )
    description: str = param(Text(), default="", doc="What the policy is for.")
    cannot_check: tuple[str, ...] = param(
        ListOf(Text(), unique=True),
        default=(),
        doc="What no rule of it shows, although a reader may expect it.",
    )
    applies_to: SelectorKeys | None = param(
        Record(SelectorKeys, min=1),
        default=None,
        key="for",
        doc="The candidates that the policy applies to; if left out, all.",
    )
    vocabulary: PlainSelectorKeys | None = param(
        Record(PlainSelectorKeys, min=1),
        default=None,
        doc="The only names (or patterns of names), tags, tasks and risk tiers that a candidate may have, whatever "
        "`for` says; another is an error that names the nearest.",
    )
    extends: tuple[Extended, ...] = param(
        ExtendsList(),
        default=(),
        doc="Policies whose rules apply too, in order: packs such as `mlgate/baseline@1`, files of this repository by "
        "their paths from this one, or files of another repository as `{git: URL, path: FILE, digest: COMMIT}`.",
    )
    variables: tuple[tuple[str, VariableKeys], ...] = param(
        MapOf(Record(VariableKeys), key=Identifier(), max=MOST_VARIABLES),
        default=(),
        doc="Values that the rules of this file name as `${name}`, and that a policy which extends it may set.",
    )
    sets: tuple[tuple[str, Node], ...] = param(
        MapOf(Raw("a value"), key=Identifier()),
        default=(),
        key="set",
        doc="Values of variables of the policies in `extends`.",
    )
    confidence: Fraction = param(
        _CONFIDENCE, default=Fraction(19, 20), doc="Confidence of the rules in this file; 0.95 by default."
    )
    proof: Proof = param(Choice("shown", "unrefuted", "estimate"), default="shown", doc=_PROOF_DOC)
    severity: Severity | None = param(
        Choice("block", "warn"),
        default=None,
        doc="`block` (default), or `warn`: the rules of this file, and those that it extends, only warn.",
    )
    enforce_from: date | None = param(
        Date(),
        default=None,
        doc="The rules of this file, and those that it extends, block from this day on; before, they warn.",
    )
    locked: bool = param(
        Flag(),
        default=False,
        doc="`true`: no policy that extends this one may loosen its rules, and no waiver of another file covers them.",
    )
    show_values: bool | tuple[str, ...] = param(_SHOW_VALUES, default=False, doc=_SHOW_VALUES_DOC)
    expects: Node | None = param(Raw("a mapping"), default=None, doc="Values that the candidate's keys must have.")
    derive: tuple[tuple[str, DeriveKeys], ...] = param(
        MapOf(Record(DeriveKeys)), default=(), doc="Bands of numeric columns, to slice by."
    )
    groups: tuple[tuple[str, GroupKeys], ...] = param(
        MapOf(Record(GroupKeys)), default=(), doc="The groups of columns that rules slice by."
    )
    roots: tuple[str, ...] = param(
        OneOrMany(Text()),
        default=(),
        doc="Folders outside the workspace in which candidates' files may be read, relative to this file or absolute.",
    )
    servers: tuple[tuple[str, str], ...] = param(
        MapOf(Text()),
        default=(),
        doc="The servers that may be asked what a candidate's sources are, as `mlflow: https://mlflow.example.com`.",
    )
    reported: Literal["allow", "refuse"] = param(
        Choice("allow", "refuse"),
        default="allow",
        doc="`refuse`: no rule of this policy, nor of one that extends it, may judge what others measured and only "
        "reported.",
    )
    rules: tuple[Node, ...] = param(ListOf(Raw("a rule"), min=0), default=(), doc="The demands.")
    max_waiver_days: int | None = param(
        Integer(min=1, max=LONGEST_WAIVER),
        default=None,
        doc="The most days from a waiver's `granted` to its `expires`; 90 by default. Of a policy and those that it "
        "extends, the smallest counts.",
    )
    approver: Approver = param(
        Choice("anyone", "other"),
        default="anyone",
        doc="Who may grant a waiver of this policy, or of one that extends it. `other`: the author of the commit that "
        "brought it in must be another person than the candidate's `owner`.",
    )
    waivers: tuple[WaiverKeys, ...] = param(ListOf(Record(WaiverKeys), min=0), default=(), doc="Dated exceptions.")
    reasons: tuple[tuple[str, str], ...] = param(
        MapOf(Text()),
        default=(),
        doc="Why something was loosened, by the id of the rule or the key, for `mlgate diff`.",
    )
    at: Location = place()

"""A policy as values: its rules with their file and line, its owner, and the candidates that it applies to."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date
from fractions import Fraction
from math import inf
from pathlib import Path
from typing import Any, Literal

from mlgate.checks.base import Check
from mlgate.checks.policy_groups import Bands, GroupSpec
from mlgate.evidence.sources import FileSource
from mlgate.policy.elsewhere import is_elsewhere
from mlgate.reading.strict_yaml import Mapping as MappingNode
from mlgate.values.demand import Demand
from mlgate.values.errors import Location
from mlgate.values.estimate import Answer, Estimate
from mlgate.values.provenance import Input
from mlgate.values.servers import Servers
from mlgate.values.shown_values import NO_VALUES, ShownValues
from mlgate.values.verdict import Proof, Severity, Where
from mlgate.values.words import one_line

Approver = Literal["anyone", "other"]
MOST_LOOKS = 100
"""The most looks that a rule can share its error level between."""


@dataclass(frozen=True)
class Selector:
    """The candidates that a policy (`for:`) or a rule (`when:`) applies to. An empty selector matches all.

    Every given key must match: any of the tags, any of the names (shell patterns), tasks or risk tiers, and any of the
    selectors in `any`.
    """

    tags: tuple[str, ...] = ()
    name: tuple[str, ...] = ()
    task: tuple[str, ...] = ()
    risk: tuple[str, ...] = ()
    but_not: Selector | None = None
    """Leaves out the candidates that it selects."""
    any: tuple[Selector, ...] = ()
    """Selectors, one of which must match."""


@dataclass(frozen=True)
class Variable:
    """A value that rules of a policy file name, as it is in the composed policy."""

    name: str
    type: str
    value: str
    """As text."""
    at: Location
    """Where it is declared."""
    allowed: str = ""
    """What it may be, in words: "at least 0.8"; empty without a limit."""
    description: str = ""
    set_at: Location | None = None
    """Where a policy that extends the file sets it; None if it has its default."""
    named_at: Location | None = None
    """Of a variable of a rule: where the rule names it."""

    def __str__(self) -> str:
        there = self.set_at or self.at
        return f"`{self.name}` is `{one_line(self.value)}` at {there.file}:{there.line}"


@dataclass(frozen=True)
class Rule:
    """One demand: an id, a check with its parameters, a bound, and the required proof."""

    policy: str
    id: str
    check: Check
    demand: Demand
    at: Location
    proof: Proof = "shown"
    confidence: Fraction = Fraction(19, 20)
    severity: Severity = "block"
    enforce_from: date | None = None
    when: Selector = Selector()
    min_n: int = 0
    at_most_left_out: Fraction | None = None
    """The largest share of rows that `min_n` or `min_share` may leave out."""
    at_most_unknown: Fraction | None = None
    """The largest share of rows in unknown groups that may be left out."""
    looks: int = 1
    """How often this demand may be judged on the same rows. The looks share the error level."""
    description: str = ""
    source: str = ""
    """The law, standard or paragraph that asks for it."""
    show_values: ShownValues = NO_VALUES
    """The columns whose values and row ids reports may show."""
    variables: tuple[Variable, ...] = ()
    """The variables that it names, once for each place."""
    locked_at: Location | None = None
    """What forbids that a file which extends its own loosens it, or that a waiver of another file covers it."""
    written: MappingNode | None = field(default=None, compare=False, repr=False)
    """Its keys as the files have them, also those that it takes from a rule that it changes."""
    functions_in: str = ""
    """The folder to load a function from, if it is not `folder` of the workspace: of a commit's files, or of a test."""
    own: str = ""
    """Of a rule as it judges one estimate that has its own demand (`judging`): what that estimate measures."""

    @property
    def name(self) -> str:
        """The rule's full name, `policy:rule`."""
        return f"{self.policy}:{self.id}"

    @property
    def folder(self) -> str:
        """The folder, from the workspace, in which a function lies that it names: that of the file with its `check`.

        Empty for a pack, and for a policy of another repository, whose functions must be installed.
        """
        stated = self.written.key_at("check") if self.written else self.at
        return "" if is_elsewhere(stated.file) else posixpath.dirname(stated.file) or "."

    @property
    def calls_function(self) -> bool:
        """Whether its metric is a function that it names, as `module:function`."""
        return ":" in str(getattr(self.check, "metric", ""))

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return self.own or self.check.measured

    @property
    def reason(self) -> str:
        """Why the rule exists, with the law or paragraph that asks for it, and what a policy has set in it."""
        given = ", ".join(dict.fromkeys(str(each) for each in self.variables if each.set_at))
        parts = (self.description, f"Source: {self.source}." if self.source else "", f"Set: {given}." if given else "")
        return " ".join(filter(None, parts))

    @property
    def limits(self) -> tuple[float, float]:
        """The lowest and the highest possible value of what is measured."""
        return (-inf, inf) if self.own else self.check.limits

    @property
    def reported(self) -> bool:
        """Whether its values were measured by others, and the gate only reads them."""
        return self.check.about == "report"

    @property
    def counted(self) -> bool:
        """Whether observed values decide about the table that they were counted in, so that luck has no part."""
        return self.check.about == "table" and self.proof == "estimate"

    @property
    def sampled(self) -> bool:
        """Whether luck has a part in its values: they are estimated from rows that are a sample."""
        return not (self.counted or self.reported)

    def judging(self, answer: Answer) -> Rule:
        """The rule as it judges one answer, which may have a demand of its own."""
        if not isinstance(answer, Estimate) or answer.own is None:
            return self
        own = answer.own
        return replace(self, demand=self.demand if own.demand.empty else own.demand, own=own.measured)


@dataclass(frozen=True)
class Waiver:
    """An exception to one rule, with an owner, a reason, a bound and an end date. An empty `where` means all slices."""

    rule: str
    where: Where
    not_below: Fraction | None
    not_above: Fraction | None
    owner: str
    reason: str
    granted: date
    expires: date
    at: Location
    applies_to: Selector = Selector()
    """The candidates that it is for."""
    granted_by: tuple[str, ...] = ()
    """The authors of the commits that brought it in, if the policy asks for another person than the model's owner."""
    ungranted: str = ""
    """Why nobody is known who granted it, if the policy asks."""
    refused: str = ""
    """Why it is not granted to the candidate that is judged."""
    shared_by: int = 1
    """How many candidates of one name it would waive; if several, it waives none."""


@dataclass(frozen=True)
class KnownFailure:
    """A finding that failed when it was recorded. Until a day, it does not block while it is not worse.

    It has what was measured, its value and its number of rows, or what a claim said.
    """

    candidate: str
    rule: str
    """The full name of the rule, `policy:rule`."""
    where: Where
    """The slice of the finding itself; empty for the finding about all rows."""
    measured: str
    value: Fraction | None
    value_text: str
    n: int
    """The rows that counted for the value; 0 for a reported value."""
    said: str
    """What the failing claim said; empty for a value."""
    owner: str
    reason: str
    recorded: date
    expires: date
    at: Location
    shared_by: int = 1
    """How many candidates of the run have the name; if several, it is about none of them."""

    @property
    def finding(self) -> tuple[str, str, frozenset[tuple[str, str]], str, str]:
        """What it is about, whatever value was recorded of it and until when."""
        return self.candidate, self.rule, frozenset(self.where), self.measured, self.said


@dataclass(frozen=True)
class Nothing:
    """The word `none` of `expects:`, which requires that the candidate leaves a key out."""

    def __str__(self) -> str:
        return "none"


NOTHING = Nothing()
"""The only value of its type."""


class FixedPath(str):
    """The path of a file that a policy requires."""


class FixedDigests(tuple[str, ...]):
    """The SHA-256 digests of which a policy requires a file to have one."""


@dataclass(frozen=True)
class Expectation:
    """A key of the candidate file, below the keys that lead to it, and the value that the policy requires for it."""

    keys: tuple[str, ...]
    value: Any
    """What the key's own type gives: a text, a number, a tuple of several; NOTHING for `none`."""
    at: Location
    declared: type[Any] | None = None
    """The record of a check that declares the key; None for a built-in key."""

    @property
    def key(self) -> str:
        """The keys with dots, as messages show them."""
        return ".".join(self.keys)

    @property
    def is_path(self) -> bool:
        """Whether it names a file."""
        entries = self.value if isinstance(self.value, tuple) else (self.value,)
        return any(isinstance(entry, FixedPath) for entry in entries)


def shown(value: Any) -> str:
    """A candidate's or a policy's value as messages show it. Several entries have brackets."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Fraction):
        return f"{float(value):g}"
    if isinstance(value, FileSource):
        return value.path
    if _is_record(value):
        given = ((each.name, getattr(value, each.name)) for each in fields(value))
        return f"{{{', '.join(f'{name}: {shown(of)}' for name, of in given if of not in (None, ''))}}}"
    if not isinstance(value, tuple):
        return str(value)
    entries = [_entry(entry) if not isinstance(entry, tuple) else ": ".join(map(_entry, entry)) for entry in value]
    return entries[0] if len(entries) == 1 else f"[{', '.join(entries)}]"


def _entry(value: Any) -> str:
    """One entry of a list; in quotes if it could be read as several."""
    text = shown(value)
    return f'"{text}"' if any(sign in text for sign in ",:[]") and not _is_record(value) else text


def _is_record(value: Any) -> bool:
    return is_dataclass(value) and not isinstance(value, (Nothing, FileSource))


@dataclass(frozen=True)
class Vocabulary:
    """The words that candidates may use for themselves."""

    words: Mapping[str, tuple[str, ...]]
    """Of `name` (patterns), `tags`, `task` and `risk`, those that are listed."""
    places: Mapping[str, Location]
    """Where each is listed."""


@dataclass(frozen=True)
class Policy:
    """A loaded policy, combined with those that it extends. Its own rules come last."""

    name: str
    owner: str
    file: str
    rules: tuple[Rule, ...]
    description: str = ""
    applies_to: Selector = Selector()
    selects_at: Location | None = None
    """The place of its `for:`."""
    vocabulary: Vocabulary | None = None
    """The words that all candidates may use for themselves, also those that it does not apply to."""
    expects: tuple[Expectation, ...] = ()
    expects_at: Location | None = None
    derive: Mapping[str, Bands] = field(default_factory=dict)
    groups: Mapping[str, GroupSpec] = field(default_factory=dict)
    variables: tuple[Variable, ...] = ()
    """The variables of all its files, with their values."""
    waivers: tuple[Waiver, ...] = ()
    """Its own, and those of the `waivers.yaml` that it reads."""
    max_waiver_days: int = 90
    """The most days of one of them."""
    approver: Approver = "anyone"
    """Who may grant one."""
    written: MappingNode | None = field(default=None, compare=False, repr=False)
    """Its keys as its files have them, besides the rules."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Why something was loosened, by the id of the rule or the key."""
    known: tuple[KnownFailure, ...] = ()
    """The failures of its rules that are known, as the caller names them in a file."""
    known_in: Input | None = None
    """The digest of that file."""
    cannot_check: tuple[str, ...] = ()
    """What a reader may expect of the policy, and no rule of this file shows."""
    owner_at: Location | None = None
    """The place that names the owner: in the policy or in an `owner.yaml`."""
    roots: tuple[Path, ...] = ()
    """Where candidates' files may be read besides the workspace."""
    servers: Servers = ()
    """The servers that may be asked."""
    inputs: tuple[Input, ...] = ()
    """The digests of this file, of all packs and files that it extends, and of the files that rules name, with the role
    "policy"."""

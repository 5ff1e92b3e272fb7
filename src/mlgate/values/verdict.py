"""The plain values that pass from `decide` to the reports, independent of rules, files and statistics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import ClassVar, Literal

from mlgate.values.announcement import Announcement
from mlgate.values.errors import BlockedError, Location, Problem
from mlgate.values.pictures import Picture
from mlgate.values.plain import Count
from mlgate.values.provenance import Input, Invocation, JudgedData, Versions
from mlgate.values.unjudged import Unjudged
from mlgate.values.words import SLICES, Words

Proof = Literal["shown", "unrefuted", "estimate"]
Severity = Literal["block", "warn"]
About = Literal["population", "table", "report"]
Provenance = Literal["", "self-reported", "recorded"]
ShownByPass = Literal["", "predictions", "policies"]
"""What a check shows about the whole verdict by passing: that this model gave the predictions, or that the policies
stood before them."""
WaiverState = Literal[
    "", "applied", "partly applied", "expired", "not started", "not granted", "unused", "insufficient"
]
Lacking = Literal["", "rows", "min_n", "value", "bound", "precision"]


class Status(Enum):
    """The result of a finding or a rule. The worst status wins; SKIPPED and LISTED do not count."""

    PASS = "PASS"
    WAIVED = "WAIVED"
    INCONCLUSIVE = "INCONCLUSIVE"
    FAIL = "FAIL"
    ERROR = "ERROR"
    SKIPPED = "SKIPPED"
    LISTED = "LISTED"

    @property
    def rank(self) -> int:
        """How bad it is: from 0 for PASS to 4 for ERROR. SKIPPED and LISTED are below 0, as they never count."""
        return _RANK[self]

    @property
    def blocks(self) -> bool:
        """Whether a blocking rule with this status blocks the merge."""
        return self in (Status.INCONCLUSIVE, Status.FAIL, Status.ERROR)

    @property
    def counts(self) -> bool:
        """Whether it is about a demand: a SKIPPED rule was not asked, and a LISTED one demands nothing."""
        return self.rank >= 0


_RANK = {
    Status.SKIPPED: -2,
    Status.LISTED: -1,
    Status.PASS: 0,
    Status.WAIVED: 1,
    Status.INCONCLUSIVE: 2,
    Status.FAIL: 3,
    Status.ERROR: 4,
}


def worst(statuses: Iterable[Status]) -> Status:
    """The worst of some statuses. No statuses, or only SKIPPED, give ERROR and never a pass; else only LISTED gives
    LISTED.
    """
    found = list(statuses)
    listed = Status.LISTED if Status.LISTED in found else Status.ERROR
    return max((status for status in found if status.counts), key=lambda status: status.rank, default=listed)


EXPECTS = "policy.expects"
"""The rule of a policy's `expects:`. By itself it shows nothing about the model."""

REGISTERED = "policy.register"
"""The rule of a register of models. By itself it shows nothing about the model either."""

WITHOUT_DEMAND = (EXPECTS, REGISTERED)
"""The rules about who a candidate is, not about what it shows."""

INPUTS = "mlgate.inputs"
"""The gate's own rule, which no policy has: the files that a candidate names can be read."""

Where = tuple[tuple[str, str], ...]
"""The slice of a finding, as (column, value) pairs in the policy's order; empty for all rows."""


REPORTED = "reported, not measured"
"""What every report says about a value that the gate read and did not measure."""

PARTS = ("against", "metric")
"""Names in a slice that are not columns: the part of a rule that a finding belongs to."""


def columns_of(where: Where) -> tuple[str, ...]:
    """The columns that cut a slice."""
    return tuple(name for name, _ in where if name not in PARTS)


def part_of(where: Where) -> Where:
    """The part of its rule that a finding belongs to: a champion, or one of several metrics; else empty."""
    return tuple(pair for pair in where if pair[0] in PARTS)


def where_text(where: Where) -> str:
    """`sex=F, age_band=<25`, or an empty text for all rows."""
    return ", ".join(f"{column}={value}" for column, value in where)


@dataclass(frozen=True)
class FindingDemand:
    """What a finding measured and had to meet, where the findings of a rule have demands of their own."""

    metric: str
    """What was measured."""
    demand: str
    """The demand in words: "share of missing values ≤ 0.1"."""
    at_least: float | None = None
    """The lowest value that it accepts, if any."""
    at_most: float | None = None
    """The highest value that it accepts, if any."""


@dataclass(frozen=True)
class Examples:
    """Some of the rows at fault, the most frequent first. It has only columns that `show_values` names."""

    columns: tuple[str, ...]
    """The columns."""
    rows: tuple[tuple[str | None, ...], ...]
    """The values as text, one list per different row; null where a value is missing."""
    counts: tuple[Count, ...]
    """How many rows are the same in these columns, one number per row."""


@dataclass(frozen=True)
class Finding:
    """One judged estimate or claim: what was measured in one slice, and its status under the rule."""

    ADDED: ClassVar[tuple[str, ...]] = ("lacking", "own", "examples")

    where: Where
    """The slice, as pairs of a column and its value; empty for all rows."""
    status: Status
    """The result; SKIPPED and LISTED never count."""
    message: str
    """What was measured and what was demanded, as one sentence."""
    value: float | None = None
    """The estimate, to 12 significant digits."""
    exact: str | None = None
    """The value as exact counts, if it is made of counts: "48/60", or "48/60 against 60/60"."""
    lower: float | None = None
    """One-sided lower bound on the true value at the rule's confidence; None if there is none."""
    upper: float | None = None
    """One-sided upper bound on the true value at the rule's confidence; None if there is none."""
    rows: Count | None = None
    """Rows of the slice."""
    n: Count | None = None
    """Rows that count for the value (the denominator of a share), at most `rows`."""
    settle: str | None = None
    """What would settle an INCONCLUSIVE finding."""
    note: str | None = None
    """What a reader must know about the interval, for example that it is approximate."""
    lacking: Lacking = ""
    """What an INCONCLUSIVE finding lacks: more `rows` like these, the rule's `min_n` of them, a `value` that meets the
    demand, any `bound`, or the `precision` that rounding took from it. Empty for all others."""
    own: FindingDemand | None = None
    """What this finding had to meet; null where all findings have the rule's demand."""
    examples: Examples | None = None
    """Examples of the rows at fault; null unless the rule's `show_values` names columns of them."""
    in_terminal: Examples | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Table:
    """A table that a rule publishes. Its cells are formatted texts and never show a single row."""

    ADDED: ClassVar[tuple[str, ...]] = ("groups",)

    title: str
    """What it shows."""
    columns: tuple[str, ...]
    """The names of the columns."""
    rows: tuple[tuple[str, ...], ...]
    """The cells, one list per row."""
    groups: Count = 0
    """How many of the columns, from the first on, are columns of the data whose values name a group."""


@dataclass(frozen=True)
class WaiverNote:
    """A waiver or a known failure for reports: whether it was applied, or why not."""

    ADDED: ClassVar[tuple[str, ...]] = ("kind", "state", "approver")

    rule: str
    """The full name of the waived rule."""
    where: Where
    """The waived slice, as pairs of a column and its value; empty for all slices."""
    owner: str
    """Who is responsible for it."""
    reason: str
    """Why it was granted."""
    granted: str
    """The first day, YYYY-MM-DD."""
    expires: str
    """The last day, YYYY-MM-DD."""
    bound: str
    """What is still demanded under the waiver."""
    applied: bool
    """Whether it was applied."""
    said: str
    """That it was applied, or why not."""
    at: Location
    """Its place in the policy, or in the file of known failures."""
    kind: Literal["waiver", "known failure"] = "waiver"
    """What excuses the finding: a waiver that somebody granted, or that it failed before and is not worse."""
    state: WaiverState = ""
    """What became of a waiver, in one word; empty for a known failure that was not applied, and in an older verdict."""
    approver: str = ""
    """Who granted it, the author of the commit that brought it in; empty where the policy does not ask or refuses."""


@dataclass(frozen=True)
class Outcome:
    """A rule's result: the status of its worst finding, a message that says why, and the findings."""

    ADDED: ClassVar[tuple[str, ...]] = ("searched", "about")

    policy: str
    """The name of the policy."""
    rule: str
    """The id of the rule."""
    check: str
    """The id of the check, `family.name`."""
    status: Status
    """The result; SKIPPED and LISTED never count."""
    message: str
    """Why the rule has this status."""
    at: Location
    """The place of the rule in the policy."""
    description: str = ""
    """Why the rule exists, as its policy says."""
    owner: str = ""
    """Who is responsible for the policy."""
    help: str = ""
    """What the check asks, in one line."""
    demand: str = ""
    """The demand in words: "recall >= 0.7"."""
    at_least: float | None = None
    """The lowest value that the rule accepts, if any. It is for drawing; the gate compares exact fractions."""
    at_most: float | None = None
    """The highest value that the rule accepts, if any."""
    metric: str = ""
    """What was measured."""
    proof: Proof = "shown"
    """What decides: the bound that shows the demand, the bound that refutes it, or the observed value."""
    confidence: str = "0.95"
    """The confidence of each one-sided bound, as a decimal or a fraction."""
    severity: Severity = "block"
    """"block", or "warn": the rule is shown but never blocks."""
    enforce_from: str | None = None
    """The day from which the rule blocks, YYYY-MM-DD."""
    findings: tuple[Finding, ...] = ()
    """The judged values: one per slice, column or fact."""
    tables: tuple[Table, ...] = ()
    """Tables that the rule publishes in addition to its findings."""
    pictures: tuple[Picture, ...] = ()
    """Pictures that the rule publishes in addition to its findings."""
    machine: bool = False
    """Whether an ERROR is the fault of the machine (exit code 3, retryable), not of the evidence."""
    traceback: str | None = None
    """The traceback of the check's crash, if it crashed."""
    strict: bool = False
    """Whether the value must be beyond the bound, not only reach it."""
    searched: bool = False
    """Whether the check found its slices by itself, so that other data may give other slices."""
    words: Words = SLICES
    """The nouns for what its findings are about."""
    about: About = "population"
    """What the demand is about: the population that the rows are a sample of, the table itself, whose values are
    counted and not estimated, or a report, whose values others measured."""
    seconds: float = field(default=0.0, compare=False)

    @property
    def name(self) -> str:
        """The rule's full name, `policy:rule`."""
        return f"{self.policy}:{self.rule}"

    def under(self, finding: Finding | None) -> Outcome:
        """The outcome with the demand of one finding instead of the rule's, if the finding has its own."""
        if finding is None or finding.own is None:
            return self
        own = finding.own
        return replace(
            self, metric=own.metric, demand=own.demand, at_least=own.at_least, at_most=own.at_most, strict=False
        )

    @property
    def counted(self) -> bool:
        """Whether observed values decide about the table that they were counted in, and nothing is estimated."""
        return self.about == "table" and self.proof == "estimate"

    @property
    def reported(self) -> bool:
        """Whether others measured its values, and the gate only read them."""
        return self.about == "report"

    @property
    def sampled(self) -> bool:
        """Whether luck has a part in its values: they are estimated from rows that are a sample."""
        return not (self.counted or self.reported)

    @property
    def blocking(self) -> bool:
        """Whether this outcome blocks the merge."""
        return self.severity == "block" and self.status.blocks


@dataclass(frozen=True)
class Verdict:
    """All outcomes for one candidate: allowed or blocked, and the exit code."""

    STATED: ClassVar[tuple[str, ...]] = ("allowed", "exit_code", "retryable", "counts")
    ADDED: ClassVar[tuple[str, ...]] = ("judged", "versions", "under", "predictions", "preregistered", "announced")

    candidate: str
    """The name of the candidate."""
    version: str
    """The version of the candidate."""
    path: str
    """The candidate file."""
    as_of: str
    """The date for waivers, `enforce_from` and ages, YYYY-MM-DD."""
    outcomes: tuple[Outcome, ...]
    """One outcome per rule, in the order of the policies."""
    inputs: tuple[Input, ...] = ()
    """The files that the verdict depends on, with their digests."""
    waivers: tuple[WaiverNote, ...] = ()
    """All waivers of the rules, applied or not."""
    notes: tuple[str, ...] = ()
    """What a reader must know about the whole verdict, for example the share of rows that were not judged."""
    tool: str = ""
    """The version of mlgate that gave the verdict."""
    owner: str = ""
    """Who is responsible for the candidate."""
    tags: tuple[str, ...] = ()
    """The candidate's tags."""
    task: str = ""
    """The candidate's task; empty if it has no predictions."""
    risk: str = ""
    """The candidate's risk tier, as its file says."""
    judged: JudgedData | None = None
    """What was looked at; null where it cannot be recognised in another verdict."""
    versions: Versions | None = None
    """The versions of the methods and libraries; null in a verdict of an mlgate that did not record them."""
    under: str = ""
    """Where its policies, or who the candidate is, were read, if not here: a commit, as people call it."""
    predictions: Provenance = ""
    """Where the predictions come from: `recorded` where a rule has shown that this model gave them, else
    `self-reported`; empty without predictions."""
    preregistered: bool = False
    """Whether a rule has shown that the policies stood before the predictions were made."""
    announced: tuple[Announcement, ...] = ()
    """What changes in the two weeks after the day of the verdict: waivers that end, and rules that begin to block."""

    @property
    def place(self) -> tuple[str, ...]:
        """By which the verdicts of a run are sorted and told apart."""
        return self.candidate, self.path, self.version, self.under

    @property
    def allowed(self) -> bool:
        """True only if at least one rule was asked and nothing blocks."""
        return self.exit_code == 0

    @property
    def exit_code(self) -> int:
        """0: allowed. 1: blocked by what was presented. 2: nothing was asked. 3: only the machine failed."""
        blocking = [outcome for outcome in self.outcomes if outcome.blocking]
        if any(not outcome.machine for outcome in blocking):
            return 1
        if blocking:
            return 3
        asked = [o for o in self.outcomes if o.status.counts and o.check not in WITHOUT_DEMAND]
        return 0 if asked else 2

    @property
    def retryable(self) -> bool:
        """Whether the same run may end differently after the machine is fixed."""
        return self.exit_code == 3

    @property
    def counts(self) -> Mapping[str, int]:
        """The number of outcomes per status, for every status."""
        tally = Counter(outcome.status for outcome in self.outcomes)
        return {status.value: tally[status] for status in Status}

    def raise_if_blocked(self) -> Verdict:
        """Return the verdict if it allows the merge, else raise BlockedError with the outcomes that block."""
        if self.allowed:
            return self
        lines = [f"{o.status.value} {o.name}: {o.message}" for o in self.outcomes if o.blocking]
        raise BlockedError("\n".join(lines) or "nothing was asked: no rule that applies demands anything")


@dataclass(frozen=True)
class Refusal:
    """A candidate that could not be judged: its file is wrong, or the machine failed before any rule ran."""

    STATED: ClassVar[tuple[str, ...]] = ("allowed", "retryable")

    path: str
    """The candidate file."""
    exit_code: int
    """1: its evidence cannot answer. 2: its file is wrong. 3: the machine failed."""
    problems: tuple[Problem, ...]
    """Why it could not be judged."""
    candidate: str = ""
    """The candidate's name, if it could be read."""

    def __post_init__(self) -> None:
        if self.exit_code not in (1, 2, 3):
            raise ValueError(f"a refusal cannot have exit code {self.exit_code}")

    @property
    def allowed(self) -> bool:
        """Always false: a candidate that was not judged is not allowed."""
        return False

    @property
    def retryable(self) -> bool:
        """Whether the same run may end differently after the machine is fixed."""
        return self.exit_code == 3


@dataclass(frozen=True)
class Verdicts:
    """The results of one run: a verdict per candidate that could be judged, and a refusal per other candidate."""

    mlgate: ClassVar[int] = 1
    """The version of this format."""
    kind: ClassVar[str] = "verdict"
    """The kind of this file."""
    STATED: ClassVar[tuple[str, ...]] = ("mlgate", "kind", "allowed", "exit_code", "retryable", "counts")
    ADDED: ClassVar[tuple[str, ...]] = ("called", "unjudged")

    verdicts: tuple[Verdict, ...]
    """Sorted by candidate, then path, then version."""
    refusals: tuple[Refusal, ...] = ()
    """Candidates that could not be judged."""
    called: Invocation | None = None
    """How the run was called, by which `mlgate check --reproduce` performs it again; null if it was from Python."""
    unjudged: tuple[Unjudged, ...] = ()
    """Candidates of which nothing was asked."""

    @property
    def exit_code(self) -> int:
        """The first that occurs of: 1 (blocked), 2 (wrong input), 3 (the machine failed), else 0 (allowed)."""
        codes = [verdict.exit_code for verdict in self.verdicts]
        codes += [refusal.exit_code for refusal in self.refusals]
        nothing_new = any(entry.why == "UNCHANGED" for entry in self.unjudged)
        return next((code for code in (1, 2, 3) if code in codes), 0 if codes or nothing_new else 2)

    @property
    def allowed(self) -> bool:
        """True only if every candidate that was judged is allowed, and there is one, or one that is unchanged."""
        return self.exit_code == 0

    @property
    def retryable(self) -> bool:
        """Whether only the machine failed."""
        return self.exit_code == 3

    @property
    def counts(self) -> Mapping[str, int]:
        """The number of outcomes per status in all verdicts."""
        total: Counter[str] = Counter()
        for verdict in self.verdicts:
            total.update(verdict.counts)
        return {status.value: total[status.value] for status in Status}

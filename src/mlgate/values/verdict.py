"""The plain values that travel from `decide` to the reports; they know no rule, no file and no statistics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar, Literal

from mlgate.values.errors import BlockedError, Location, Problem
from mlgate.values.pictures import Picture
from mlgate.values.plain import Count
from mlgate.values.words import SLICES, Words

Proof = Literal["shown", "unrefuted", "estimate"]
Severity = Literal["block", "warn"]


class Status(Enum):
    """A finding's or a rule's result; every status but SKIPPED and LISTED combines by the worst."""

    PASS = "PASS"
    WAIVED = "WAIVED"
    INCONCLUSIVE = "INCONCLUSIVE"
    FAIL = "FAIL"
    ERROR = "ERROR"
    SKIPPED = "SKIPPED"
    LISTED = "LISTED"

    @property
    def rank(self) -> int:
        """How bad it is: 0 for PASS up to 4 for ERROR; SKIPPED and LISTED are below all and never count."""
        return _RANK[self]

    @property
    def blocks(self) -> bool:
        """Whether a blocking rule with this status blocks the merge."""
        return self in (Status.INCONCLUSIVE, Status.FAIL, Status.ERROR)

    @property
    def counts(self) -> bool:
        """Whether it says that a demand was or was not met: SKIPPED was not asked, LISTED demands nothing."""
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
    """The worst of some statuses; nothing to combine, or only SKIPPED, is an ERROR and never a pass.

    What only lists is LISTED: it was measured, and nothing was demanded.
    """
    found = list(statuses)
    listed = Status.LISTED if Status.LISTED in found else Status.ERROR
    return max((status for status in found if status.counts), key=lambda status: status.rank, default=listed)


EXPECTS = "policy.expects"
"""The implicit rule about what a policy expects of the candidate; it shows nothing of the model by itself."""

Where = tuple[tuple[str, str], ...]
"""The slice a finding is about, as (column, value) pairs in the policy's order; empty for all rows."""


def where_text(where: Where) -> str:
    """`sex=F, age_band=<25`, or the empty text for all rows."""
    return ", ".join(f"{column}={value}" for column, value in where)


@dataclass(frozen=True)
class Finding:
    """One judged estimate or claim: what was measured in one slice, and what the rule makes of it."""

    where: Where
    """The slice, as pairs of a column and its value; empty for all rows."""
    status: Status
    """The result; SKIPPED and LISTED never count."""
    message: str
    """What was measured, demanded and found."""
    value: float | None = None
    """The estimate, to 12 significant digits."""
    exact: str | None = None
    """The value in exact counts, where it is made of them: "48/60", or "48/60 against 60/60"."""
    lower: float | None = None
    """One-sided lower bound of the true value at the rule's confidence; None where none can be given."""
    upper: float | None = None
    """One-sided upper bound of the true value at the rule's confidence; None where none can be given."""
    rows: Count | None = None
    """Rows of the slice."""
    n: Count | None = None
    """Rows that count for the value (the denominator of a share), at most `rows`."""
    settle: str | None = None
    """What would settle an INCONCLUSIVE finding."""
    note: str | None = None
    """What a reader must know about the interval, e.g. that it is approximate here."""


@dataclass(frozen=True)
class Table:
    """A table that a rule publishes: cells as they are to be read, and nothing of a single row in them."""

    title: str
    """What it shows."""
    columns: tuple[str, ...]
    """The head."""
    rows: tuple[tuple[str, ...], ...]
    """The cells, one list per row."""


@dataclass(frozen=True)
class WaiverNote:
    """A waiver as reports show it: applied, or why it was not."""

    rule: str
    """The rule that it is about."""
    where: Where
    """The slice that it is about, as pairs of a column and its value; empty for all rows."""
    owner: str
    """Who answers for it."""
    reason: str
    """Why it was granted."""
    granted: str
    """Day, YYYY-MM-DD."""
    expires: str
    """Day, YYYY-MM-DD."""
    bound: str
    """What is still demanded under the waiver."""
    applied: bool
    """Whether it was honoured."""
    said: str
    """What it did, or why it was not honoured."""
    at: Location
    """Where it stands in the policy."""


@dataclass(frozen=True)
class Outcome:
    """A rule's result: its worst finding's status, one line that says why, and the findings."""

    policy: str
    """Name of the policy."""
    rule: str
    """Id of the rule."""
    check: str
    """Id of the check, `family.name`."""
    status: Status
    """The result; SKIPPED and LISTED never count."""
    message: str
    """One line that says why."""
    at: Location
    """Where the rule stands in the policy."""
    description: str = ""
    """Why the rule is there, as its policy says."""
    owner: str = ""
    """Who answers for the policy."""
    help: str = ""
    """What the check asks, in one line."""
    demand: str = ""
    """What was demanded, in words: "recall >= 0.7"."""
    at_least: float | None = None
    """The least value that the rule accepts, if it sets one: reports draw it, `decide` compares fractions."""
    at_most: float | None = None
    """The greatest value that the rule accepts, if it sets one."""
    metric: str = ""
    """What was measured."""
    proof: Proof = "shown"
    """What decides: the bound that shows the demand, the bound that refutes it, or the observed value."""
    confidence: str = "0.95"
    """Of each one-sided bound, as a decimal or a fraction."""
    severity: Severity = "block"
    """"block", or "warn": shown, never blocks."""
    enforce_from: str | None = None
    """The day from which the rule blocks, YYYY-MM-DD."""
    findings: tuple[Finding, ...] = ()
    """What was judged under the rule: one per slice, column or fact."""
    tables: tuple[Table, ...] = ()
    """Tables that the rule publishes, beside its findings."""
    pictures: tuple[Picture, ...] = ()
    """Pictures that the rule publishes, beside its findings."""
    machine: bool = False
    """Whether an ERROR is the machine's fault (exit code 3, retryable) and not the evidence's."""
    traceback: str | None = None
    """Where the check crashed, if it did."""
    strict: bool = False
    """Whether the value must pass the bound and may not just reach it."""
    words: Words = SLICES
    """What its findings are about, in words."""
    seconds: float = field(default=0.0, compare=False)

    @property
    def name(self) -> str:
        """The rule's full name, `policy:rule`."""
        return f"{self.policy}:{self.rule}"

    @property
    def blocking(self) -> bool:
        """Whether this outcome blocks the merge."""
        return self.severity == "block" and self.status.blocks


@dataclass(frozen=True)
class Input:
    """Something the verdict rests on, bound by digest: a policy, the candidate, the model, a table's file."""

    role: str
    """What it is: policy, candidate, model, predictions, a table."""
    path: str
    """Where it was read."""
    sha256: str
    """Its digest, recomputed by the run, in hexadecimal."""


@dataclass(frozen=True)
class Verdict:
    """All outcomes for one candidate: allowed or blocked, and the exit code."""

    STATED: ClassVar[tuple[str, ...]] = ("allowed", "exit_code", "retryable", "counts")

    candidate: str
    """Name of the candidate."""
    version: str
    """Version of the candidate."""
    path: str
    """The candidate file."""
    as_of: str
    """The day by which waivers, `enforce_from` and ages were judged, YYYY-MM-DD."""
    outcomes: tuple[Outcome, ...]
    """One for every rule that was asked, in the policies' order."""
    inputs: tuple[Input, ...] = ()
    """What the verdict rests on, bound by digest."""
    waivers: tuple[WaiverNote, ...] = ()
    """Waivers that were applied, and those that were not."""
    notes: tuple[str, ...] = ()
    """What the whole verdict's reader must know, e.g. the share of rows left out."""
    tool: str = ""
    """The version of mlgate that gave it."""
    owner: str = ""
    """Who answers for the candidate."""
    tags: tuple[str, ...] = ()
    """The candidate's tags."""
    task: str = ""
    """The candidate's task; empty for one without predictions."""
    risk: str = ""
    """The candidate's risk tier, as its file says."""

    @property
    def allowed(self) -> bool:
        """True only when something was asked, all of it was answered, and nothing blocks."""
        return self.exit_code == 0

    @property
    def exit_code(self) -> int:
        """0 allowed; 1 blocked by what was presented; 2 nothing was asked; 3 only the machine stood in the way."""
        blocking = [outcome for outcome in self.outcomes if outcome.blocking]
        if any(not outcome.machine for outcome in blocking):
            return 1
        if blocking:
            return 3
        asked = [o for o in self.outcomes if o.status.counts and o.check != EXPECTS]
        return 0 if asked else 2

    @property
    def retryable(self) -> bool:
        """Whether the same run may end otherwise once the machine is well."""
        return self.exit_code == 3

    @property
    def counts(self) -> Mapping[str, int]:
        """How many outcomes have each status, every status named."""
        tally = Counter(outcome.status for outcome in self.outcomes)
        return {status.value: tally[status] for status in Status}

    def raise_if_blocked(self) -> Verdict:
        """Return the verdict when it allows the merge, else raise BlockedError with what blocks."""
        if self.allowed:
            return self
        lines = [f"{o.status.value} {o.name}: {o.message}" for o in self.outcomes if o.blocking]
        raise BlockedError("\n".join(lines) or "nothing was asked: no rule that applies demands anything")


@dataclass(frozen=True)
class Refusal:
    """A candidate that could not be judged at all: its file is wrong, or the machine failed before any rule ran."""

    STATED: ClassVar[tuple[str, ...]] = ("allowed", "retryable")

    path: str
    """The candidate file."""
    exit_code: int
    """1 its evidence cannot answer, 2 its file is wrong, 3 the machine failed."""
    problems: tuple[Problem, ...]
    """Why it could not be judged."""
    candidate: str = ""
    """Its name, where it could be read."""

    def __post_init__(self) -> None:
        if self.exit_code not in (1, 2, 3):
            raise ValueError(f"a refusal cannot have exit code {self.exit_code}")

    @property
    def allowed(self) -> bool:
        """Never: what was not judged is not allowed."""
        return False

    @property
    def retryable(self) -> bool:
        """Whether the same run may end otherwise once the machine is well."""
        return self.exit_code == 3


@dataclass(frozen=True)
class Verdicts:
    """One run's answers: a verdict for every candidate that could be judged, a refusal for every other."""

    mlgate: ClassVar[int] = 1
    """Version of this format."""
    kind: ClassVar[str] = "verdict"
    """What kind of file this is."""
    STATED: ClassVar[tuple[str, ...]] = ("mlgate", "kind", "allowed", "exit_code", "retryable", "counts")

    verdicts: tuple[Verdict, ...]
    """Sorted by candidate, then path, then version."""
    refusals: tuple[Refusal, ...] = ()
    """Candidates that could not be judged at all."""

    @property
    def exit_code(self) -> int:
        """The worst of all: a certain block (1), then a wrong input (2), then the machine (3), then allowed (0)."""
        codes = [verdict.exit_code for verdict in self.verdicts]
        codes += [refusal.exit_code for refusal in self.refusals]
        return next((code for code in (1, 2, 3) if code in codes), 0 if codes else 2)

    @property
    def allowed(self) -> bool:
        """True only when every candidate is allowed, and there is one."""
        return self.exit_code == 0

    @property
    def retryable(self) -> bool:
        """Whether nothing but the machine stood in the way."""
        return self.exit_code == 3

    @property
    def counts(self) -> Mapping[str, int]:
        """How many outcomes of all verdicts have each status."""
        total: Counter[str] = Counter()
        for verdict in self.verdicts:
            total.update(verdict.counts)
        return {status.value: total[status.value] for status in Status}

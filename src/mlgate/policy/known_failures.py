"""Known failures: findings that failed when they were recorded, in a file beside the policies.

Each names a candidate, a rule and one finding with its value. It does not block while it is not worse, until a day.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

from mlgate.policy.demanded import KnownFailure, Policy
from mlgate.policy.policy_keys import Written, WrittenNumber
from mlgate.policy.rules import RESERVED_IDS
from mlgate.reading import locate
from mlgate.reading.fields import (
    Date,
    FormatVersion,
    Identifier,
    Integer,
    ListOf,
    MapOf,
    ProblemReport,
    Record,
    Text,
    param,
    place,
    read_record,
)
from mlgate.reading.placeholders import says_nothing
from mlgate.reading.strict_yaml import parse
from mlgate.values.demand import Demand
from mlgate.values.errors import Location
from mlgate.values.provenance import Input
from mlgate.values.verdict import Verdicts, where_text
from mlgate.values.words import did_you_mean, same_name

ROLE = "known failures"
MOST_DAYS = 180
"""The longest that a failure may be known."""


@dataclass(frozen=True, kw_only=True)
class KnownFailureKeys:
    """A finding that failed when it was recorded, and does not block while it is not worse."""

    candidate: str = param(Identifier(), doc="The name of the candidate.")
    rule: str = param(Text(), doc="The full name of the rule, `policy:rule`.")
    where: tuple[tuple[str, str], ...] = param(
        MapOf(Text(empty=True)),
        default=(),
        doc="The finding, as the verdict names it: a value per column; left out for the finding about all rows.",
    )
    measured: str = param(Text(), default="", doc="What was measured, as the verdict names it.")
    value: Written | None = param(WrittenNumber(), default=None, doc="The value that was observed.")
    n: int | None = param(
        Integer(min=0),
        default=None,
        doc="The rows that counted for it. On fewer than half of them, nobody could tell whether it is worse.",
    )
    said: str = param(
        Text(), default="", doc="Of a demand that is met or not, without a value: what the finding said, word for word."
    )
    owner: str = param(Text(), doc="Who is responsible for repairing it.")
    reason: str = param(Text(), doc="Why it may stay for now, preferably with a ticket.")
    recorded: date = param(Date(), doc="The day on which it was recorded.")
    expires: date = param(Date(), doc=f"The last day on which it does not block, at most {MOST_DAYS} days later.")
    at: Location = place()


@dataclass(frozen=True)
class KnownFileKeys:
    """The failures that are known and do not block while they are not worse."""

    mlgate: int = param(FormatVersion(), doc="The version of this file's format: 1.")
    known_failures: tuple[KnownFailureKeys, ...] = param(
        ListOf(Record(KnownFailureKeys), min=0), doc="The failures, in any order."
    )


@dataclass(frozen=True)
class KnownFailures:
    """The failures of a file, and the file; without a digest where there is none."""

    input: Input
    entries: tuple[KnownFailure, ...] = ()


def load_known(path: Path, *, workspace: Path, roots: Iterable[Path] = ()) -> KnownFailures:
    """The known failures in a file. Raises InputError with all its mistakes."""
    locate.refuse_links_out([path], workspace, roots)
    name = locate.shown(path, workspace)
    return read_known(locate.read(path, name), name)


def read_known(raw: bytes, name: str) -> KnownFailures:
    """The known failures in the bytes of a file. Raises InputError with all its mistakes."""
    report = ProblemReport()
    node = parse(raw, name, report.problems)
    given = None if node is None else read_record(KnownFileKeys, node, report)
    entries = _Entries(report)
    for keys in given.known_failures if given else ():
        entries.add(keys)
    report.raise_if_any()
    return KnownFailures(Input(ROLE, name, hashlib.sha256(raw).hexdigest()), tuple(entries.found))


@dataclass
class _Entries:
    """The entries that were read so far."""

    report: ProblemReport
    found: list[KnownFailure] = field(default_factory=list)
    seen: dict[object, Location] = field(default_factory=dict)

    def add(self, keys: KnownFailureKeys) -> None:
        """One entry, or its problems."""
        said = f"known failure of `{keys.rule}`"
        for problem in (*_form(keys), *_days(keys), *_unwritten(keys)):
            self.report.add(keys.at, f"{said}: {problem}")
        entry = _entry(keys)
        same = entry.finding
        if same in self.seen:
            where = f" in {where_text(entry.where)}" if entry.where else ""
            lines = f"at line {self.seen[same].line} and again at line {keys.at.line}"
            self.report.add(keys.at, f"{said}{where} is listed twice for `{keys.candidate}`: {lines}; keep one")
        self.seen.setdefault(same, keys.at)
        self.found.append(entry)


def _form(keys: KnownFailureKeys) -> Iterator[str]:
    policy, _, rule = keys.rule.partition(":")
    if not policy or not rule:
        yield "`rule` must be the full name of a rule; write `policy:rule`"
    if rule in RESERVED_IDS:
        yield f"what a policy fixes in `{rule}` cannot be a known failure; change it there"
    if (keys.value is None) == (not keys.said):
        yield "it needs either `value`, `measured` and `n`, or `said`; write what the verdict shows"
    elif keys.value is not None and (keys.n is None or not keys.measured):
        yield "a `value` without `measured` and `n` cannot be compared; write what the verdict shows"
    elif keys.said and (keys.measured or keys.n is not None):
        yield "`measured` and `n` belong to a `value`; remove them, or write the value"


def _days(keys: KnownFailureKeys) -> Iterator[str]:
    if keys.expires <= keys.recorded:
        yield f"it expires on {keys.expires}, which is not after `recorded` ({keys.recorded}); write a later day"
    elif keys.expires > keys.recorded + timedelta(MOST_DAYS):
        latest = keys.recorded + timedelta(MOST_DAYS)
        yield f"it expires on {keys.expires}, and {MOST_DAYS} days after `recorded` is {latest}; write an earlier day"


def _unwritten(keys: KnownFailureKeys) -> Iterator[str]:
    for key, text in (("owner", keys.owner), ("reason", keys.reason)):
        if says_nothing(text):
            wanted = "who repairs it" if key == "owner" else "why it may stay for now"
            yield f"`{key}` is `{text}`, which says nothing; write {wanted}"


def _entry(keys: KnownFailureKeys) -> KnownFailure:
    return KnownFailure(
        candidate=keys.candidate,
        rule=keys.rule,
        where=keys.where,
        measured=keys.measured,
        value=keys.value.value if keys.value else None,
        value_text=keys.value.text if keys.value else "",
        n=keys.n or 0,
        said=keys.said,
        owner=keys.owner,
        reason=keys.reason,
        recorded=keys.recorded,
        expires=keys.expires,
        at=keys.at,
    )


def with_known(policies: Sequence[Policy], known: KnownFailures) -> tuple[Policy, ...]:
    """The policies with the known failures of their rules."""
    return tuple(
        replace(
            policy,
            known=tuple(entry for entry in known.entries if entry.rule.partition(":")[0] == policy.name),
            known_in=known.input if known.input.sha256 else None,
        )
        for policy in policies
    )


def of_no_rule(policies: Iterable[Policy], known: KnownFailures) -> Iterator[str]:
    """What is said about entries whose rule no policy has."""
    names = [rule.name for policy in policies for rule in policy.rules]
    for entry in known.entries:
        if entry.rule not in names:
            hint = did_you_mean(entry.rule, names) or "; remove it"
            yield f"the known failure at {entry.at.file}:{entry.at.line} is of the unknown rule `{entry.rule}`{hint}"


def naming_misspelt(found: Verdicts, known: KnownFailures) -> Verdicts:
    """The verdicts with a note where an entry has the candidate's name in other case or with other separators."""
    names = {verdict.candidate: verdict.candidate for verdict in found.verdicts}
    notes: dict[str, list[str]] = {}
    for entry in known.entries:
        if entry.candidate not in names and (meant := same_name(entry.candidate, names)) in names:
            at = f"{entry.at.file}:{entry.at.line}"
            said = f"the known failure at {at} is of `{entry.candidate}`, did you mean `{meant}`?"
            notes.setdefault(meant, []).append(said)
    verdicts = (replace(each, notes=(*each.notes, *notes.get(each.candidate, ()))) for each in found.verdicts)
    return replace(found, verdicts=tuple(verdicts))


def demand_at(policy: Policy, entry: KnownFailure) -> Demand:
    """What the rule of a known failure demands of its finding; nothing if the policy does not have the rule."""
    rule = next((rule for rule in policy.rules if rule.name == entry.rule), None)
    return Demand() if rule is None else rule.check.demand_of(entry.where, rule.demand)


def weakened(demand: Demand, entry: KnownFailure) -> Demand:
    """A demand with the side weakened on which the recorded value of a known failure misses it."""
    value = entry.value if entry.value is not None else Fraction(0)
    least = None if demand.at_least is None else min(demand.at_least, value)
    most = None if demand.at_most is None else max(demand.at_most, value)
    return Demand(least, most)


def widened(was: KnownFailure, now: KnownFailure, demand: Demand) -> Iterator[tuple[str, str, str]]:
    """The keys by which a known failure excuses more than before, with both values. `demand` is that of its finding.

    A value whose rule demands no number there counts as excusing more if it differs.
    """
    if was.value != now.value:
        before, after = weakened(demand, was), weakened(demand, now)
        lower = before.at_least is not None and after.at_least is not None and after.at_least < before.at_least
        higher = before.at_most is not None and after.at_most is not None and after.at_most > before.at_most
        if lower or higher or demand.empty:
            yield "value", was.value_text, now.value_text
    if now.n < was.n:
        yield "n", f"{was.n}", f"{now.n}"
    if now.recorded < was.recorded:
        yield "recorded", f"{was.recorded}", f"{now.recorded}"
    if now.expires > was.expires:
        yield "expires", f"{was.expires}", f"{now.expires}"


def told_apart(known: Iterable[KnownFailure], names: Counter[str]) -> tuple[KnownFailure, ...]:
    """Known failures marked where several candidates of the run have the name."""
    return tuple(replace(entry, shared_by=max(1, names[entry.candidate])) for entry in known)

"""Finds what stored verdicts would be under new policies, from what is stored with them and from facts.

What a rule asked then is known only from its policy as it was: it is read from git by the digests that the verdict
records. Where only bounds, proof, severity or waivers are others, the stored values and bounds suffice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from mlgate.candidate.presented import Candidate
from mlgate.gate.base_commit import base_commit
from mlgate.gate.run import Settings
from mlgate.gate.waiver_wording import lapsed
from mlgate.git.repository import Repository
from mlgate.planning.backtesting import judged_then
from mlgate.planning.measured import Drawing
from mlgate.planning.past_versions import Past
from mlgate.planning.stored_findings import blocks
from mlgate.policy.demanded import Policy, Rule, Waiver
from mlgate.policy.selector import matches
from mlgate.reading.verdict_file import VerdictFile
from mlgate.values.errors import MlgateError
from mlgate.values.provenance import Input
from mlgate.values.stored_answers import Flips, Judgement, StoredAnswer
from mlgate.values.verdict import EXPECTS, INPUTS, Outcome, Status, Verdict
from mlgate.version import METHODS

_DATA = ("policy", "known failures", "earlier")
"""The roles of inputs that are not the candidate's."""
_MOST_COMMITS = 500


def flips(
    files: Sequence[VerdictFile], policies: Sequence[Policy], settings: Settings, facts: Sequence[Past] = ()
) -> Flips:
    """What each stored verdict would be under the policies. One that was given under the policies of a commit, beside
    another, is left out.
    """
    then = _Then(tuple(policies), settings)
    found = []
    for file in files:
        called = file.verdicts.called.policies if file.verdicts.called else ("policies",)
        for verdict in (each for each in file.verdicts.verdicts if not each.under):
            if settings.progress:
                settings.progress(f"{file.name}: {verdict.candidate}")
            now, why = _by_facts(verdict, then, facts) or _by_findings(verdict, then, called)
            was: Judgement = "allowed" if verdict.allowed else "blocked"
            told = why if now != was else ()
            found.append(StoredAnswer(file.name, verdict.candidate, verdict.version, verdict.as_of, was, now, told))
    return Flips(tuple(policy.name for policy in policies), tuple(found))


@dataclass
class _Then:
    """The new policies, and those of the past by the digests of their files."""

    policies: tuple[Policy, ...]
    settings: Settings
    known: dict[frozenset[tuple[str, str]], tuple[Policy, ...] | None] = field(default_factory=dict)

    def of(self, verdict: Verdict, paths: Sequence[str]) -> tuple[Policy, ...] | None:
        """The policies by which a verdict was given; None where they are not found."""
        recorded = frozenset((each.path, each.sha256) for each in verdict.inputs if each.role == "policy")
        if recorded not in self.known:
            self.known[recorded] = self._found(recorded, [self.settings.workspace / path for path in paths])
        return self.known[recorded]

    def _found(self, recorded: frozenset[tuple[str, str]], paths: Sequence[Path]) -> tuple[Policy, ...] | None:
        if not recorded:
            return None
        if recorded <= _digests(self.policies):
            return self.policies
        for commit in self._commits(recorded):
            with suppress(MlgateError), base_commit(commit, self.settings.workspace, commit, paths) as base:
                there = base.policies(paths, bootstrap=True)
                if recorded <= _digests(there):
                    return there
        return None

    def _commits(self, recorded: frozenset[tuple[str, str]]) -> Iterator[str]:
        """The commits whose files have the digests that are recorded, as far as they have these files."""
        repository = Repository.at(self.settings.workspace)
        paths = sorted({path for path, _ in recorded})
        if repository is None:
            return
        for message in repository.messages("HEAD", "--", *paths, most=_MOST_COMMITS):
            there = {path: repository.sha256_of(message.name, path) for path in paths}
            if any(there.values()) and all(there[path] in ("", digest) for path, digest in recorded):
                yield message.name


def _digests(policies: Sequence[Policy]) -> frozenset[tuple[str, str]]:
    return frozenset((each.path, each.sha256) for policy in policies for each in policy.inputs)


def _by_facts(verdict: Verdict, then: _Then, facts: Sequence[Past]) -> tuple[Judgement, tuple[str, ...]] | None:
    """The answer of facts that were measured on the same candidate and data; None without any."""
    recorded = set(verdict.inputs)
    past = next((each for each in facts if each.path == verdict.path and _of_same(each.inputs, recorded)), None)
    if past is None:
        return None
    settings = replace(then.settings, as_of=date.fromisoformat(verdict.as_of))
    found = judged_then(past, then.policies, settings, Drawing(draws=1))
    if found.why_not:
        return "unknown", (found.why_not.partition("\n")[0],)
    if found.blocking:
        return "blocked", tuple(f"{rule.name} is {rule.status.value}" for rule in found.blocking)
    return "allowed", _blocked_then(verdict)


def _of_same(inputs: Sequence[Input], recorded: set[Input]) -> bool:
    own = [entry for entry in inputs if entry.role not in _DATA]
    return bool(own) and all(entry in recorded for entry in own)


def _by_findings(verdict: Verdict, then: _Then, paths: Sequence[str]) -> tuple[Judgement, tuple[str, ...]]:
    """The answer of the stored findings."""
    if verdict.versions is None or verdict.versions.methods != METHODS:
        return "unknown", ("its bounds are of other methods than this mlgate has; judge the candidate again",)
    probe = Candidate(
        name=verdict.candidate, file=verdict.path, task=verdict.task, tags=verdict.tags, risk=verdict.risk or "low"
    )
    applying = [policy for policy in then.policies if matches(policy.applies_to, probe)]
    if not applying:
        return "blocked", ("no policy applies to it",)
    old = then.of(verdict, paths)
    if old is None:
        return "unknown", ("the policies of the verdict are not in this clone by their digests; fetch its history",)
    return _together(verdict, [each for policy in applying for each in _of_policy(verdict, policy, old, probe)])


Judged = tuple[str, bool | None, str]
"""The name of a rule, whether it blocks, and why."""


def _together(verdict: Verdict, judged: Sequence[Judged]) -> tuple[Judgement, tuple[str, ...]]:
    blocking = tuple(f"{name} {why}" for name, answer, why in judged if answer)
    if any(outcome.check == INPUTS for outcome in verdict.outcomes):
        blocking = (*blocking, "its files could not be read")
    if blocking:
        return "blocked", blocking
    if unknown := tuple(f"{name}: {why}" for name, answer, why in judged if answer is None):
        return "unknown", unknown
    return ("allowed", _blocked_then(verdict)) if judged else ("blocked", ("nothing is asked of it",))


def _blocked_then(verdict: Verdict) -> tuple[str, ...]:
    return tuple(f"{each.name} was {each.status.value}" for each in verdict.outcomes if each.blocking)


def _of_policy(verdict: Verdict, policy: Policy, old: Sequence[Policy], probe: Candidate) -> Iterator[Judged]:
    """What each rule of a policy that blocks says."""
    before = next((each for each in old if each.name == policy.name), None)
    stored = {outcome.rule: outcome for outcome in verdict.outcomes if outcome.policy == policy.name}
    if policy.expects:
        yield _expected(policy, before, stored)
    for rule in policy.rules:
        if rule.severity == "block" and matches(rule.when, probe):
            was = next((each for each in before.rules if each.id == rule.id), None) if before else None
            yield _of_rule(rule, was, policy, before, stored.get(rule.id), date.fromisoformat(verdict.as_of), probe)


def _expected(policy: Policy, before: Policy | None, stored: Mapping[str, Outcome]) -> Judged:
    outcome = next((each for each in stored.values() if each.check == EXPECTS), None)
    if before is None or outcome is None or _plain(before) != _plain(policy):
        return f"{policy.name}:expects", None, "the verdict has no answer to what is fixed now"
    return outcome.name, outcome.status.blocks, f"is {outcome.status.value}"


def _plain(policy: Policy) -> dict[str, object]:
    return {entry.key: entry.value for entry in policy.expects}


def _of_rule(
    rule: Rule,
    was: Rule | None,
    policy: Policy,
    before: Policy | None,
    outcome: Outcome | None,
    day: date,
    probe: Candidate,
) -> Judged:
    if was is None or before is None or outcome is None or not outcome.status.counts:
        known = outcome is not None and outcome.status is Status.LISTED
        return rule.name, None, "it lists only" if known else "the verdict has no answer to it"
    if other := _other(rule, was, policy, before):
        return rule.name, None, f"`{other}` is another than then, so the stored values do not answer it"
    waivers = [waiver for waiver in policy.waivers if _holds(waiver, rule, day, probe)]
    same = (rule.demand, rule.proof) == (was.demand, was.proof)
    answer = blocks(rule, outcome, waivers, same=same)
    demanded = f"{rule.demand}".strip()
    said = f"is not {demanded}" if demanded and not outcome.reported and rule.check.bounded else "fails"
    return rule.name, answer, said if answer is not None else "its stored numbers are too near the bound to tell"


def _holds(waiver: Waiver, rule: Rule, day: date, probe: Candidate) -> bool:
    return waiver.rule == rule.id and lapsed(waiver, day) is None and matches(waiver.applies_to, probe)


def _other(rule: Rule, was: Rule, policy: Policy, before: Policy) -> str:
    """The key by which a rule asks something else than it did; empty if only what it demands is another."""
    if rule.check != was.check:
        return "check" if type(rule.check) is not type(was.check) else "a key of the check"
    for key in ("confidence", "looks", "min_n", "at_most_left_out", "at_most_unknown"):
        if getattr(rule, key) != getattr(was, key):
            return key
    if rule.proof != was.proof and rule.min_n:  # which rows count decides by some proofs only
        return "proof"
    return next((key for key in ("derive", "groups") if getattr(policy, key) != getattr(before, key)), "")

"""Runs tests of policies with the gate itself, each candidate in a folder of its own."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path

from mlgate.candidate.presented import Candidate
from mlgate.candidate.read import FILE_NAME, read_candidate
from mlgate.evidence.scratch import SCRATCH
from mlgate.gate import bind
from mlgate.gate.batch import Case, judge_cases
from mlgate.gate.run import Settings
from mlgate.git.new_repository import committed_folder
from mlgate.policy.demanded import Policy
from mlgate.policy.policy_test_keys import Answered, ExpectedKeys
from mlgate.policy.selector import matches
from mlgate.policy.vocabulary import strange_words
from mlgate.testing.made_files import COMMIT
from mlgate.testing.read_tests import PolicySuite, Trial, TrialCandidate
from mlgate.values.errors import Location
from mlgate.values.policy_tests import PolicyTestResult
from mlgate.values.verdict import Finding, Outcome, Verdicts, where_text


@dataclass(frozen=True)
class Reached:
    """What the gate answered about the candidate of a test."""

    verdict: Answered | None
    """None where the machine failed, so that nothing is known."""
    said: tuple[str, ...] = ()
    """Why there are no outcomes."""
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    """By the full names of rules."""
    applied: tuple[Policy, ...] = ()
    """The policies that apply to the candidate."""


@dataclass
class Runner:
    """Runs tests, and remembers what they have seen."""

    as_of: date
    """The day of tests that name none."""
    seen: set[Location] = field(default_factory=set)
    """The places of the rules that a passed test has seen block."""
    applied: set[tuple[str, str]] = field(default_factory=set)
    """The policies that applied to a candidate, by name and file."""
    _good: dict[tuple[int, date], Reached] = field(default_factory=dict)

    def run(self, suite: PolicySuite, trial: Trial) -> PolicyTestResult:
        """Run one test."""
        started = time.perf_counter()
        reached = self._reached(trial.candidate, suite)
        said = tuple(self._differences(suite, trial, reached))
        lost = self._lost(suite, trial, reached)
        if not said and not lost:
            self._remember(trial, reached)
        return PolicyTestResult(
            "mutation" if trial.caught_by else "test",
            trial.name,
            trial.at,
            "error" if lost else "failed" if said else "passed",
            time.perf_counter() - started,
            said,
        )

    def _day(self, candidate: TrialCandidate) -> date:
        return candidate.as_of or self.as_of

    def _reached(self, candidate: TrialCandidate, suite: PolicySuite) -> Reached:
        found = answered(candidate, suite.policies, self._day(candidate))
        self.applied |= {(policy.name, policy.file) for policy in found.applied}
        return found

    def _of_good(self, suite: PolicySuite, trial: Trial) -> Reached | None:
        """What the gate answers about the candidate that was mutated, on the mutation's day."""
        if trial.good is None:
            return None
        key = id(trial.good), self._day(trial.candidate)
        if key not in self._good:
            self._good[key] = self._reached(replace(trial.good, as_of=key[1]), suite)
        return self._good[key]

    def _lost(self, suite: PolicySuite, trial: Trial, reached: Reached) -> bool:
        good = self._of_good(suite, trial)
        return reached.verdict is None or (good is not None and good.verdict is None)

    def _differences(self, suite: PolicySuite, trial: Trial, reached: Reached) -> Iterator[str]:
        if reached.verdict is None:
            yield from reached.said
            return
        if trial.verdict and trial.verdict != reached.verdict:
            yield f"verdict: expected {trial.verdict}, got {reached.verdict}"
            yield from reached.said or _blocking(reached, trial.expect)
        elif trial.message and not any(trial.message in each for each in reached.said):
            yield f'expected to be refused by "{trial.message}", got: {"; ".join(reached.said)}'
        elif not reached.outcomes and (trial.expect or trial.caught_by):
            yield f"no rule is asked, because the candidate is {reached.verdict}"
            yield from reached.said
        if not reached.outcomes:
            return
        for name, expected in trial.expect.items():
            yield from _unlike(name, expected, reached.outcomes.get(name))
        if good := self._of_good(suite, trial):
            for name in trial.caught_by:
                yield from _not_caught(name, reached.outcomes.get(name), good)

    def _remember(self, trial: Trial, reached: Reached) -> None:
        blocked = [name for name, expected in trial.expect.items() if expected.status in _BLOCKS]
        found = (reached.outcomes.get(name) for name in (*blocked, *trial.caught_by))
        self.seen |= {outcome.at for outcome in found if outcome}


_BLOCKS = ("INCONCLUSIVE", "FAIL", "ERROR")


def answered(candidate: TrialCandidate, policies: Sequence[Policy], as_of: date) -> Reached:
    """What the gate answers about a candidate, whose files are written to a folder of their own."""
    # What a test says is all that is read: neither a server nor a folder of data is asked.
    alone = tuple(replace(policy, servers=(), roots=()) for policy in policies)
    with tempfile.TemporaryDirectory(prefix=SCRATCH) as made:
        folder = Path(made).resolve()
        presented: list[Candidate] = []

        @cache
        def load() -> Candidate:
            _lay(candidate, folder, as_of)
            presented.append(_read(candidate, alone, folder))
            return presented[0]

        case = Case(folder / FILE_NAME, load, alone)
        found = judge_cases([case], Settings(folder, as_of, threads=1))
    return _reached_by(found, presented, alone)


def _lay(candidate: TrialCandidate, folder: Path, day: date) -> None:
    """Write the files of a candidate to a folder, after the commit that some of them name."""
    commit = b""
    if candidate.naming_commit:
        _write(candidate.committed, folder)
        commit = committed_folder(folder, day).encode()
        for name in set(candidate.committed) - set(candidate.files):
            (folder / name).unlink()
    naming = {name: candidate.files[name].replace(COMMIT.encode(), commit) for name in candidate.naming_commit}
    _write({**candidate.files, **naming}, folder)


def _write(files: Mapping[str, bytes], folder: Path) -> None:
    for name, raw in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)


def _read(candidate: TrialCandidate, policies: Sequence[Policy], folder: Path) -> Candidate:
    """The candidate as if its file lay in the folder; its keys stand in the file with the test."""
    sourcing = bind.sourced_by(policies, folder, (), ())
    node = sourcing(candidate.node, folder)
    found = read_candidate(node, lambda: bind.declared(policies), lambda source: replace(source, root=folder))
    return replace(found, file=FILE_NAME)


def _reached_by(found: Verdicts, presented: Sequence[Candidate], policies: Sequence[Policy]) -> Reached:
    applied = tuple(policy for policy in policies for each in presented if matches(policy.applies_to, each))
    if found.verdicts:
        verdict = found.verdicts[0]
        outcomes = {outcome.name: outcome for outcome in verdict.outcomes}
        if machine := [outcome.message for outcome in verdict.outcomes if outcome.machine]:
            return Reached(None, tuple(machine), outcomes, applied)
        word: Answered = "allowed" if verdict.allowed else "blocked"
        nothing = ("nothing was asked: every rule is skipped",) if verdict.exit_code == 2 else ()
        return Reached("refused" if nothing else word, nothing, outcomes, applied)
    said = tuple(str(problem) for refusal in found.refusals for problem in refusal.problems)
    if found.exit_code == 3:
        return Reached(None, said)
    if presented and not applied and not strange_words(presented[0], policies):
        return Reached("not covered", said)
    return Reached("blocked" if found.exit_code == 1 else "refused", said, applied=applied)


def _blocking(reached: Reached, apart_from: Container[str]) -> Iterator[str]:
    """The rules that block, with their messages, apart from those that have a line of their own."""
    found = (outcome for name, outcome in reached.outcomes.items() if name not in apart_from)
    yield from (_told(outcome) for outcome in found if outcome.blocking)


def _told(outcome: Outcome) -> str:
    warns = " (only warns)" if outcome.severity == "warn" else ""
    return f"{outcome.name} is {outcome.status.value}{warns}: {outcome.message} · {outcome.at.file}:{outcome.at.line}"


def _unlike(name: str, expected: ExpectedKeys, outcome: Outcome | None) -> Iterator[str]:
    """How an outcome differs from what a test expects of it."""
    if outcome is None:
        yield f"{name}: expected {expected.status}, but its policy does not apply to the candidate"
        return
    where = where_text(expected.where)
    called = f"{outcome.rule} [{where}]" if where else outcome.rule
    found: Outcome | Finding | None = outcome
    if where:
        found = next((each for each in outcome.findings if dict(each.where) == dict(expected.where)), None)
    if found is None:
        there = "; ".join(filter(None, (where_text(each.where) for each in outcome.findings))) or "none"
        yield f"{called}: expected {expected.status}, but it has no such finding. It has {there}"
    elif found.status.value != expected.status:
        yield f"{called}: expected {expected.status}, got {found.status.value}: {found.message} · {_at(outcome)}"
    elif not any(expected.message in text for text in _texts(found)):
        yield f'{called}: expected the message to contain "{expected.message}", got: {found.message} · {_at(outcome)}'


def _at(outcome: Outcome) -> str:
    return f"{outcome.at.file}:{outcome.at.line}"


def _texts(found: Outcome | Finding) -> Iterable[str]:
    """All that an outcome or a finding says."""
    findings = found.findings if isinstance(found, Outcome) else (found,)
    texts = (text for each in findings for text in (each.message, each.settle, each.note) if text)
    return (found.message, *texts)


def _not_caught(name: str, outcome: Outcome | None, good: Reached) -> Iterator[str]:
    """Why a mutation counts as not caught by a rule."""
    before = good.outcomes.get(name)
    if before is None:
        yield f"{name} is not asked about the good candidate, which is {good.verdict}: {'; '.join(good.said)}"
    elif before.status.blocks:
        yield f"the mutation shows nothing, because the good candidate is not better: {_told(before)}"
    elif outcome is None:
        yield f"not caught: the policy of {name} does not apply to the mutated candidate"
    elif not outcome.blocking:
        yield f"not caught: {_told(outcome)}"

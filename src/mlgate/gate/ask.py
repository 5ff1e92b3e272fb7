"""Asks every rule's check for its questions and then its answers. What a check raises affects only its own rule."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from mlgate.candidate.presented import Candidate
from mlgate.checks.subject import Subject
from mlgate.evidence.guard import Guard, asked_by, guards_among
from mlgate.evidence.questions.need import Facts, Need
from mlgate.gate import bind
from mlgate.gate.decide import Failure
from mlgate.gate.proofs import levels
from mlgate.policy.demanded import KnownFailure, Policy, Rule, Waiver
from mlgate.policy.expects import expected_rules
from mlgate.policy.granting import why_not_granted
from mlgate.policy.selector import matches, unmet
from mlgate.values.errors import EvidenceError, MlgateError
from mlgate.values.estimate import Answer, NotAsked
from mlgate.values.faults import CRASHES, TOO_LARGE, crashed, plugin_in, plugin_of
from mlgate.values.words import SLICES, Words

ROUNDS = 20
"""How often a check may ask again. Built-in checks ask a few times; one that never stops would fill the memory."""


@dataclass(frozen=True)
class Asked:
    """One rule with its needs. A rule whose check could not name them has already failed."""

    rule: Rule
    policy: Policy
    subject: Subject
    needs: tuple[Need, ...] = ()
    guards: tuple[Guard, ...] = ()
    """What must be true before the check may answer."""
    words: Words = SLICES
    skipped: str | None = None
    failure: Failure | None = None

    @property
    def waivers(self) -> list[Waiver]:
        """The policy's waivers of the rule for this candidate."""
        of_rule = (waiver for waiver in self.policy.waivers if waiver.rule == self.rule.id)
        candidate = self.subject.candidate
        found = [waiver for waiver in of_rule if matches(waiver.applies_to, candidate)]
        if self.policy.approver == "anyone":
            return found
        return [replace(waiver, refused=why_not_granted(waiver, candidate)) for waiver in found]

    @property
    def known(self) -> list[KnownFailure]:
        """The known failures of the rule for this candidate."""
        name = self.subject.candidate.name
        return [entry for entry in self.policy.known if (entry.rule, entry.candidate) == (self.rule.name, name)]


def ask(candidate: Candidate, policies: Iterable[Policy], schemas: bind.Schemas, as_of: date) -> Iterator[Asked]:
    """Every rule of every policy with its needs. In each policy, the rule of `expects:` comes first."""
    applying = tuple(policies)
    inputs = dict.fromkeys(entry for policy in applying for entry in policy.inputs)
    files = tuple(entry for entry in inputs if entry.role.startswith("policy"))
    for policy in applying:
        bound = replace(bind.subject(candidate, policy, schemas), as_of=as_of, policies=files)
        for rule in (*expected_rules(policy), *policy.rules):
            subject = replace(
                bound, least_rows=rule.min_n, folder=rule.functions_in or rule.folder, shown=rule.show_values
            )
            if why := next(unmet(rule.when, candidate), ""):
                yield Asked(rule, policy, subject, skipped=f"`when:` does not apply to this candidate: {why}")
            else:
                yield _asked(Asked(rule, policy, subject))


def _asked(entry: Asked) -> Asked:
    check = entry.rule.check
    try:
        needs = _questions(check.needs(entry.subject, levels(entry.rule)))
        words = check.words(entry.subject)
        if not isinstance(words, Words):
            raise TypeError(f"`words` of the check is not Words, but {words!r}")
        return replace(entry, needs=asked_by(needs), guards=guards_among(needs), words=words)
    except NotAsked as why:
        return replace(entry, skipped=str(why))
    except CRASHES as error:  # the boundary: whatever a check raises is its rule's ERROR
        return replace(entry, failure=failure_of(error, entry))


def _questions(needs: Iterable[Need]) -> tuple[Need, ...]:
    """What a check asks, as long as these are questions."""
    asked = tuple(needs)
    if strange := next((need for need in asked if not isinstance(need, Need)), None):
        raise TypeError(f"the check asks what is not a Need: {strange!r}")
    return asked


def with_follow_ups(
    asked: tuple[Asked, ...], facts: Facts, measure: Callable[[Iterable[Need]], Facts]
) -> tuple[tuple[Asked, ...], Facts]:
    """Measure follow-up needs until no check asks for more. A check that never stops has failed."""
    for _ in range(ROUNDS):
        asked = tuple(_followed_up(entry, facts) for entry in asked)
        new = dict.fromkeys(need for entry in asked for need in entry.needs if need not in facts.answers)
        if not new:
            return asked, facts
        facts = Facts({**facts.answers, **measure(new).answers})
    return tuple(_stopped(_followed_up(entry, facts), facts) for entry in asked), facts


def _stopped(asked: Asked, facts: Facts) -> Asked:
    """A rule that has failed if its check still asks."""
    if asked.failure is not None or all(need in facts.answers for need in asked.needs):
        return asked
    endless = RuntimeError(f"it still asks new questions after {ROUNDS} rounds of answers")
    return replace(asked, failure=failure_of(endless, asked))


def _followed_up(asked: Asked, facts: Facts) -> Asked:
    """A rule with its further needs, given the facts so far."""
    if asked.failure is not None or asked.skipped is not None:
        return asked
    try:
        _run_guards(asked, facts)
        more = _questions(asked.rule.check.later(asked.subject, facts, levels(asked.rule)))
    except CRASHES as error:
        return replace(asked, failure=failure_of(error, asked))
    return replace(asked, needs=asked_by((*asked.needs, *more)), guards=(*asked.guards, *guards_among(more)))


def _run_guards(asked: Asked, facts: Facts) -> None:
    """Raise the first refusal."""
    for guard in asked.guards:
        guard.check(facts)


def answers_of(asked: Asked, facts: Facts) -> tuple[list[Answer], Failure | None]:
    """The answers of a check, and its failure if it stopped early."""
    answers: list[Answer] = []
    if asked.failure is not None:
        return answers, asked.failure
    try:
        _run_guards(asked, facts)
        for answer in asked.rule.check.answers(asked.subject, facts, levels(asked.rule)):
            answers.append(answer)  # one by one, so that a crash keeps the earlier answers
    except CRASHES as error:
        return answers, failure_of(error, asked)
    return answers, None


def said_with_place(error: EvidenceError, candidate: Candidate) -> str:
    """The message, and where the keys at fault stand in the candidate file."""
    said, place = str(error), candidate.look_at(error.keys)
    return f"{said}{' Look' if said.endswith(('?', '.')) else '; look'} at {place}" if place else said


def failure_of(error: BaseException, asked: Asked) -> Failure:
    """What an exception means for its rule: evidence that cannot answer, the machine's fault, or a crash."""
    check = asked.rule.check
    if isinstance(error, EvidenceError):
        return Failure(said_with_place(error, asked.subject.candidate), machine=False)
    if isinstance(error, MlgateError):
        return Failure(str(error), machine=error.exit_code == 3)
    if isinstance(error, (MemoryError, OSError)):
        return Failure(f"the machine could not run this check: {str(error) or type(error).__name__}", machine=True)
    if isinstance(error, OverflowError) and not (plugin_in(error) or plugin_of(check)):
        return Failure(TOO_LARGE, machine=False)
    trace = "".join(traceback.format_exception(error))
    return Failure(crashed("the check", error, check), machine=True, traceback=trace)

"""The pipeline: load -> bind -> plan -> measure -> estimate -> decide. Reports render what comes out."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from threading import Event
from typing import Protocol

from mlgate.candidate.presented import Candidate
from mlgate.candidate.tables import tables
from mlgate.candidate.tasks import task_of
from mlgate.checks.base import Staged
from mlgate.checks.subject import Subject
from mlgate.evidence.facts import DigestFact, Facts
from mlgate.evidence.measure import open_evidence
from mlgate.evidence.needs import Digest, Need
from mlgate.gate import bind
from mlgate.gate.decide import Failure, decide, levels, skipped
from mlgate.gate.wording import left_out
from mlgate.policy.expects import expected_rules
from mlgate.policy.model import Policy, Rule
from mlgate.policy.selector import matches
from mlgate.reading import locate
from mlgate.values.errors import EvidenceError, InputError, Location, MachineError, MlgateError, Problem
from mlgate.values.estimate import Answer, NotAsked
from mlgate.values.verdict import Input, Outcome, Refusal, Status, Verdict, Verdicts, WaiverNote
from mlgate.version import __version__

Progress = Callable[[str], None]


class Evidence(bind.Schemas, Protocol):
    """What answers needs: opened tables, or the facts that were measured elsewhere."""

    def measure(self, needs: Iterable[Need], progress: Progress | None = None) -> Facts:
        """The fact of every need, or the error met."""
        ...


@dataclass(frozen=True)
class Settings:
    """How the gate runs; nothing in it can change a verdict but `as_of`."""

    workspace: Path
    as_of: date
    threads: int | None = None
    jobs: int = 1
    memory_limit: str | None = None
    progress: Progress | None = None


@dataclass(frozen=True)
class Asked:
    """One rule with what it needs; a rule that cannot say what it needs has failed already."""

    rule: Rule
    policy: Policy
    subject: Subject
    needs: tuple[Need, ...] = ()
    skipped: str | None = None
    failure: Failure | None = None


@dataclass(frozen=True)
class Measured:
    """The facts of one candidate, and what they rest on."""

    asked: tuple[Asked, ...]
    facts: Facts
    inputs: tuple[Input, ...]
    refused: tuple[str, ...] = field(default=())
    """Why some input could not be digested."""
    machine: bool = False


def judge(candidate: Candidate, policies: Iterable[Policy], settings: Settings) -> Verdict:
    """The verdict on one candidate. Raises InputError where no policy applies to it."""
    chosen = bind.applying(policies, candidate)
    with open_evidence(tables(candidate), settings.workspace, settings.threads, settings.memory_limit) as evidence:
        measured = measure(candidate, chosen, evidence, settings)
    return conclude(candidate, chosen, measured, settings)


def judge_all(paths: Sequence[Path], policies: Sequence[Policy], settings: Settings) -> Verdicts:
    """A verdict on every candidate file, side by side; one that is broken is refused and hides no other."""

    def one(path: Path, own: Settings) -> Verdict | Refusal:
        def judged() -> Verdict:
            return judge(bind.load(path, policies, own.workspace), policies, own)

        return or_refusal(path, own, judged)

    return together(run_all(one, paths, settings))


def run_all(
    one: Callable[[Path, Settings], Verdict | Refusal], paths: Sequence[Path], settings: Settings
) -> list[Verdict | Refusal]:
    """One call a path, `jobs` at a time, in the paths' order; an interrupt ends all of them at their next statement."""
    if settings.jobs <= 1 or len(paths) <= 1:
        return [one(path, settings) for path in paths]
    stopped = Event()

    def say(message: str) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        if settings.progress:
            settings.progress(message)

    with ThreadPoolExecutor(settings.jobs) as pool:
        try:
            return list(pool.map(lambda path: one(path, replace(settings, progress=say)), paths))
        finally:
            stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)


def together(entries: Iterable[Verdict | Refusal]) -> Verdicts:
    """What every candidate came to, in one."""
    found = list(entries)
    return Verdicts(
        tuple(entry for entry in found if isinstance(entry, Verdict)),
        tuple(entry for entry in found if isinstance(entry, Refusal)),
    )


def plan(candidate: Candidate, policies: Iterable[Policy], schemas: bind.Schemas) -> Iterator[Asked]:
    """Every rule of every policy with its needs; the rules of `expects:` first."""
    for policy in policies:
        bound = bind.subject(candidate, policy, schemas)
        for rule in (*expected_rules(policy), *policy.rules):
            subject = replace(bound, least_rows=rule.min_n)
            if not matches(rule.when, candidate):
                yield Asked(rule, policy, subject, skipped="`when:` does not apply to this candidate")
                continue
            try:
                yield Asked(rule, policy, subject, tuple(rule.check.needs(subject, levels(rule))))
            except NotAsked as why:
                yield Asked(rule, policy, subject, skipped=str(why))
            except Exception as error:  # noqa: BLE001 - the boundary: whatever a check raises is its rule's ERROR
                yield Asked(rule, policy, subject, failure=_failure(error))


def measure(candidate: Candidate, policies: Iterable[Policy], evidence: Evidence, settings: Settings) -> Measured:
    """Plan, and answer every need and every digest."""
    chosen = tuple(policies)
    asked = tuple(plan(candidate, chosen, evidence))
    digests = bind.digests(candidate, settings.workspace)
    needs = [need for entry in asked for need in entry.needs]
    asked, facts = further(asked, evidence.measure([*digests, *needs], settings.progress), evidence, settings)
    inputs, refused, machine = _inputs(candidate, chosen, digests, facts)
    return Measured(asked, facts, inputs, refused, machine)


def further(
    asked: tuple[Asked, ...], facts: Facts, evidence: Evidence, settings: Settings
) -> tuple[tuple[Asked, ...], Facts]:
    """Put the questions that rest on answers, until there are no new ones."""
    while True:
        asked = tuple(_later(entry, facts) for entry in asked)
        new = dict.fromkeys(need for entry in asked for need in entry.needs if need not in facts.answers)
        if not new:
            return asked, facts
        facts = Facts({**facts.answers, **evidence.measure(new, settings.progress).answers})


def _later(asked: Asked, facts: Facts) -> Asked:
    """A rule with what it needs now that facts are known; one that cannot say so has failed."""
    check = asked.rule.check
    if asked.failure is not None or asked.skipped is not None or not isinstance(check, Staged):
        return asked
    try:
        more = tuple(check.later(asked.subject, facts, levels(asked.rule)))
    except Exception as error:  # noqa: BLE001 - the boundary, as in `plan`
        return replace(asked, failure=_failure(error))
    return replace(asked, needs=tuple(dict.fromkeys((*asked.needs, *more))))


def conclude(candidate: Candidate, policies: Sequence[Policy], measured: Measured, settings: Settings) -> Verdict:
    """Estimate and decide every rule."""
    outcomes: list[Outcome] = []
    notes: list[WaiverNote] = []
    for asked in measured.asked:
        outcome, waivers = _outcome(asked, measured.facts, settings.as_of)
        outcomes.append(outcome)
        notes += waivers
    asked_for = sum(len(policy.rules) + bool(policy.expects) for policy in policies)
    if len(outcomes) != asked_for:
        raise MachineError(f"{asked_for} rules were asked and {len(outcomes)} outcomes given; this is a bug of mlgate")
    if measured.refused:
        outcomes.append(_unread(candidate, measured))
    return Verdict(
        candidate.name,
        candidate.version,
        candidate.file,
        settings.as_of.isoformat(),
        tuple(outcomes),
        measured.inputs,
        tuple(notes),
        (*(note for outcome in outcomes for note in left_out(outcome)), *task_of(candidate.task).cautions(candidate)),
        tool=__version__,
    )


def _outcome(asked: Asked, facts: Facts, as_of: date) -> tuple[Outcome, tuple[WaiverNote, ...]]:
    if asked.skipped is not None:
        return skipped(asked.rule, asked.skipped), ()
    started = time.perf_counter()
    answers, failure = answers_of(asked, facts)
    waivers = [waiver for waiver in asked.policy.waivers if waiver.rule == asked.rule.id]
    outcome, notes = decide(asked.rule, answers, failure, waivers, as_of)
    return replace(outcome, seconds=time.perf_counter() - started), notes


def answers_of(asked: Asked, facts: Facts) -> tuple[list[Answer], Failure | None]:
    """What a check answered, and why it stopped before the end, if it did."""
    answers: list[Answer] = []
    if asked.failure is not None:
        return answers, asked.failure
    try:
        for answer in asked.rule.check.answers(asked.subject, facts, levels(asked.rule)):
            answers.append(answer)  # one by one, so that what came before a crash is kept
    except Exception as error:  # noqa: BLE001 - a candidate that crashes the gate must not hide the others
        return answers, _failure(error)
    return answers, None


def _failure(error: Exception) -> Failure:
    if isinstance(error, MlgateError):
        return Failure(str(error), machine=error.exit_code == 3)
    if isinstance(error, (MemoryError, OSError)):
        return Failure(f"the machine could not run this check: {error or type(error).__name__}", machine=True)
    trace = "".join(traceback.format_exception(error))
    return Failure(f"the check crashed: {type(error).__name__}: {error}", machine=True, traceback=trace)


def _inputs(
    candidate: Candidate, policies: Iterable[Policy], digests: Iterable[Digest], facts: Facts
) -> tuple[tuple[Input, ...], tuple[str, ...], bool]:
    """What the verdict rests on, by digest; and why some of it could not be read."""
    found = list(dict.fromkeys(entry for policy in policies for entry in policy.inputs))
    if candidate.sha256:
        found.append(Input("candidate", candidate.file, candidate.sha256))
    refused, machine = [], False
    for need in digests:
        try:
            fact: DigestFact = facts[need]
            found.append(Input(need.role, need.path, fact.sha256))
        except MlgateError as error:
            refused.append(f"{need.role}: {error}")
            machine = machine or not isinstance(error, EvidenceError)
    return tuple(found), tuple(refused), machine


def _unread(candidate: Candidate, measured: Measured) -> Outcome:
    """An ERROR of its own for inputs that cannot be digested, whether or not a rule reads them."""
    message = "; ".join(measured.refused)
    at = candidate.model.at if candidate.model and candidate.file else Location(candidate.file)
    return Outcome("mlgate", "inputs", "mlgate.inputs", Status.ERROR, message, at, machine=measured.machine)


def or_refusal(path: Path, settings: Settings, action: Callable[[], Verdict]) -> Verdict | Refusal:
    """The verdict, or why there is none for this candidate."""
    shown = locate.shown(path, settings.workspace)
    try:
        return action()
    except InputError as error:
        return Refusal(shown, 2, error.problems)
    except MlgateError as error:
        return Refusal(shown, error.exit_code, (Problem(None, str(error)),))
    except Exception as error:  # noqa: BLE001 - a candidate that crashes the gate must not hide the others
        trace = "".join(traceback.format_exception(error))
        return Refusal(shown, 3, (Problem(None, f"the gate crashed on this candidate:\n{trace}"),))

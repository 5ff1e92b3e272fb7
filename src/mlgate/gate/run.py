"""The flow of the gate, and the first file to read: bind -> ask -> measure -> answer -> decide.

`gate.bind` combines policies and a candidate. `gate.ask` collects the questions of every rule's check. The evidence
answers them with facts, and the checks turn these into answers. `gate.decide` compares the answers with the demands.
Reports render the verdict.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Protocol

from mlgate.candidate.derivation import tables
from mlgate.candidate.named_files import files
from mlgate.candidate.presented import Candidate
from mlgate.candidate.tasks import task_of
from mlgate.checks import copied_rows
from mlgate.evidence.evidence import Progress, open_evidence
from mlgate.evidence.questions.copies import CopiesFact
from mlgate.evidence.questions.digest import Digest, DigestFact
from mlgate.evidence.questions.need import Facts, Need
from mlgate.gate import bind
from mlgate.gate.announced import Upcoming, announcements, upcoming
from mlgate.gate.ask import Asked, answers_of, ask, failure_of, with_follow_ups
from mlgate.gate.decide import Failure, decide, skipped
from mlgate.gate.examples import Offenders, offenders_of, with_examples
from mlgate.gate.lookalikes import lookalikes, values_asked
from mlgate.gate.looks import EarlierFile, judged_data, judged_needs, look_notes
from mlgate.gate.unread_files import unread_needs, unread_notes
from mlgate.gate.versions import versions
from mlgate.gate.wording import left_out, only_reported
from mlgate.policy.demanded import Policy
from mlgate.policy.selector import not_applying
from mlgate.policy.vocabulary import refuse_strange_words
from mlgate.policy.waivers import misnamed
from mlgate.values import plain
from mlgate.values.errors import EvidenceError, Location, MachineError, MlgateError
from mlgate.values.estimate import Answer, LeftOut
from mlgate.values.faults import CRASHES, plugin_of
from mlgate.values.provenance import Input
from mlgate.values.servers import Servers
from mlgate.values.verdict import INPUTS, Outcome, Provenance, ShownByPass, Status, Verdict, WaiverNote
from mlgate.version import __version__


@dataclass(frozen=True)
class Settings:
    """How the gate runs. Only `as_of` can change a status, `former` whether there is one, `roots` and `servers` what is
    read, and `earlier` notes.
    """

    workspace: Path
    as_of: date
    threads: int | None = None
    jobs: int = 1
    memory_limit: str | None = None
    progress: Progress | None = None
    roots: tuple[Path, ...] = ()
    """Folders and files outside the workspace in which files may be read, as the caller names them."""
    servers: Servers = ()
    """The servers that may be asked, as the caller names them."""
    engine: str = "duckdb"
    """The name of the engine that scans the tables."""
    show_values: bool = False
    """Whether findings also carry examples for a terminal, which no report stores."""
    former: bool = False
    """Whether the candidate is judged as who it was, whose words no vocabulary needs to have."""
    earlier: tuple[EarlierFile, ...] = ()
    """Earlier verdicts, which may be looks at the same evaluation data."""
    beside: tuple[Candidate, ...] = ()
    """Further candidates of the run that are not judged, by which a waiver may mean several."""


class FactSource(bind.Schemas, Protocol):
    """Answers needs: from opened tables, or from facts that were measured elsewhere."""

    def begin(self, needs: Iterable[Need]) -> None:
        """Needs that `measure` will be asked for, so that answering them can start."""
        ...

    def measure(self, needs: Iterable[Need], progress: Progress | None = None) -> Facts:
        """For every need a fact, or the error that replaces it."""
        ...

    @property
    def engine_version(self) -> str:
        """The engine that gives or gave the facts, with its version."""
        ...


Opening = Callable[[Candidate, Sequence[Policy], Settings], AbstractContextManager[FactSource]]
"""Opens the evidence of a candidate for the policies that apply to it."""


@contextmanager
def opened_tables(candidate: Candidate, policies: Sequence[Policy], settings: Settings) -> Iterator[FactSource]:
    """Opens the candidate's own tables."""
    with open_evidence(
        tables(candidate),
        settings.workspace,
        settings.threads,
        settings.memory_limit,
        settings.engine,
        bind.roots(candidate, policies, settings.workspace, settings.roots),
        bind.servers(policies, settings.servers),
    ) as evidence:
        yield evidence


@dataclass(frozen=True)
class Measured:
    """The questions about one candidate with their facts. The evidence is still open for further questions."""

    candidate: Candidate
    policies: tuple[Policy, ...]
    """The policies that apply to the candidate."""
    settings: Settings
    evidence: FactSource
    asked: tuple[Asked, ...]
    facts: Facts
    inputs: Inputs
    notes: tuple[str, ...] = ()
    """What a reader must know about policies that do not apply."""


@dataclass(frozen=True)
class Inputs:
    """The digests of everything that a verdict depends on, and why some of it has none."""

    found: tuple[Input, ...]
    refused: tuple[str, ...] = ()
    at: Location | None = None
    """Where the candidate names the first file that was refused."""
    machine: bool = False
    """Whether a refusal is the machine's fault, not the candidate's."""


def judge(
    candidate: Candidate, policies: Iterable[Policy], settings: Settings, opening: Opening = opened_tables
) -> Verdict:
    """The verdict on one candidate. Raises InputError if no policy applies to it."""
    with measured(candidate, policies, settings, opening) as found:
        return conclude(found)


@contextmanager
def measured(
    candidate: Candidate, policies: Iterable[Policy], settings: Settings, opening: Opening = opened_tables
) -> Iterator[Measured]:
    """Bind, ask and measure. Raises InputError if no policy applies to the candidate."""
    given = tuple(policies)
    if not settings.former:
        refuse_strange_words(candidate, given)
    chosen = bind.applying(given, candidate)
    with opening(candidate, chosen, settings) as evidence:
        digests = bind.digests(candidate, settings.workspace)
        evidence.begin(digests)
        asked = tuple(ask(candidate, chosen, evidence, settings.as_of))
        needs = [need for entry in asked for need in entry.needs]
        own = (*digests, *judged_needs(candidate), *unread_needs(candidate))
        facts = evidence.measure([*own, *needs, *values_asked(asked)], settings.progress)
        asked, facts = with_follow_ups(asked, facts, lambda more: evidence.measure(more, settings.progress))
        inputs = _inputs(candidate, chosen, digests, facts)
        notes = (*not_applying(given, candidate), *bind.repeated(given, candidate))
        yield Measured(candidate, chosen, settings, evidence, asked, facts, inputs, notes)


def conclude(found: Measured) -> Verdict:
    """Answer and decide every rule."""
    candidate = found.candidate
    rules = [_concluded(asked, found.facts, found.settings.as_of) for asked in found.asked]
    outcomes = with_examples(
        [(asked.rule, rule.outcome, rule.offenders) for asked, rule in zip(found.asked, rules)],
        lambda needs: found.evidence.measure(needs, found.settings.progress),
        in_terminal=found.settings.show_values,
    )
    _all_given(outcomes, found.policies)
    earlier, judged = found.settings.earlier, judged_data(candidate, found.facts, found.inputs.found)
    notes = [
        *(note for rule in rules for note in rule.notes),
        *only_reported(outcomes),
        *_repeated(found.facts),
        *unread_notes(candidate, found.facts),
        *lookalikes(found.asked, found.facts),
        *misnamed(found.policies, candidate),
        *look_notes(judged, earlier, ((asked.rule, outcome) for asked, outcome in zip(found.asked, outcomes))),
        *task_of(candidate.task).cautions(candidate),
        *found.notes,
    ]
    shown = {asked.rule.check.shows for asked, each in zip(found.asked, outcomes) if each.status is Status.PASS}
    if found.inputs.refused:
        outcomes.append(_unread(candidate, found.inputs))
    return Verdict(
        candidate=candidate.name,
        version=candidate.version,
        path=candidate.file,
        as_of=found.settings.as_of.isoformat(),
        outcomes=tuple(outcomes),
        inputs=(*found.inputs.found, *(file.input for file in earlier)),
        waivers=tuple(note for rule in rules for note in rule.waivers),
        notes=tuple(notes),
        tool=__version__,
        owner=candidate.owner,
        tags=candidate.tags,
        task=candidate.task,
        risk=candidate.risk,
        judged=judged,
        versions=versions(found.evidence.engine_version, found.asked),
        predictions=_origin(candidate, shown),
        preregistered="policies" in shown,
        announced=announcements((each for rule in rules for each in rule.upcoming), found.settings.as_of),
    )


def _origin(candidate: Candidate, shown: Collection[ShownByPass]) -> Provenance:
    """Where the predictions come from, by what rules have shown."""
    if candidate.predictions is None:
        return ""
    return "recorded" if "predictions" in shown else "self-reported"


def _all_given(outcomes: Sequence[Outcome], policies: Iterable[Policy]) -> None:
    """Raise MachineError unless every rule has exactly one outcome."""
    rules = sum(len(policy.rules) + bool(policy.expects) for policy in policies)
    if len(outcomes) != rules:
        raise MachineError(f"{rules} rules have {len(outcomes)} outcomes; this is a bug in mlgate, please report it")


@dataclass(frozen=True)
class Concluded:
    """What one rule came to, and what a reader must know about it."""

    outcome: Outcome
    waivers: tuple[WaiverNote, ...] = ()
    notes: tuple[str, ...] = ()
    offenders: Offenders = ()
    upcoming: tuple[Upcoming, ...] = ()


def _repeated(facts: Facts) -> Iterator[str]:
    """How many rows repeat an earlier one, where nothing tells rows apart."""
    for fact in facts.answers.values():
        if isinstance(fact, CopiesFact):
            yield from copied_rows.told(fact)


def _concluded(asked: Asked, facts: Facts, as_of: date) -> Concluded:
    if asked.skipped is not None:
        outcome, notes = skipped(asked.rule, asked.skipped, asked.waivers, as_of, asked.known)
        return Concluded(replace(outcome, owner=asked.policy.owner), notes)
    started = time.perf_counter()
    answers, failure = answers_of(asked, facts)
    waivers, known = asked.waivers, asked.known
    try:
        outcome, notes = decide(asked.rule, answers, failure, waivers, as_of, asked.words, known)
        offenders = offenders_of(answers)
        soon = tuple(upcoming(asked.rule, waivers, known, as_of, lambda day: _on(day, asked, answers, failure)))
        if plugin_of(asked.rule.check):
            plain.read(Outcome, plain.write(Outcome, outcome))  # a value of a wrong type would crash every report
    except CRASHES as error:  # bounds are computed when they are asked for: a crash is the rule's ERROR
        offenders, soon = (), ()
        outcome, notes = decide(asked.rule, (), failure_of(error, asked), waivers, as_of, asked.words, known)
    unknown = {answer.where for answer in answers if isinstance(answer, LeftOut) and answer.unknown}
    outcome = replace(outcome, owner=asked.policy.owner, seconds=time.perf_counter() - started)
    left = tuple(dict.fromkeys(left_out(outcome, asked.rule, unknown, asked.words)))
    return Concluded(outcome, notes, left, offenders, soon)


def _on(day: date, asked: Asked, answers: Sequence[Answer], failure: Failure | None) -> Outcome:
    """The outcome of a rule on another day, by the same answers."""
    return decide(asked.rule, answers, failure, asked.waivers, day, asked.words, asked.known)[0]


def _inputs(candidate: Candidate, policies: Iterable[Policy], digests: Iterable[Digest], facts: Facts) -> Inputs:
    """The digests of the policies, the candidate file and all files that it names."""
    chosen = tuple(policies)
    found = list(dict.fromkeys(entry for policy in chosen for entry in policy.inputs))
    found += dict.fromkeys(policy.known_in for policy in chosen if policy.known_in)
    if candidate.sha256:
        found.append(Input("candidate", candidate.file, candidate.sha256))
    refused, machine = [], False
    places: list[Location] = []
    for need, (_, source) in zip(digests, files(candidate), strict=True):
        try:
            fact: DigestFact = facts[need]
            found.append(Input(need.role, need.path, fact.sha256))
        except MlgateError as error:
            refused.append(f"{need.role}: {error}")
            places += [candidate.written[source.key].at] if source.key in candidate.written else []
            machine = machine or not isinstance(error, EvidenceError)
    return Inputs(tuple(found), tuple(refused), places[0] if places else None, machine)


def _unread(candidate: Candidate, inputs: Inputs) -> Outcome:
    """The ERROR for files that cannot be digested, whether or not a rule reads them."""
    message = "; ".join(inputs.refused)
    at = inputs.at if inputs.at and candidate.file else Location(candidate.file)
    return Outcome("mlgate", "inputs", INPUTS, Status.ERROR, message, at, machine=inputs.machine)

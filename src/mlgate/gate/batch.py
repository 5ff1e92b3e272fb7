"""Judges several candidates separately. A broken one is refused and does not hide the others."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from threading import Event

from mlgate.candidate.presented import Candidate
from mlgate.gate import bind
from mlgate.gate.run import Opening, Settings, judge, opened_tables
from mlgate.policy.demanded import Policy
from mlgate.policy.waivers import unshared
from mlgate.reading import locate
from mlgate.values.errors import InputError, MlgateError, NotCoveredError, Problem
from mlgate.values.faults import CRASHES, crashed, plugin_in
from mlgate.values.provenance import Input
from mlgate.values.unjudged import Unjudged
from mlgate.values.verdict import Refusal, Verdict, Verdicts


@dataclass(frozen=True)
class Case:
    """A candidate and the policies that it must satisfy."""

    path: Path
    load: Callable[[], Candidate]
    policies: tuple[Policy, ...]
    under: str = ""
    """Where the policies, or who the candidate is, were read, if not here."""
    notes: tuple[str, ...] = ()
    """What is added to the notes of its verdict."""
    must_be_covered: bool = False
    """Whether a policy must apply to it. Otherwise it is only listed if none does, beside others."""
    former: bool = False
    """Whether it is judged as who it was, whose words no vocabulary needs to have."""
    register: Callable[[], Policy] | None = None
    """What a register of models says about it, as a policy; it does not count where a policy must apply."""

    as_input: Callable[[Input], Input] = lambda entry: entry
    """How its verdict names a file that it depends on."""

    @property
    def demanding(self) -> tuple[Policy, ...]:
        """The policies that it is judged by, that of the register first. Raises as `load`."""
        return (self.register(), *self.policies) if self.register else self.policies


CaseResult = Verdict | Refusal | Unjudged
Judging = Callable[[Case, Settings], CaseResult]


def judge_all(
    paths: Sequence[Path],
    policies: Sequence[Policy],
    settings: Settings,
    opening: Opening = opened_tables,
    notes: tuple[str, ...] = (),
    must_be_covered: bool = False,
    held: Callable[[Case], Case] = lambda case: case,
) -> Verdicts:
    """One verdict or refusal per candidate file. `notes` are added to every verdict.

    Candidates to which no policy applies are only listed, unless they `must_be_covered`. `held` gives each case what
    else it must satisfy.
    """
    given = tuple(policies)

    def case(path: Path) -> Case:
        load = cache(lambda: bind.load(path, given, settings.workspace, settings.roots, settings.servers))
        return Case(path, load, given, notes=notes, must_be_covered=must_be_covered)

    return judge_cases([held(case(path)) for path in paths], settings, opening)


def judge_cases(cases: Sequence[Case], settings: Settings, opening: Opening = opened_tables) -> Verdicts:
    """One verdict, refusal or reason not to judge it per case. A candidate has one reason."""

    def one(case: Case, own: Settings) -> CaseResult:
        def judged() -> Verdict:
            found = judge(case.load(), case.demanding, replace(own, former=case.former), opening)
            inputs = tuple(map(case.as_input, found.inputs))
            return replace(found, notes=(*found.notes, *case.notes), under=case.under, inputs=inputs)

        return _or_refusal(case, own, judged)

    found = _side_by_side(one, _told_apart(cases, settings.beside), settings)
    if all(isinstance(entry, Unjudged) for entry in found):
        found = [_nothing_asked(entry) for entry in found if isinstance(entry, Unjudged)]
    judged = {entry.path for entry in found if not isinstance(entry, Unjudged)}
    unjudged = {entry.path: entry for entry in found if isinstance(entry, Unjudged) and entry.path not in judged}
    return Verdicts(
        tuple(entry for entry in found if isinstance(entry, Verdict)),
        tuple(entry for entry in found if isinstance(entry, Refusal)),
        unjudged=tuple(unjudged.values()),
    )


def _nothing_asked(entry: Unjudged) -> Refusal:
    """What becomes of a candidate that no policy covers where none is covered: nothing was asked."""
    return Refusal(entry.path, 2, (Problem(None, entry.message),))


def _told_apart(cases: Sequence[Case], beside: Sequence[Candidate]) -> list[Case]:
    """The cases, in whose policies a waiver that names no candidate waives none where several are judged."""
    asked = {id(case.policies): case.policies for case in cases}
    told = {key: _unshared(policies, cases, beside) for key, policies in asked.items()}
    return [replace(case, policies=told[id(case.policies)]) for case in cases]


def _unshared(policies: tuple[Policy, ...], cases: Iterable[Case], beside: Sequence[Candidate]) -> tuple[Policy, ...]:
    if not any(policy.waivers or policy.known for policy in policies):
        return policies
    candidates = [*beside]
    for case in cases:
        with suppress(*CRASHES):  # judging it says what is wrong with it
            candidates.append(case.load())
    return unshared(policies, candidates)


def _side_by_side(one: Judging, cases: Sequence[Case], settings: Settings) -> list[CaseResult]:
    """The results in the order of the cases, `jobs` calls at a time. An interrupt stops each at its next statement."""
    if settings.jobs <= 1 or len(cases) <= 1:
        return [one(case, settings) for case in cases]
    from concurrent.futures import ThreadPoolExecutor

    stopped = Event()

    def say(message: str) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        if settings.progress:
            settings.progress(message)

    with ThreadPoolExecutor(settings.jobs) as pool:
        try:
            return list(pool.map(lambda case: one(case, replace(settings, progress=say)), cases))
        finally:
            stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)


def _or_refusal(case: Case, settings: Settings, judged: Callable[[], Verdict]) -> CaseResult:
    """The verdict, or why this candidate has none."""
    shown = locate.shown(case.path, settings.workspace)
    under = f"under {case.under}: " if case.under else ""

    def refused(code: int, problems: Iterable[Problem]) -> Refusal:
        return Refusal(shown, code, tuple(replace(each, message=f"{under}{each.message}") for each in problems))

    try:
        return judged()
    except NotCoveredError as error:
        if case.must_be_covered:
            return refused(1, error.problems)
        return Unjudged(shown, error.candidate, "NOT COVERED", str(error))
    except InputError as error:
        return refused(2, error.problems)
    except MlgateError as error:
        return refused(error.exit_code, (Problem(None, str(error)),))
    except CRASHES as error:  # a candidate that crashes the gate must not hide the others
        said = "the gate crashed on this candidate:\n" + "".join(traceback.format_exception(error))
        if plugin_in(error):
            said = crashed("the gate", error)
        return refused(3, (Problem(None, said),))

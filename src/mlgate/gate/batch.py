"""Judges several candidates separately. A broken one is refused and does not hide the others."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from threading import Event

from mlgate.candidate.presented import Candidate
from mlgate.gate import bind
from mlgate.gate.run import Opening, Settings, judge, opened_tables
from mlgate.policy.demanded import Policy
from mlgate.policy.waivers import unshared
from mlgate.reading import locate
from mlgate.values.errors import InputError, MlgateError, Problem
from mlgate.values.faults import CRASHES, crashed, plugin_in
from mlgate.values.verdict import Refusal, Verdict, Verdicts

Judging = Callable[[Path, Settings], Verdict | Refusal]


def judge_all(
    paths: Sequence[Path],
    policies: Sequence[Policy],
    settings: Settings,
    opening: Opening = opened_tables,
    notes: tuple[str, ...] = (),
) -> Verdicts:
    """One verdict or refusal per candidate file. `notes` are added to every verdict."""

    @cache
    def candidate(path: Path) -> Candidate:
        return bind.load(path, policies, settings.workspace, settings.roots, settings.servers)

    told = _told_apart(paths, policies, candidate)

    def one(path: Path, own: Settings) -> Verdict | Refusal:
        return _or_refusal(path, own, lambda: judge(candidate(path), told, own, opening))

    found = _side_by_side(one, paths, settings)
    return Verdicts(
        tuple(replace(entry, notes=(*entry.notes, *notes)) for entry in found if isinstance(entry, Verdict)),
        tuple(entry for entry in found if isinstance(entry, Refusal)),
    )


def _told_apart(
    paths: Sequence[Path], policies: Sequence[Policy], candidate: Callable[[Path], Candidate]
) -> tuple[Policy, ...]:
    """The policies, in which a waiver that names no candidate waives none where several are judged."""
    if not any(policy.waivers for policy in policies):
        return tuple(policies)
    candidates = []
    for path in paths:
        with suppress(*CRASHES):  # judging it says what is wrong with it
            candidates.append(candidate(path))
    return unshared(policies, candidates)


def _side_by_side(one: Judging, paths: Sequence[Path], settings: Settings) -> list[Verdict | Refusal]:
    """The results in the order of the paths, `jobs` calls at a time. An interrupt stops each at its next statement."""
    if settings.jobs <= 1 or len(paths) <= 1:
        return [one(path, settings) for path in paths]
    from concurrent.futures import ThreadPoolExecutor

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


def _or_refusal(path: Path, settings: Settings, judged: Callable[[], Verdict]) -> Verdict | Refusal:
    """The verdict, or the refusal that says why this candidate has none."""
    shown = locate.shown(path, settings.workspace)
    try:
        return judged()
    except InputError as error:
        return Refusal(shown, 2, error.problems)
    except MlgateError as error:
        return Refusal(shown, error.exit_code, (Problem(None, str(error)),))
    except CRASHES as error:  # a candidate that crashes the gate must not hide the others
        said = "the gate crashed on this candidate:\n" + "".join(traceback.format_exception(error))
        if plugin_in(error):
            said = crashed("the gate", error)
        return Refusal(shown, 3, (Problem(None, said),))

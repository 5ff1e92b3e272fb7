"""`mlgate check --reproduce VERDICT.json`: performs a stored verdict again, and says what differs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from mlgate.cli.appearance import look
from mlgate.cli.judging import CheckRun
from mlgate.cli.output import complain, emit_page
from mlgate.cli.preamble import HeldTo, Running
from mlgate.policy.elsewhere import is_elsewhere
from mlgate.policy.known_failures import ROLE
from mlgate.reading.edge import workspace
from mlgate.reading.verdict_file import read_verdicts
from mlgate.reports.differences import differences, render_differences
from mlgate.values.errors import InputError, Problem
from mlgate.values.file_search import before_pattern, is_glob
from mlgate.values.provenance import Invocation
from mlgate.values.verdict import Verdicts

HERE = ("policy", "register", "candidate", "earlier", ROLE)
"""The roles of files that are read even if facts replace the data."""


def reproduce(path: Path, running: Running) -> int:
    """Perform the verdicts of a file again and print what differs; 0 if nothing that decides does, else 1.

    Raises InputError for a file that is not a stored verdict, for a verdict that does not record how it was given, and
    where files that it depends on are gone.
    """
    stored = read_verdicts(path, str(path)).verdicts
    if stored.called is None:
        raise InputError(
            f"{path} does not record how it was given: it is from Python, from an earlier mlgate, or judges nothing; "
            "only a verdict that `mlgate check` stored can be reproduced"
        )
    top = workspace(Path.cwd())
    if gone := list(_gone(stored, stored.called, top)):
        raise InputError([Problem(None, f"{path} cannot be reproduced: {each} is gone") for each in gone])
    again = _run_of(stored.called, running, top).verdicts()
    known = {verdict.path for verdict in stored.verdicts}
    refused = [each for each in again.refusals if each.exit_code != 1 and (each.path in known or not each.path)]
    for problem in (problem for refusal in refused for problem in refusal.problems):
        complain(f"{path} cannot be reproduced: {problem}")
    if refused:
        return max(refusal.exit_code for refusal in refused)
    found = differences(stored, again)
    emit_page(render_differences(str(path), stored, again, found, look()))
    return 0 if found.reproduced else 1


def _run_of(called: Invocation, running: Running, top: Path) -> CheckRun:
    """What was judged, on the day of the verdict. Threads and jobs are those of this call."""
    day, roots = date.fromisoformat(called.as_of), tuple(top / root for root in called.roots)
    servers = tuple((name, address) for name, _, address in (each.partition("=") for each in called.servers))
    return CheckRun(
        replace(running, as_of=day, roots=roots, servers=servers, engine=called.engine),
        _paths(called.candidates, top),
        _paths(called.policies, top),
        str(top / called.facts) if called.facts else None,
        called.verify,
        _paths(called.earlier, top),
        held=HeldTo(
            called.policy_ref,
            bool(called.policy_ref),
            called.policy_commit,
            known=os.path.normpath(top / called.known) if called.known else "",
        ),
    )


def _paths(names: tuple[str, ...], top: Path) -> list[str]:
    return [os.path.normpath(top / name) for name in names]


def _gone(stored: Verdicts, called: Invocation, top: Path) -> Iterator[str]:
    """The files of a verdict that are no longer there. Where facts were judged, the data need not be."""
    named = {f"policy {name}": name for name in called.policies} | {f"root {name}": name for name in called.roots}
    named |= {f"candidate {name}": name for name in called.candidates}
    named |= {f"facts {called.facts}": called.facts} if called.facts else {}
    for entry in (entry for verdict in stored.verdicts for entry in verdict.inputs):
        needed = entry.role in HERE or not called.facts or called.verify
        if needed and not (entry.role == "policy" and is_elsewhere(entry.path)):
            named[f"{entry.role} {entry.path}"] = entry.path
    return (shown for shown, name in named.items() if not _there(top / name))


def _there(path: Path) -> bool:
    return os.path.lexists(path) or (is_glob(str(path)) and os.path.lexists(before_pattern(path)))

"""The first steps of every command that judges: the policies, the candidate files, and the settings of the run."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from mlgate.cli.output import complain
from mlgate.cli.progress import progress
from mlgate.evidence.engines.choice import DEFAULT
from mlgate.policy.demanded import Policy
from mlgate.policy.load import load_policies
from mlgate.reading.edge import today, workspace
from mlgate.values.errors import InputError
from mlgate.values.servers import Servers

if TYPE_CHECKING:
    from mlgate.gate.run import Settings


@dataclass(frozen=True)
class HeldTo:
    """The commit to which policies, and who the candidates are, are held; none without `ref`. And what is asked of
    candidates that a change leaves as they are, or that no policy covers.
    """

    ref: str = ""
    bootstrap: bool = False
    """Whether that commit may have no policy yet."""
    commit: str = ""
    """The commit that `ref` means, if it is known."""
    changed_from: str = ""
    """The commit since which a candidate must have changed to be judged; empty to judge all."""
    require_coverage: bool = False
    """Whether a policy must apply to every candidate."""
    known: str = ""
    """The file of known failures."""


NOTHING_HELD = HeldTo()


@dataclass(frozen=True)
class Running:
    """The settings of a run from the options of its command."""

    engine: str = DEFAULT
    threads: int | None = None
    jobs: int | None = 1
    as_of: date | None = None
    roots: tuple[Path, ...] = ()
    servers: Servers = ()

    @contextmanager
    def settings(self, candidates: int = 1) -> Iterator[Settings]:
        """The gate's settings for a number of candidates. A terminal shows the progress."""
        from mlgate.gate.run import Settings

        together, each = sharing(self.jobs, self.threads, candidates)
        # What a metric from another package prints must not get into a report on standard output.
        with redirect_stdout(sys.stderr), progress() as say:
            day = self.as_of or today()
            yield Settings(
                workspace(Path.cwd()), day, each, together, progress=say, engine=self.engine, roots=self.roots,
                servers=self.servers,
            )  # fmt: skip


def load_demanded(
    given: Sequence[str], roots: Sequence[Path] = (), what: str = "policy (--policy)"
) -> tuple[Policy, ...]:
    """The policies in the given paths, else in `policies/`."""
    paths = [Path(path) for path in _paths_or(given, "policies", what)]
    return load_policies(paths, workspace=workspace(Path.cwd()), roots=roots)


def find_presented(given: Sequence[str], what: str = "candidate") -> tuple[Path, ...]:
    """The candidate files as in `search_presented`. Those left out are named on standard error."""
    paths, notes = search_presented(given, what)
    for note in notes:
        complain(note)
    return paths


def search_presented(given: Sequence[str], what: str = "candidate") -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """The candidate files that the given paths match, else `candidate.yaml`, and a note about those left out."""
    from mlgate.candidate.read import left_unread, search_candidates

    found = search_candidates(_paths_or(given, "candidate.yaml", what), Path.cwd())
    return found.files, left_unread(found, workspace(Path.cwd()))


def sharing(jobs: int | None, threads: int | None, candidates: int) -> tuple[int, int]:
    """How many candidates run in parallel, and with how many threads each."""
    cores = os.cpu_count() or 1
    together = max(1, min(jobs or cores, candidates))
    return together, threads or max(1, cores // together)


def _paths_or(given: Sequence[str], default: str, what: str) -> tuple[str, ...]:
    """The given paths, else the default path, which must exist."""
    if given:
        return tuple(given)
    if not Path(default).exists():
        raise InputError(f"no {what} is given, and {default} does not exist in this folder; give one")
    return (default,)

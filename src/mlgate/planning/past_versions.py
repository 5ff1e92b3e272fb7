"""Past versions of candidates: files here, versions in git's history, and facts that were measured then."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from dataclasses import replace as with_changed
from datetime import date
from pathlib import Path

from mlgate.candidate.named_files import files
from mlgate.candidate.presented import Candidate
from mlgate.evidence.scratch import SCRATCH
from mlgate.gate import bind
from mlgate.gate.run import FactSource, Opening, Settings, opened_tables
from mlgate.gate.stored_facts import StoredFacts, read_facts
from mlgate.git.repository import CommitMessage, Repository
from mlgate.policy.demanded import Policy
from mlgate.reading import locate
from mlgate.values.errors import EvidenceError, InputError, MlgateError
from mlgate.values.file_search import before_pattern, is_glob
from mlgate.values.provenance import Input

PresentedThen = tuple[Candidate, Settings, Opening]
"""A candidate, and the settings and the evidence by which it is judged."""


@dataclass(frozen=True)
class Past:
    """A past version of a candidate: its file, where it was found, its day, and what opens it."""

    path: str
    found: str
    day: date
    opened: Callable[[Sequence[Policy], Settings], AbstractContextManager[PresentedThen]]
    inputs: tuple[Input, ...] = ()
    """What stored facts were measured from."""


def here(paths: Sequence[Path], settings: Settings) -> list[Past]:
    """The candidates in some files, as they are."""

    def of(path: Path) -> Past:
        @contextmanager
        def opened(policies: Sequence[Policy], own: Settings) -> Iterator[PresentedThen]:
            yield bind.load(path, policies, own.workspace, own.roots, own.servers), own, opened_tables

        return Past(locate.shown(path, settings.workspace), "here", settings.as_of, opened)

    return [of(path) for path in paths]


@dataclass(frozen=True)
class PastOfBranch:
    """The history of a branch, a tag or a commit."""

    repository: Repository
    commit: str
    since: date | None = None
    """The first day."""
    most: int = 50
    """The most versions of a candidate, the newest ones."""

    def versions(self, path: Path, settings: Settings) -> list[Past]:
        """The versions of a candidate file, the oldest first: one per change of it or of a file that it names now.

        Raises InputError where the history has no such file.
        """
        name = locate.shown(path, self.repository.top)
        there = self.repository.blob(self.commit, name)
        if not there:
            raise InputError(f"the history has no {name} at {self.commit[:12]}; correct the path or --history")
        found: dict[object, Past] = {}
        named = self._named(name, settings)
        for message in self.repository.messages(self.commit, "--", name, *named):
            day = date.fromisoformat(message.when[:10])
            state = self._state(message.name, name, named)
            if state and (self.since is None or day >= self.since):
                # The oldest commit that has a state brought it in.
                found.pop(state, None)
                found[state] = self._past(message, name, day)
            if len(found) >= self.most:
                break
        return list(reversed(found.values()))

    def _state(self, commit: str, name: str, named: Sequence[str]) -> object:
        """What a candidate file and the files that it names were in a commit; None without the file."""
        own = self.repository.blob(commit, name)
        if not own:
            return None
        return own, *(tuple(self.repository.files_below(commit, each).items()) for each in named)

    def _named(self, name: str, settings: Settings) -> list[str]:
        """The files and folders that the newest version of a candidate names."""
        with self._checkout(self.commit, name, settings) as (folder, candidate):
            return [] if candidate is None else sorted(_within(candidate, folder))

    def _past(self, message: CommitMessage, name: str, day: date) -> Past:
        @contextmanager
        def opened(policies: Sequence[Policy], own: Settings) -> Iterator[PresentedThen]:
            with self._checkout(message.name, name, own, policies) as (folder, candidate):
                if candidate is None:
                    candidate = bind.load(folder / name, policies, folder, (), own.servers)
                self.repository.write(message.name, _chosen(_within(candidate, folder)), folder)
                yield candidate, with_changed(own, workspace=folder), opened_tables

        return Past(name, f"commit {message.name[:12]}", day, opened)

    @contextmanager
    def _checkout(
        self, commit: str, name: str, settings: Settings, policies: Sequence[Policy] = ()
    ) -> Iterator[tuple[Path, Candidate | None]]:
        """A folder with the candidate file of a commit, and the candidate; None where it could not be read."""
        folder = Path(tempfile.mkdtemp(prefix=SCRATCH)).resolve()
        try:
            (folder / ".git").mkdir()  # so that its files may lie beside the candidate's folder
            self.repository.write(commit, lambda path: path == name, folder)
            try:
                candidate = bind.load(folder / name, policies, folder, (), settings.servers)
            except MlgateError:
                candidate = None
            yield folder, candidate
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _within(candidate: Candidate, top: Path) -> set[str]:
    """The files and folders below a folder that a candidate names."""
    found = set()
    for _, source in files(candidate):
        path = Path(source.root / source.path)
        whole = before_pattern(path) if is_glob(str(path)) else path
        name = locate.shown(whole, top)
        if not name.startswith(".."):
            found.add(name)
    return found


def _chosen(named: set[str]) -> Callable[[str], bool]:
    return lambda path: any(each in (path, ".") or path.startswith(f"{each}/") for each in named)


def stored(file: Path, policies: Sequence[Policy], settings: Settings) -> list[Past]:
    """The candidates of a file of facts. A candidate file that has changed since is looked for in git's history."""
    shown = locate.shown(file, settings.workspace)
    facts = read_facts(file, policies, settings.workspace)
    return [_of_facts(entry, shown, settings) for entry in facts.values()]


def _of_facts(facts: StoredFacts, shown: str, settings: Settings) -> Past:
    digest = next((entry.sha256 for entry in facts.inputs if entry.role == "candidate"), "")
    workspace = settings.workspace

    @contextmanager
    def answering(candidate: Candidate, policies: Sequence[Policy], own: Settings) -> Iterator[FactSource]:
        yield facts

    @contextmanager
    def opened(policies: Sequence[Policy], own: Settings) -> Iterator[PresentedThen]:
        with _file_with(facts.candidate, digest, workspace) as top:
            candidate = bind.load(top / facts.candidate, policies, top, own.roots, own.servers)
            yield candidate, with_changed(own, workspace=top), answering

    return Past(facts.candidate, shown, settings.as_of, opened, facts.inputs)


@contextmanager
def _file_with(name: str, sha256: str, workspace: Path) -> Iterator[Path]:
    """A folder in which a file has a digest: the workspace, or one with the file of a commit. Raises EvidenceError."""
    if (workspace / name).is_file() and _sha256(workspace / name) == sha256:
        yield workspace
        return
    repository = Repository.at(workspace)
    commits: Mapping[str, None] = {}
    if repository is not None:
        commits = dict.fromkeys(message.name for message in repository.messages("HEAD", "--", name))
    commit = next((each for each in commits if repository and repository.sha256_of(each, name) == sha256), "")
    if repository is None or not commit:
        raise EvidenceError(f"{name} is not as when the facts were measured, and the history does not have it so")
    folder = Path(tempfile.mkdtemp(prefix=SCRATCH)).resolve()
    try:
        (folder / ".git").mkdir()
        repository.write(commit, lambda path: path == name, folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sha256(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()

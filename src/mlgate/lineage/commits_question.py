"""The question what the commits of the repository say about a model: who approved it, who made it, and who owns it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mlgate.evidence.questions.need import Need, OpenTables
from mlgate.git.code_owners import PLACES, CodeOwners, owners_of
from mlgate.git.repository import CommitMessage, Repository
from mlgate.lineage.approvals import Approval
from mlgate.lineage.source_file import SourceFile
from mlgate.values.errors import MachineError

_TRAILER = re.compile(r"(approved-by|reviewed-by|co-authored-by)\s*:\s*(.+)", re.IGNORECASE)
_AUTHOR = "co-authored-by"
_NO_OWNERS = CodeOwners()
_POINTER = re.compile(r"oid sha256:([0-9a-f]{64})$", re.MULTILINE)


@dataclass(frozen=True)
class SaidByCommits:
    """What commits say about one model."""

    approvals: tuple[Approval, ...] = ()
    """`Approved-by:` and `Reviewed-by:` of commits that name its digest, or that made its file what it is."""
    authors: tuple[str, ...] = ()
    """The authors of the commits that made its file what it is, and of the code that it was trained by."""
    owners: CodeOwners = _NO_OWNERS
    """Who owns its file, by CODEOWNERS of the commit that is checked out."""


@dataclass(frozen=True)
class CommitsAbout(Need):
    """What commits say about a model, by its path and digest, and about the commits that its training started from."""

    name = "commits-about"
    fact = SaidByCommits
    beside = True
    path: str
    sha256: str
    commits: tuple[str, ...] = ()

    @property
    def about(self) -> str:
        """The model."""
        return f"the commits about {self.path}"

    def answer(self, tables: OpenTables) -> SaidByCommits:
        """What they say; nothing where there is no repository. Raises MachineError where the clone is shallow."""
        repository = Repository.at(tables.reach.workspace)
        if repository is None or not repository.head:
            return SaidByCommits()
        if repository.shallow:
            said = "the clone is shallow, so commits about the model may be missing"
            raise MachineError(f"{said}; run `git fetch --unshallow`, or check out with `fetch-depth: 0`")
        place = SourceFile(self.path, tables.reach).place
        inside = posixpath.relpath(place.as_posix(), repository.top.as_posix())
        made = list(self._made(repository, inside, SourceFile(self.path, tables.reach)))
        naming = [each for each in repository.messages("HEAD") if self.sha256 in each.text.lower()]
        coded = [each for commit in self.commits for each in _commit(repository, commit)]
        every = {each.name: each for each in (*made, *naming)}
        return SaidByCommits(
            tuple(approval for each in every.values() for approval in _approvals(each, self.sha256)),
            tuple(dict.fromkeys(author for each in (*made, *coded) for author in _authors(each))),
            _owners(repository, inside),
        )

    def _made(self, repository: Repository, path: str, source: SourceFile) -> Iterator[CommitMessage]:
        """The commits that made the file in the repository what it is here."""
        now = repository.entry("HEAD", path)
        if now and self._is_here(repository, path, now, source):
            yield from (
                each for each in repository.messages("HEAD", "--", path) if repository.entry(each.name, path) == now
            )

    def _is_here(self, repository: Repository, path: str, now: str, source: SourceFile) -> bool:
        """Whether the file in the commit is the one here, or a pointer of Git LFS to it; of a folder: unchanged."""
        if source.place.is_dir():
            return not any(name == path or name.startswith(f"{path}/") for name in repository.changed())
        pointed = _POINTER.search(repository.text_of("HEAD", path))
        return repository.blob_of(source.place) == now or bool(pointed and pointed[1] == self.sha256)


def _commit(repository: Repository, commit: str) -> Iterable[CommitMessage]:
    return repository.messages(commit, most=1) if repository.has(commit) else ()


def _approvals(commit: CommitMessage, model: str) -> Iterator[Approval]:
    for key, person in _trailers(commit):
        if key != _AUTHOR:
            yield Approval(person, model, commit.when, f"commit {commit.name[:12]}", "git")


def _authors(commit: CommitMessage) -> Iterator[str]:
    """Who wrote a commit. Who only merged did not, but for what the commit says itself."""
    if not commit.merge:
        yield commit.author
    yield from (person for key, person in _trailers(commit) if key == _AUTHOR)


def _trailers(commit: CommitMessage) -> Iterator[tuple[str, str]]:
    found = (_TRAILER.fullmatch(line.strip()) for line in commit.trailers)
    yield from ((each[1].lower(), each[2].strip()) for each in found if each)


def _owners(repository: Repository, path: str) -> CodeOwners:
    """The owners of a file by the first CODEOWNERS that it finds."""
    for file in PLACES:
        if repository.blob("HEAD", file):
            return owners_of(path, repository.text_of("HEAD", file), file)
    return CodeOwners()

"""The question which digests some files had in some commits."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from mlgate.evidence.questions.need import Need, OpenTables
from mlgate.git.repository import Repository


@dataclass(frozen=True)
class FileInCommit:
    """One file as a commit has it."""

    commit: str
    path: str
    sha256: str


@dataclass(frozen=True)
class FilesInCommits:
    """Those files that the commits have."""

    found: tuple[FileInCommit, ...] = ()


@dataclass(frozen=True)
class CommittedFiles(Need):
    """The digests of files, by their paths from the workspace, in commits; of what is not there, none."""

    name = "committed-files"
    fact = FilesInCommits
    beside = True
    commits: tuple[str, ...]
    paths: tuple[str, ...]

    @property
    def about(self) -> str:
        """The commits."""
        return f"files of {len(self.commits)} commits"

    def answer(self, tables: OpenTables) -> FilesInCommits:
        """The digests; none where there is no repository, or it does not have a commit."""
        repository = Repository.at(tables.reach.workspace)
        return FilesInCommits(tuple(self._found(repository, tables.reach.workspace.as_posix())) if repository else ())

    def _found(self, repository: Repository, workspace: str) -> Iterator[FileInCommit]:
        for commit in filter(repository.has, self.commits):
            for path in self.paths:
                inside = posixpath.relpath(posixpath.join(workspace, path), repository.top.as_posix())
                if sha256 := repository.sha256_of(commit, inside):
                    yield FileInCommit(commit, path, sha256)

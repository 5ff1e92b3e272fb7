"""The question whether the files of an earlier model are still there, by their digests."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from mlgate.evidence.files import contents, located, walk
from mlgate.evidence.questions.digest import digest, manifest_digest
from mlgate.evidence.questions.need import Need, OpenTables
from mlgate.evidence.sources import FileSource
from mlgate.git.repository import Repository
from mlgate.values.errors import EvidenceError, InputError, MachineError
from mlgate.values.reach import Reach
from mlgate.values.stored import read as read_stored
from mlgate.values.verdict import Verdict

_POINTER = re.compile(rb"version https://git-lfs.*\noid sha256:([0-9a-f]{64})\n", re.DOTALL)
_SHA256 = re.compile("[0-9a-f]{64}")
_NOT_KEPT = ("policy", "register", "candidate", "earlier")
"""Inputs of a verdict that are not of the model, also where they are those `of` a commit."""


def _is_kept(role: str) -> bool:
    return role.partition(" of ")[0] not in _NOT_KEPT


@dataclass(frozen=True)
class KeptFile:
    """A file that an earlier verdict was given on, and where it still is."""

    role: str
    path: str
    sha256: str
    found: str = ""
    """Where a file with this digest is, in words; empty if it is nowhere."""


@dataclass(frozen=True)
class KeptModel:
    """An earlier model by its verdict."""

    candidate: str
    version: str
    allowed: bool
    files: tuple[KeptFile, ...]


@dataclass(frozen=True)
class KeptFiles(Need):
    """Whether the files of the model that a stored verdict is on are still there.

    They may be at their paths, in the commits of the repository, or in some archives. If the file has several verdicts,
    that on `candidate` is meant.
    """

    name = "kept-files"
    fact = KeptModel
    beside = True
    verdict: str
    candidate: str
    archives: tuple[str, ...] = ()

    @property
    def about(self) -> str:
        """The verdict."""
        return f"the files of {self.verdict}"

    def answer(self, tables: OpenTables) -> KeptModel:
        """Where each file is. Raises EvidenceError for a file that is not a verdict, MachineError for a shallow clone
        that may lack it."""
        verdict = self._verdict(tables.reach)
        repository = Repository.at(tables.reach.workspace)
        search = _Places(tables.reach, self.archives, repository)
        inputs = dict.fromkeys((each.role, each.path, each.sha256) for each in verdict.inputs)
        files = [KeptFile(*each, search.place(*each[1:])) for each in inputs if _is_kept(each[0])]
        if repository and repository.shallow and not all(file.found for file in files):
            said = "the clone is shallow, so an earlier model may be missing"
            raise MachineError(f"{said}; run `git fetch --unshallow`, or check out with `fetch-depth: 0`")
        return KeptModel(verdict.candidate, verdict.version, verdict.allowed, tuple(files))

    def _verdict(self, reach: Reach) -> Verdict:
        try:
            found = read_stored(contents(self.verdict, reach).decode("utf-8"), self.verdict).verdicts
        except (InputError, UnicodeDecodeError) as error:
            raise EvidenceError(f"the earlier model's verdict cannot be used: {error}") from error
        named = [verdict for verdict in found if verdict.candidate == self.candidate]
        chosen = found if len(found) == 1 else named
        if len(chosen) != 1:
            said = f"{self.verdict} does not hold exactly one verdict on `{self.candidate}`"
            raise EvidenceError(f"{said}; store the verdict on the earlier model alone")
        return chosen[0]


@dataclass(frozen=True)
class _Places:
    """Where files are looked for, by their SHA-256."""

    reach: Reach
    archives: tuple[str, ...]
    repository: Repository | None

    def place(self, path: str, sha256: str) -> str:
        """Where a file is, in words; empty if it is nowhere."""
        if not _SHA256.fullmatch(sha256) or not path.isprintable():
            return ""
        if self._at(path) == sha256:
            return f"at {path}"
        return self._committed(path, sha256) or self._archived.get(sha256, "")

    def _at(self, path: str) -> str:
        """The digest of what is at a path now; empty if nothing can be read there."""
        try:
            return digest(FileSource(path, self.reach.workspace), self.reach).sha256
        except EvidenceError:
            return ""

    @cached_property
    def _archived(self) -> Mapping[str, str]:
        """The files in the archives, and the folders that lie in them, by their digests."""
        found: dict[str, str] = {}
        for archive in self.archives:
            place = located(FileSource(archive, self.reach.workspace), self.reach)
            below = self._below(place) if place.is_dir() else ()
            for path in (place, *below):
                shown = posixpath.join(archive, path.relative_to(place).as_posix()) if path != place else archive
                found.setdefault(self._at(str(path)), f"in {shown}")
        return found

    def _below(self, folder: Path) -> Iterable[Path]:
        """The files in a folder, and its folders one level down."""
        yield from (each for each in sorted(folder.iterdir()) if each.is_dir())
        yield from sorted(walk(folder, self.reach, hidden=True))

    def _committed(self, path: str, sha256: str) -> str:
        """The commit in which a file or folder at a path has a digest; empty if there is none."""
        repository = self.repository
        if repository is None:
            return ""
        stated = posixpath.normpath(posixpath.join(self.reach.workspace.as_posix(), path))
        inside = posixpath.relpath(stated, repository.top.as_posix())
        seen: set[tuple[tuple[str, str], ...]] = set()
        for commit in repository.messages("HEAD", "--", inside):
            files = repository.files_below(commit.name, inside)
            key = tuple(sorted(files.items()))
            if files and key not in seen and self._digest_of(inside, files) == sha256:
                return f"in commit {commit.name[:12]}"
            seen.add(key)
        return ""

    def _digest_of(self, path: str, files: Mapping[str, str]) -> str:
        """The digest of a file, or of the manifest of a folder, as a commit has it."""
        if path in files:
            return self._content(files[path])
        entries = sorted((PurePosixPath(name).relative_to(path), blob) for name, blob in files.items())
        return manifest_digest((name.as_posix(), self._content(blob)) for name, blob in entries)

    def _content(self, blob: str) -> str:
        """The SHA-256 of a file in the repository; of a pointer of Git LFS, that of the file if it was fetched."""
        repository = self.repository
        if repository is None:
            return ""
        pointed = _POINTER.match(repository.small(blob))
        if not pointed:
            return repository.sha256_of_blob(blob)
        oid = pointed[1].decode()
        return self._at(str(repository.top / ".git" / "lfs" / "objects" / oid[:2] / oid[2:4] / oid))

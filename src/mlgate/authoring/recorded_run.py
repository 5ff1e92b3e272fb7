"""A run of a program, recorded: what it read and made, with digests, its commit, and when it was."""

from __future__ import annotations

import dataclasses
import posixpath
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from mlgate.evidence.questions.digest import digest
from mlgate.evidence.sources import FileSource
from mlgate.git.repository import Repository
from mlgate.lineage.graph import ENVIRONMENT, ROLES
from mlgate.lineage.readers.lineage_file import (
    NAME,
    LineageFile,
    RecordedCode,
    RecordedFile,
    RecordedPolicy,
    RecordedRun,
    read_lineage_file,
)
from mlgate.lineage.roles_of_files import is_code, role_of_file
from mlgate.lineage.source_file import SourceFile
from mlgate.reading.fields import params
from mlgate.values.errors import EvidenceError, InputError, MachineError
from mlgate.values.reach import Reach
from mlgate.values.words import did_you_mean

_WRITTEN = "# Written by `mlgate record`"
"""How every file of records has begun, whatever else its first line said."""
HEAD = f"{_WRITTEN}: run it again rather than edit `runs`. It keeps `approvals`, which people add.\n"
FILE_ROLES = ("data", "model", *ROLES)
_LOCKS = (
    "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "conda-lock.yml", "requirements.lock",
    "requirements.txt",
)  # fmt: skip
"""Files that fix an environment, the strictest first."""


@dataclass(frozen=True)
class StartedRun:
    """A run that has begun."""

    run: RecordedRun
    """With what it is about to read."""
    before: Mapping[str, object]
    """What was at each path that it is to make, to be compared with what is there after it."""


@dataclass(frozen=True)
class RunToRecord:
    """A run before it starts. Paths are from the workspace."""

    name: str
    output: str
    """The file to write."""
    reads: tuple[RecordedFile, ...]
    makes: tuple[RecordedFile, ...]
    reach: Reach
    policies: tuple[RecordedPolicy, ...] = ()
    """The policies that stand."""
    by: str = ""
    """Who starts it."""

    def start(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> StartedRun:
        """The run with what it is about to read. Raises InputError where a file is not there."""
        self._writable()
        known = {entry.path for entry in self.reads}
        lock = next((name for name in _LOCKS if (self.reach.workspace / name).is_file()), "")
        has_lock = any(entry.role == ENVIRONMENT for entry in self.reads)
        more = (RecordedFile(lock, role=ENVIRONMENT),) if lock and not has_lock and lock not in known else ()
        inputs = tuple(map(self._digested, (*self.reads, *more)))
        started = now().isoformat(timespec="seconds")
        run = RecordedRun(self.name, self._code(), inputs, started=started, by=self.by, policies=self.policies)
        return StartedRun(run, {entry.path: self._written(entry.path) for entry in self.makes})

    def _writable(self) -> None:
        """Raise InputError where the record could not be written after the run, or not be read again."""
        texts = (self.name, self.by, *(each.path for each in (*self.reads, *self.makes)))
        odd = next(filter(_odd, texts), "")
        if odd:
            raise InputError(f"{odd!r} has a control character, which the record cannot hold; choose another name")
        if not (self.reach.workspace / self.output).parent.is_dir():
            raise InputError(f"{self.output} lies in a folder that is not there; make the folder, or name another file")

    def end(self, started: StartedRun, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> RecordedRun:
        """The run with what it has made.

        Raises EvidenceError where an input has changed, or an output is missing or was not written by the run.
        """
        ended = now().isoformat(timespec="seconds")
        run = started.run
        made = {entry.path for entry in self.makes}
        for entry in run.inputs:
            if entry.path not in made and self._digested(entry).sha256 != entry.sha256:
                raise EvidenceError(
                    f"{entry.path} changed while the command ran; name it by `--makes` if it is a result"
                )
        outputs = tuple(map(self._digested, self.makes))
        for entry in self.makes:
            if self._written(entry.path) == started.before[entry.path]:
                said = f"the command has not written {entry.path}, which is as it was before; so nothing is recorded"
                raise EvidenceError(f"{said}, and `--makes` must name what the command makes")
        code = run.code
        if code and self.changed(untracked=False):
            code = replace(code, clean=False)
        return replace(run, code=code, outputs=outputs, ended=ended)

    def text(self, run: RecordedRun) -> str:
        """The file with this run instead of an earlier one of its name."""
        earlier = self._file()
        runs = [each for each in earlier.runs if each.name != run.name]
        own = replace(run, inputs=tuple(map(self._placed, run.inputs)), outputs=tuple(map(self._placed, run.outputs)))
        return HEAD + yaml.safe_dump(_plain(replace(earlier, runs=(*runs, own))), sort_keys=False, allow_unicode=True)

    def _placed(self, entry: RecordedFile) -> RecordedFile:
        """A file by its path from the one that is written."""
        return replace(entry, path=posixpath.relpath(entry.path, posixpath.dirname(self.output) or "."))

    def _file(self) -> LineageFile:
        """What the file has now."""
        source = SourceFile(self.output, self.reach)
        if not source.there:
            return LineageFile()
        if not source.text().startswith(_WRITTEN):
            raise InputError(f"{self.output} was not written by `mlgate record` and is kept; name another file by `-o`")
        return read_lineage_file(source)

    def _code(self) -> RecordedCode | None:
        """The commit that is checked out, and whether the files are those of the commit."""
        repository = Repository.at(self.reach.workspace)
        if repository is None or not repository.head:
            return None
        return RecordedCode(repository.head, not self.changed(), repository.digest_of(repository.head, is_code))

    def changed(self, *, untracked: bool = True) -> tuple[str, ...]:
        """The files that are not those of the commit, but for what recorded runs have read or made.

        Without `untracked` new ones do not count: a program may write more than it is asked for.
        """
        repository = Repository.at(self.reach.workspace)
        made = (self.from_here(entry.path) for run in self._file().runs for entry in run.outputs)
        known = {*(entry.path for entry in (*self.reads, *self.makes)), *made, self.output}
        found = repository.changed(untracked=untracked) if repository else ()
        left = tuple(name for name in found if name not in known)
        others = self._of_other_records(repository, left) if repository and left else set()
        return tuple(name for name in left if name not in others)

    def _of_other_records(self, repository: Repository, changed: Iterable[str]) -> set[str]:
        """Which of some changed files are other files of records, or are still what these say that a run has made."""
        committed = (name for name in repository.files_below("HEAD", "") if posixpath.basename(name) == NAME)
        wanted, found = {*changed}, set[str]()
        for name in dict.fromkeys((*(each for each in wanted if each.endswith((".yaml", ".yml"))), *committed)):
            try:
                source = SourceFile(name, self.reach)
                if not source.is_file or not source.head().startswith(_WRITTEN.encode()):
                    continue
                made = [entry for run in read_lineage_file(source).runs for entry in run.outputs]
            except EvidenceError:
                continue  # it says nothing, so what it names counts as changed
            there = (replace(entry, path=source.from_here(entry.path)) for entry in made)
            found |= {name, *(entry.path for entry in there if entry.path in wanted and self._is_as_recorded(entry))}
        return found

    def _is_as_recorded(self, entry: RecordedFile) -> bool:
        there = (self.reach.workspace / entry.path).is_file()
        return there and bool(entry.sha256) and self._digested(entry).sha256 == entry.sha256

    def from_here(self, path: str) -> str:
        """A path that the file states, from the workspace."""
        return SourceFile(self.output, self.reach).from_here(path)

    def _written(self, path: str) -> object:
        """When each file of a path was written, with its place on the disk and its size; nothing where none is."""
        place = self.reach.workspace / path
        files = sorted(each for each in place.rglob("*") if not each.is_dir()) if place.is_dir() else [place]
        try:
            stats = [(str(each), each.stat()) for each in files]
        except OSError:
            return None
        return [(name, stat.st_ino, stat.st_mtime_ns, stat.st_size) for name, stat in stats]

    def _digested(self, entry: RecordedFile) -> RecordedFile:
        try:
            found = digest(FileSource(entry.path, self.reach.workspace), self.reach)
        except EvidenceError as error:
            raise InputError(str(error)) from error
        return replace(entry, sha256=found.sha256)


def _odd(text: str) -> bool:
    return any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") for sign in text)


def write_whole(path: Path, text: str) -> None:
    """Write a file in one step: whoever reads it meanwhile has the earlier one. Raises MachineError if that fails."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(text.encode())
        if path.exists():
            part.chmod(path.stat().st_mode)
        part.replace(path)
    except OSError as error:
        raise MachineError(f"{path} cannot be written: {error.strerror or error}; check the folder") from error


def files_named(options: Iterable[str], folder: Path, workspace: Path, option: str) -> tuple[RecordedFile, ...]:
    """The files of `PATH` or `PATH=ROLE`, from the workspace. Raises InputError for another role."""
    found = []
    for text in options:
        path, equals, role = text.rpartition("=")
        if not equals or (role not in FILE_ROLES and ("/" in role or (folder / text).exists())):
            path, role = text, role_of_file(text)
        if role not in FILE_ROLES:
            hint = did_you_mean(role, FILE_ROLES) or f"; choose one of {', '.join(FILE_ROLES)}"
            raise InputError(f"{option} {text}: `{role}` is not a role{hint}")
        inside = posixpath.relpath((folder / path).absolute().as_posix(), workspace.as_posix())
        found.append(RecordedFile(inside, role=role))
    return tuple(found)


def _plain(value: Any) -> Any:
    """Records as plain values, without what they leave out."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = ((each.key, _plain(getattr(value, each.attribute))) for each in params(type(value)))
        return {name: part for name, part in parts if part not in ("", None, [], ())}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return dict(value) if isinstance(value, Mapping) else value

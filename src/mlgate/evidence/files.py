"""Files as evidence: where a path leads, whether the file can be used, and whether it changes while it is read."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from mlgate.evidence.sources import FileSource
from mlgate.values.errors import EvidenceError, MachineError
from mlgate.values.file_search import before_pattern, below, is_glob, matching
from mlgate.values.reach import MOST_TEXT, Reach

CHUNK = 1 << 20
_LARGE, _STORED = 1 << 30, 100
"""A file of at least this size is mostly holes where less than one byte in so many is stored."""
_SHOWN = 200
_POINTER = b"version https://git-lfs"

Signature = tuple[int, int, int, int, int]


@contextmanager
def reading(shown: str) -> Iterator[None]:
    """Turn an operating system's error while reading into an EvidenceError (missing file) or a MachineError."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise EvidenceError(f"{shown}: no such file; check the path, and that the file was fetched or built") from error
    except OSError as error:
        if error.errno in (errno.ENAMETOOLONG, errno.ELOOP):
            said = (error.strerror or str(error)).lower()
            raise EvidenceError(f"{shown[:_SHOWN]}: there can be no such file: {said}; correct the path") from error
        raise MachineError(f"{shown}: cannot be read: {error.strerror or error}; check the machine") from error


def signature(path: Path) -> Signature:
    """What changes when a file is written: device, inode, size, and the times of modification and of status change."""
    with reading(str(path)):
        found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


@dataclass(frozen=True)
class Unchanged:
    """The state of files when they were opened."""

    signatures: tuple[tuple[Path, Signature], ...]

    @staticmethod
    def of(paths: Iterable[Path]) -> Unchanged:
        """The state of some files now."""
        return Unchanged(tuple((path, signature(path)) for path in paths))

    def check(self) -> None:
        """Raise EvidenceError with the name of the first file that was changed, replaced or removed since."""
        for path, before in self.signatures:
            if signature(path) != before:
                raise EvidenceError(f"{path} changed while it was read; run again when nothing writes to it")


def located(source: FileSource, reach: Reach) -> Path:
    """The absolute path of a source, without `..`, links not followed.

    Raises EvidenceError where it may not be read.
    """
    if "\0" in source.path:
        raise EvidenceError(f"{source.path!r}: there can be no such file: its name has a NUL; correct the path")
    stated = Path(os.path.abspath(source.root / source.path))
    pattern = is_glob(source.path) and not os.path.lexists(stated)
    contained(before_pattern(stated) if pattern else stated, reach, source.path)
    return stated


def contained(path: Path, reach: Reach, shown: str) -> None:
    """Raise EvidenceError where a path may not be read. Nothing is opened."""
    refused = reach.why_not(path, shown)
    if refused:
        raise EvidenceError(refused)


def regular(path: Path, shown: str, *, empty: bool = False) -> Path:
    """The path of a file with content. Raises EvidenceError where it is missing, a pipe, holes, a Git LFS pointer.

    Without `empty` also where it has no bytes.
    """
    with reading(shown):
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise EvidenceError(f"{shown} is a folder; name a file in it")
        if not stat.S_ISREG(found.st_mode):
            raise EvidenceError(f"{shown} is not an ordinary file (a pipe, socket or device); write it to a file first")
        if not found.st_size and not empty:
            raise EvidenceError(f"{shown} is empty (0 bytes); check what should have written it")
        if found.st_size >= _LARGE and found.st_blocks * 512 * _STORED < found.st_size:
            stored = f"of its {found.st_size:,} bytes only {found.st_blocks * 512:,} are stored"
            raise EvidenceError(f"{shown} is a file of holes: {stored}; write it again")
        with path.open("rb") as opened:
            if opened.read(len(_POINTER)) == _POINTER:
                raise EvidenceError(f"{shown} is a Git LFS pointer, not the file itself; run `git lfs pull`")
    return path


def contents(path: str, reach: Reach) -> bytes:
    """The bytes of one file, by its path in the workspace: what a question reads that is about a file.

    Raises EvidenceError where the file is missing, large or cannot be used, and MachineError where it cannot be read.
    """
    found = regular(located(FileSource(path, reach.workspace), reach), path)
    with reading(path), found.open("rb") as opened:
        text = opened.read(MOST_TEXT + 1)
    if len(text) > MOST_TEXT:
        raise EvidenceError(f"{path} has more than {MOST_TEXT >> 20} MiB; name the file that is meant")
    return text


@contextmanager
def opened_file(path: str, reach: Reach) -> Iterator[BinaryIO]:
    """One file, by its path in the workspace, open to be read in parts: a question about a large file.

    Raises EvidenceError where the file is missing, changes or cannot be used, and MachineError where it cannot be read.
    """
    found = regular(located(FileSource(path, reach.workspace), reach), path)
    before = Unchanged.of([found])
    with reading(path), found.open("rb") as opened:
        yield opened
    before.check()


def members(path: Path, shown: str, reach: Reach) -> tuple[Path, ...]:
    """The files of a folder (with its folders; names with a leading `.` or `_` are bookkeeping) or of a glob, sorted.

    Raises EvidenceError where there is none, or one cannot be used.
    """
    with reading(shown):
        found = sorted(walk(path, reach) if path.is_dir() else {*by_glob(path, reach)})
    files = tuple(name for name in found if not name.is_dir())
    if not files:
        raise EvidenceError(f"{shown}: no files there; check the path, and that it was fetched or built")
    for name in files:
        contained(name, reach, str(name))
        regular(name, str(name))
    return files


def walk(folder: Path, reach: Reach, *, hidden: bool = False) -> Iterator[Path]:
    """Files below a folder; links to folders are followed only where they do not lead back up.

    Raises EvidenceError at a link that leads to where nothing may be read.
    """

    def kept(path: Path) -> bool:
        return hidden or path.name[0] not in "._"

    def enters(path: Path) -> bool:
        if not kept(path):
            return False
        contained(path, reach, str(path))
        return True

    return filter(kept, below(folder, enters))


def by_glob(pattern: Path, reach: Reach, *, hidden: bool = False) -> Iterator[Path]:
    """What matches a glob, as in a shell: without `hidden`, a name with a dot in front only by a part with one.

    Raises EvidenceError at a link that leads to where nothing may be read.
    """

    def takes(path: Path, part: str) -> bool:
        if not hidden and part[0] != "." and path.name[0] == ".":
            return False
        contained(path, reach, str(path))
        return True

    start = before_pattern(pattern)
    contained(start, reach, str(start))
    yield from matching(pattern, takes)

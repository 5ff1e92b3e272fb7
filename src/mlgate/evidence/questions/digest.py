"""Digest: the recomputed SHA-256 of a file, or of the manifest of a folder or glob."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mlgate.evidence.files import (
    Unchanged,
    contained,
    located,
    members,
    reading,
    regular,
    walk,
)
from mlgate.evidence.questions.need import Need, OpenTables, not_counts
from mlgate.evidence.sources import FileSource
from mlgate.values.errors import EvidenceError
from mlgate.values.file_search import before_pattern, is_glob
from mlgate.values.reach import Reach
from mlgate.values.words import counted


@dataclass(frozen=True)
class DigestFact:
    """The recomputed SHA-256, in hexadecimal, and the size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Digest(Need):
    """The SHA-256 of a file, or of a folder's manifest (sorted relative paths with their digests)."""

    name = "digest"
    fact = DigestFact
    beside = True
    role: str
    path: str

    def impossible(self, fact: DigestFact) -> str:
        """A text that is not a digest, and a size below 0."""
        right = not not_counts(fact.size) and re.fullmatch("[0-9a-f]{64}", fact.sha256)
        return "" if right else f"{fact.sha256!r} is not a digest of {counted(fact.size, 'byte')}"

    @property
    def about(self) -> str:
        """The path."""
        return self.path

    def answer(self, tables: OpenTables) -> DigestFact:
        """The digest. Raises EvidenceError or MachineError where the file cannot be read."""
        return digest(FileSource(self.path, tables.reach.workspace), tables.reach)


def digest(source: FileSource, reach: Reach) -> DigestFact:
    """SHA-256 and size of a file, or of the manifest of a folder or glob: one line `sha256  relative/path` per file.

    Paths are sorted, and relative to the folder, or to the last folder before the pattern. Raises EvidenceError where a
    file is missing, empty, or changed while it is read.
    """
    path = located(source, reach)
    if path.is_dir():
        found = sorted(walk(path, reach, hidden=True))
        if not found:
            raise EvidenceError(f"{source.path}: a folder without files; check that it was fetched or built")
        return _manifest(found, path, reach)
    if is_glob(source.path) and not path.exists():
        return _manifest(members(path, source.path, reach), before_pattern(path), reach)
    return _digest(path, source.path)


def _manifest(names: Iterable[Path], folder: Path, reach: Reach) -> DigestFact:
    total, lines = 0, []
    for name in names:
        contained(name, reach, str(name))
        fact = _digest(name, str(name), empty=True)
        total += fact.size
        lines.append(f"{fact.sha256}  {name.relative_to(folder).as_posix()}\n")
    return DigestFact(hashlib.sha256("".join(lines).encode()).hexdigest(), total)


def _digest(path: Path, shown: str, *, empty: bool = False) -> DigestFact:
    with reading(shown):
        regular(path, shown, empty=empty)
        before = Unchanged.of([path])
        with path.open("rb", buffering=0) as opened:
            sha256 = hashlib.file_digest(opened, "sha256")
        before.check()
        return DigestFact(sha256.hexdigest(), before.signatures[0][1][2])

"""Digest: the recomputed SHA-256 of a file, or of the manifest of a folder or glob."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mlgate.evidence.file_hashes import file_hashes, folder_hashes
from mlgate.evidence.files import Unchanged, located, members, walk
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

    def early(self, tables: OpenTables) -> bool:
        """Whether it is about one file: to a folder, files may be added before a table in it is opened."""
        try:
            return located(self._source(tables), tables.reach).is_file()
        except (EvidenceError, OSError):
            return False

    def answer(self, tables: OpenTables) -> DigestFact:
        """The digest. Raises EvidenceError or MachineError where the file cannot be read."""
        source = self._source(tables)
        if self.early(tables):
            tables.hold(self, Unchanged.of([located(source, tables.reach)]))
        return digest(source, tables.reach)

    def _source(self, tables: OpenTables) -> FileSource:
        return FileSource(self.path, tables.reach.workspace)


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
    alone = file_hashes(path, source.path, ("sha256",))
    return DigestFact(alone.values[0], alone.size)


def _manifest(names: Iterable[Path], folder: Path, reach: Reach) -> DigestFact:
    hashed = folder_hashes(names, folder, reach, ("sha256",))
    return DigestFact(manifest_digest((name, of.values[0]) for name, of in hashed), sum(of.size for _, of in hashed))


def manifest_digest(entries: Iterable[tuple[str, str]]) -> str:
    """The SHA-256 of the manifest of some files, from the sorted path and the SHA-256 of each."""
    return hashlib.sha256("".join(f"{sha256}  {name}\n" for name, sha256 in entries).encode()).hexdigest()

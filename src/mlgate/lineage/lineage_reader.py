"""What a reader of one kind of source is, and all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import ModuleType

from mlgate.lineage import readers as folder
from mlgate.lineage.dsse import Envelope
from mlgate.lineage.graph import LineageRecord
from mlgate.lineage.source_file import SourceFile
from mlgate.values.errors import EvidenceError
from mlgate.values.family import FilesBelow


@dataclass(frozen=True)
class LineageStatement:
    """One document of a source that can be signed by itself, with what it says."""

    name: str
    """Its name in messages: "provenance.json: build 1"."""
    envelope: Envelope | None
    """The envelope that it was taken from; None for one without."""
    record: LineageRecord
    """What it says."""


@dataclass(frozen=True)
class LineageReader:
    """How the records of one tool are recognised and read."""

    name: str
    """The format's name: "dvc"."""
    said: str
    """What it is, in words: "a lock file of DVC"."""
    found_as: tuple[str, ...]
    """The names under which it lies beside a candidate that names no source."""
    recognises: Callable[[SourceFile], bool]
    """Whether a file or folder is one, by its name and content."""
    read: Callable[[SourceFile], LineageRecord]
    """What it says. Raises EvidenceError where it cannot be read."""
    statements: Callable[[SourceFile], Iterable[LineageStatement]] | None = None
    """Of a format whose documents can be signed: each of them. All together they say what `read` gives."""


@cache
def lineage_readers() -> Mapping[str, LineageReader]:
    """The readers by name: the READER of each file of the folder."""
    return dict(FilesBelow(folder.__name__, _reader_in))


def _reader_in(module: ModuleType) -> Mapping[str, LineageReader]:
    found = getattr(module, "READER", None)
    return {found.name: found} if isinstance(found, LineageReader) else {}


def reader_of(source: SourceFile, wanted: str = "") -> LineageReader:
    """The reader of a source. Raises EvidenceError where none knows it, or it is not of the `wanted` format."""
    known = lineage_readers()
    found = [reader for reader in known.values() if reader.recognises(source)]
    if wanted and known[wanted] not in found:
        raise EvidenceError(f"{source.path} is not {known[wanted].said}; correct `format`, or the path", "lineage")
    if wanted or len(found) == 1:
        return known[wanted] if wanted else found[0]
    what = " and ".join(reader.said for reader in found)
    said = f"could be {what}; add `format`" if found else "is not a source of lineage that mlgate reads: "
    listed = "" if found else ", ".join(reader.said for reader in known.values())
    raise EvidenceError(f"{source.path} {said}{listed}", "lineage")

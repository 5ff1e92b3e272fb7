"""What a reader of one kind of source is, and all of them: files in `readers/`, and plugins of `mlgate.lineage`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

from mlgate.lineage import readers as folder
from mlgate.lineage.dsse import Envelope
from mlgate.lineage.graph import LineageRecord
from mlgate.lineage.source_file import SourceFile
from mlgate.lineage.supplied import Supplied
from mlgate.values.errors import EvidenceError
from mlgate.values.family import Family, FilesBelow
from mlgate.values.faults import crashing
from mlgate.values.servers import unfit
from mlgate.values.words import did_you_mean


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
    """The names under which it lies beside a candidate that names no source; of a plugin they are not looked for."""
    recognises: Callable[[SourceFile], bool]
    """Whether a file or folder is one, by its name and content."""
    read: Callable[[SourceFile], LineageRecord]
    """What it says. Raises EvidenceError where it cannot be read."""
    statements: Callable[[SourceFile], Iterable[LineageStatement]] | None = None
    """Of a format whose documents can be signed: each of them. All together they say what `read` gives."""
    served: bool = False
    """Whether a server may be asked instead of a file or folder."""
    supplies: Callable[[SourceFile], Supplied] | None = None
    """What it says about the files of a candidate whose `source` it is; None for a format that cannot be one."""

    def knows(self, source: SourceFile) -> bool:
        """Whether a file or folder is one. Raises MachineError where the reader crashes."""
        with crashing(f"{source.said}: the reader of lineage `{self.name}`", self.recognises):
            return self.recognises(source)

    def record(self, source: SourceFile) -> LineageRecord:
        """What a source says. Raises EvidenceError where it cannot be read, MachineError where the reader crashes."""
        with crashing(f"{source.said}: the reader of lineage `{self.name}`", self.read):
            found = self.read(source)
            if not isinstance(found, LineageRecord):
                raise TypeError(f"it gave a {type(found).__name__}, not a LineageRecord")
            return found

    def supplied(self, source: SourceFile) -> Supplied:
        """What a source gives a candidate. Raises EvidenceError where it cannot be read, or cannot be one."""
        if self.supplies is None:
            raise EvidenceError(f"{source.said} is {self.said}, which cannot be the `source` of a candidate", "source")
        return self.supplies(source)

    def signable(self, source: SourceFile) -> tuple[LineageStatement, ...]:
        """The documents of a source that can be signed; none of a format without. Raises as `record` does."""
        with crashing(f"{source.said}: the reader of lineage `{self.name}`", self.read):
            return tuple(self.statements(source)) if self.statements else ()


@cache
def lineage_readers() -> Family[LineageReader]:
    """All readers by name: the READER of each file of the folder, and plugins, which read only what names them."""
    return Family("reader of lineage", dict(FilesBelow(folder.__name__, _reader_in)), _accepted)


def _reader_in(module: ModuleType) -> Mapping[str, LineageReader]:
    found = getattr(module, "READER", None)
    return {found.name: found} if isinstance(found, LineageReader) else {}


def _accepted(name: str, found: Any) -> LineageReader:
    if not isinstance(found, LineageReader):
        raise ValueError(f"it is not a mlgate.lineage.lineage_reader.LineageReader, but a {type(found).__name__}")  # noqa: TRY004
    if found.name != name:
        raise ValueError(f"it calls itself {found.name!r}; the two names must be the same")
    return found


def served() -> list[str]:
    """The names of the readers that ask servers, which no plugin does."""
    return [reader.name for reader in lineage_readers().shipped.values() if reader.served]


def unfit_server(name: str, address: str) -> str:
    """Why a server cannot be asked, by what it is and its address; empty if it can."""
    known = served()
    if name not in known:
        hint = did_you_mean(name, known) or f"; write {' or '.join(f'{each}=ADDRESS' for each in known)}"
        return f"`{name}` is not a server that mlgate asks{hint}"
    why = unfit(address)
    return f"the address of the server `{name}` {why}" if why else ""


def reader_of(source: SourceFile, wanted: str = "") -> LineageReader:
    """The reader of a source. Raises EvidenceError where none knows it, or it is not of the `wanted` format.

    Without a `wanted` format no plugin is asked, so that none is loaded that nobody names.
    """
    known = lineage_readers()
    if source.server:
        return known[wanted]
    if wanted:
        if not known[wanted].knows(source):
            raise EvidenceError(f"{source.path} is not {known[wanted].said}; correct `format`, or the path", "lineage")
        return known[wanted]
    found = [reader for reader in known.shipped.values() if reader.knows(source)]
    if len(found) == 1:
        return known[found[0].name]
    wrong = "" if found else _wrong_with(source)
    if wrong:
        raise EvidenceError(f"{source.path} {wrong}", "lineage")
    what = " and ".join(reader.said for reader in found)
    said = f"could be {what}; add `format`" if found else "is not a source of lineage that mlgate reads: "
    listed = "" if found else ", ".join(reader.said for reader in known.shipped.values())
    raise EvidenceError(f"{source.path} {said}{listed}", "lineage")


def _wrong_with(source: SourceFile) -> str:
    """What is wrong with a file itself that is of no format; empty if nothing is known to be."""
    if source.there and not source.is_file and not source.place.is_dir():
        return "is neither a file nor a folder, so nothing can be read from it; name a file"
    head = source.head() if source.is_file else b"?"
    if not head.strip(b"\0"):
        what = "has only bytes of zero at its beginning" if head else "is empty"
        return f"{what}, so it records nothing; fetch it again, or write it again"
    meant = [reader for reader in lineage_readers().shipped.values() if source.name in reader.found_as]
    return f"has the name of {meant[0].said}, and its content is none; write it again" if meant else ""

"""What a reader of one kind of source is, and all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import ModuleType

from mlgate.lineage import readers as folder
from mlgate.lineage.graph import LineageRecord
from mlgate.lineage.source_file import SourceFile
from mlgate.values.errors import EvidenceError
from mlgate.values.family import FilesBelow
from mlgate.values.servers import unfit
from mlgate.values.words import did_you_mean


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
    served: bool = False
    """Whether a server may be asked instead of a file or folder."""


@cache
def lineage_readers() -> Mapping[str, LineageReader]:
    """The readers by name: the READER of each file of the folder."""
    return dict(FilesBelow(folder.__name__, _reader_in))


def _reader_in(module: ModuleType) -> Mapping[str, LineageReader]:
    found = getattr(module, "READER", None)
    return {found.name: found} if isinstance(found, LineageReader) else {}


def unfit_server(name: str, address: str) -> str:
    """Why a server cannot be asked, by what it is and its address; empty if it can."""
    served = [reader.name for reader in lineage_readers().values() if reader.served]
    if name not in served:
        hint = did_you_mean(name, served) or f"; write {' or '.join(f'{each}=ADDRESS' for each in served)}"
        return f"`{name}` is not a server that mlgate asks{hint}"
    why = unfit(address)
    return f"the address of the server `{name}` {why}" if why else ""


def reader_of(source: SourceFile, wanted: str = "") -> LineageReader:
    """The reader of a source. Raises EvidenceError where none knows it, or it is not of the `wanted` format."""
    known = lineage_readers()
    if source.server:
        return known[wanted]
    found = [reader for reader in known.values() if reader.recognises(source)]
    if wanted and known[wanted] not in found:
        raise EvidenceError(f"{source.path} is not {known[wanted].said}; correct `format`, or the path", "lineage")
    if wanted or len(found) == 1:
        return known[wanted] if wanted else found[0]
    what = " and ".join(reader.said for reader in found)
    said = f"could be {what}; add `format`" if found else "is not a source of lineage that mlgate reads: "
    listed = "" if found else ", ".join(reader.said for reader in known.values())
    raise EvidenceError(f"{source.path} {said}{listed}", "lineage")

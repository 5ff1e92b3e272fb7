"""Croissant: a description of a data set, with the digest of each of its files.

It says nothing of a model or a run. What lies in an archive is not looked for, so only the archive is a thing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlgate.lineage.graph import DATA, MD5, SHA256, LineageNode, LineageRecord, Pin, recorded
from mlgate.lineage.lineage_reader import LineageReader
from mlgate.lineage.source_file import SourceFile, listing, mapping, outside
from mlgate.values.errors import EvidenceError

_SCHEMA = b"mlcommons.org/croissant"
_DIGESTS = {"sha256": SHA256, "md5": MD5}


def _recognises(source: SourceFile) -> bool:
    return source.name.endswith((".json", ".jsonld")) and source.place.is_file() and _SCHEMA in source.head()


def _read(source: SourceFile) -> LineageRecord:
    document = source.json()
    stated = document.get("distribution")
    entries = [stated] if isinstance(stated, dict) else listing(stated)
    files = [_file(source, document, entry) for entry in map(mapping, entries) if _stands_alone(entry)]
    if not files:
        said = f"{source.path} describes no file by a `cr:FileObject`"
        raise EvidenceError(f"{said}; name another description", "lineage")
    return recorded(files)


def _stands_alone(entry: Mapping[str, Any]) -> bool:
    """Whether an entry is a file of its own, neither a pattern nor a part of an archive."""
    kinds = entry.get("@type")
    names = {str(kind).replace("/", ":").rpartition(":")[2] for kind in (listing(kinds) or [kinds])}
    return "FileObject" in names and not entry.get("containedIn")


def _file(source: SourceFile, document: Mapping[str, Any], entry: Mapping[str, Any]) -> LineageNode:
    stated, name = entry.get("contentUrl"), str(entry.get("@id") or entry.get("name") or "")
    if not isinstance(stated, str) or not stated:
        raise EvidenceError(f"{source.path} has a file `{name[:80]}` without a `contentUrl`; add it", "lineage")
    path = "" if outside(stated) else source.from_here(stated)
    return LineageNode(
        f"file:{path}" if path else f"url:{stated}",
        path or stated,
        (DATA,),
        path,
        tuple(_pins(entry)),
        tuple(_labels(document)),
        (f"{source.path}: {name or stated}",),
        licences=tuple(_licences(entry)) or tuple(_licences(document)),
    )


def _licences(entry: Mapping[str, Any]) -> Iterator[str]:
    """The licences of a file or of the whole data set: texts, addresses, or works with one of these."""
    stated = entry.get("license") or entry.get("sc:license")
    for each in listing(stated) or [stated]:
        found = mapping(each).get("url") or mapping(each).get("@id") or mapping(each).get("name") or each
        if isinstance(found, str) and found:
            yield found


def _pins(entry: Mapping[str, Any]) -> Iterator[Pin]:
    for key, kind in _DIGESTS.items():
        if entry.get(key):
            yield Pin(kind, str(entry[key]).lower())


def _labels(document: Mapping[str, Any]) -> Iterator[str]:
    """The data set's name and version, which fix nothing."""
    named = [str(document[key]) for key in ("name", "version") if document.get(key)]
    if named:
        yield " ".join(named)


READER = LineageReader("croissant", "a Croissant description of data", ("croissant.json",), _recognises, _read)

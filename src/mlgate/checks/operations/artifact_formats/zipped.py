"""Zip archives, and the formats that are some: torch, keras, skops and npz. Every file in them is judged too."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import IO, cast

from mlgate.checks.operations.artifact_content import (
    CHUNK,
    ArtifactContent,
    ArtifactFormat,
    ArtifactMember,
    BrokenContentError,
    ContentReading,
    Unpacked,
    Window,
    copied,
)
from mlgate.checks.operations.layers_with_code import code_of_layers
from mlgate.checks.reported.parsed import json_document, text_of
from mlgate.values.errors import EvidenceError

_LOCAL, _END, _END_LENGTH, _HEADER = b"PK\x03\x04", b"PK\x05\x06", 22, 30
_LONGEST_COMMENT = 1 << 16
_MOST_FILES, _MOST_CONFIG = 100_000, 64 << 20
_DESCRIPTORS = (0, 12, 16, 20, 24)
"""The bytes that may lie between two files: nothing, or the sizes of the one before."""
_ENCRYPTED = 1
_BROKEN = (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError, zlib.error)


def _read(content: ArtifactContent) -> ContentReading | None:
    if not content.head.startswith(_LOCAL):
        hidden = _ends_as_archive(content)
        return ContentReading("zip", fault="is an archive that begins with something else") if hidden else None
    if not _ends_as_archive(content):
        raise BrokenContentError("has no end of its archive; it is cut off, or followed by something else")
    if not content.read(content.size - _END_LENGTH, _END_LENGTH).startswith(_END):
        raise BrokenContentError("is an archive with a comment, in which another archive could be hidden")
    try:
        archive = zipfile.ZipFile(content.opened)
        entries = archive.infolist()
    except _BROKEN as error:
        raise BrokenContentError(f"is not a whole archive: {error}") from error
    _expect_plain_list(entries)
    _expect_no_gaps(content, entries, archive.start_dir)
    kind, code = _kind(archive)
    members = [ArtifactMember(each.filename, _opener(content, archive, each)) for each in entries if not each.is_dir()]
    return ContentReading(kind, code, members=members, own=kind != "zip")


def _ends_as_archive(content: ArtifactContent) -> bool:
    """Whether the last bytes are the end of an archive, with the comment that they state.

    In a comment, another end could be hidden that another program takes for the end.
    """
    length = min(content.size, _LONGEST_COMMENT + _END_LENGTH)
    tail = content.read(content.size - length, length)
    at = tail.rfind(_END)
    while at >= 0:
        if at + _END_LENGTH + int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail):
            return at + _END_LENGTH <= len(tail)
        at = tail.rfind(_END, 0, at)
    return False


def _expect_plain_list(entries: list[zipfile.ZipInfo]) -> None:
    if not entries or len(entries) > _MOST_FILES:
        raise BrokenContentError("is an archive without files, or with too many to be read")
    names = {entry.filename for entry in entries}
    if len(names) != len(entries):
        raise BrokenContentError("is an archive that has a name twice")
    if any(entry.is_dir() and entry.file_size for entry in entries):
        raise BrokenContentError("is an archive with a folder that has content, as only a file has")
    stored = [entry for entry in entries if entry.compress_type == zipfile.ZIP_STORED]
    if any(entry.file_size != entry.compress_size for entry in stored):
        raise BrokenContentError("is an archive with a file of two sizes")
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise BrokenContentError("is an archive that is encrypted")
    if any(name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") for name in names):
        raise BrokenContentError("is an archive with a path that leads out of it")


def _expect_no_gaps(content: ArtifactContent, entries: list[zipfile.ZipInfo], end: int) -> None:
    """Raise BrokenContentError where bytes lie in the archive that belong to none of its files."""
    before = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        gap = entry.header_offset - before
        if gap not in _DESCRIPTORS or (gap and not before):
            raise BrokenContentError("is an archive with bytes that belong to none of its files")
        before = _start(content, entry) + entry.compress_size
    if end - before not in _DESCRIPTORS:
        raise BrokenContentError("is an archive with bytes that belong to none of its files")


def _start(content: ArtifactContent, entry: zipfile.ZipInfo) -> int:
    """Where the bytes of a file begin, by its own header."""
    header = content.read(entry.header_offset, _HEADER)
    if header[:4] != _LOCAL:
        raise BrokenContentError("is an archive with a file that is not where its list says")
    name, more = (int.from_bytes(header[at : at + 2], "little") for at in (26, 28))
    if content.read(entry.header_offset + _HEADER, name) != _raw_name(entry):
        raise BrokenContentError("is an archive with a file that has two names")
    return entry.header_offset + _HEADER + name + more


def _raw_name(entry: zipfile.ZipInfo) -> bytes:
    return entry.orig_filename.encode("utf-8" if entry.flag_bits & 0x800 else "cp437", "replace")


def _kind(archive: zipfile.ZipFile) -> tuple[str, str]:
    """The format that the names of the files tell, and why loading it runs code."""
    names = set(archive.namelist())
    if {"metadata.json", "config.json"} <= names:
        return "keras", code_of_layers(_config(archive))
    if "schema.json" in names:
        return "skops", ""
    if any(name.rpartition("/")[2] == "data.pkl" for name in names):
        return "torch", ""
    return ("npz" if all(name.endswith(".npy") for name in names) else "zip"), ""


def _config(archive: zipfile.ZipFile) -> object:
    try:
        with archive.open("config.json") as opened:
            raw = opened.read(_MOST_CONFIG + 1)
        if len(raw) > _MOST_CONFIG:
            raise BrokenContentError("has a config.json that is too long to be read")
        return json_document(text_of(raw, "config.json"), "config.json")
    except (*_BROKEN, EvidenceError) as error:
        raise BrokenContentError("has a config.json that cannot be read") from error


def _opener(
    content: ArtifactContent, archive: zipfile.ZipFile, entry: zipfile.ZipInfo
) -> Callable[[Unpacked], IO[bytes]]:
    if entry.compress_type == zipfile.ZIP_STORED:
        return lambda _budget: cast("IO[bytes]", Window(content.opened, _start(content, entry), entry.file_size))
    return partial(_unpacked, archive, entry)


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: Unpacked) -> IO[bytes]:
    try:
        return copied(_parts(archive, entry), budget)
    except _BROKEN as error:
        raise BrokenContentError(f"cannot be unpacked: {error}") from error


def _parts(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(entry) as source:
        while part := source.read(CHUNK):
            yield part


FORMAT = ArtifactFormat(
    ("zip", "torch", "keras", "skops", "npz"), "a zip archive, of torch, keras, skops or numpy too", _read
)

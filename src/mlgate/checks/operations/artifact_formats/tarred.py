"""Tar archives. Every file in them is judged too; links and devices are refused."""

from __future__ import annotations

import tarfile
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
)

_BLOCK, _MOST_FILES = 512, 100_000


def _read(content: ArtifactContent) -> ContentReading | None:
    try:
        tarfile.TarInfo.frombuf(content.head[:_BLOCK], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return None
    content.opened.seek(0)
    members, end = [], 0
    try:
        with tarfile.open(fileobj=content.opened, mode="r:") as archive:
            for number, entry in enumerate(archive):
                if number >= _MOST_FILES or not (entry.isreg() or entry.isdir()) or entry.issparse():
                    raise BrokenContentError("is an archive with a link or a device, or with too many files")
                end = entry.offset_data + -(-entry.size // _BLOCK) * _BLOCK
                if entry.isreg():
                    members.append(ArtifactMember(entry.name, partial(_part, content, entry.offset_data, entry.size)))
    except (tarfile.TarError, OSError, ValueError, EOFError) as error:
        raise BrokenContentError(f"is not a whole archive: {error}") from error
    if not members:
        raise BrokenContentError("is an archive without files")
    if content.size - end < 2 * _BLOCK or not _zeros(content, end):
        raise BrokenContentError("has no end of its archive; it is cut off, or followed by something else")
    return ContentReading("tar", members=members)


def _part(content: ArtifactContent, start: int, size: int, _budget: Unpacked) -> IO[bytes]:
    return cast("IO[bytes]", Window(content.opened, start, size))


def _zeros(content: ArtifactContent, at: int) -> bool:
    while at < content.size:
        part = content.read(at, min(CHUNK, content.size - at))
        if part.strip(b"\0"):
            return False
        at += len(part)
    return True


FORMAT = ArtifactFormat(("tar",), "a tar archive", _read)

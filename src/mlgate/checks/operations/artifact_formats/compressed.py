"""Files that were compressed by gzip, bzip2, xz, lzma or zlib: joblib stores pickles so, and they are unpacked."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import IO, Any

from mlgate.checks.operations.artifact_content import (
    CHUNK,
    ArtifactContent,
    ArtifactFormat,
    ArtifactMember,
    BrokenContentError,
    ContentReading,
    Unpacked,
    copied,
)

_BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError)
_ZLIB = tuple(bytes([0x78, level]) for level in (0x01, 0x5E, 0x9C, 0xDA))
_UNREAD = {b"\x28\xb5\x2f\xfd": "zstd", b"\x04\x22\x4d\x18": "lz4"}
_OPEN: dict[bytes, tuple[str, Any]] = {
    b"\x1f\x8b\x08": ("gzip", gzip.open),
    b"BZh": ("bzip2", bz2.open),
    b"\xfd7zXZ\x00": ("xz", lzma.open),
    b"\x5d\x00\x00": ("lzma", lzma.open),
}


def _read(content: ArtifactContent) -> ContentReading | None:
    head = content.head
    unread = next((name for magic, name in _UNREAD.items() if head.startswith(magic)), "")
    if unread:
        raise BrokenContentError(f"is compressed by {unread}, which mlgate does not unpack; store it without")
    if head.startswith(_ZLIB) and _is_zlib(content):
        return _reading("zlib", partial(_inflated, content))
    for magic, (name, opened) in _OPEN.items():
        if head.startswith(magic):
            return _reading(name, partial(_unpacked, content, opened))
    return None


def _reading(name: str, unpacks: Callable[[Unpacked], IO[bytes]]) -> ContentReading:
    return ContentReading(name, members=[ArtifactMember("", unpacks)])


def _unpacked(content: ArtifactContent, opens: Callable[[Any], IO[bytes]], budget: Unpacked) -> IO[bytes]:
    content.opened.seek(0)
    try:
        with opens(content.opened) as source:
            return copied(iter(lambda: source.read(CHUNK), b""), budget)
    except _BROKEN as error:
        raise BrokenContentError(f"cannot be unpacked to its end: {error}") from error


def _is_zlib(content: ArtifactContent) -> bool:
    """Whether the first bytes unpack. Two bytes alone would be too little to go by."""
    try:
        zlib.decompressobj().decompress(content.head, 64)
    except zlib.error:
        return False
    return True


def _inflated(content: ArtifactContent, budget: Unpacked) -> IO[bytes]:
    try:
        return copied(_parts(content), budget)
    except zlib.error as error:
        raise BrokenContentError(f"cannot be unpacked to its end: {error}") from error


def _parts(content: ArtifactContent) -> Iterator[bytes]:
    unpack = zlib.decompressobj()
    for part in content.chunks():
        left = part
        while left and not unpack.eof:
            yield unpack.decompress(left, CHUNK)
            left = unpack.unconsumed_tail
        if left and unpack.eof:
            break
    if not unpack.eof or unpack.unused_data or content.opened.read(1):
        raise BrokenContentError("cannot be unpacked to its end; it is cut off, or followed by something else")


FORMAT = ArtifactFormat(
    ("gzip", "bzip2", "xz", "lzma", "zlib"), "a compressed file, of which the content is judged too", _read
)

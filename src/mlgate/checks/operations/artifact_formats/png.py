"""Images in PNG: parts with a checksum each, the last of which ends the file."""

from __future__ import annotations

import zlib

from mlgate.checks.operations.artifact_content import (
    ArtifactContent,
    ArtifactFormat,
    BrokenContentError,
    ContentReading,
)

_MAGIC, _FIRST, _LAST = b"\x89PNG\r\n\x1a\n", b"IHDR", b"IEND"
_MOST = 256 << 20


def _read(content: ArtifactContent) -> ContentReading | None:
    if not content.head.startswith(_MAGIC):
        return None
    raw, at, kind = content.whole(_MOST), len(_MAGIC), b""
    while kind != _LAST:
        length, kind = int.from_bytes(raw[at : at + 4], "big"), raw[at + 4 : at + 8]
        if at + length + 12 > len(raw):
            raise BrokenContentError("is an image that ends too early; it may be cut off")
        if at == len(_MAGIC) and kind != _FIRST:
            raise BrokenContentError("is an image without a header")
        stated = int.from_bytes(raw[at + length + 8 : at + length + 12], "big")
        if zlib.crc32(memoryview(raw)[at + 4 : at + length + 8]) != stated:
            raise BrokenContentError("is an image with a part that its checksum does not fit; it may be damaged")
        at += length + 12
    if at != len(raw):
        raise BrokenContentError("is an image that is followed by something else")
    return ContentReading("png")


FORMAT = ArtifactFormat(("png",), "an image in PNG", _read)

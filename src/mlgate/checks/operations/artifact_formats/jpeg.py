"""Images in JPEG: segments with their lengths, then scans up to the mark that ends the file."""

from __future__ import annotations

import re

from mlgate.checks.operations.artifact_content import (
    ArtifactContent,
    ArtifactFormat,
    BrokenContentError,
    ContentReading,
)

_MAGIC, _SCAN, _END = b"\xff\xd8\xff", 0xDA, 0xD9
_MARK = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")
"""A mark that ends the data of a scan: neither a byte of these data nor a restart."""
_MOST = 256 << 20
_CUT = "is an image that ends too early; it may be cut off"


def _read(content: ArtifactContent) -> ContentReading | None:
    if not content.head.startswith(_MAGIC):
        return None
    raw, at, scans = content.whole(_MOST), 2, 0
    while True:
        mark = _MARK.match(raw, at)
        if mark is None:
            raise BrokenContentError(_CUT if at >= len(raw) - 1 else "is an image with bytes that no segment describes")
        at, kind = mark.end(), raw[mark.end() - 1]
        if kind == _END:
            break
        length = int.from_bytes(raw[at : at + 2], "big")
        at += length
        if length < 2 or at > len(raw):
            raise BrokenContentError(_CUT)
        if kind == _SCAN:
            scans += 1
            ended = _MARK.search(raw, at)
            at = ended.start() if ended else len(raw)
    if at != len(raw) or not scans:
        raise BrokenContentError("is an image that is followed by something else" if scans else "is an empty image")
    return ContentReading("jpeg")


FORMAT = ArtifactFormat(("jpeg",), "an image in JPEG", _read)

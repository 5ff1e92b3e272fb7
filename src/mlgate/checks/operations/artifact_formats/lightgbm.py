"""Models of LightGBM, which are text with a mark at the end of the trees."""

from __future__ import annotations

import json

from mlgate.checks.operations.artifact_content import (
    ArtifactContent,
    ArtifactFormat,
    BrokenContentError,
    ContentReading,
)

_HEAD, _TREES = (b"tree\nversion=", b"tree\r\nversion="), b"\nend of trees"
_LAST, _CATEGORIES = b"end of parameters", b"pandas_categorical:"


def _read(content: ArtifactContent) -> ContentReading | None:
    if not content.head.startswith(_HEAD):
        return None
    before, ended = b"", False
    for part in content.chunks():
        if any(b"\n" + head in before + part for head in _HEAD):
            raise BrokenContentError("is a model of LightGBM that is followed by another")
        ended = ended or _TREES in before + part
        before = (before + part)[-(1 << 16) :]
    last = before.rstrip().rpartition(b"\n")[2]
    if not ended or not (last == _LAST or _is_json(last, _CATEGORIES)):
        raise BrokenContentError("is a model of LightGBM without its end; it is cut off, or followed by something else")
    return ContentReading("lightgbm")


def _is_json(line: bytes, before: bytes) -> bool:
    """Whether a line is JSON that follows some bytes."""
    try:
        json.loads(line.removeprefix(before))
    except (ValueError, RecursionError):
        return False
    return line.startswith(before)


FORMAT = ArtifactFormat(("lightgbm",), "a model of LightGBM", _read)

"""Models of CatBoost in its own binary format, which states its length."""

from __future__ import annotations

import re

from mlgate.checks.operations.artifact_content import (
    ArtifactContent,
    ArtifactFormat,
    BrokenContentError,
    ContentReading,
)

_MAGIC = b"CBM1"
_PARTS = re.compile(rb"[a-z_]+(?:_provider|_processing_collection)_v[0-9]+")
"""The names of what may follow the model itself."""
_TABLES = [b"static_provider_v1"]
"""Tables of target statistics: their number, then each with its length before it."""
_MOST, _MOST_TABLES = 256 << 20, 100_000


def _read(content: ArtifactContent) -> ContentReading | None:
    if not content.head.startswith(_MAGIC):
        return None
    end = 8 + _number(content, 4)
    if end > content.size:
        raise BrokenContentError("is a model of CatBoost that ends too early; it may be cut off")
    parts = _PARTS.findall(content.read(8, min(end - 8, _MOST))) if end < content.size else []
    if parts == _TABLES:
        for _ in range(min(_number(content, end), _MOST_TABLES)):
            end += 4 + _number(content, end + 4)
        end += 4
    elif parts:
        raise BrokenContentError("is a model of CatBoost with features of text, which mlgate cannot read to its end")
    if end != content.size:
        more = "cut off" if end > content.size else "followed by something else"
        raise BrokenContentError(f"is a model of CatBoost that is {more}")
    return ContentReading("catboost")


def _number(content: ArtifactContent, at: int) -> int:
    return int.from_bytes(content.read(at, 4), "little")


FORMAT = ArtifactFormat(("catboost",), "a model of CatBoost", _read)

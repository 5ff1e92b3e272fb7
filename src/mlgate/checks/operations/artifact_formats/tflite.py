"""Models of TensorFlow Lite: a buffer with the mark `TFL3`, whose tables lie in the file. No model is loaded."""

from __future__ import annotations

from mlgate.checks.operations.artifact_content import (
    ArtifactContent,
    ArtifactFormat,
    BrokenContentError,
    ContentReading,
)

_MAGIC, _SCHEMA = b"TFL3", 3
_VERSION, _SUBGRAPHS, _BUFFERS = 0, 2, 4
"""The fields of a model."""
_MOST = 1_000_000


def _read(content: ArtifactContent) -> ContentReading | None:
    if content.head[4:8] != _MAGIC:
        return None
    root = _number(content, 0)
    version = _field(content, root, _VERSION)
    if not version or _number(content, version) != _SCHEMA:
        raise BrokenContentError("is of a version of TensorFlow Lite that mlgate does not read")
    if not list(_tables(content, root, _SUBGRAPHS)):
        raise BrokenContentError("is a model of TensorFlow Lite without a graph")
    for buffer in _tables(content, root, _BUFFERS):
        _inside(content, buffer)
    return ContentReading("tflite")


def _inside(content: ArtifactContent, buffer: int) -> None:
    """Raise BrokenContentError where the data of a buffer are not in the file."""
    data = _field(content, buffer, 0)
    if data:
        start = data + _number(content, data)
        if start + 4 + _number(content, start) > content.size:
            raise BrokenContentError("is a model of TensorFlow Lite that ends too early; it may be cut off")
    if _field(content, buffer, 1):
        raise BrokenContentError("is a model of TensorFlow Lite with data behind it, which mlgate cannot read")


def _tables(content: ArtifactContent, table: int, field: int) -> list[int]:
    """Where the tables of a list lie, which is a field of a table."""
    at = _field(content, table, field)
    if not at:
        return []
    start = at + _number(content, at)
    count = _number(content, start)
    if count > _MOST:
        raise BrokenContentError("is a model of TensorFlow Lite with a list that is too long")
    places = range(start + 4, start + 4 + 4 * count, 4)
    found = [place + _number(content, place) for place in places]
    for each in found:
        _field(content, each, 0)
    return found


def _field(content: ArtifactContent, table: int, field: int) -> int:
    """Where a field of a table lies; 0 where the table has none."""
    names = table - int.from_bytes(content.read(table, 4), "little", signed=True)
    if names < 0:
        raise BrokenContentError("is a model of TensorFlow Lite with a table that is nowhere")
    size = int.from_bytes(content.read(names, 2), "little")
    place = 4 + 2 * field
    if place + 2 > size:
        return 0
    inside = int.from_bytes(content.read(names + place, 2), "little")
    return table + inside if inside else 0


def _number(content: ArtifactContent, at: int) -> int:
    return int.from_bytes(content.read(at, 4), "little")


FORMAT = ArtifactFormat(("tflite",), "a model of TensorFlow Lite", _read)

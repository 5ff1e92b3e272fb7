"""Tensors in the format safetensors: a header in JSON, then bytes that it describes without a gap."""

from __future__ import annotations

from typing import Any

from mlgate.checks.operations.artifact_content import (
    ArtifactContent,
    ArtifactFormat,
    BrokenContentError,
    ContentReading,
)
from mlgate.checks.reported.parsed import json_document, text_of
from mlgate.values.errors import EvidenceError

_MOST_HEADER, _LENGTH = 100_000_000, 8


def _read(content: ArtifactContent) -> ContentReading | None:
    length = int.from_bytes(content.head[:_LENGTH], "little")
    if content.head[_LENGTH : _LENGTH + 1] != b"{" or not 2 <= length <= _MOST_HEADER:
        return None
    try:
        header = json_document(text_of(content.read(_LENGTH, length), content.name), content.name)
    except EvidenceError as error:
        raise BrokenContentError("has a header that is not JSON") from error
    if not isinstance(header, dict):
        return None
    places = sorted(_place(each) for name, each in header.items() if name != "__metadata__")
    ends = [0, *(end for _, end in places)]
    if any(begin != before for (begin, _), before in zip(places, ends, strict=False)):
        raise BrokenContentError("has bytes that its header does not describe, or describes twice")
    wanted = _LENGTH + length + ends[-1]
    if wanted != content.size:
        more = "cut off" if wanted > content.size else "followed by something else"
        raise BrokenContentError(f"has {content.size:,} bytes, not the {wanted:,} that its header states; it is {more}")
    return ContentReading("safetensors")


def _place(found: Any) -> tuple[int, int]:
    place = found.get("data_offsets") if isinstance(found, dict) else None
    if isinstance(place, list) and len(place) == 2 and all(type(each) is int for each in place):
        begin, end = place
        if 0 <= begin <= end:
            return begin, end
    raise BrokenContentError("has a header that gives a tensor no place")


FORMAT = ArtifactFormat(("safetensors",), "tensors in the format safetensors", _read)

"""Models in GGUF, as llama.cpp reads them: a header of values and tensors, then the data that it describes."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

from mlgate.checks.operations.artifact_content import (
    ArtifactContent,
    ArtifactFormat,
    BrokenContentError,
    ContentReading,
)

_MAGIC, _VERSIONS = b"GGUF", (2, 3)
_MOST_HEADER, _MOST_PARTS, _MOST_DIMENSIONS, _DEEPEST = 64 << 20, 2_000_000, 8, 4
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_TEXT, _ARRAY = 8, 9
_ALIGNMENT, _ALIGNED = "general.alignment", 32
_BLOCKS = {
    0: (1, 4),
    1: (1, 2),
    2: (32, 18),
    3: (32, 20),
    6: (32, 22),
    7: (32, 24),
    8: (32, 34),
    10: (256, 84),
    11: (256, 110),
    12: (256, 144),
    13: (256, 176),
    14: (256, 210),
    15: (256, 292),
    16: (256, 66),
    17: (256, 74),
    18: (256, 98),
    19: (256, 50),
    20: (32, 18),
    21: (256, 110),
    22: (256, 82),
    23: (256, 136),
    24: (1, 1),
    25: (1, 2),
    26: (1, 4),
    27: (1, 8),
    28: (1, 8),
    29: (256, 56),
    30: (1, 2),
    34: (256, 54),
    35: (256, 66),
    39: (32, 17),
}
"""The types of tensors: how many numbers are stored together, and in how many bytes."""


def _read(content: ArtifactContent) -> ContentReading | None:
    if not content.head.startswith(_MAGIC):
        return None
    header = _Header(content.read(0, min(content.size, _MOST_HEADER)), 4)
    version, tensors, values = header.number("I"), header.number("Q"), header.number("Q")
    if version not in _VERSIONS:
        raise BrokenContentError("is of a version of GGUF that mlgate does not read, or from a big-endian machine")
    if max(tensors, values) > _MOST_PARTS:
        raise BrokenContentError("has a header with more parts than any model has")
    known = {header.text(): header.value(header.number("I")) for _ in range(values)}
    aligned = known.get(_ALIGNMENT, _ALIGNED)
    ends = [header.tensor() for _ in range(tensors)]
    if not isinstance(aligned, int) or not 0 < aligned <= 1 << 20:
        raise BrokenContentError("has a header with an alignment that is not possible")
    end = header.at if not ends else _rounded(header.at, aligned) + max(ends)
    if not end <= content.size <= _rounded(end, aligned):
        more = "cut off" if end > content.size else "followed by something else"
        raise BrokenContentError(f"has {content.size:,} bytes, not the {end:,} that its header states; it is {more}")
    return ContentReading("gguf")


def _rounded(at: int, aligned: int) -> int:
    return -(-at // aligned) * aligned


@dataclass
class _Header:
    """The header, and the place in it."""

    raw: bytes
    at: int

    def take(self, count: int) -> bytes:
        """The next bytes."""
        if self.at + count > len(self.raw):
            raise BrokenContentError("has a header that ends too early, or is too long to be read")
        self.at += count
        return self.raw[self.at - count : self.at]

    def number(self, kind: str) -> Any:
        """The next number."""
        return struct.unpack(f"<{kind}", self.take(struct.calcsize(f"<{kind}")))[0]

    def text(self) -> str:
        """The next text."""
        return self.take(self.number("Q")).decode("utf-8", "replace")

    def value(self, kind: int, depth: int = 0) -> object:
        """The next value; of an array nothing, for it is only passed by."""
        if kind in _NUMBERS:
            return self.number(_NUMBERS[kind])
        if kind == _TEXT:
            return self.text()
        if kind != _ARRAY or depth > _DEEPEST:
            raise BrokenContentError("has a header with a value of a kind that GGUF does not have")
        of, count = self.number("I"), self.number("Q")
        if of in _NUMBERS:
            self.take(count * struct.calcsize(f"<{_NUMBERS[of]}"))
        else:
            for _ in range(count):
                self.value(of, depth + 1)
        return None

    def tensor(self) -> int:
        """Where the next tensor that is described ends in the data."""
        self.text()
        dimensions = self.number("I")
        if dimensions > _MOST_DIMENSIONS:
            raise BrokenContentError("has a header with a tensor of too many dimensions")
        count = 1
        for _ in range(dimensions):
            count *= self.number("Q")
        kind, start = self.number("I"), self.number("Q")
        if kind not in _BLOCKS:
            raise BrokenContentError("has a tensor of a type that mlgate does not know, so its end is not known")
        together, size = _BLOCKS[kind]
        return int(start) + -(-count // together) * size


FORMAT = ArtifactFormat(("gguf",), "a model in GGUF", _read)

"""The fields of a message of Protocol Buffers, found without its schema. Their bytes are skipped, not read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

VARINT, DOUBLE, BYTES, FLOAT = 0, 1, 2, 5
"""How the value of a field is written."""
_MOST_FIELDS = 1 << 20


class NotProtobufError(Exception):
    """Bytes that are not a message."""


@dataclass(frozen=True)
class ProtobufField:
    """A field of a message: its number, how it is written, and its number or the place of its bytes."""

    number: int
    wire: int
    value: int
    start: int = 0
    end: int = 0


def protobuf_fields(opened: IO[bytes], start: int, end: int) -> Iterator[ProtobufField]:
    """The fields of the message between two places of a file. Raises NotProtobufError where it is none."""
    at = start
    for _ in range(_MOST_FIELDS):
        if at == end:
            return
        tag, at = _varint(opened, at, end)
        number, wire = tag >> 3, tag & 7
        value, length = 0, {DOUBLE: 8, FLOAT: 4}.get(wire, 0)
        if wire in (VARINT, BYTES):
            value, at = _varint(opened, at, end)
            length = value if wire == BYTES else 0
        if not number or wire not in (VARINT, DOUBLE, BYTES, FLOAT) or at + length > end:
            break
        yield ProtobufField(number, wire, value, at, at + length)
        at += length
    raise NotProtobufError


def _varint(opened: IO[bytes], at: int, end: int) -> tuple[int, int]:
    """A number of variable length, and the place after it."""
    opened.seek(at)
    found = 0
    for place, byte in enumerate(opened.read(min(10, end - at))):
        found |= (byte & 0x7F) << (7 * place)
        if not byte & 0x80:
            return found, at + place + 1
    raise NotProtobufError

"""The bytes of a model's file, or of a file in an archive, and what a format recognises in them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import RawIOBase
from tempfile import SpooledTemporaryFile
from typing import IO, Any

HEAD, CHUNK, MOST_AT_ONCE = 4_096, 1 << 20, 256 << 20
_IN_MEMORY = 64 << 20


class BrokenContentError(Exception):
    """Content that begins as a format and is not a whole file of it; the text says what is wrong."""


@dataclass(frozen=True)
class ArtifactContent:
    """Bytes that can be read anywhere, and their name: `model.zip!weights.npy` is a file in an archive."""

    name: str
    opened: IO[bytes]
    size: int
    head: bytes
    """The first bytes."""

    @staticmethod
    def of(name: str, opened: IO[bytes], size: int) -> ArtifactContent:
        """The content of an open file of some size."""
        opened.seek(0)
        return ArtifactContent(name, opened, size, opened.read(min(HEAD, size)))

    def read(self, at: int, count: int) -> bytes:
        """So many bytes from a place on. Raises BrokenContentError where the file ends before."""
        if at + count > self.size:
            raise BrokenContentError("ends too early; it may be cut off")
        self.opened.seek(at)
        found = self.opened.read(count)
        if len(found) != count:
            raise BrokenContentError("ends too early; it may be cut off")
        return found

    def whole(self, most: int) -> bytes:
        """All bytes. Raises BrokenContentError where there are more than `most`."""
        if self.size > most:
            raise BrokenContentError(f"has more than {most >> 20} MiB, too much for a file of this format to be read")
        return self.read(0, self.size)

    def chunks(self) -> Iterable[bytes]:
        """All bytes, in parts."""
        self.opened.seek(0)
        return iter(lambda: self.opened.read(CHUNK), b"")


@dataclass(frozen=True)
class ArtifactMember:
    """A file in an archive. `unpacked` gives its bytes: a part of the archive itself, or a copy that counts."""

    name: str
    unpacked: Callable[[Unpacked], IO[bytes]]


@dataclass(frozen=True)
class ContentReading:
    """What a format recognised."""

    format: str
    code: str = ""
    """Why code runs when it is loaded: "is a pickle, which ..."; empty if none is known to."""
    fault: str = ""
    """Why it is not a whole and single file of the format; empty if it is."""
    members: Iterable[ArtifactMember] = ()
    """The files in it."""
    own: bool = False
    """Whether its members are parts of the format, such as the arrays in an `npz`, and not files of their own."""


@dataclass
class Unpacked:
    """How many bytes may still be unpacked."""

    left: int

    def take(self, count: int) -> None:
        """Use up some. Raises BrokenContentError where they are not left."""
        self.left -= count
        if self.left < 0:
            raise BrokenContentError("unpacks to more than mlgate unpacks; store it without compression")


@dataclass(frozen=True)
class ArtifactFormat:
    """A format, or a kind of formats: its names, and how content of it is recognised and read.

    `read` gives None for other content. It may raise BrokenContentError, with `names[0]` as the format.
    """

    names: tuple[str, ...]
    said: str
    """What it is, in words."""
    read: Callable[[ArtifactContent], ContentReading | None]
    plain: bool = False
    """Whether any text is of the format, so that every other format comes first."""


def copied(parts: Iterable[bytes], budget: Unpacked) -> IO[bytes]:
    """A copy of unpacked bytes, in memory or in a temporary file. Raises BrokenContentError for too many."""
    made: IO[bytes] = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the caller reads and closes it
    try:
        for part in parts:
            budget.take(len(part))
            made.write(part)
    except BaseException:
        made.close()
        raise
    return made


def contains_code(tree: Any, found: Callable[[dict[str, Any]], str], deepest: int = 1_000) -> str:
    """The first text that `found` gives for an object of a JSON tree; empty if it gives none."""
    todo, steps = [(tree, 0)], 0
    while todo:
        node, depth = todo.pop()
        steps += 1
        if depth > deepest or steps > 5_000_000:
            raise BrokenContentError("is nested too deeply, or has too many parts, to be read")
        if isinstance(node, dict):
            if said := found(node):
                return said
            todo += [(below, depth + 1) for below in node.values()]
        elif isinstance(node, list):
            todo += [(below, depth + 1) for below in node if isinstance(below, (dict, list))]
    return ""


class Window(RawIOBase):
    """A part of an open file as a file of its own. It reads no more at once than memory surely has."""

    def __init__(self, opened: IO[bytes], start: int, size: int) -> None:
        super().__init__()
        self._opened, self._start, self._size, self._at = opened, start, size, 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """The place where it reads next."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place."""
        before = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if before + offset < 0:
            raise OSError("a place before the start of a file")
        self._at = before + offset
        return self._at

    def read(self, count: int | None = -1, /) -> bytes:
        """Some bytes, at most those up to the end. Raises BrokenContentError for more than MOST_AT_ONCE."""
        left = max(0, self._size - self._at)
        wanted = left if count is None or count < 0 else min(count, left)
        if wanted > MOST_AT_ONCE:
            raise BrokenContentError(f"has a part of more than {MOST_AT_ONCE >> 20} MiB that has to be read at once")
        self._opened.seek(self._start + self._at)
        found = self._opened.read(wanted)
        self._at += len(found)
        return found

    def readinto(self, buffer: Any, /) -> int:
        """Fill a buffer as far as there are bytes."""
        found = self.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)

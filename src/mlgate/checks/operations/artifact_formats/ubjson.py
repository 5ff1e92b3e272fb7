"""Models of XGBoost in UBJSON, which fill the file to its end."""

from __future__ import annotations

from dataclasses import dataclass

from mlgate.checks.operations.artifact_content import (
    ArtifactContent,
    ArtifactFormat,
    BrokenContentError,
    ContentReading,
)

_SIZES = {
    **dict.fromkeys((b"Z", b"N", b"T", b"F"), 0),
    **dict.fromkeys((b"i", b"U", b"C"), 1),
    b"I": 2,
    **dict.fromkeys((b"l", b"d"), 4),
    **dict.fromkeys((b"L", b"D"), 8),
}
_WHOLE = (b"i", b"U", b"I", b"l", b"L")
_NAMES = {b"learner", b"version"}
"""The keys of every model."""
_DEEPEST, _MOST_STEPS = 100, 5_000_000


def _read(content: ArtifactContent) -> ContentReading | None:
    if content.head[:1] != b"{" or content.head[1:2] not in _WHOLE or not any(name in content.head for name in _NAMES):
        return None
    walk = _Ubjson(content)
    names = walk.object(0, top=True)
    if not names >= _NAMES:
        return None
    if walk.at != content.size:
        raise BrokenContentError("is a model of XGBoost that is followed by something else")
    return ContentReading("xgboost")


@dataclass
class _Ubjson:
    """Goes over a document without keeping its values."""

    content: ArtifactContent
    at: int = 0
    steps: int = 0

    def _take(self, count: int = 1) -> bytes:
        found = self.content.read(self.at, count)
        self.at += count
        return found

    def _skip(self, count: int) -> None:
        if not 0 <= count <= self.content.size - self.at:
            raise BrokenContentError("ends too early; it may be cut off")
        self.at += count

    def _number(self) -> int:
        kind = self._take()
        if kind not in _WHOLE:
            raise BrokenContentError("is not whole UBJSON")
        return int.from_bytes(self._take(_SIZES[kind]), "big", signed=kind != b"U")

    def _value(self, kind: bytes, depth: int) -> None:
        self.steps += 1
        if depth > _DEEPEST or self.steps > _MOST_STEPS:
            raise BrokenContentError("is UBJSON with too many parts, or nested too deeply")
        if kind in _SIZES:
            self._skip(_SIZES[kind])
        elif kind in (b"S", b"H"):
            self._skip(self._number())
        elif kind == b"[":
            self._array(depth)
        elif kind == b"{":
            self.at -= 1
            self.object(depth)
        else:
            raise BrokenContentError("is not whole UBJSON")

    def _array(self, depth: int) -> None:
        kind, count = self._typed()
        if kind in _SIZES and count is not None:
            self._skip(_SIZES[kind] * count)
            return
        left = -1 if count is None else count
        while left and not (count is None and self._ends(b"]")):
            self._value(kind or self._take(), depth + 1)
            left -= 1

    def object(self, depth: int, *, top: bool = False) -> set[bytes]:
        """Go over an object, and give its keys if it is the top one."""
        self._take()
        kind, count = self._typed()
        names: set[bytes] = set()
        left = -1 if count is None else count
        while left and not (count is None and self._ends(b"}")):
            length = self._number()
            name = self._take(length) if 0 <= length <= 1_000 else b""
            self._skip(0 if 0 <= length <= 1_000 else length)
            names |= {name} if top else set()
            self._value(kind or self._take(), depth + 1)
            left -= 1
        return names

    def _typed(self) -> tuple[bytes, int | None]:
        """The kind of all values and their number, where they are stated before them."""
        kind = b""
        if self._ends(b"$"):
            kind = self._take()
        if self._ends(b"#"):
            count = self._number()
            if count < 0:
                raise BrokenContentError("is not whole UBJSON")
            return kind, count
        if kind:
            raise BrokenContentError("is not whole UBJSON")
        return b"", None

    def _ends(self, mark: bytes) -> bool:
        """Whether the next byte is a mark, which is then passed."""
        if self.content.read(self.at, 1) != mark:
            return False
        self.at += 1
        return True


FORMAT = ArtifactFormat(("xgboost",), "a model of XGBoost in UBJSON", _read)

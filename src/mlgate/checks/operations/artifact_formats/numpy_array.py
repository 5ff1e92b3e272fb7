"""Arrays of numpy. An array of objects is stored as a pickle."""

from __future__ import annotations

import ast
from math import prod
from typing import Any

from mlgate.checks.operations.artifact_content import (
    ArtifactContent,
    ArtifactFormat,
    BrokenContentError,
    ContentReading,
)

_MAGIC = b"\x93NUMPY"
_LONGEST = 1 << 16
_CODE = "is an array of objects, which numpy stores as a pickle, and reading a pickle runs the code in it"


def _read(content: ArtifactContent) -> ContentReading | None:
    if not content.head.startswith(_MAGIC):
        return None
    length = 2 if content.read(6, 1)[0] == 1 else 4
    count = int.from_bytes(content.read(8, length), "little")
    if count > _LONGEST:
        raise BrokenContentError("has a header that is longer than any of numpy's")
    kind, shape = _header(content.read(8 + length, count))
    size = _bytes(kind)
    if size is None:
        return ContentReading("numpy", _CODE)
    wanted = 8 + length + count + size * prod(shape)
    if wanted != content.size:
        more = "cut off" if wanted > content.size else "followed by something else"
        raise BrokenContentError(f"has {content.size:,} bytes, not the {wanted:,} that its header states; it is {more}")
    return ContentReading("numpy")


def _header(raw: bytes) -> tuple[Any, tuple[int, ...]]:
    try:
        found = ast.literal_eval(raw.decode("latin-1").strip())
        kind, shape = found["descr"], tuple(found["shape"])
    except (ValueError, SyntaxError, TypeError, KeyError, MemoryError, RecursionError) as error:
        raise BrokenContentError("has a header that is not one of numpy") from error
    if not all(type(each) is int and 0 <= each < 1 << 62 for each in shape):
        raise BrokenContentError("has a header with an impossible shape")
    return kind, shape


def _bytes(kind: Any) -> int | None:
    """The bytes of one value of a type; None for an object."""
    import numpy as np

    try:
        found = np.lib.format.descr_to_dtype(kind)
    except (TypeError, ValueError, LookupError, SyntaxError, AttributeError, RecursionError, OverflowError) as error:
        raise BrokenContentError("has values of a type that numpy does not know") from error
    return None if found.hasobject else int(found.itemsize)


FORMAT = ArtifactFormat(("numpy",), "an array of numpy", _read)

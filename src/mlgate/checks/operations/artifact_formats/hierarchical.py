"""HDF5 files, such as those of Keras before version 3, whose description of the layers may have code in it."""

from __future__ import annotations

import json
import re
from typing import Any

from mlgate.checks.operations.artifact_content import (
    ArtifactContent,
    ArtifactFormat,
    BrokenContentError,
    ContentReading,
)
from mlgate.checks.operations.layers_with_code import code_of_layers

_MAGIC = b"\x89HDF\r\n\x1a\n"
_OBJECT = re.compile(rb'\{\s*"')
_CONFIG, _STEP, _MOST_CONFIG = b"model_config", 4 << 20, 64 << 20
_LAST_USER_BLOCK, _MOST_OBJECTS = 1 << 20, 200_000
_END_AT = {0: 40, 1: 44, 2: 28, 3: 28}
"""Where a superblock of each version has the address of the file's end, if addresses have eight bytes."""


def _read(content: ArtifactContent) -> ContentReading | None:
    if not content.head.startswith(_MAGIC):
        return ContentReading("hdf5", fault="is HDF5 that begins with something else") if _later(content) else None
    version = content.read(8, 1)[0]
    width = content.read(13 if version < 2 else 9, 1)[0]
    if version not in _END_AT or width != 8:
        raise BrokenContentError("has a head of HDF5 that mlgate does not know")
    end = int.from_bytes(content.read(_END_AT[version], 8), "little")
    if end != content.size:
        more = "cut off" if end > content.size else "followed by something else"
        raise BrokenContentError(f"has {content.size:,} bytes, not the {end:,} that its head states; it is {more}")
    return ContentReading("hdf5", _code(content))


def _later(content: ArtifactContent) -> bool:
    """Whether HDF5 begins after a block that a user may write, of 512 bytes or a power of two times as many."""
    at = 512
    while at + len(_MAGIC) <= min(content.size, _LAST_USER_BLOCK):
        if content.read(at, len(_MAGIC)) == _MAGIC:
            return True
        at *= 2
    return False


def _code(content: ArtifactContent) -> str:
    """Why the layers that a file describes run code. Attributes are never compressed, so their text can be found."""
    described, parsed, tried = False, False, 0
    for at, part in _parts(content):
        described = described or _CONFIG in part
        for found in _OBJECT.finditer(part, 0, _STEP):
            tried += 1
            if tried > _MOST_OBJECTS:
                raise BrokenContentError("has too many objects of JSON for all of them to be judged")
            tree = _object(content, at + found.start())
            parsed = parsed or (isinstance(tree, dict) and "class_name" in tree)
            if said := code_of_layers(tree):
                return said
    if described and not parsed:
        raise BrokenContentError("has a description of Keras layers that mlgate cannot find, and so not judge")
    return ""


def _parts(content: ArtifactContent) -> Any:
    """Parts that overlap by so much that nothing is cut in two, each with its place."""
    for at in range(0, content.size, _STEP):
        yield at, content.read(at, min(_STEP + 256, content.size - at))


def _object(content: ArtifactContent, at: int) -> Any:
    """The JSON object that begins at a place; None if there is none."""
    length = 1 << 16
    while True:
        raw = content.read(at, min(length, content.size - at))
        text = raw.decode("latin-1")
        try:
            return json.JSONDecoder().raw_decode(text)[0]
        except (ValueError, RecursionError) as error:
            # Only an object that breaks off at the end of what was read may be whole further on.
            near_end = isinstance(error, json.JSONDecodeError) and error.pos > len(text) - 256
            unended = isinstance(error, json.JSONDecodeError) and "Unterminated" in error.msg
            if isinstance(error, RecursionError):
                raise BrokenContentError("has a description that is nested too deeply") from error
            if len(raw) < length or length > _MOST_CONFIG or not (near_end or unended):
                return None
            length *= 4


FORMAT = ArtifactFormat(("hdf5",), "HDF5, of Keras too", _read)

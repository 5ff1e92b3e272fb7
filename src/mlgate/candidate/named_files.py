"""The files and frames that a candidate names: how a path is read, and how all files are found in a candidate."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from collections.abc import Mapping as Pairs
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from mlgate.evidence.sources import FRAME_WORDS, FileSource, FrameSource, Source, library_of
from mlgate.reading.fields import Missing, ProblemReport, Text
from mlgate.reading.python_values import Argument, Held, Listing
from mlgate.reading.strict_yaml import Mapping, Node, Scalar, Sequence
from mlgate.values.errors import Location
from mlgate.values.plain import Schema

T = TypeVar("T")
KeyPath = tuple[str, ...]

_LONGEST, _LONGEST_NAME = 4096, 255
"""The most bytes of a path, and of each name in it, that file systems take."""


_WITHOUT_FILES = (str, int, float, type(None), Location, FrameSource)
"""Most parts of a candidate, which need not be looked into."""


@dataclass(frozen=True)
class FilePath:
    """A key that names a file, folder or glob, relative to the candidate file."""

    @property
    def noun(self) -> str:
        """What is expected, in words."""
        return Text().noun

    def read(self, node: Node, report: ProblemReport) -> FileSource | Missing:
        """The file, or MISSING. `with_files` sets its folder later."""
        path = Text().read(node, report)
        if isinstance(path, Missing):
            return path
        if len(path.encode()) > _LONGEST or any(len(part.encode()) > _LONGEST_NAME for part in path.split("/")):
            return report.refuse(node.at, "is longer than a file's path can be; correct the path")
        return FileSource(path, Path(), report.key)

    def schema(self) -> Schema:
        """A text."""
        return Text().schema()


@dataclass(frozen=True)
class TablePath(FilePath):
    """A key that names the file, folder or glob of a table; from Python also a frame."""

    def read(self, node: Node, report: ProblemReport) -> Source | Missing:  # type: ignore[override]  # frames too
        """The file or the frame, or MISSING."""
        if isinstance(node, Held) and library_of(node.value):
            return FrameSource(node.value, report.key.removesuffix(".path"))
        if isinstance(node.at, Argument) and not isinstance(node, Scalar):
            return report.refuse(node.at, f"must be the path of a file, or {FRAME_WORDS}, not {node}{_as_frame(node)}")
        if isinstance(node, Sequence):
            return report.refuse(node.at, f"must be {self.noun}, not {node}{_as_frame(node)}")
        return super().read(node, report)


def _as_frame(node: Node) -> str:
    """What to give instead of a value that is not a frame, as the end of a message; empty if nothing is obvious."""
    value = node.value if isinstance(node, Held) else None
    if (isinstance(node, Listing) and node.named) or hasattr(value, "to_frame"):
        return "; give the whole frame, and name its columns by `label=`, `prediction=` and so on"
    if isinstance(node, Sequence) and all(isinstance(item, Scalar) for item in node.items):
        return '; name a folder, or several files by a glob such as "parts/*.csv"'
    rows = isinstance(node, Listing) or (isinstance(node, Mapping) and not isinstance(node, Held))
    return "; make a frame of it, as by `pandas.DataFrame(...)`" if rows or hasattr(value, "shape") else ""


def files(value: object, keys: KeyPath = ()) -> Iterator[tuple[KeyPath, FileSource]]:
    """Every file in a value, with the keys that lead to it, in any record that a check declares."""
    if isinstance(value, FileSource):
        yield keys, value
    elif not isinstance(value, _WITHOUT_FILES):
        for key, below in _within(value):
            yield from files(below, (*keys, key) if key else keys)


def role_of(keys: KeyPath) -> str:
    """The role of a file among the inputs of a verdict, from the keys that name it."""
    first, *rest = keys
    if first == "declared":
        return rest[0]
    if first == "champions":
        return f"champion {rest[0]}"
    return rest[0] if first == "tables" else first


def _within(value: object) -> Iterator[tuple[str, object]]:
    """The parts of a record, of a mapping, of (name, value) pairs or of a list."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield from ((field.name, getattr(value, field.name)) for field in dataclasses.fields(value))
    elif isinstance(value, Pairs):
        yield from (("" if isinstance(key, type) else str(key), below) for key, below in value.items())
    elif isinstance(value, (tuple, list)):
        for entry in value:
            pair = isinstance(entry, tuple) and len(entry) == 2 and isinstance(entry[0], str)
            yield (entry[0], entry[1]) if pair else ("", entry)


def with_files(value: T, change: Callable[[FileSource], FileSource]) -> T:
    """The same value with every file in it changed by a function, for example to set its folder."""
    found: T = _changed(value, change)
    return found


def _changed(value: Any, change: Callable[[FileSource], FileSource]) -> Any:
    if isinstance(value, FileSource):
        return change(value)
    if isinstance(value, (FrameSource, Location)):
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: getattr(value, field.name) for field in dataclasses.fields(value) if field.init}
        return dataclasses.replace(value, **{name: _changed(part, change) for name, part in parts.items()})
    if isinstance(value, Pairs):
        return {key: _changed(part, change) for key, part in value.items()}
    if isinstance(value, (tuple, list)):
        return type(value)(_changed(part, change) for part in value)
    return value

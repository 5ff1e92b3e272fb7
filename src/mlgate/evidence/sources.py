"""Where rows come from: files as the candidate names them, and frames in memory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from mlgate.values.file_search import covers


@dataclass(frozen=True)
class FileSource:
    """A file, folder or glob as the candidate file names it; its path is relative to `root`."""

    path: str
    root: Path
    key: str = field(default="", compare=False)
    """The key of the candidate file that names it."""


@dataclass(frozen=True, eq=False)
class FrameSource:
    """A pandas, polars, pyarrow or DuckDB frame in memory; `label` is its name in reports."""

    frame: Any
    label: str = "<frame>"


Source = FileSource | FrameSource
FRAMES: Mapping[str, tuple[str, ...]] = {
    "pandas": ("DataFrame",),
    "polars": ("DataFrame", "LazyFrame"),
    "pyarrow": ("Table", "RecordBatch"),
    "duckdb": ("DuckDBPyRelation",),
}
"""The names of the classes of frames, by library; they are compared by name, so that no library must be loaded."""
FRAME_WORDS = f"a frame of {', '.join(list(FRAMES)[:-1])} or {list(FRAMES)[-1]}"
"""The kinds of frames, in words."""


def share_rows(one: Source, other: Source) -> bool:
    """Whether two sources are one frame, or lead to one file: by links, or as a part of a folder or a glob."""
    if isinstance(one, FileSource) and isinstance(other, FileSource):
        a, b = (os.path.join(of.root, of.path) for of in (one, other))
        if os.path.exists(a) and os.path.exists(b) and os.path.samefile(a, b):
            return True
        parts, others = (PurePath(os.path.realpath(path)).parts for path in (a, b))
        return covers(parts, others) or covers(others, parts)
    return not isinstance(one, FileSource) and not isinstance(other, FileSource) and one.frame is other.frame


def library_of(value: object) -> str:
    """The library of a frame, by its class or a class it inherits from; empty for a value that is not a frame."""
    classes = ((each.__module__.partition(".")[0].removeprefix("_"), each.__name__) for each in type(value).__mro__)
    return next((library for library, name in classes if name in FRAMES.get(library, ())), "")

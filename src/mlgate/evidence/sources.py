"""Where rows come from: files as the candidate names them, and frames in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlgate.values.errors import Location


@dataclass(frozen=True)
class FileSource:
    """One file, folder or glob of files as the candidate file names it; `root` is what it is relative to."""

    path: str
    root: Path
    at: Location | None = field(default=None, compare=False)


@dataclass(frozen=True, eq=False)
class FrameSource:
    """A pandas, polars, pyarrow or DuckDB frame in memory; `label` is what reports call it."""

    frame: Any
    label: str = "<frame>"


Source = FileSource | FrameSource
FRAMES: Mapping[str, tuple[str, ...]] = {
    "pandas": ("DataFrame",),
    "polars": ("DataFrame", "LazyFrame"),
    "pyarrow": ("Table", "RecordBatch"),
    "duckdb": ("DuckDBPyRelation",),
}
"""The classes of frames, by the library that defines them; their names tell, so that no library is loaded for it."""
FRAME_WORDS = f"a frame of {', '.join(list(FRAMES)[:-1])} or {list(FRAMES)[-1]}"
"""What a frame may be, in words."""


def library_of(value: object) -> str:
    """The library whose frame a value is, itself or by inheritance; empty where it is not a frame."""
    classes = ((each.__module__.partition(".")[0].removeprefix("_"), each.__name__) for each in type(value).__mro__)
    return next((library for library, name in classes if name in FRAMES.get(library, ())), "")

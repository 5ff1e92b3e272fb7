"""Where rows come from: files as the candidate names them, and frames in memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlgate.values.errors import Location


@dataclass(frozen=True)
class FileSource:
    """One file, folder or glob of files as the candidate file names it; `root` is what it is relative to."""

    path: str
    root: Path
    at: Location | None = None


@dataclass(frozen=True, eq=False)
class FrameSource:
    """A pandas, polars, pyarrow or DuckDB frame in memory; `label` is what reports call it."""

    frame: Any
    label: str = "<frame>"


Source = FileSource | FrameSource

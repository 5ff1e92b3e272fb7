"""Where rows come from: files as the candidate names them, frames in memory, and the join of two tables by key."""

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


@dataclass(frozen=True)
class Join:
    """Two tables joined by key, each row to exactly one: the columns of `right` under their own names, those of `left`
    too, or as `left.column` where `right` has that name already."""

    left: str
    right: str
    left_key: tuple[str, ...]
    right_key: tuple[str, ...]

    @property
    def parents(self) -> tuple[str, ...]:
        """The names of the tables it is made of."""
        return (self.left, self.right)


Source = FileSource | FrameSource

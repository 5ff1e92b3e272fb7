"""The protocol of an engine, as questions and tables use it; `engines/` has one file per engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from mlgate.evidence.dialect import kind_of, number_of
from mlgate.evidence.files import Unchanged
from mlgate.evidence.sources import Source
from mlgate.values.errors import EvidenceError
from mlgate.values.reach import Reach

ResultRow = tuple[Any, ...]


@dataclass(frozen=True)
class Opened:
    """An open table: the relation to select from, its columns with DuckDB types, and its files."""

    relation: str
    columns: tuple[tuple[str, str], ...]
    files: Unchanged
    refused: Mapping[str, EvidenceError] = field(default_factory=dict)
    """Columns that are there but cannot be read, each with the reason; their type says nothing."""
    stored: Mapping[str, str] = field(default_factory=dict)
    """Columns whose names differ only in case, and by what the relation calls each of them."""
    nameless: int = 0
    """The number of columns without a name."""

    def require(self, columns: Iterable[str]) -> None:
        """Raise EvidenceError for the first of some columns that cannot be read."""
        for column in columns:
            if column in self.refused:
                raise self.refused[column]

    @property
    def types(self) -> dict[str, str]:
        """The columns' types by their names."""
        return dict(self.columns)

    def number(self, column: str) -> str:
        """SQL for a column's value as a double. Raises EvidenceError where the column is not numeric."""
        return number_of(column, kind_of(self.types[column]))


class Engine(Protocol):
    """Opens sources as tables, makes tables from them, and runs statements in the dialect of `dialect.py`."""

    workspace: Path
    """The folder that paths of questions are relative to."""

    @property
    def version(self) -> str:
        """The engine's name and version."""
        ...

    def open(self, source: Source, relation: str, reach: Reach) -> Opened:
        """Open a file, several files or a frame as a relation. Raises EvidenceError where it cannot be read."""
        ...

    def make(self, relation: str, sql: str) -> None:
        """Make a table from the rows of a statement."""
        ...

    def define(self, name: str, function: Callable[..., Any], takes: tuple[str, ...], gives: str) -> None:
        """Define a Python function for statements that make tables, called per row; a missing value gives NULL."""
        ...

    def query(self, sql: str) -> list[ResultRow]:
        """The rows of a statement, for small results."""
        ...

    def arrays(self, sql: str) -> Mapping[str, Any]:
        """The columns of a statement as arrays, for long results."""
        ...

    def close(self) -> None:
        """Close the engine, and remove its temporary files."""
        ...

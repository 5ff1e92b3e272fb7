"""What every format offers: it makes a table or view of a given name, or says in an EvidenceError why it cannot.

What no rule reads never blocks. So a reader refuses single columns, and a whole file only where its rows are in doubt.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mlgate.evidence.dialect import kind_of, literal, quote, selection
from mlgate.evidence.engine import ResultRow
from mlgate.values.errors import EvidenceError


class Loader(Protocol):
    """What readers use of their engine, which runs any DuckDB statement."""

    @property
    def folder(self) -> Path:
        """A folder for temporary files."""
        ...

    def load(self, sql: str) -> list[ResultRow]:
        """The rows of a statement that opens, describes or drops a table."""
        ...

    def columns(self, relation: str) -> tuple[tuple[str, str], ...]:
        """The names and DuckDB types of a relation's columns."""
        ...

    def registered(self, frame: object) -> AbstractContextManager[str]:
        """The name of a temporary view of a frame."""
        ...


@dataclass(frozen=True)
class TableFiles:
    """The files of one table, what reports call it, and the folder below which names of folders may hold values."""

    paths: tuple[Path, ...]
    shown: str
    folder: Path

    @property
    def first(self) -> Path:
        """The first file; the only one where the format allows no more."""
        return self.paths[0]

    def called(self, path: Path) -> str:
        """What messages call one of the files: a path of this machine has no place in a report."""
        if len(self.paths) == 1:
            return self.shown
        folder = os.path.commonpath([each.parent for each in self.paths])
        return f"{self.shown} ({path.relative_to(folder).as_posix()})"


class Reader(Protocol):
    """Opens files of one format as the table or view `relation`."""

    def __call__(self, engine: Loader, files: TableFiles, relation: str) -> Contents: ...


@dataclass(frozen=True)
class Format:
    """A file format, with the extensions that select it."""

    name: str
    extensions: tuple[str, ...]
    read: Reader
    several: bool = False
    """Whether a table may consist of several files of this format."""
    typed: bool = True
    """Whether columns have types in the file; else each value is a text."""


@dataclass(frozen=True)
class SourceColumn:
    """A column of a source: its name there, by what the source's statement calls it, or why it cannot be read."""

    name: object
    inside: str
    refused: EvidenceError | None = None


@dataclass(frozen=True)
class Contents:
    """The columns of a relation that was made: names with types, those that cannot be read, those that share a name."""

    columns: tuple[tuple[str, str], ...]
    refused: Mapping[str, EvidenceError]
    stored: Mapping[str, str]
    """Names that differ only in case, and by what the relation calls these columns."""
    nameless: int = 0
    """The number of columns without a name, for which no rule can ask."""


def make(
    engine: Loader,
    relation: str,
    source: str,
    found: Sequence[SourceColumn],
    shown: str,
    *,
    view: bool,
    types: Mapping[str, str] | None = None,
) -> Contents:
    """Make a view or a temporary table of a source's columns; those that no rule can ask for are kept aside.

    No rule can ask for a column without a name. One that cannot be read, or shares its name, is refused only when it
    is asked for. `types` are those of the source's columns, if the reader knows them.
    """
    types = dict(engine.columns(source)) if types is None else types
    names = [_named(each.name) for each in found]
    refused = {name: each.refused for name, each in zip(names, found, strict=True) if each.refused is not None}
    refused |= _nameless(found, shown) | _repeated(names, shown)
    read = [(name, each.inside) for name, each in zip(names, found, strict=True) if each.refused is None]
    stored = _stored([name for name, _ in read])
    selected = [
        f"{_reading(types[inside], quote(inside))} as {quote(called)}"
        for (_, inside), called in zip(read, stored, strict=True)
    ]
    kind = "view" if view else "table"
    engine.load(f"create or replace temp {kind} {relation} as select {selection(selected)} from {source}")
    where = {name: called for (name, _), called in zip(read, stored, strict=True) if name}
    made = {name: _read_as(types[inside]) for name, inside in read}
    listed = {name: "VARCHAR" if name in refused else made[name] for name in names if name}
    others = {name: called for name, called in where.items() if name not in refused and called != name}
    return Contents(tuple(listed.items()), refused, others, names.count(""))


def _named(name: object) -> str:
    """The name by which a rule may ask for a column; empty where it has none."""
    text = "" if name is None else str(name)
    return "" if not text.strip() or "\0" in text else text


def _nameless(found: Sequence[SourceColumn], shown: str) -> dict[str, EvidenceError]:
    """Columns whose names are not text, as in a frame with numbers for names."""
    return {
        str(each.name): EvidenceError(f"{shown}: the name of column {each.name!r} is not text; rename it")
        for each in found
        if not isinstance(each.name, str) and _named(each.name)
    }


def _repeated(names: Sequence[str], shown: str) -> dict[str, EvidenceError]:
    return {
        name: EvidenceError(f"{shown}: two columns are named `{name}`; rename one")
        for name, times in Counter(names).items()
        if name and times > 1
    }


def _stored(names: Sequence[str]) -> list[str]:
    """What the relation calls columns: by their names, where the engine does not take two of them for one."""
    times = Counter(name.casefold() for name in names)
    return [
        name if name and times[name.casefold()] == 1 else _unused(f"column {place}", times)
        for place, name in enumerate(names, 1)
    ]


def _unused(name: str, taken: Mapping[str, int]) -> str:
    while name in taken:
        name += "_"
    return name


def _reading(type_name: str, column: str) -> str:
    """A column of a source as SQL: every textual type as plain text, and a float32 as the shortest decimal it names.

    So a score of 0.7 that was written as a float32 meets a threshold of 0.7, as it does in a CSV of the same rows.
    """
    if type_name == "FLOAT":
        return f"cast(cast({column} as varchar) as double)"
    return column if type_name == _read_as(type_name) else f"cast({column} as varchar)"


def _read_as(type_name: str) -> str:
    """The type of a column that is read: a plain text, or a double for every float."""
    if type_name == "FLOAT":
        return "DOUBLE"
    return "VARCHAR" if kind_of(type_name) == "text" else type_name


def paths_literal(files: Iterable[Path]) -> str:
    """Files as a list in SQL; the engine reads a path as a glob, so that its signs are escaped."""
    return "[" + ", ".join(literal(_escaped(str(path))) for path in files) + "]"


def _escaped(path: str) -> str:
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in path)

"""The protocol of formats: open files as a table or view of a given name, or raise EvidenceError with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mlgate.evidence.dialect import kind_of, literal, quote
from mlgate.evidence.engine import ResultRow
from mlgate.values.errors import EvidenceError

BYTE_ORDER_MARK = "\ufeff"


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


class Reader(Protocol):
    """Opens files of one format as the table or view `relation`."""

    def __call__(self, engine: Loader, files: Sequence[Path], relation: str, shown: str) -> None: ...


@dataclass(frozen=True)
class Format:
    """A file format, with the extensions that select it."""

    name: str
    extensions: tuple[str, ...]
    read: Reader
    several: bool = False
    """Whether a table may consist of several files of this format."""


def check_names(names: Iterable[object], shown: str) -> None:
    """Raise EvidenceError for names that are empty, not text, have invisible characters or repeat in any case."""
    seen: dict[str, str] = {}
    for position, name in enumerate(names, 1):
        if not isinstance(name, str):
            raise EvidenceError(f"{shown}: the name of column {position}, {name!r}, is not text; rename it")
        if not name.strip():
            raise EvidenceError(f"{shown}: column {position} has no name; give it one")
        if "\0" in name or BYTE_ORDER_MARK in name:
            raise EvidenceError(f"{shown}: column {position}, {name!r}, has an invisible character in its name")
        if name.casefold() in seen:
            raise EvidenceError(f"{shown}: two columns are named {_both(seen[name.casefold()], name)}; rename one")
        seen[name.casefold()] = name


def make(engine: Loader, relation: str, source: str, *, view: bool) -> None:
    """Make a view or a temporary table from a source, with every textual type as plain text."""
    selected = ", ".join(
        f"cast({quote(name)} as varchar) as {quote(name)}"
        if kind_of(type_name) == "text" and type_name != "VARCHAR"
        else quote(name)
        for name, type_name in engine.columns(source)
    )
    engine.load(f"create or replace temp {'view' if view else 'table'} {relation} as select {selected} from {source}")


def paths_literal(files: Sequence[Path]) -> str:
    """The paths as an SQL list. Special characters are escaped, because the engine reads a path as a glob."""
    return "[" + ", ".join(literal(_escaped(str(path))) for path in files) + "]"


def _escaped(path: str) -> str:
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in path)


def _both(first: str, second: str) -> str:
    return f"`{first}`" if first == second else f"`{first}` and `{second}`"

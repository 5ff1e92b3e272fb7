"""What every format offers: it makes a table or view of a given name, or says in an EvidenceError why it cannot."""

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
    """What readers ask of the engine that they read for: it takes any statement of DuckDB."""

    @property
    def folder(self) -> Path:
        """A folder for what is unpacked or handed over."""
        ...

    def load(self, sql: str) -> list[ResultRow]:
        """The rows of a statement that opens, describes or drops a table."""
        ...

    def columns(self, relation: str) -> tuple[tuple[str, str], ...]:
        """Names and DuckDB types of the columns of something one can select from."""
        ...

    def registered(self, frame: object) -> AbstractContextManager[str]:
        """A frame as a view for a while."""
        ...


class Reader(Protocol):
    """Reads files of one format: makes `relation` of them."""

    def __call__(self, engine: Loader, files: Sequence[Path], relation: str, shown: str) -> None: ...


@dataclass(frozen=True)
class Format:
    """A format of files, by the extensions that stand for it."""

    name: str
    extensions: tuple[str, ...]
    read: Reader
    several: bool = False
    """Whether a table may be several files of it."""


def check_names(names: Iterable[object], shown: str) -> None:
    """Raise EvidenceError for column names that are empty, not text, hold odd characters, or repeat (in any case)."""
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
    """Make a view or a temporary table of a source, with every textual type as plain text."""
    selected = ", ".join(
        f"cast({quote(name)} as varchar) as {quote(name)}"
        if kind_of(type_name) == "text" and type_name != "VARCHAR"
        else quote(name)
        for name, type_name in engine.columns(source)
    )
    engine.load(f"create or replace temp {'view' if view else 'table'} {relation} as select {selected} from {source}")


def paths_literal(files: Sequence[Path]) -> str:
    """Files as a list in SQL; the engine reads a path as a glob, so that its signs are escaped."""
    return "[" + ", ".join(literal(_escaped(str(path))) for path in files) + "]"


def _escaped(path: str) -> str:
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in path)


def _both(first: str, second: str) -> str:
    return f"`{first}`" if first == second else f"`{first}` and `{second}`"

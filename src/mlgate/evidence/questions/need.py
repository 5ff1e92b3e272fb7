"""What every question to the evidence has: frozen, hashable values, so that equal questions are asked once.

One file per question holds the need, its fact (sufficient statistics: small enough to travel, with nothing of a
single row in them), and the statement that answers it. SQL in a need is the small DuckDB dialect of `dialect.py`.
A need opens nothing itself: it is answered from the tables that are open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar, Protocol

from mlgate.evidence.dialect import columns_in
from mlgate.evidence.engine import Engine, Opened
from mlgate.values.errors import MachineError

Group = tuple[str | None, ...]
"""The values of a `by`, in its order; None where a row has no value."""


class TooMuch(Exception):  # noqa: N818 - a reason to ask one by one, not a fault
    """A merged statement's result is too long; its needs must be asked one by one."""


class OpenTables(Protocol):
    """The tables that are open, as a need that is asked by itself sees them."""

    @property
    def engine(self) -> Engine:
        """The engine that holds them."""
        ...

    @property
    def workspace(self) -> Path:
        """The folder that stated paths are relative to."""
        ...

    def opened(self, name: str) -> Opened:
        """A table with its columns. Raises EvidenceError or MachineError where it cannot be opened."""
        ...

    def ready(self, name: str, columns: Iterable[str]) -> Opened:
        """A table that can be asked for some columns; whoever asks verifies which of them are there."""
        ...


@dataclass(frozen=True)
class Term:
    """A named expression over a table's columns; as a group it is exact text, NULL where the value is missing."""

    name: str
    sql: str


@dataclass(frozen=True)
class Need:
    """One question; `inputs` are the needs whose facts must be there before it can be asked."""

    name: ClassVar[str] = ""
    fact: ClassVar[type[Any] | None] = None
    """The type of its answer; None for a question that only the engine asks, whose answer does not travel."""
    beside: ClassVar[bool] = False
    """Whether it uses neither the engine nor a table, so that it is answered while the engine answers others."""

    @property
    def inputs(self) -> Sequence[Need]:
        """Needs to be answered first."""
        return ()

    @property
    def conditions(self) -> Sequence[Need]:
        """What must hold besides; asked by the engine itself, before the need."""
        return ()

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that it reads."""
        return ()

    @property
    def about(self) -> str:
        """What it is asked of, for progress."""
        return " and ".join(self.tables)

    def require(self, fact: Any) -> None:
        """Raise EvidenceError where what rests on this need cannot be asked, given this need's fact."""

    def answer(self, tables: OpenTables) -> Any:
        """The fact of a need that is asked by itself. Raises EvidenceError or MachineError where there is none."""
        raise MachineError(f"no engine answers `{self.name}`")


Answers = Mapping[Need, Any]
Statement = Callable[[Engine, str, Sequence[Any], Answers], Mapping[Need, Any]]
"""Answers needs of one table from the relation to select from, given the answers so far."""


@dataclass(frozen=True)
class TableNeed(Need):
    """A question to the rows of one table that satisfy `where`, each counted `count` times."""

    most: ClassVar[int] = 30
    """How many needs one statement answers."""

    table: str
    where: str = ""
    """A boolean expression; empty for all rows."""
    count: str = ""
    """An expression giving each row's frequency; empty for one."""

    @property
    def tables(self) -> tuple[str, ...]:
        """The one table."""
        return (self.table,)

    @property
    def together(self) -> object:
        """Needs of one kind for which this is equal are one statement; by default each is a statement of its own."""
        return self

    @property
    def statement(self) -> Statement:
        """What answers needs of this kind."""
        raise NotImplementedError(type(self).__name__)


@dataclass(frozen=True)
class Facts(Mapping[Need, Any]):
    """Every answered need with its fact; what a check reads, and all that it may read."""

    answers: Mapping[Need, Any] = field(default_factory=dict)

    def __getitem__(self, need: Need) -> Any:
        """The fact that answers a need; an EvidenceError or MachineError met while measuring is raised here."""
        answer = self.answers[need]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def __iter__(self) -> Iterator[Need]:
        return iter(self.answers)

    def __len__(self) -> int:
        return len(self.answers)


def columns_of(need: TableNeed) -> tuple[str, ...]:
    """The columns that a need's expressions read, each once."""
    found: dict[str, None] = {}
    for each in fields(need):
        value = getattr(need, each.name)
        for part in value if isinstance(value, tuple) else (value,):
            sql = part.sql if isinstance(part, Term) else part
            found.update(dict.fromkeys(columns_in(sql) if isinstance(sql, str) and each.name != "table" else ()))
    return tuple(found)

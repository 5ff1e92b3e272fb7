"""The base of all questions to the evidence. They are frozen, hashable values, so equal questions are asked once.

Each question has one file with its need, its fact and the statement that answers it. A fact is a sufficient statistic:
small enough to travel, and without data of single rows. SQL in a need is the small DuckDB dialect of `dialect.py`. A
need opens nothing itself: it is answered from open tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Protocol

from mlgate.evidence.dialect import columns_in
from mlgate.evidence.engine import Engine, Opened
from mlgate.evidence.files import Unchanged
from mlgate.values.errors import MachineError
from mlgate.values.reach import Reach

Group = tuple[str | None, ...]
"""The values of a `by`, in its order; None where a row has no value."""

TRUE, FALSE = "true", "false"
"""The values of a flag."""


class TooMuch(Exception):  # noqa: N818 - a reason to ask one by one, not a fault
    """A merged statement's result is too long; its needs must be asked one by one."""


class OpenTables(Protocol):
    """The open tables, as seen by a need that answers itself."""

    @property
    def engine(self) -> Engine:
        """The engine that has opened them."""
        ...

    @property
    def reach(self) -> Reach:
        """The folder that paths are relative to, and where files may be read."""
        ...

    def opened(self, name: str) -> Opened:
        """A table with its columns. Raises EvidenceError or MachineError where it cannot be opened."""
        ...

    def ready(self, name: str, columns: Iterable[str]) -> Opened:
        """A table that is made with some columns; the caller verifies that they exist."""
        ...

    def hold(self, need: Need, files: Unchanged) -> None:
        """Answer a need with an error where its files change before all questions are answered."""
        ...


@dataclass(frozen=True)
class Term:
    """A named SQL expression over a table's columns; to group by, it is exact text, NULL for a missing value."""

    name: str
    sql: str

    @classmethod
    def flag(cls, name: str, condition: str) -> Term:
        """The term that is "true" for the rows that satisfy a condition, and "false" for all others."""
        return cls(name, f"case when {condition} then '{TRUE}' else '{FALSE}' end")


@dataclass(frozen=True)
class Need:
    """One question. It can be asked once the facts of its `inputs` are known."""

    name: ClassVar[str] = ""
    fact: ClassVar[type[Any] | None] = None
    """The type of its answer; None for a question that only the evidence asks, whose answer is not stored."""
    beside: ClassVar[bool] = False
    """Whether it uses neither the engine nor a table, so that it can be answered beside the engine's questions."""

    def early(self, tables: OpenTables) -> bool:
        """Whether it may be answered before the tables are open: it holds the files that its answer is about."""
        return False

    @property
    def inputs(self) -> Sequence[Need]:
        """The needs to be answered first, whose facts it uses."""
        return ()

    @property
    def conditions(self) -> Sequence[Need]:
        """Further needs that must be met; the evidence asks them itself, before this need."""
        return ()

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that it reads."""
        return ()

    @property
    def about(self) -> str:
        """What it is about, for progress messages."""
        return " and ".join(self.tables)

    def impossible(self, fact: Any) -> str:
        """Why no data can have this fact; empty if some can. Facts from a file are checked by it."""
        return ""

    def require(self, fact: Any) -> None:
        """Raise EvidenceError if, by this need's fact, the needs that depend on it cannot be asked."""

    def answer(self, tables: OpenTables) -> Any:
        """The fact, for a need that answers itself. Raises EvidenceError or MachineError where there is none."""
        raise MachineError(f"no engine answers `{self.name}`")


MOST_ROWS = 1 << 53
"""The largest count that every reader of JSON reads exactly."""


def not_counts(*numbers: int) -> str:
    """Why some numbers are not counts; empty if all can be."""
    wrong = next((number for number in numbers if not 0 <= number <= MOST_ROWS), None)
    return "" if wrong is None else f"{wrong} is not a number of rows"


Answers = Mapping[Need, Any]
Statement = Callable[[Engine, str, Sequence[Any], Answers], Mapping[Need, Any]]
"""A function that answers needs of one table, from the engine, the relation to select from and the facts so far."""


@dataclass(frozen=True)
class TableNeed(Need):
    """A question about the rows of one table that satisfy `where`, each counted `count` times."""

    most: ClassVar[int] = 30
    """The most needs that one statement answers."""

    table: str
    where: str = ""
    """A boolean SQL expression; empty for all rows."""
    count: str = ""
    """An SQL expression for the frequency of each row; empty for 1."""

    @property
    def tables(self) -> tuple[str, ...]:
        """The one table."""
        return (self.table,)

    @property
    def together(self) -> object:
        """Needs of one type with equal values here share a statement; by default each has a statement of its own."""
        return self

    @property
    def statement(self) -> Statement:
        """The function that answers needs of this type."""
        raise NotImplementedError(type(self).__name__)


@dataclass(frozen=True)
class Facts(Mapping[Need, Any]):
    """Every answered need with its fact. A check reads these and nothing else."""

    answers: Mapping[Need, Any] = field(default_factory=dict)

    def __getitem__(self, need: Need) -> Any:
        """The fact of a need. Raises the EvidenceError or MachineError that occurred while measuring it."""
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

"""The roles of a candidate that a question reads, found by asking it about a table that has every column."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from mlgate.candidate.presented import Candidate
from mlgate.candidate.roles import ROLES
from mlgate.candidate.tasks import task_of
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.table_schema import SchemaFact
from mlgate.evidence.rows import Column, Rows
from mlgate.values.faults import CRASHES

_CLASSES = ("a", "b")
_BY_CLASS = ("labels", "decisions")


class _Noted(dict[str, str]):
    """Columns by role. It notes which roles are looked up, if only to see whether they are there."""

    def __init__(self, columns: dict[str, str], noted: set[str]) -> None:
        super().__init__(columns)
        self.noted = noted

    def __getitem__(self, role: str) -> str:
        self.noted.add(role)
        return super().__getitem__(role)

    def get(self, role: str, default: Any = None) -> Any:
        self.noted.add(role)
        return super().get(role, default)

    def __contains__(self, role: object) -> bool:
        self.noted.add(str(role))
        return super().__contains__(role)


@dataclass(frozen=True)
class _AnyTable(Rows):
    """A table that has every column. It notes what each is wanted for."""

    kind: str = "integer"
    noted: set[str] = field(default_factory=set)

    def column(self, name: str, wanted_for: str, key: str = "", also: Iterable[str] = ()) -> Column:
        self.noted.add(wanted_for)
        return Column(name, self.kind, key)


def taken_by(task: str) -> frozenset[str]:
    """All roles that a candidate of a task may name, and the further tables of which a label is read."""
    of = task_of(task)
    return frozenset((*(role for role in ROLES if of.taken(role)), *of.labelled))


def roles_read(
    task: str, tables: Iterable[str], ask: Callable[[Subject], Iterable[Any]], without: str = ""
) -> frozenset[str]:
    """The roles that a question of some tables reads of a candidate of a task; all of them if it cannot tell.

    `without` is a role with which it would not be asked.
    """
    every, noted = taken_by(task) - {without}, set[str]()
    single = {role: role for role in every if role not in (*_BY_CLASS, "scores")}
    if task == "multilabel":
        single = {role: column for role, column in single.items() if role not in ("label", "prediction")}
    per_class = {f"{role}.{name}": f"{role}.{name}" for role in _BY_CLASS for name in _CLASSES if role in every}
    table = _AnyTable("any", "any", SchemaFact(()), "text" if task == "text" else "integer", noted)
    subject = Subject(
        Candidate(name="any", task=task, positive=_CLASSES[0], classes=_CLASSES),
        roles=_Noted(single | per_class, noted),
        scores=tuple((name, f"score of {name}") for name in _CLASSES) if "scores" in every else (),
        tables=dict.fromkeys(tables, table),
    )
    try:
        tuple(ask(subject))
    except CRASHES:  # a metric of another package may need more than names of columns
        return every
    found = {role.partition(".")[0] for role in noted}
    # What a column per class says may also stand in one text.
    found |= {"label"} if "labels" in found else set()
    found |= {"prediction"} if "decisions" in found else set()
    return every & found

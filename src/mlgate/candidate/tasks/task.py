"""What a task says of candidates: which roles it requires and refuses, its own validation, and what it derives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mlgate.candidate.named_files import KeyPath
from mlgate.candidate.presented import Candidate
from mlgate.candidate.roles import ROLES, Predictions
from mlgate.evidence.tables.recipe import Recipe

Misfit = tuple[KeyPath, str]
"""A problem: the path of keys that it stands at, and the message."""


@dataclass(frozen=True)
class Task:
    """A task without anything of its own; those that have more say it in a class."""

    name: str = ""
    """That of its file, which is in `TASKS`; filled in by the table of all tasks."""
    classes: bool = False
    """Whether it is about classes."""
    requires: Mapping[str, str] = field(default_factory=dict)
    """Roles that must be named, each with what it says: "how many steps ahead"."""
    refuses: Mapping[str, str] = field(default_factory=dict)
    """Roles that others take, each with the reason or the remedy."""
    takes: tuple[str, ...] = ()
    """Roles that it takes beside those that name it."""
    labelled: tuple[str, ...] = ()
    """Further tables whose `label` is read."""
    makes: tuple[str, ...] = ()
    """The names of the tables that it derives, which no table of a candidate may have."""

    def taken(self, role: str) -> bool:
        """Whether a candidate of the task may name a role."""
        return role not in self.refuses and (role in self.takes or self.name in (ROLES[role].fit.tasks or (self.name,)))

    def problems(self, candidate: Candidate) -> Iterator[Misfit]:
        """What does not fit together, beyond roles; nothing unless a task says so."""
        return iter(())

    def computed(self, candidate: Candidate, table: str) -> Iterator[tuple[str, Recipe]]:
        """The table of predictions with what the task computes of every row, made of another; none unless needed."""
        return iter(())

    def grouped(self, table: str, query: tuple[str, ...]) -> Iterator[tuple[str, Recipe]]:
        """Tables of groups of rows, such as queries, made of a table where the query may have some names."""
        return iter(())

    def further_roles(self, candidate: Candidate) -> Iterator[tuple[str, str]]:
        """Columns of other tables that metrics of the task ask for, by role."""
        return iter(())

    def unit(self, predictions: Predictions) -> str | None:
        """The column by which rows belong together, whatever the candidate says of it."""
        return None

    def cautions(self, candidate: Candidate) -> Iterator[str]:
        """What a reader of all bounds must know of the candidate's rows."""
        return iter(())

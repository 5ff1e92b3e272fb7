"""What a task defines: the roles that it requires and refuses, its own validation, and the tables that it derives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mlgate.candidate.named_files import KeyPath
from mlgate.candidate.presented import Candidate
from mlgate.candidate.roles import ROLES, Predictions
from mlgate.evidence.tables.recipe import Recipe

Misfit = tuple[KeyPath, str]
"""A problem: the path of keys to its place, and the message."""


@dataclass(frozen=True)
class Task:
    """A task with default behaviour. Tasks that differ are subclasses."""

    name: str = ""
    """That of its file, which is in `TASKS`; filled in by the table of all tasks."""
    classes: bool = False
    """Whether it has classes."""
    requires: Mapping[str, str] = field(default_factory=dict)
    """Required roles, each with its meaning: "is the number of steps ahead"."""
    refuses: Mapping[str, str] = field(default_factory=dict)
    """Roles of other tasks that this one refuses, each with the reason or the remedy."""
    takes: tuple[str, ...] = ()
    """Further roles that it takes, although they do not name this task."""
    labelled: tuple[str, ...] = ()
    """Further tables of which `label` is read."""
    makes: tuple[str, ...] = ()
    """The names of the tables that it derives. A candidate's tables cannot have these names."""

    def taken(self, role: str) -> bool:
        """Whether a candidate of the task may name a role."""
        return role not in self.refuses and (role in self.takes or self.name in (ROLES[role].fit.tasks or (self.name,)))

    def problems(self, candidate: Candidate) -> Iterator[Misfit]:
        """Mistakes other than those of roles; none by default."""
        return iter(())

    def computed(self, candidate: Candidate, table: str) -> Iterator[tuple[str, Recipe]]:
        """The table of predictions with columns that the task computes per row; none by default."""
        return iter(())

    def grouped(self, table: str, query: tuple[str, ...]) -> Iterator[tuple[str, Recipe]]:
        """Tables with one row per group of rows, such as queries. `query` has the possible names of that column."""
        return iter(())

    def further_roles(self, candidate: Candidate) -> Iterator[tuple[str, str]]:
        """Columns of other tables that metrics of the task use, by role."""
        return iter(())

    def unit(self, predictions: Predictions) -> str | None:
        """The column that identifies units if the candidate does not name one; none by default."""
        return None

    def cautions(self, candidate: Candidate) -> Iterator[str]:
        """What a reader of the bounds must know about the candidate's rows."""
        return iter(())

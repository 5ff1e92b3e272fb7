"""Unread parts: which files of a table's folder have its format and are not read."""

from __future__ import annotations

from dataclasses import dataclass

from mlgate.evidence.open import unread_parts
from mlgate.evidence.questions.need import Need, OpenTables
from mlgate.evidence.sources import FileSource

_MOST_NAMED = 5


@dataclass(frozen=True)
class UnreadPartsFact:
    """Their paths from the folder, sorted."""

    paths: tuple[str, ...]

    @property
    def named(self) -> str:
        """The first of them, in words; `none` if there are none."""
        more = f" and {len(self.paths) - _MOST_NAMED:,} more" if len(self.paths) > _MOST_NAMED else ""
        return ", ".join(f"`{path}`" for path in self.paths[:_MOST_NAMED]) + more or "none"


@dataclass(frozen=True)
class UnreadParts(Need):
    """Which files of a table's format lie in its folder and are not read, as their names begin with `.` or `_`."""

    name = "unread-parts"
    fact = UnreadPartsFact
    beside = True
    path: str

    @property
    def about(self) -> str:
        """The path."""
        return self.path

    def impossible(self, fact: UnreadPartsFact) -> str:
        """Paths that are repeated, or not in order."""
        return "" if list(fact.paths) == sorted(set(fact.paths)) else "its paths are not sorted, or repeated"

    def answer(self, tables: OpenTables) -> UnreadPartsFact:
        """The paths. Raises EvidenceError or MachineError where the folder cannot be read."""
        return UnreadPartsFact(unread_parts(FileSource(self.path, tables.reach.workspace), tables.reach))

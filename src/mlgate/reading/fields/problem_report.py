"""Collects the problems of a file while it is read, so that all are shown together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Final

from mlgate.reading.edge import is_repository
from mlgate.reading.edge import workspace as workspace_of
from mlgate.values.errors import InputError, Location, Problem


class Missing(Enum):
    """The type of MISSING, which means: no value could be read, and the problem is in the report."""

    MISSING = "MISSING"


MISSING: Final = Missing.MISSING


@dataclass(frozen=True)
class FilesBeside:
    """Where the files lie that a file names: in its folder, and anywhere below the top of what it belongs to."""

    folder: Path
    top: Path
    """The nearest repository around the folder, the workspace, or the folder itself."""
    workspace: Path
    """What reports name paths from."""
    prefix: str = ""
    """What reports write before the paths; empty in the workspace itself."""
    others: Mapping[str, FilesBeside | None] = field(default_factory=dict)
    """The same for values that stand in other files, by the names of these."""

    def of_file(self, name: str) -> FilesBeside | None:
        """Where files lie that are named in a file; None if it may name none."""
        return self.others.get(name, self)

    @staticmethod
    def of(folder: Path, workspace: Path) -> FilesBeside:
        """Where files beside those of a folder may lie."""
        around = workspace_of(folder)
        if is_repository(around):
            return FilesBeside(folder, around, workspace)
        inside = folder.resolve().is_relative_to(workspace.resolve())
        return FilesBeside(folder, workspace if inside else folder, workspace)


@dataclass(frozen=True)
class ProblemReport:
    """The problems so far, and the key that is being read. Messages name that key."""

    problems: list[Problem] = field(default_factory=list)
    key: str = ""
    """The dotted key that is being read; empty at the top of a file."""
    subject: str = ""
    """What the key belongs to, e.g. "rule `recall`"."""
    lacking: dict[Problem, tuple[str, ...]] = field(default_factory=dict)
    """The problems that one of some keys is missing."""
    misspelt: set[tuple[Location, str]] = field(default_factory=set)
    """The keys that are probably meant by unknown keys of a mapping, each with the mapping's place."""
    files: FilesBeside | None = None
    """Where files lie that the values name; None where values name none, as in a pack."""

    def inside(self, key: str) -> ProblemReport:
        """The same report for reading a key below this one."""
        return replace(self, key=f"{self.key}.{key}" if self.key else key)

    def about(self, subject: str) -> ProblemReport:
        """The same report for reading something with its own name, such as a rule."""
        return replace(self, key="", subject=subject)

    @property
    def name(self) -> str:
        """The name of what is being read, for messages; empty at the top of a file."""
        if self.key and self.subject:
            return f"`{self.key}` of {self.subject}"
        return f"`{self.key}`" if self.key else self.subject

    def add(self, at: Location | None, message: str) -> None:
        """Add a problem whose message is complete."""
        self.problems.append(Problem(at, message))

    def add_lacking(self, mapping: Location, names: tuple[str, ...], message: str) -> None:
        """Add the problem that a mapping has none of some keys. It is not listed if an unknown key is meant for one."""
        self.lacking[Problem(mapping, message)] = names
        self.add(mapping, message)

    def refuse(self, at: Location | None, predicate: str) -> Missing:
        """Add a problem of the key that is being read ("must be a number"). Returns MISSING."""
        self.add(at, f"{self.name or 'the file'} {predicate}")
        return MISSING

    def raise_if_any(self) -> None:
        """Raise InputError if there are problems. What only follows from a misspelt key is not listed beside it."""
        if self.problems:
            listed = [problem for problem in self.problems if not self._follows(problem)]
            raise InputError(dict.fromkeys(listed or self.problems))

    def _follows(self, problem: Problem) -> bool:
        return any((problem.at, name) in self.misspelt for name in self.lacking.get(problem, ()))

"""Where the problems of a file are collected while it is read, so that all are shown at once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final

from mlgate.values.errors import InputError, Location, Problem


class Missing(Enum):
    """The type of MISSING: no value could be read, and the problem is in the report."""

    MISSING = "MISSING"


MISSING: Final = Missing.MISSING


@dataclass(frozen=True)
class ProblemReport:
    """The problems found so far, and the key that is being read, which messages name."""

    problems: list[Problem] = field(default_factory=list)
    key: str = ""
    """The dotted key being read; empty at the top of a file."""
    subject: str = ""
    """What the key belongs to, e.g. "rule `recall`"."""

    def inside(self, key: str) -> ProblemReport:
        """The same report while a key below this one is read."""
        return replace(self, key=f"{self.key}.{key}" if self.key else key)

    def about(self, subject: str) -> ProblemReport:
        """The same report while something with a name of its own is read."""
        return replace(self, key="", subject=subject)

    @property
    def name(self) -> str:
        """What is being read, as messages call it; empty at the top of a file."""
        if self.key and self.subject:
            return f"`{self.key}` of {self.subject}"
        return f"`{self.key}`" if self.key else self.subject

    def add(self, at: Location | None, message: str) -> None:
        """Note a problem in a sentence of its own."""
        self.problems.append(Problem(at, message))

    def refuse(self, at: Location | None, predicate: str) -> Missing:
        """Note a problem of the key being read ("must be a number") and give MISSING."""
        self.add(at, f"{self.name or 'the file'} {predicate}")
        return MISSING

    def raise_if_any(self) -> None:
        """Raise InputError when there are problems."""
        if self.problems:
            raise InputError(dict.fromkeys(self.problems))

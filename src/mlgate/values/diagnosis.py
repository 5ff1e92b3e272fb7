"""What lets a change slip past the gate of a repository, as far as its files say so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, order=True)
class Weakness:
    """One way past the gate: where it is, what it lets happen, and what to do."""

    file: str
    """The file, from the top of the repository; empty where no file is at fault."""
    line: int
    """Its line, from 1."""
    id: str
    """The kind of weakness: `path-filter`."""
    message: str
    """What is written there, and what it lets happen."""
    remedy: str
    """What to write instead, or what to do."""

    @property
    def at(self) -> str:
        """`FILE:LINE`; empty where no file is at fault."""
        return f"{self.file}:{self.line}" if self.file else ""


@dataclass(frozen=True)
class Diagnosis:
    """All that was found in a repository, and what its files cannot show."""

    mlgate: ClassVar[int] = 1
    kind: ClassVar[str] = "diagnosis"
    STATED: ClassVar[tuple[str, ...]] = ("mlgate", "kind", "exit_code")

    weaknesses: tuple[Weakness, ...]
    """What is found, the files in their order; without a gate this comes first."""
    gates: tuple[str, ...]
    """Where the gate runs, as `FILE:LINE`."""
    read: tuple[str, ...]
    """The files that say how the gate runs."""
    settings: tuple[str, ...]
    """What only settings of the place where the repository lies can hold."""
    notes: tuple[str, ...] = ()
    """What could not be seen from here."""

    @property
    def exit_code(self) -> int:
        """1 if anything was found, else 0."""
        return int(bool(self.weaknesses))

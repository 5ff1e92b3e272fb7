"""What a system that runs workflows is, and what is read of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType

from mlgate.doctor import systems as folder
from mlgate.doctor.checkout import Checkout
from mlgate.values.diagnosis import Weakness
from mlgate.values.errors import InputError
from mlgate.values.family import FilesBelow


@dataclass
class SystemReading:
    """What the files of one system say. It is filled as they are read."""

    gates: list[tuple[str, int]] = field(default_factory=list)
    """The file and line of each command or step that is the gate."""
    weaknesses: list[Weakness] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    """The files that say how the gate runs."""
    jobs: list[str] = field(default_factory=list)
    """The names of the jobs to be required."""
    policies: list[str] = field(default_factory=list)
    """Where the gates have their policies in the work tree."""
    known: list[str] = field(default_factory=list)
    """Files of known failures that gates name."""
    candidates: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    """For each gate the folder that it runs in, and the candidates that it names; none for the default one."""
    notes: list[str] = field(default_factory=list)

    def add(self, kind: str, at: tuple[str, int], message: str, remedy: str) -> None:
        """Note a weakness, once."""
        found = Weakness(at[0], at[1], kind, message, remedy)
        if found not in self.weaknesses:
            self.weaknesses.append(found)

    def take(self, other: SystemReading) -> None:
        """Note what another reading says, once."""
        self.weaknesses += [each for each in other.weaknesses if each not in self.weaknesses]
        self.policies += other.policies
        self.known += other.known
        self.candidates += other.candidates
        self.files += other.files
        self.notes += other.notes

    def add_unreadable(self, error: InputError) -> None:
        """Note a file that cannot be read: whatever it does is not seen."""
        for problem in error.problems:
            at = (problem.at.file, problem.at.line) if problem.at else ("", 1)
            self.add("unreadable", at, problem.message, "a gate in it cannot be looked at until it is readable")


@dataclass(frozen=True)
class CiSystem:
    """One system. `present` says which of its files a checkout has, and `read` what they say."""

    name: str
    said: str
    present: Callable[[Checkout], tuple[str, ...]]
    read: Callable[[Checkout, tuple[str, ...]], SystemReading]
    settings: tuple[str, ...]
    """What only its settings can hold; `{job}` is the job that runs the gate."""
    has_owners: bool = True
    """Whether a file CODEOWNERS counts there."""


@cache
def ci_systems() -> Mapping[str, CiSystem]:
    """Every system by its name: the SYSTEM of each file of the folder."""
    found = dict(FilesBelow(folder.__name__, _system_in))
    return {name: found[name] for name in sorted(found)}


def _system_in(module: ModuleType) -> dict[str, CiSystem]:
    found = getattr(module, "SYSTEM", None)
    return {found.name: found} if isinstance(found, CiSystem) else {}

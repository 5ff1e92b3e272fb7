"""What a change of policies does to what is demanded: each difference, and whether it loosens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

Direction = Literal["looser", "tighter", "added", "removed", "renamed", "not comparable"]
LOOSENING: tuple[Direction, ...] = ("removed", "looser", "not comparable")
"""What may let a candidate pass that was blocked."""


@dataclass(frozen=True)
class PolicyChange:
    """One difference between two versions of a policy."""

    policy: str
    """The policy's name."""
    what: str
    """The id of the rule, or the key of the policy."""
    key: str
    """What of it differs; empty for the whole."""
    direction: Direction
    """Whether fewer candidates pass, or perhaps more."""
    was: str
    """The value before, as text; empty if there was none."""
    now: str
    """The value after, as text; empty if there is none."""
    file: str
    """The file of the rule or the policy."""
    line: int
    """Its line."""
    reason: str = ""
    """Why it was loosened, as the new policy says."""

    @property
    def loosens(self) -> bool:
        """Whether a candidate may pass that was blocked."""
        return self.direction in LOOSENING

    @property
    def unreasoned(self) -> bool:
        """Whether it loosens, and nobody has written why."""
        return self.loosens and not self.reason


@dataclass(frozen=True)
class PolicyDiff:
    """All differences between two versions of some policies."""

    mlgate: ClassVar[int] = 1
    kind: ClassVar[str] = "policy diff"
    STATED: ClassVar[tuple[str, ...]] = ("mlgate", "kind", "loosens", "exit_code")

    old: str
    """What the old version was called."""
    new: str
    """What the new version was called."""
    changes: tuple[PolicyChange, ...]
    """The worst first."""

    @property
    def loosens(self) -> bool:
        """Whether anything is looser, removed or not comparable."""
        return any(change.loosens for change in self.changes)

    @property
    def exit_code(self) -> int:
        """1 if anything loosens without a reason, else 0."""
        return int(any(change.unreasoned for change in self.changes))

    @property
    def counts(self) -> Mapping[str, int]:
        """How many changes there are of each direction."""
        every = [change.direction for change in self.changes]
        return {direction: every.count(direction) for direction in dict.fromkeys(every)}

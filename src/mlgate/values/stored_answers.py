"""Which stored verdicts would be others under new policies, as far as what is stored can tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

Judgement = Literal["allowed", "blocked", "unknown"]


@dataclass(frozen=True)
class StoredAnswer:
    """A stored verdict, and what it would be now."""

    file: str
    """The file with the verdict."""
    candidate: str
    """The candidate's name."""
    version: str
    """Its version."""
    as_of: str
    """The day of the verdict, YYYY-MM-DD."""
    was: Judgement
    """What the verdict says."""
    now: Judgement
    """What it would say now; `unknown` where what is stored does not suffice."""
    why: tuple[str, ...] = ()
    """What blocks now, what blocked then, or why it is unknown."""

    @property
    def flips(self) -> bool:
        """Whether the answer is surely another."""
        return self.now not in ("unknown", self.was)


@dataclass(frozen=True)
class Flips:
    """Stored verdicts under new policies. It decides nothing."""

    mlgate: ClassVar[int] = 1
    kind: ClassVar[str] = "backtest of verdicts"
    decides: ClassVar[str] = "nothing"
    STATED: ClassVar[tuple[str, ...]] = ("mlgate", "kind", "decides", "counts", "exit_code")

    policies: tuple[str, ...]
    """The names of the new policies."""
    verdicts: tuple[StoredAnswer, ...]
    """The stored verdicts in the order of their files."""

    @property
    def counts(self) -> Mapping[str, int]:
        """How many flip to each answer, stay as they are, and cannot be known."""
        flipping = [each.now for each in self.verdicts if each.flips]
        unknown = sum(each.now == "unknown" for each in self.verdicts)
        same = len(self.verdicts) - len(flipping) - unknown
        return {
            "blocked": flipping.count("blocked"),
            "allowed": flipping.count("allowed"),
            "same": same,
            "unknown": unknown,
        }

    @property
    def exit_code(self) -> int:
        """0 if the answer of at least one verdict is known, else 1."""
        return 0 if any(each.now != "unknown" for each in self.verdicts) else 1

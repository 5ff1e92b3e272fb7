"""The demand of a rule: its exact bounds."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal


@dataclass(frozen=True)
class Demand:
    """The bound of a rule: at least, at most, or both (`between`). It has exact fractions and the policy's own text."""

    at_least: Fraction | None = None
    at_most: Fraction | None = None
    at_least_text: str = ""
    at_most_text: str = ""
    strict: bool = False
    """Whether the value must be beyond the bound: "better than" instead of "at least as good as"."""

    @property
    def empty(self) -> bool:
        """Whether nothing is demanded."""
        return self.at_least is None and self.at_most is None

    @property
    def sides(self) -> tuple[tuple[Literal["at_least", "at_most"], Fraction], ...]:
        """Each side that is demanded, with its bound."""
        low: tuple[tuple[Literal["at_least", "at_most"], Fraction], ...] = ()
        if self.at_least is not None:
            low = (("at_least", self.at_least),)
        return low if self.at_most is None else (*low, ("at_most", self.at_most))

    def shared(self, alpha: float) -> float:
        """The level of each bound that may refute it: two sides share the level, because either can refute a value near
        both.
        """
        return alpha / max(len(self.sides), 1)

    def __str__(self) -> str:
        if self.empty:
            return ""
        if self.at_least is not None and self.at_least == self.at_most:
            return f"exactly {self.at_least_text}"
        if self.at_least is not None and self.at_most is not None:
            return f"between {self.at_least_text} and {self.at_most_text}"
        signs = (">", "<") if self.strict else ("≥", "≤")
        return f"{signs[0]} {self.at_least_text}" if self.at_least is not None else f"{signs[1]} {self.at_most_text}"


@dataclass(frozen=True)
class OwnDemand:
    """What one estimate measures and must meet, where a rule has several demands."""

    measured: str
    """What is measured, in words: "share of missing values"."""
    demand: Demand = field(default_factory=Demand)
    """What it must meet; empty for what the rule demands."""

"""The plain values of a plan: what rows a policy takes, and how likely it passes. A plan decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from mlgate.values.errors import Location
from mlgate.values.verdict import Status, Where
from mlgate.values.words import SLICES, Words


class ChanceBy(Enum):
    """How a rule's chance to pass was found: its counts were drawn anew; from the width of its interval, as if normal
    and independent of all else; more rows such as these change nothing; or not at all, for want of data."""

    DRAWN = "drawn"
    WIDTH = "width"
    CERTAIN = "certain"
    NOT = "none"


@dataclass(frozen=True)
class FindingPlan:
    """What rows would do for one finding; with assumed rates, for the rule's demand in any one slice."""

    where: Where
    value: float | None
    """The value that was observed or assumed, which is taken to be the truth."""
    counts: str | None = None
    n: int | None = None
    """Rows at hand of the kind that counts."""
    counted: str = "rows"
    needed: int | None = None
    """Rows in all, of the kind that counts, that show the demand with the power asked for."""
    each: bool = False
    """Whether `needed` is of each of the two groups that are compared."""
    times: float | None = None
    """In place of `needed`, where groups are compared: how many times as many rows it takes in every group."""
    needed_of_all: int | None = None
    """Rows of any kind among which so many that count are expected, where the assumptions say."""
    why: str = ""
    """Why no number of rows is given."""
    impossible: str = ""
    """Why these rows cannot show the demand, however well they come out; empty where they can."""
    refuted_at_most: float | None = None
    refuted_at_least: float | None = None
    """The truth from which on the rows at hand end in FAIL with the power asked for."""
    chance: float | None = None
    """P(this finding passes | the truth is what was observed) with as many fresh rows."""
    status: Status | None = None
    """What `mlgate check` makes of it now."""


@dataclass(frozen=True)
class RulePlan:
    """What rows would do for one rule."""

    policy: str
    rule: str
    check: str
    demand: str
    at: Location
    proof: str
    confidence: str
    blocks: bool = True
    """Whether the rule can block; one that only warns or is skipped is not part of the gate's chance."""
    status: Status | None = None
    chance: float | None = None
    chance_by: ChanceBy = ChanceBy.NOT
    said: str = ""
    """Why the rule has no plan."""
    findings: tuple[FindingPlan, ...] = ()
    words: Words = SLICES
    """What its findings are about, in words."""

    @property
    def name(self) -> str:
        """The rule's full name, `policy:rule`."""
        return f"{self.policy}:{self.rule}"


@dataclass(frozen=True)
class Plan:
    """A plan for one candidate's data; or, where `candidate` is empty, for assumed rates."""

    candidate: str
    version: str
    path: str
    rules: tuple[RulePlan, ...]
    power: float
    chance: float | None = None
    """P(the whole gate passes | the truth is what was observed) with as many fresh rows."""
    draws: int = 0
    """How often the counts were drawn anew; 0 where nothing was."""
    seed: int = 0
    as_of: str = ""
    notes: tuple[str, ...] = ()
    tool: str = ""

    @property
    def error(self) -> float:
        """The standard error of `chance` by its number of draws."""
        if self.chance is None or not self.draws:
            return 0.0
        return float((self.chance * (1 - self.chance) / self.draws) ** 0.5)


@dataclass(frozen=True)
class Plans:
    """The plans of one run, as `mlgate plan --format json` prints them."""

    mlgate: ClassVar[int] = 1
    kind: ClassVar[str] = "plan"
    decides: ClassVar[str] = "nothing"
    STATED: ClassVar[tuple[str, ...]] = ("mlgate", "kind", "decides")

    plans: tuple[Plan, ...]

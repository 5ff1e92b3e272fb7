"""The plain values of a plan: the rows that a policy needs, and its chance to pass. A plan decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from mlgate.values.errors import Location
from mlgate.values.numbers import whole_percent
from mlgate.values.verdict import Status, Where
from mlgate.values.words import SLICES, Words


class ChanceBy(Enum):
    """How a rule's chance to pass was computed.

    `drawn`: its counts were drawn again. `width`: from the width of its interval, as normal and independent of other
    rules. `certain`: other rows like these give the same result. `none`: not computed, because there are no data.
    """

    DRAWN = "drawn"
    WIDTH = "width"
    CERTAIN = "certain"
    NOT = "none"


@dataclass(frozen=True)
class FindingPlan:
    """The plan of one finding or, with assumed values, of the rule's demand in any one slice."""

    where: Where
    value: float | None
    """The observed or assumed value, which the plan treats as the true one."""
    counts: str | None = None
    n: int | None = None
    """The present rows that count."""
    counted: str = "rows"
    needed: int | None = None
    """The total number of rows that count needed to show the demand with the plan's power."""
    each: bool = False
    """Whether each of the two compared groups needs `needed` rows."""
    times: float | None = None
    """For a comparison of groups, instead of `needed`: how many times as many rows every group needs."""
    needed_of_all: int | None = None
    """The number of all rows among which `needed` rows count, if the assumptions give it."""
    why: str = ""
    """Why there is no number of rows."""
    impossible: str = ""
    """Why these rows cannot show the demand even in the best case; empty if they can."""
    refuted_at_most: float | None = None
    refuted_at_least: float | None = None
    """The true values from which on the present rows FAIL with the plan's power."""
    chance: float | None = None
    """The chance that this finding passes with as many fresh rows, if the observed value is the true one."""
    status: Status | None = None
    """Its status in `mlgate check` now."""
    meets: bool | None = None
    """Whether the observed value itself meets the demand, whatever luck had a part in it; None without a value."""


@dataclass(frozen=True)
class RulePlan:
    """The plan of one rule."""

    policy: str
    rule: str
    check: str
    demand: str
    at: Location
    proof: str
    confidence: str
    blocks: bool = True
    """Whether the rule can block. A rule that only warns or is skipped does not affect the gate's chance."""
    status: Status | None = None
    chance: float | None = None
    chance_by: ChanceBy = ChanceBy.NOT
    said: str = ""
    """Why the rule has no plan, or what `mlgate check` says about it."""
    findings: tuple[FindingPlan, ...] = ()
    words: Words = SLICES
    """What its findings are about, in words."""

    @property
    def name(self) -> str:
        """The rule's full name, `policy:rule`."""
        return f"{self.policy}:{self.rule}"


@dataclass(frozen=True)
class UndeservedPass:
    """How often models that are just short of the demand pass some rules by luck, by the number of looks."""

    rules: tuple[str, ...]
    looks: int
    """The `looks` of these rules."""
    chances: tuple[tuple[int, float], ...]
    """Pairs of a number of looks at the same rows and the chance that one of them passes; empty if nothing bounds it.
    """


@dataclass(frozen=True)
class Plan:
    """A plan for one candidate's data or, if `candidate` is empty, for assumed values."""

    candidate: str
    version: str
    path: str
    rules: tuple[RulePlan, ...]
    power: float
    chance: float | None = None
    """The chance that the whole gate passes with as many fresh rows, if the observed values are the true ones."""
    draws: int = 0
    """How often the counts were drawn again; 0 if nothing was drawn."""
    seed: int = 0
    as_of: str = ""
    notes: tuple[str, ...] = ()
    tool: str = ""
    undeserved: tuple[UndeservedPass, ...] = ()
    """The chances of an undeserved pass of each rule that has values with bounds."""

    @property
    def error(self) -> float:
        """The standard error of `chance` from its number of draws."""
        if self.chance is None or not self.draws:
            return 0.0
        return float((self.chance * (1 - self.chance) / self.draws) ** 0.5)

    @property
    def often(self) -> str:
        """`28 % of runs, give or take 4 %`: how often the whole gate passes; empty if that is not known."""
        if self.chance is None:
            return ""
        sure = f", give or take {whole_percent(2 * self.error)}" if self.error else ""
        return f"{whole_percent(self.chance)} of runs{sure}"


@dataclass(frozen=True)
class Plans:
    """The plans of one run, as `mlgate plan --format json` prints them."""

    mlgate: ClassVar[int] = 1
    kind: ClassVar[str] = "plan"
    decides: ClassVar[str] = "nothing"
    STATED: ClassVar[tuple[str, ...]] = ("mlgate", "kind", "decides")

    plans: tuple[Plan, ...]

"""The answers of checks, which `decide` judges: estimates with bounds, claims, and reasons for having neither."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from mlgate.values.demand import OwnDemand
from mlgate.values.pictures import Picture
from mlgate.values.verdict import Table, Where

Bound = Callable[[float], float | None]
"""From a one-sided level (0.05) to a bound on the true value; None if there is no bound at that level."""


def no_bound(_alpha: float) -> float | None:
    """The bound of a value without bounds: always None."""
    return None


@dataclass(frozen=True)
class Estimate:
    """A value with its bounds, before it is judged."""

    where: Where
    value: float
    n: int
    """The rows that count for the value."""
    rows: int
    """Rows of the slice."""
    lower: Bound = no_bound
    upper: Bound = no_bound
    exact: Fraction | None = None
    """The value as an exact fraction, if it is one of counts. `proof: estimate` then compares this fraction."""
    counts: str | None = None
    """The fraction as people write it: "48/60"."""
    counted: str = "rows"
    """What `n` counts: "rows", "rows with label 1"."""
    rows_to_settle: Callable[[float, Literal["at_least", "at_most"], float, float], int | None] | None = None
    """(bound, "at_least" | "at_most", alpha, power) -> the rows that count needed to show the bound with that power, if
    the estimate is the true value. It gives None if no number is enough. Without this function, the rows are scaled
    from the width of the interval."""
    no_bound_because: str | None = None
    """Why a bound is missing, for example because a cell is too small."""
    note: str | None = None
    compared: str = ""
    """The two groups that the value compares, "sex=F and sex=M". Rows of both are needed; `n` counts the first's."""
    share: tuple[float, float] | None = None
    """(successes, trials) if the value is a share with exact bounds. With weights they are effective numbers."""
    rounding: float = 0.0
    """How far the rounding of sums, relative to the largest value of the whole table, may move the value."""
    fewest: int | None = None
    """The rows of the smaller of two compared groups, or the rows that there would be if every class were as small as
    the smallest; None where the value needs neither.
    """
    units: int | None = None
    """The number of units to which the counted rows belong, if the candidate has units."""
    own: OwnDemand | None = None
    """What this estimate measures and must meet, where the findings of a rule have demands of their own."""
    offenders: Hashable | None = None
    """The question for examples of the rows at fault (`ExampleRows`); asked where the finding does not pass and
    `show_values` allows it."""

    @property
    def relevant(self) -> int:
        """The rows that `min_n` is about: those that count, and no more than `fewest`."""
        return self.n if self.fewest is None else min(self.n, self.fewest)

    @property
    def sharpest(self) -> Fraction | float:
        """The exact value if known, else the float."""
        return self.value if self.exact is None else self.exact


@dataclass(frozen=True)
class Claim:
    """A yes-or-no fact, without an interval."""

    where: Where
    met: bool
    said: str
    offenders: Hashable | None = None
    """The question for examples of the rows at fault, as of an estimate."""
    accepted: bool = False
    """Whether it is met only because the policy accepts what would fail otherwise."""

    def __post_init__(self) -> None:
        if self.met not in (True, False):
            raise TypeError(f"a claim is neither true nor false, but {self.met!r}")


@dataclass(frozen=True)
class Unanswered:
    """A slice for which the evidence cannot answer (0/0, a declared group without members); an ERROR."""

    where: Where
    said: str
    rows: int | None = None


@dataclass(frozen=True)
class ShareLeftOut:
    """Of the rows of one slicing, those that are left out."""

    columns: tuple[str, ...]
    rows: int
    of: int
    """All rows of the slicing."""


@dataclass(frozen=True)
class LeftOut:
    """Rows that the policy itself does not judge. They are listed, and nothing is guaranteed about them.

    `rows` is None for several slices in one sentence, which may share rows: `shares` then says what is left out.
    """

    where: Where
    rows: int | None
    said: str
    of: int | None = None
    """All rows of the slicing, left out or not; None if the findings of the slicing have them all."""
    unknown: bool = False
    """Whether the policy does not know the group; else the group is too small."""
    shares: tuple[ShareLeftOut, ...] | None = None
    """Without `rows`: per slicing, the rows that are left out; None if that is not known, which no bound allows."""


@dataclass(frozen=True)
class Listed:
    """An estimate that is shown but not judged: the rule demands nothing of it."""

    where: Where
    estimate: Estimate
    said: str

    @property
    def rows(self) -> int:
        """Rows of the slice."""
        return self.estimate.rows


@dataclass(frozen=True)
class Published:
    """A table or picture that a rule publishes. It decides nothing."""

    shown: Table | Picture
    where: Where = ()


class NotAsked(Exception):  # noqa: N818 - a reason, no fault
    """Raised by a check's `needs` if, by the policy itself, the rule does not apply to this subject."""


Answer = Estimate | Claim | Unanswered | LeftOut | Listed | Published

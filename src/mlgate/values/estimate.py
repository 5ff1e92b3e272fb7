"""What checks give and `decide` judges: estimates with their bounds, claims, and reasons why there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from mlgate.values.pictures import Picture
from mlgate.values.verdict import Table, Where

Bound = Callable[[float], float | None]
"""From a one-sided level (0.05) to a bound of the true value; None where no bound can be given at that level."""


def no_bound(_alpha: float) -> float | None:
    """The bound of a value that has none."""
    return None


@dataclass(frozen=True)
class Estimate:
    """A value with its bounds, not yet judged."""

    where: Where
    value: float
    n: int
    """Rows that count for the value."""
    rows: int
    """Rows of the slice."""
    lower: Bound = no_bound
    upper: Bound = no_bound
    exact: Fraction | None = None
    """The value as a fraction where it is rational in counts; then it alone is compared by `proof: estimate`."""
    counts: str | None = None
    """How a person would write the fraction: "48/60"."""
    counted: str = "rows"
    """What `n` counts: "rows", "rows with label 1"."""
    rows_to_settle: Callable[[float, Literal["at_least", "at_most"], float, float], int | None] | None = None
    """(bound, "at_least" | "at_most", alpha, power) -> rows of the kind that counts that show it with that power if the
    truth is the estimate; None where they would not. Left out: scaled from the width of the interval."""
    no_bound_because: str | None = None
    """Why a bound is missing, e.g. the cell that is too small."""
    note: str | None = None
    compared: str = ""
    """The two groups that the value compares, "sex=F and sex=M": it takes rows of both, and `n` are the first one's."""
    share: tuple[float, float] | None = None
    """(successes, trials) where the value is a share with exact bounds, for comparisons; effective under weights."""
    units: int | None = None
    """Where rows belong together: the units that the rows that count are of."""

    @property
    def sharpest(self) -> Fraction | float:
        """The value, exact where it is known so."""
        return self.value if self.exact is None else self.exact


@dataclass(frozen=True)
class Claim:
    """A yes-or-no fact: no interval."""

    where: Where
    met: bool
    said: str

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
class LeftOut:
    """What the policy itself leaves out of the demand; listed, outside every guarantee.

    A slice has its rows; several that are told in one sentence, and may share rows, have none.
    """

    where: Where
    rows: int | None
    said: str


@dataclass(frozen=True)
class Listed:
    """An estimate that is shown and not judged: the rule demands nothing of it."""

    where: Where
    estimate: Estimate
    said: str

    @property
    def rows(self) -> int:
        """Rows of the slice."""
        return self.estimate.rows


@dataclass(frozen=True)
class Published:
    """A table or picture that a rule publishes; it decides nothing."""

    shown: Table | Picture
    where: Where = ()


class NotAsked(Exception):  # noqa: N818 - a reason, no fault
    """Raised by a check's `needs` where the policy itself says that the rule does not apply to this subject."""


Answer = Estimate | Claim | Unanswered | LeftOut | Listed | Published

"""Planning without data: what is assumed to be true of one rule, from which its check names the rows that it takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil

from mlgate.metrics.kinds.share import HitShare, Share
from mlgate.metrics.options import Options
from mlgate.metrics.registry import choose
from mlgate.stats.planning import rows_for_paired, rows_for_share, rows_per_group
from mlgate.values.demand import Demand
from mlgate.values.errors import EvidenceError
from mlgate.values.plan import FindingPlan

WITH_DATA = "it takes data: plan it with a candidate"
PARTS: Mapping[str, tuple[str, bool]] = {
    "tp+fn": ("prevalence", True),
    "tn+fp": ("prevalence", False),
    "tp+fp": ("selection_rate", True),
    "tn+fn": ("selection_rate", False),
}
"""Which share of all rows counts for a share of confusion cells: a rate, or what is left of it."""


@dataclass(frozen=True)
class Assumption:
    """What is assumed to be true of one rule, and how surely its rows must show the demand."""

    rule: str
    """The rule's id."""
    task: str
    demand: Demand
    alpha: float
    """The one-sided level of the rule's bounds."""
    power: float
    """The chance with which the rows must show what is true."""
    name: str = ""
    """Under which name the values were given: the rule's, or its metric's."""
    values: tuple[float, ...] = ()
    """What is assumed; empty where nothing is."""
    rates: Mapping[str, float] = field(default_factory=dict)
    """Shares of all rows that several rules depend on: prevalence, selection_rate."""

    def of_several(self, metric: str) -> tuple[float, ...]:
        """What is assumed of several groups or models. One number under the metric's name is the share of all rows, and
        says nothing of them."""
        return () if self.name == metric and len(self.values) == 1 else self.values

    def missing(self, values: str, name: str = "") -> str:
        """What to write where nothing is assumed yet."""
        return f"not assumed: add --assume {name or self.rule}={values}"


def share_kind(metric: str, task: str, options: Options) -> Share | HitShare | str:
    """The kind of a metric that is a share of rows, or why its rows cannot be planned without data."""
    try:
        kind = choose(metric, task, options).kind
    except EvidenceError as refused:
        return str(refused)
    if not isinstance(kind, (Share, HitShare)):
        return f"{metric} is not a share: its rows depend on its spread, so plan it with a candidate"
    return kind


def why_none(rows: int | None) -> str:
    """Why no number of rows is planned; empty where there is one."""
    if rows is not None:
        return ""
    return "no number of rows shows it: the assumed value does not meet the demand, or only just"


def written(values: Iterable[float]) -> str:
    """Numbers as --assume writes them."""
    return ",".join(f"{value:g}" for value in values)


def rows_of_share(kind: Share | HitShare, assumption: Assumption) -> FindingPlan:
    """The rows that show a share's demand. Raises ValueError where what is assumed is not one share."""
    values = assumption.values
    if len(values) != 1 or not 0 <= values[0] <= 1:
        raise ValueError(f"`{assumption.name}` must be one share between 0 and 1, not {written(values)}")
    inverse = (kind.inverse if isinstance(kind, Share) else None) or (lambda value: value)
    truth = float(inverse(Fraction(values[0])))
    each = [
        None if (values[0] - float(bound)) * (1 if side == "at_least" else -1) <= 0
        else rows_for_share(truth, float(inverse(bound)), assumption.alpha, assumption.power, side)
        for side, bound in assumption.demand.sides
    ]  # fmt: skip
    rows = [count for count in each if count is not None]
    needed = max(rows) if len(rows) == len(each) else None
    fraction = _fraction(kind, assumption.rates)
    of_all = ceil(needed / fraction) if needed is not None and fraction else None
    counted = kind.counted.format(positive="positive")
    return FindingPlan((), values[0], counted=counted, needed=needed, needed_of_all=of_all, why=why_none(needed))


def _fraction(kind: Share | HitShare, rates: Mapping[str, float]) -> float | None:
    """The share of all rows that counts for a share, where the assumptions tell it."""
    of = kind.of if isinstance(kind, Share) else ""
    if not of:
        return 1.0
    name, itself = PARTS.get(of, ("", True))
    rate = rates.get(name)
    return None if rate is None else (rate if itself else 1 - rate)


def rows_of_gap(metric: str, assumption: Assumption) -> FindingPlan | str:
    """The rows that each group takes to show that shares differ by at most a bound.

    Raises ValueError where what is assumed is not a share of every group.
    """
    values = assumption.of_several(metric)
    if not values:
        return assumption.missing("SHARE,SHARE[,...]")
    if len(values) < 2 or not all(0 <= value <= 1 for value in values):
        raise ValueError(
            f"a gap takes the share of every group, as in {assumption.rule}=0.5,0.5, not {written(values)}"
        )
    ((_, bound),) = assumption.demand.sides
    rows = rows_per_group(values, float(bound), assumption.alpha, assumption.power)
    return FindingPlan((), max(values) - min(values), needed=rows, each=True, why=why_none(rows))


def rows_of_models(metric: str, assumption: Assumption) -> FindingPlan | str:
    """The rows that two models take, where each row is right or wrong by either of them.

    Raises ValueError where what is assumed is not a difference and a share of discordant rows.
    """
    values = assumption.of_several(metric)
    if not values:
        return assumption.missing("DIFFERENCE,DISCORDANT")
    if len(values) != 2 or not abs(values[0]) <= values[1] <= 1:
        raise ValueError(
            "a champion takes the difference new - old and the share of rows that only one model gets right, as in "
            f"{assumption.rule}=0.0,0.05, not {written(values)}"
        )
    ((side, bound),) = assumption.demand.sides
    better = 1 if side == "at_least" else -1
    rows = rows_for_paired(better * values[0], values[1], assumption.alpha, -better * float(bound), assumption.power)
    return FindingPlan((), values[0], needed=rows, counted="paired rows that count", why=why_none(rows))

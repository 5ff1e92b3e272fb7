"""Planning without data: from assumed values a check computes the rows that its rule needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil

from mlgate.metrics.kinds.share import ITSELF, HitShare, Share
from mlgate.metrics.options import Options
from mlgate.metrics.registry import choose
from mlgate.stats.planning import rows_for_paired, rows_for_share, rows_per_group
from mlgate.values.demand import Demand
from mlgate.values.errors import EvidenceError
from mlgate.values.plan import FindingPlan

WITH_DATA = "this needs data: plan it with a candidate"
PARTS: Mapping[str, tuple[str, bool]] = {
    "tp+fn": ("prevalence", True),
    "tn+fp": ("prevalence", False),
    "tp+fp": ("selection_rate", True),
    "tn+fn": ("selection_rate", False),
}
"""For each denominator in confusion cells, its share of all rows: a rate (True) or one minus that rate (False)."""


@dataclass(frozen=True)
class Assumption:
    """The values assumed to be true for one rule, and the power with which its rows must show the demand."""

    rule: str
    """The rule's id."""
    task: str
    demand: Demand
    alpha: float
    """The one-sided level of the rule's bounds."""
    power: float
    """The chance that the rows show the demand, if the assumption is true."""
    name: str = ""
    """The name under which the values were given: the rule's or its metric's."""
    values: tuple[float, ...] = ()
    """The assumed values; empty if there are none."""
    rates: Mapping[str, float] = field(default_factory=dict)
    """Shares of all rows on which several rules depend: prevalence, selection_rate."""

    def of_several(self, metric: str) -> tuple[float, ...]:
        """The values assumed for several groups or models. A single number under the metric's name is about all rows,
        so it does not count here."""
        return () if self.name == metric and len(self.values) == 1 else self.values

    def missing(self, values: str, name: str = "") -> str:
        """The message for a missing assumption: what to write."""
        return f"not assumed: add --assume {name or self.rule}={values}"


def share_kind(metric: str, task: str, options: Options) -> Share | HitShare | str:
    """The kind of a metric that is a share of rows, or else why its rows cannot be planned without data."""
    try:
        kind = choose(metric, task, options).kind
    except EvidenceError as refused:
        return str(refused)
    if not isinstance(kind, (Share, HitShare)):
        return f"{metric} is not a share, so its rows depend on its spread: plan it with a candidate"
    return kind


def why_none(rows: int | None) -> str:
    """Why no number of rows is enough; empty if one is."""
    if rows is not None:
        return ""
    return "no number of rows shows it: the assumed value does not meet the demand, or meets it too narrowly"


def written(values: Iterable[float]) -> str:
    """Numbers as --assume writes them."""
    return ",".join(f"{value:g}" for value in values)


def rows_of_share(kind: Share | HitShare, assumption: Assumption) -> FindingPlan:
    """The rows that show the demand of a share. Raises ValueError unless exactly one share is assumed."""
    values = assumption.values
    if len(values) != 1 or not 0 <= values[0] <= 1:
        raise ValueError(f"`{assumption.name}` must be one share between 0 and 1, not {written(values)}")
    scale = kind.scale if isinstance(kind, Share) else ITSELF
    truth = float(scale.share(Fraction(values[0])))
    each = [
        None if (values[0] - float(bound)) * (1 if side == "at_least" else -1) <= 0
        else rows_for_share(truth, float(scale.share(bound)), assumption.alpha, assumption.power, side)
        for side, bound in assumption.demand.sides
    ]  # fmt: skip
    rows = [count for count in each if count is not None]
    needed = max(rows) if len(rows) == len(each) else None
    fraction = _fraction(kind, assumption.rates)
    of_all = ceil(needed / fraction) if needed is not None and fraction else None
    counted = kind.counted.format(positive="positive")
    return FindingPlan((), values[0], counted=counted, needed=needed, needed_of_all=of_all, why=why_none(needed))


def _fraction(kind: Share | HitShare, rates: Mapping[str, float]) -> float | None:
    """The denominator's share of all rows; None if the assumptions do not give it."""
    of = kind.of if isinstance(kind, Share) else ""
    if not of:
        return 1.0
    name, itself = PARTS.get(of, ("", True))
    rate = rates.get(name)
    return None if rate is None else (rate if itself else 1 - rate)


def rows_of_gap(metric: str, assumption: Assumption) -> FindingPlan | str:
    """The rows that each group needs to show that shares differ by at most a bound.

    Raises ValueError unless a share is assumed for every group.
    """
    values = assumption.of_several(metric)
    if not values:
        return assumption.missing("SHARE,SHARE[,...]")
    if len(values) < 2 or not all(0 <= value <= 1 for value in values):
        raise ValueError(f"a gap needs one share per group, as in {assumption.rule}=0.5,0.5, not {written(values)}")
    ((_, bound),) = assumption.demand.sides
    rows = rows_per_group(values, float(bound), assumption.alpha, assumption.power)
    return FindingPlan((), max(values) - min(values), needed=rows, each=True, why=why_none(rows))


def rows_of_models(metric: str, assumption: Assumption) -> FindingPlan | str:
    """The rows needed to compare two models, of which each gets a row right or wrong.

    Raises ValueError unless a difference and a share of discordant rows are assumed.
    """
    values = assumption.of_several(metric)
    if not values:
        return assumption.missing("DIFFERENCE,DISCORDANT")
    if len(values) != 2 or not abs(values[0]) <= values[1] <= 1:
        raise ValueError(
            "a comparison with a champion needs the difference new - old and the share of rows that only one model "
            "gets right, as in "
            f"{assumption.rule}=0.0,0.05, not {written(values)}"
        )
    ((side, bound),) = assumption.demand.sides
    better = 1 if side == "at_least" else -1
    rows = rows_for_paired(better * values[0], values[1], assumption.alpha, -better * float(bound), assumption.power)
    return FindingPlan((), values[0], needed=rows, counted="paired rows that count", why=why_none(rows))

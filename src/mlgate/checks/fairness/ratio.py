"""fairness.ratio: a metric's ratio between groups is at least a bound."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from mlgate.checks.assumption import Assumption
from mlgate.checks.base import Check, Wrong
from mlgate.checks.fairness.comparing import GroupComparison
from mlgate.checks.fairness.comparison import RATIO
from mlgate.checks.metric_problems import metric_problems
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts
from mlgate.values.demand import Demand
from mlgate.values.estimate import Answer
from mlgate.values.plan import FindingPlan

RATIO_WITH_DATA = "the rows for a ratio depend on the rows of all groups: plan it with a candidate"


@dataclass(frozen=True, kw_only=True)
class FairnessRatio(GroupComparison, Check):
    """A metric's ratio between groups, the smaller over the larger, is at least a bound.

    ## What it does
    Measures `metric` in every group of `by`. For each group and the `reference`, it divides the smaller value by the
    larger. With `best` (the default), the reference is the group that is truly best; the bounds account for choosing it
    from the same data.

    ## Why it matters
    The four-fifths rule of US employment law (EEOC Uniform Guidelines, 29 CFR 1607.4 D, 1978) asks for a selection rate
    of at least 80 % of the highest group's. New York City's Local Law 144 requires publishing this impact ratio.

    ## Example
    ```yaml
    - id: four-fifths
      check: fairness.ratio
      metric: selection_rate
      by: [sex, [sex, race]]
      at_least: 0.8
      proof: estimate
    ```

    ## Notes
    The legal rule of thumb is about the observed ratio: `proof: estimate` compares exact counts, so 48/60 against 60/60
    is 0.8 and passes. With `proof: shown` the ratio must be shown, which needs many rows per group; `mlgate plan` and
    the verdict say how many times the present rows. Groups below `min_n` rows or `min_share` are listed and left out.
    A single group, 0/0 and a negative value are errors. A ratio with 0 is observed as 0; it has bounds only if the
    metric is a share. `fairness.gap` explains `reference: overall`.

    ## References
    Fay, Proschan & Brittain 2015 (melded ratio); Zou & Donner 2008 (other metrics, on the log).
    """

    id: ClassVar[str] = "fairness.ratio"
    also_called: ClassVar[tuple[str, ...]] = (
        "demographic_parity_ratio",
        "equalized_odds_ratio",
        "disparate_impact_ratio",
    )
    bounded: ClassVar[bool] = True
    covers_all: ClassVar[bool] = False

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return f"{self.quantity} ratio"

    @property
    def limits(self) -> tuple[float, float]:
        """From nothing in one group to equal groups."""
        return 0.0, 1.0

    def problems(self, demand: Demand) -> Iterable[Wrong]:
        """Mistakes in the metric, and a bound that every ratio or no ratio meets."""
        yield from metric_problems(self.metric, self.given(), self.options())
        if demand.at_least is not None and not 0 < demand.at_least <= 1:
            yield "at_least", "must be a ratio of the smaller to the larger value, above 0 and at most 1"
        if demand.at_most is not None:
            yield "at_most", "would demand unequal groups; write `at_least`"

    def assumed(self, _assumption: Assumption) -> FindingPlan | str:
        """Never a number: the rows depend on the rows of all groups."""
        return RATIO_WITH_DATA

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """One estimate per comparison."""
        return self.compared(subject, facts, alphas, RATIO)

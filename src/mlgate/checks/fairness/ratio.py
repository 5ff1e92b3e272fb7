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

RATIO_WITH_DATA = "the rows of a ratio depend on all groups' rows: plan it with a candidate"


@dataclass(frozen=True, kw_only=True)
class FairnessRatio(GroupComparison, Check):
    """A metric's ratio between groups, the smaller over the larger, is at least a bound.

    ## What it does
    Measures `metric` in every group of `by` and divides the smaller value by the larger, for every group against the
    `reference`. With `best` (the default) each other group is held against the group that is truly best: the bounds
    allow for its having been chosen from the same data.

    ## Why it matters
    The four-fifths rule of US employment law (EEOC Uniform Guidelines, 29 CFR 1607.4 D, 1978) asks for a selection rate
    of at least 80 % of the highest group's, and New York City's Local Law 144 has this impact ratio published.

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
    The legal rule of thumb is about the observed ratio: `proof: estimate` compares exact counts, so that 48/60 against
    60/60 is 0.8 and passes. With `proof: shown` a ratio must be shown, which takes many rows a group; `mlgate plan`
    and the verdict say how many times those at hand. Groups below `min_n` rows or `min_share` are
    left out and listed. One group only, 0/0 and a negative value are errors. A ratio to 0 of a metric that is no share
    is observed as 0, and has no bounds. `reference: overall` is explained in `fairness.gap`.

    ## References
    Fay, Proschan & Brittain 2015 (melded ratio); Zou & Donner 2008 (other metrics, on the log).
    """

    id: ClassVar[str] = "fairness.ratio"
    bounded: ClassVar[bool] = True
    covers_all: ClassVar[bool] = False

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return f"{self.quantity} ratio"

    def problems(self, demand: Demand) -> Iterable[Wrong]:
        """Those of the metric, and a bound that no ratio or every ratio meets."""
        yield from metric_problems(self.metric, self.given(), self.options())
        if demand.at_least is not None and not 0 < demand.at_least <= 1:
            yield "at_least", "is a ratio of the smaller to the larger value: above 0, and at most 1"
        if demand.at_most is not None:
            yield "at_most", "demands unequal groups; a ratio is bounded by `at_least`"

    def assumed(self, _assumption: Assumption) -> FindingPlan | str:
        """Nothing: the rows depend on all groups' rows."""
        return RATIO_WITH_DATA

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """An estimate for every comparison."""
        return self.compared(subject, facts, alphas, RATIO)

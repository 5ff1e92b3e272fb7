"""fairness.gap: a metric's difference between groups is at most a bound."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import inf
from typing import ClassVar

from mlgate.checks.assumption import Assumption, rows_of_gap, share_kind
from mlgate.checks.base import Check, Wrong
from mlgate.checks.fairness.comparing import GroupComparison
from mlgate.checks.fairness.comparison import GAP
from mlgate.checks.metric_problems import metric_problems
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts
from mlgate.metrics.registry import entries
from mlgate.values.demand import Demand
from mlgate.values.estimate import Answer
from mlgate.values.plan import FindingPlan


@dataclass(frozen=True, kw_only=True)
class FairnessGap(GroupComparison, Check):
    """A metric's difference between groups is at most a bound, in either direction.

    ## What it does
    Measures `metric` in every group of `by`, and its absolute difference between each group and the `reference`. With
    `best` (the default), the reference is the group that is truly best. If every group is within the bound of it, every
    pair of groups is within the bound.

    ## Why it matters
    A model may look good overall and miss one group twice as often as another. Equal opportunity (Hardt, Price & Srebro
    2016) is this check with `metric: recall`; demographic parity is this check with `metric: selection_rate`.

    ## Example
    ```yaml
    - id: equal-opportunity
      check: fairness.gap
      metric: recall
      by: sex
      at_most: 0.1
    ```

    ## Notes
    The largest observed gap of many small groups is large by noise alone. Here a gap must be shown, and so must its
    absence. More rows settle it only if every group gets them in proportion. Any metric of the candidate's task can be
    compared: `mean_error` for the residuals of a regression, `mae` for its accuracy, `mean` with `column:` for anything
    else.

    With `reference: overall`, a group is compared with all rows, including its own. This is a different demand, which
    depends on each group's share of the rows. Many groups can meet it with far fewer rows than `best` and `pairs` need.
    For shares, the bounds come exactly from the group and the rest of the rows. For other metrics, the group and all
    rows are treated as independent, which widens the bounds.

    ## References
    Zou & Donner 2008 (MOVER, from Clopper-Pearson bounds for shares); Berger & Hsu 1996 (intersection-union tests).
    """

    id: ClassVar[str] = "fairness.gap"
    also_called: ClassVar[tuple[str, ...]] = ("group_difference", "disparity")
    bounded: ClassVar[bool] = True
    covers_all: ClassVar[bool] = False

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return f"{self.quantity} gap"

    @property
    def limits(self) -> tuple[float, float]:
        """From equal groups to the ends of the metric's range."""
        low, high = super().limits
        return 0.0, high - low

    def problems(self, demand: Demand) -> Iterable[Wrong]:
        """Mistakes in the metric, and a bound that every gap or no gap meets."""
        yield from metric_problems(self.metric, self.given(), self.options())
        if demand.at_most is not None and demand.at_most <= 0:
            yield "at_most", "is the largest difference allowed and must be above 0, as exact equality is never shown"
        yield from self._met_by_all(demand)
        if demand.at_least is not None:
            yield "at_least", "would demand unequal groups; write `at_most`"

    def _met_by_all(self, demand: Demand) -> Iterator[Wrong]:
        widest = max((metric.range[1] - metric.range[0] for metric in entries(self.metric)), default=inf)
        if demand.at_most is not None and demand.at_most >= widest:
            percent = f"; for {float(demand.at_most):g} % write {float(demand.at_most / 100):g}"
            said = f"every gap in {self.metric} is at most {widest:g}, so this demands nothing"
            yield "at_most", said + (percent if 1 < demand.at_most < 100 else "")

    def assumed(self, assumption: Assumption) -> FindingPlan | str:
        """The rows that each group needs, for shares."""
        kind = share_kind(self.metric, assumption.task, self.options())
        return kind if isinstance(kind, str) else rows_of_gap(self.metric, assumption)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """One estimate per comparison."""
        return self.compared(subject, facts, alphas, GAP)

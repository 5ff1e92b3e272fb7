"""fairness.calibration: scores mean what they say in every group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from mlgate.checks.fairness.expansion import Clause, Expansion
from mlgate.checks.metric_rule import GroupColumns
from mlgate.checks.performance.metric import PerformanceMetric
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts
from mlgate.reading.fields import Integer, param
from mlgate.values.estimate import Answer, Estimate, Unanswered


@dataclass(frozen=True, kw_only=True)
class CalibrationByGroup(Expansion):
    """Scores mean what they say in every group: calibration within groups.

    ## What it does
    Short for `performance.metric` with `metric: calibration_error` and `by`: in every group, the predicted
    probabilities may differ from the observed rates by at most the bound.

    ## Why it matters
    Of the people with a score of 0.7, about 70 % should turn out positive in every group. Otherwise the same score
    means different things, and whoever acts on it treats the groups differently.

    ## Example
    ```yaml
    - id: calibrated-for-everyone
      check: fairness.calibration
      by: sex
      at_most: 0.1
    ```

    ## Notes
    Each group is compared with the bound by itself, so the rule takes no reference. Every grouping still needs at least
    two groups, because one alone says nothing about fairness. If prevalence differs between groups, only a perfect
    model can meet this and equalized odds together (Kleinberg, Mullainathan & Raghavan 2017).

    ## References
    Pleiss et al. 2017; Kleinberg, Mullainathan & Raghavan 2017.
    """

    id: ClassVar[str] = "fairness.calibration"
    also_called: ClassVar[tuple[str, ...]] = ("calibration_within_groups", "sufficiency")
    bounded: ClassVar[bool] = True

    bins: int | None = param(Integer(min=2, max=1000), default=None, doc="Bins of the probability; 15 by default.")

    @property
    def parts(self) -> tuple[Clause, ...]:
        """The calibration error in every group."""
        return (PerformanceMetric(metric="calibration_error", by=self.by, where=self.where, bins=self.bins),)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """One estimate per group; an error if fewer than two groups of a grouping are judged."""
        judged: dict[GroupColumns, int] = dict.fromkeys(self.by, 0)
        for answer in super().answers(subject, facts, alphas):
            yield answer
            if isinstance(answer, Estimate) and answer.rows >= subject.least_rows:
                judged[tuple(column for column, _ in answer.where)] += 1
        for columns, groups in judged.items():
            if groups < 2:
                named = ", ".join(columns)
                yield Unanswered((), f"the rule needs two groups, and {groups or 'none'} of {named} can be judged")

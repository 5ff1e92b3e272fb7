"""performance.metric: a metric of the candidate, overall or in every slice, meets a bound."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from mlgate.checks.assumption import Assumption, rows_of_share, share_kind
from mlgate.checks.base import Check, Wrong
from mlgate.checks.by_group import answers_by_slice
from mlgate.checks.metric_problems import bound_problems, metric_problems
from mlgate.checks.metric_rule import GroupColumns, MetricRule
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts, Need
from mlgate.metrics.metric import Pictured
from mlgate.metrics.question import Question
from mlgate.reading.fields import By, param
from mlgate.values.demand import Demand
from mlgate.values.estimate import Answer, Published
from mlgate.values.plan import FindingPlan


@dataclass(frozen=True, kw_only=True)
class PerformanceMetric(MetricRule, Check):
    """A metric of the candidate meets a bound, overall or in every slice.

    ## What it does
    Measures `metric` on the rows and compares a confidence bound on its true value with `at_least`, `at_most` or
    `between`. The rule is a PASS if the bound meets the demand, and a FAIL if the opposite bound refutes it. Otherwise
    it is INCONCLUSIVE and says how many rows would settle it. With `by`, every group of every slicing must meet the
    demand.

    ## Why it matters
    A threshold that is compared with the observed value passes and fails by luck: with 200 rows, an observed accuracy
    of 0.90 is compatible with anything from 0.86 to 0.93. And an average hides the group for which the model does not
    work.

    ## Example
    ```yaml
    - id: recall-for-everyone
      check: performance.metric
      metric: recall
      by: [sex, age_band, [sex, age_band]]
      at_least: 0.60
    ```

    ## Notes
    A slice in which the metric is 0/0, a declared group without rows and a row without a group value are errors,
    unless the policy's `groups:` says otherwise. Slices with fewer rows than `min_n` are listed and not judged; without
    `by`, fewer rows are INCONCLUSIVE. Holm's correction limits the chance of a wrong FAIL in the whole rule, however
    many slices it has.

    ## References
    Clopper & Pearson 1934; Holm 1979; Berger & Hsu 1996 (intersection-union tests).
    """

    id: ClassVar[str] = "performance.metric"
    bounded: ClassVar[bool] = True

    by: tuple[GroupColumns, ...] = param(By(), default=(), doc="Slice by columns; a list inside intersects them.")

    def problems(self, demand: Demand) -> Iterable[Wrong]:
        """An unknown metric, wrong or missing parameters, and impossible bounds."""
        yield from metric_problems(self.metric, self.given(), self.options())
        yield from bound_problems(self.metric, demand, self.options())

    def assumed(self, assumption: Assumption) -> FindingPlan | str:
        """The rows that a share needs."""
        kind = share_kind(self.metric, assumption.task, self.options())
        if isinstance(kind, str):
            return kind
        return rows_of_share(kind, assumption) if assumption.values else assumption.missing("SHARE", self.metric)

    def questions(self, subject: Subject, alphas: tuple[float, ...]) -> Iterator[Question]:
        """One per slicing; without slicings, one for all rows."""
        for columns in self.by or ((),):
            yield self.question(subject, columns, alphas)

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        """The guards, and the metric's needs for every slicing."""
        kind = self.entry(subject).kind
        asked = [need for question in self.questions(subject, alphas) for need in kind.needs(question)]
        return (*self.guards(subject), *asked)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """One estimate per group of every slicing."""
        entry = self.entry(subject)
        for question in self.questions(subject, alphas):
            groups = entry.kind.groups(question, facts)
            yield from answers_by_slice(subject, question, entry, groups)
            if isinstance(entry.kind, Pictured):
                yield Published(entry.kind.picture(question, groups))

"""Named terms as checks: each is short for rules about certain metrics, and every report says which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import ClassVar

from mlgate.checks.assumption import Assumption
from mlgate.checks.base import Check, Wrong
from mlgate.checks.fairness.comparing import many_groups
from mlgate.checks.fairness.comparison import REFERENCE
from mlgate.checks.fairness.gap import FairnessGap
from mlgate.checks.fairness.ratio import FairnessRatio
from mlgate.checks.metric_rule import GroupColumns
from mlgate.checks.performance.metric import PerformanceMetric
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts, Need
from mlgate.reading.fields import By, MapOf, Number, OneOrMany, Text, param
from mlgate.values.demand import Demand
from mlgate.values.estimate import Answer
from mlgate.values.plan import FindingPlan, RulePlan
from mlgate.values.words import Words

Clause = FairnessGap | FairnessRatio | PerformanceMetric
WhereKey = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, kw_only=True)
class Expansion(Check):
    """A check that is short for other checks. It has the keys that they share and combines their answers."""

    by: tuple[GroupColumns, ...] = param(By(), doc="The groups: columns; a list inside the list intersects them.")
    where: WhereKey = param(MapOf(OneOrMany(Text())), default=(), doc="Only rows whose columns have these values.")

    @property
    def parts(self) -> tuple[Clause, ...]:
        """The checks that this is short for."""
        raise NotImplementedError

    @property
    def measured(self) -> str:
        """What is measured, in words: all its parts."""
        return " and ".join(part.measured for part in self.parts)

    @property
    def limits(self) -> tuple[float, float]:
        """Those of its parts, which measure the same thing."""
        return self.parts[0].limits

    def words(self, subject: Subject) -> Words:
        """Groups, of queries or of rows."""
        return replace(self.parts[0].words(subject), part="group")

    def problems(self, demand: Demand) -> Iterable[Wrong]:
        """The mistakes in any part, each once."""
        return dict.fromkeys(problem for part in self.parts for problem in part.problems(demand))

    def reads(self, task: str) -> frozenset[str] | None:
        """The roles that its parts read; None if the task has none of their metrics."""
        found = [roles for part in self.parts if (roles := part.reads(task)) is not None]
        return frozenset[str]().union(*found) if found else None

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        """The needs of all parts."""
        for part in self.parts:
            yield from part.needs(subject, alphas)

    def later(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterable[Need]:
        """The follow-up questions of all parts."""
        for part in self.parts:
            yield from part.later(subject, facts, alphas)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """The answers of all parts. If there are several parts, each finding names its metric."""
        for part in self.parts:
            for answer in part.answers(subject, facts, alphas):
                named = (*answer.where, ("metric", part.metric)) if len(self.parts) > 1 else answer.where
                yield replace(answer, where=named)


@dataclass(frozen=True, kw_only=True)
class ComparingTerm(Expansion):
    """The keys of a term that compares groups, and the comparisons that it is short for."""

    bounded: ClassVar[bool] = True
    covers_all: ClassVar[bool] = False
    compares_groups: ClassVar[bool] = True
    metrics: ClassVar[tuple[str, ...]]
    comparison: ClassVar[type[FairnessGap] | type[FairnessRatio]] = FairnessGap

    reference: str = param(Text(), default="best", doc=REFERENCE)
    min_share: Fraction | None = param(
        Number(above=0, below=1), default=None, doc="Groups with a smaller share of the rows are left out and listed."
    )

    @property
    def parts(self) -> tuple[Clause, ...]:
        """One comparison per metric."""
        return tuple(self.compared(metric) for metric in self.metrics)

    def advice_with_data(self, planned: RulePlan) -> Iterator[str]:
        """Advice that many groups need very many rows."""
        return many_groups(self.reference, planned)

    def assumed(self, assumption: Assumption) -> FindingPlan | str:
        """The rows that each group needs; the same for all comparisons of the term."""
        plans = [part.assumed(assumption) for part in self.parts]
        return next((plan for plan in plans if isinstance(plan, str)), plans[0])

    def compared(self, metric: str) -> FairnessGap | FairnessRatio:
        """The comparison of one metric."""
        return self.comparison(
            metric=metric, by=self.by, reference=self.reference, where=self.where, min_share=self.min_share
        )


@dataclass(frozen=True, kw_only=True)
class DecisionTerm(ComparingTerm):
    """The keys of a term that compares decisions, with the favourable class and the score threshold."""

    class_: str | None = param(Text(), default=None, key="class", doc="Multiclass: the favourable class.")
    threshold: Fraction | None = param(Number(), default=None, doc="Decide positive if the score is at least this.")

    def compared(self, metric: str) -> FairnessGap | FairnessRatio:
        """The comparison of one metric of decisions."""
        return replace(super().compared(metric), class_=self.class_, threshold=self.threshold)

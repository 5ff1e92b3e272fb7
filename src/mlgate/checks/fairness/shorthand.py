"""Terms of the field as checks: each stands for gaps or ratios of certain metrics, and says so in every report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import ClassVar

from mlgate.checks.base import Demand
from mlgate.checks.fairness.gap import FairnessGap
from mlgate.checks.fairness.ratio import FairnessRatio
from mlgate.checks.fairness.references import REFERENCE
from mlgate.checks.metric_rule import Columns
from mlgate.checks.subject import Subject
from mlgate.estimate import Answer
from mlgate.evidence.facts import Facts
from mlgate.evidence.needs import Need
from mlgate.fields import By, MapOf, Number, OneOrMany, Text, param


@dataclass(frozen=True, kw_only=True)
class Shorthand:
    """The keys of every shorthand, and the comparisons that it stands for."""

    metrics: ClassVar[tuple[str, ...]]
    comparison: ClassVar[type[FairnessGap] | type[FairnessRatio]] = FairnessGap

    by: tuple[Columns, ...] = param(By(), doc="The groups: columns; a list inside the list intersects them.")
    reference: str = param(Text(), default="best", doc=REFERENCE)
    where: tuple[tuple[str, tuple[str, ...]], ...] = param(
        MapOf(OneOrMany(Text())), default=(), doc="Only rows whose columns have these values."
    )
    class_: str | None = param(Text(), default=None, key="class", doc="Multiclass: the favourable class.")
    threshold: Fraction | None = param(Number(), default=None, doc="Decide positive where the score is at least this.")
    min_share: Fraction | None = param(
        Number(above=0, below=1), default=None, doc="Groups with a smaller share of the rows are left out and listed."
    )

    @property
    def measured(self) -> str:
        """What is measured, in words: the expansion."""
        return " and ".join(part.measured for part in self.parts)

    @property
    def parts(self) -> tuple[FairnessGap | FairnessRatio, ...]:
        """The comparisons that this stands for."""
        return tuple(
            self.comparison(
                metric=metric,
                by=self.by,
                reference=self.reference,
                where=self.where,
                class_=self.class_,
                threshold=self.threshold,
                min_share=self.min_share,
            )
            for metric in self.metrics
        )

    def problems(self, demand: Demand) -> Iterable[tuple[str, str]]:
        """Those of the comparisons, each once."""
        return dict.fromkeys(problem for part in self.parts for problem in part.problems(demand))

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        """Those of the comparisons."""
        for part in self.parts:
            yield from part.needs(subject, alphas)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """Those of the comparisons; where there are several, each finding says its metric."""
        for part in self.parts:
            for answer in part.answers(subject, facts, alphas):
                named = (*answer.where, ("metric", part.metric)) if len(self.metrics) > 1 else answer.where
                yield replace(answer, where=named)

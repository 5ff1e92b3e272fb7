"""The largest observed value: a fact about the sample that says nothing about the population."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mlgate.evidence.questions.order import Order, OrderOf
from mlgate.metrics.kinds.quantile import FromOrder, NumberRole
from mlgate.metrics.question import Question
from mlgate.values.estimate import Estimate

LAST = 1 - 1e-12
"""The quantile whose rank, rounded up, is the last rank for fewer than 10**12 rows."""


@dataclass(frozen=True)
class Worst(FromOrder):
    """The maximum of an SQL expression, without bounds at any level."""

    expression: Callable[[Question], str]
    roles: tuple[NumberRole, ...]
    method = "none: a sample's maximum does not bound the population's"

    in_units = method

    def estimate(self, question: Question, stats: OrderOf) -> Estimate:
        """The largest value, without bounds."""
        because = "a sample's largest value does not bound the population's: use `proof: estimate`"
        return Estimate((), stats.value, stats.rows, stats.rows, no_bound_because=because)

    def order(self, question: Question) -> Order:
        """The need for the last order statistic."""
        table, where = question.rows.table, question.where
        return Order(table, where, question.count, self.expression(question), LAST, (), question.by)

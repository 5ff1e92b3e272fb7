"""Quantiles of a number of every row, bounded by order statistics."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.evidence.questions.order import Order, OrderFact, OrderOf
from mlgate.metrics.base import Alone
from mlgate.metrics.kinds.unit_quantile import UnitQuantile
from mlgate.metrics.question import Question
from mlgate.values.estimate import Bound, Estimate


@dataclass(frozen=True)
class OrderStats:
    """One slice's order statistics."""

    of: OrderOf

    @property
    def rows(self) -> int:
        """Rows of the slice."""
        return self.of.n


class FromOrder(Alone):
    """What every kind has that is read off order statistics of a number."""

    roles: tuple[Literal["label", "prediction", "column"], ...]

    def order(self, question: Question) -> Order:
        """The question for the values at the ranks that matter."""
        raise NotImplementedError

    def needs(self, question: Question) -> Iterable[Need]:
        """Those values, and that every row has a number."""
        return (*question.usable(*self.roles), self.order(question))

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, OrderStats]:
        """The order statistics of every slice."""
        fact: OrderFact = facts[self.order(question)]
        return {found.group: OrderStats(found) for found in fact.groups}


@dataclass(frozen=True)
class Quantile(FromOrder):
    """A quantile of an expression; the median of two middle values is their mean."""

    expression: Callable[[Question], str]
    roles: tuple[Literal["label", "prediction", "column"], ...]
    quantile: Callable[[Question], float]
    median: bool = False
    weighted = False
    method = "order statistics at binomial ranks, distribution-free"

    in_units = UnitQuantile.method

    def needs(self, question: Question) -> Iterable[Need]:
        """Those values, and that every row has a number."""
        return UnitQuantile(self).needs(question) if question.unit else super().needs(question)

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, Any]:
        """The order statistics of every slice."""
        return UnitQuantile(self).groups(question, facts) if question.unit else super().groups(question, facts)

    def estimate(self, question: Question, stats: Any) -> Estimate:
        """The quantile; no bound where the rows are too few for its rank."""
        if question.unit:
            return UnitQuantile(self).estimate(question, stats)
        of = stats.of
        return Estimate(
            (),
            of.middle if self.median else of.value,
            of.n,
            of.n,
            _at(of, 1),
            _at(of, 2),
            no_bound_because=f"{of.n} rows are too few for a bound of this quantile",
        )

    def order(self, question: Question) -> Order:
        """The values at the ranks of estimate and bounds."""
        return Order(
            question.rows.table,
            question.where,
            question.count,
            self.expression(question),
            self.quantile(question),
            question.alphas,
            question.by,
        )


def _at(of: OrderOf, side: Literal[1, 2]) -> Bound:
    """The bound at the greatest level measured that is at most the one asked for: never too sure."""

    def bound(alpha: float) -> float | None:
        known = [levels for levels in of.bounds if levels[0] <= alpha * (1 + 1e-9)]
        return max(known)[side] if known else None

    return bound

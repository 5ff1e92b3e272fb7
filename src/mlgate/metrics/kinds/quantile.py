"""Quantiles over rows of a number, bounded by order statistics; for rows in units by those of effective rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.evidence.questions.order import Order, OrderFact, OrderOf
from mlgate.metrics.metric import Alone
from mlgate.metrics.question import Question
from mlgate.metrics.units import in_units
from mlgate.values.estimate import Estimate
from mlgate.values.words import are, counted, rounded

NumberRole = Literal["label", "prediction", "column"]


class FromOrder(Alone):
    """The common parts of kinds that are order statistics of a number."""

    roles: tuple[NumberRole, ...]
    weighted = False

    def order(self, question: Question) -> Order:
        """The need for the values at some ranks."""
        raise NotImplementedError

    def needs(self, question: Question) -> Iterable[Need]:
        """The guards that every row has a number, and the values."""
        return (*question.usable(*self.roles), self.order(question))

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, OrderOf]:
        """The order statistics of every slice."""
        fact: OrderFact = facts[self.order(question)]
        return {found.group: found for found in fact.groups}


@dataclass(frozen=True)
class Quantile(FromOrder):
    """A quantile of an SQL expression; for a `median` the mean of the two middle values."""

    expression: Callable[[Question], str]
    roles: tuple[NumberRole, ...]
    quantile: Callable[[Question], float]
    median: bool = False
    method = "order statistics at binomial ranks, distribution-free"
    in_units = "order statistics at binomial ranks of effective rows, by the variance between units (Woodruff 1952)"

    def estimate(self, question: Question, stats: OrderOf) -> Estimate:
        """The quantile; without a bound where there are too few rows, or units or effective rows, for a rank."""
        found = Estimate(
            (),
            stats.middle if self.median else stats.value,
            stats.n,
            stats.n,
            stats.bound(1),
            stats.bound(2),
            no_bound_because=f"{counted(stats.n, 'row')} {are(stats.n)} too few for a bound of this quantile",
        )
        if stats.units is None or stats.effective is None:
            return found
        few = f"{rounded(stats.effective, 'effective rows')} {are(round(stats.effective))} too few"
        because = f"{few} for a bound of this quantile"
        return in_units(found, found.lower, found.upper, stats.units, stats.effective, without=because)

    def order(self, question: Question) -> Order:
        """The need for the values at the ranks of the estimate and of the bounds."""
        return Order(
            question.rows.table,
            question.where,
            question.count,
            self.expression(question),
            self.quantile(question),
            question.alphas,
            question.by,
            question.unit,
        )

"""Quantiles of a number of every row, of rows in units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.evidence.questions.unit_order import UnitOrder, UnitOrderFact, UnitOrderOf
from mlgate.metrics.base import Alone
from mlgate.metrics.question import Question
from mlgate.metrics.units import in_units
from mlgate.values.estimate import Estimate

if TYPE_CHECKING:
    from mlgate.metrics.kinds.quantile import Quantile


@dataclass(frozen=True)
class UnitOrderStats:
    """One slice's order statistics of rows in units."""

    of: UnitOrderOf

    @property
    def rows(self) -> int:
        """Rows of the slice."""
        return self.of.of.n


@dataclass(frozen=True)
class UnitQuantile(Alone):
    """A quantile of an expression, of rows in units."""

    plain: Quantile
    weighted = False
    method = "order statistics at binomial ranks of effective rows, by the variance between units (Woodruff 1952)"

    def needs(self, question: Question) -> Iterable[Need]:
        """The values at the ranks that matter, and that every row has a number."""
        return (*question.usable(*self.plain.roles), self._order(question))

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, UnitOrderStats]:
        """The order statistics of every slice."""
        fact: UnitOrderFact = facts[self._order(question)]
        return {found.of.group: UnitOrderStats(found) for found in fact.groups}

    def estimate(self, question: Question, stats: UnitOrderStats) -> Estimate:
        """The quantile; no bound where units or effective rows are too few for its rank."""
        from mlgate.metrics.kinds.quantile import OrderStats

        of = stats.of
        plain = self.plain.estimate(replace(question, unit=""), OrderStats(of.of))
        because = f"{of.effective:.0f} effective rows are too few for a bound of this quantile"
        return in_units(plain, plain.lower, plain.upper, of.units, of.effective, without=because)

    def _order(self, question: Question) -> UnitOrder:
        order = self.plain.order(question)
        return UnitOrder(
            order.table, order.where, "", order.value, order.quantile, order.alphas, order.by, question.unit
        )

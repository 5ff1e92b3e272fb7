"""Means of a number of every row (errors, losses, a column), with bounds that know skewness."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from math import sqrt

from mlgate.evidence.dialect import literal
from mlgate.evidence.questions.moments import Moments
from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.evidence.questions.top_share import TopShare, TopShareFact
from mlgate.metrics.base import Alone, Kind, Paired, Undefined
from mlgate.metrics.kinds.sums import PAIR, Sums, ratio_of_totals, sums_by_group, sums_needed
from mlgate.metrics.pairs.means import PairedMean
from mlgate.metrics.question import NOT_NEGATIVE, Question
from mlgate.stats.means import RootMean, SampleMean
from mlgate.values.estimate import Bound, Estimate

PLAIN = ((1,), (2,), (3,))
EQUAL = "its rows are equal, or too nearly so against the range of the whole table: their spread is unknown"


@dataclass(frozen=True)
class Mean(Alone):
    """The mean of an expression; `root` for its square root (RMSE), `heavy` where the largest rows may carry it."""

    expression: Callable[[Question], str]
    guard: Callable[[Question], Iterable[Need]]
    root: bool = False
    heavy: bool = True
    weighted = True
    method = "Hall's transform of the t interval (Hall 1992); delta method under sampling weights"

    @property
    def paired(self) -> Paired:
        """By the rows' own differences."""
        return PairedMean(self)

    def needs(self, question: Question) -> Iterable[Need]:
        """Sums of powers, the share of the largest rows, and what must hold before they are trusted."""
        top = (self._top(question),) if self._tells_top(question) else ()
        weight = question.usable("weight", within=NOT_NEGATIVE) if question.weight else ()
        return (*self.guard(question), *weight, *sums_needed(self._moments(question)), *top)

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, Sums]:
        """The sums of every slice."""
        found = sums_by_group(self._moments(question), facts)
        if not self._tells_top(question):
            return found
        shares: TopShareFact = facts[self._top(question)]
        top = dict(shares.groups)
        return {group: replace(sums, top=top.get(group)) for group, sums in found.items()}

    @property
    def clustered(self) -> Kind:
        """Hall's transform of units' sums."""
        from mlgate.metrics.kinds.unit_means import UnitMean

        return UnitMean(self)

    def estimate(self, question: Question, stats: Sums) -> Estimate:
        """The mean with Hall's bounds; under weights the weighted mean with linear delta bounds."""
        if question.weight:
            return self._weighted(stats)
        first, second, third = (stats.sums[power] for power in PLAIN)
        mean = first / stats.rows + stats.pivots[0]
        found = Estimate(
            (),
            sqrt(mean) if self.root else float(mean),
            stats.rows,
            stats.rows,
            no_bound_because=EQUAL if stats.rows > 1 else "one row has no spread",
            note=_top(stats),
        )
        if stats.rows < 2 or not stats.stands_out(stats.square(), stats.reaches[0]):
            return found
        sample = SampleMean.from_sums(stats.rows, first, second, third, stats.pivots[0])
        shown = RootMean(sample) if self.root else sample
        return replace(found, lower=shown.lower, upper=shown.upper, no_bound_because=None)

    def _weighted(self, stats: Sums) -> Estimate:
        if stats.total(0, 1) <= 0:
            raise Undefined("a weighted mean needs a row with a weight above 0")
        found = replace(ratio_of_totals(stats, linear=True), note="weighted mean, delta method")
        if not self.root:
            return found
        return replace(found, value=sqrt(found.value), lower=_rooted(found.lower), upper=_rooted(found.upper))

    def value(self, question: Question) -> str:
        """The number of a row as SQL, capped where the rule says so."""
        value = self.expression(question)
        if question.options.cap is None:
            return value
        return f"least({value}, cast({literal(repr(float(question.options.cap)))} as double))"

    def _moments(self, question: Question) -> Moments:
        value, table, where = self.value(question), question.rows.table, question.where
        if not question.weight:
            return Moments(table, where, question.count, (value,), PLAIN, question.by)
        values = (f"({value}) * {question.weight}", question.weight)
        return Moments(table, where, question.count, values, PAIR, question.by)

    def _tells_top(self, question: Question) -> bool:
        return self.heavy and not question.weight and not question.count

    def _top(self, question: Question) -> TopShare:
        return TopShare(question.rows.table, question.where, "", self.value(question), 0.01, question.by)


def _top(stats: Sums) -> str | None:
    if stats.top is None:
        return None
    return f"the top 1 % of rows carry {100 * stats.top:.0f} % of the sum"


def _rooted(bound: Bound) -> Bound:
    def rooted(alpha: float) -> float | None:
        found = bound(alpha)
        return None if found is None else sqrt(max(found, 0.0))

    return rooted

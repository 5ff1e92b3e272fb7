"""Demands on statistics of a column: its ends, mean, spread, sum and quantiles, each within a range."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

from mlgate.checks.data.column_keys import ColumnKeys
from mlgate.checks.data.column_rule import NOTHING, AskedColumn, ColumnRule
from mlgate.evidence.questions.ends import Ends
from mlgate.evidence.questions.matching_rows import MatchingRows
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.questions.order import Order, OrderFact
from mlgate.evidence.questions.power_sums import PowerSums, PowerSumsFact
from mlgate.reading.fields import number
from mlgate.stats.means import SampleMean, too_few
from mlgate.values.demand import Demand, OwnDemand
from mlgate.values.estimate import Answer, Bound, Estimate, Unanswered, no_bound
from mlgate.values.words import are, counted


@dataclass(frozen=True)
class ColumnStatistic:
    """A statistic with its bounds."""

    value: float
    exact: Fraction | None = None
    lower: Bound = no_bound
    upper: Bound = no_bound
    because: str = ""
    """Why it has no bounds."""


class Statistic(ColumnRule):
    """A number about all values of a column, which must be finite numbers."""

    def needs(self, asked: AskedColumn) -> Iterable[Need]:
        """The rows with a value and with a number, and what the statistic needs."""
        return asked.missing, self._numbers(asked), *self.measured(asked)

    def measured(self, asked: AskedColumn) -> Iterable[Need]:
        """The questions of the statistic."""
        raise NotImplementedError

    def found(self, asked: AskedColumn, facts: Facts) -> Iterator[tuple[str, Demand, ColumnStatistic | str]]:
        """What it is called, what is demanded, and the statistic, or why it does not exist."""
        raise NotImplementedError

    def answers(self, asked: AskedColumn, facts: Facts) -> Iterator[Answer]:
        """An estimate with its own demand; it does not exist where a value is not a finite number."""
        values, numbers, where = asked.values(facts), self._count(asked, facts), asked.where(self.key)
        if not values:
            yield Unanswered(where, NOTHING)
            return
        if lost := values - numbers:
            are_not = "is not a finite number" if lost == 1 else "are not finite numbers"
            yield Unanswered(where, f"{lost:,} of {counted(values, 'value')} {are_not}")
            return
        for name, demand, found in self.found(asked, facts):
            if isinstance(found, str):
                yield Unanswered(where, found)
                continue
            yield Estimate(
                where, found.value, values, values, found.lower, found.upper, found.exact,
                no_bound_because=found.because or None, own=OwnDemand(name, demand),
            )  # fmt: skip

    def _numbers(self, asked: AskedColumn) -> MatchingRows | Ends:
        """The question how many rows have a finite number: their ends, which others ask too, if rows count once."""
        if asked.missing.count:
            return asked.matching(asked.column.finite)
        return Ends(asked.rows.table, asked.within, value=asked.column.double)

    def _count(self, asked: AskedColumn, facts: Facts) -> int:
        need = self._numbers(asked)
        return int(facts[need].rows if isinstance(need, MatchingRows) else facts[need].groups[0].rows)


@dataclass(frozen=True)
class ValueEnd(Statistic):
    """The lowest or the highest value."""

    key: str

    def measured(self, asked: AskedColumn) -> Iterable[Need]:
        """Both ends."""
        return (self._ends(asked),)

    def found(self, asked: AskedColumn, facts: Facts) -> Iterator[tuple[str, Demand, ColumnStatistic | str]]:
        """The end, exactly."""
        (ends,) = facts[self._ends(asked)].groups
        exact = Fraction((ends.lowest if self.key == "minimum" else ends.highest) or "0")
        yield (
            self.key,
            getattr(asked.keys, self.key),
            ColumnStatistic(float(exact), exact, because=f"a {self.key} has no interval"),
        )

    def _ends(self, asked: AskedColumn) -> Ends:
        exact = asked.column.whole or asked.column.column.kind == "decimal"
        return Ends(asked.rows.table, asked.within, value=asked.column.number if exact else asked.column.double)


def _sums(asked: AskedColumn) -> PowerSums:
    return PowerSums(asked.rows.table, asked.within, asked.missing.count, asked.column.double)


@dataclass(frozen=True)
class OfMoments(Statistic):
    """A statistic of the sums of powers of the values."""

    key: str
    name: str
    of: Callable[[PowerSumsFact], ColumnStatistic | str]

    def measured(self, asked: AskedColumn) -> Iterable[Need]:
        """The sums of powers."""
        return (_sums(asked),)

    def found(self, asked: AskedColumn, facts: Facts) -> Iterator[tuple[str, Demand, ColumnStatistic | str]]:
        """The statistic."""
        yield self.name, getattr(asked.keys, self.key), self.of(facts[_sums(asked)])


def _mean(of: PowerSumsFact) -> ColumnStatistic:
    (first, square, cube), n, pivot = of.sums, of.rows, of.pivot
    mean = first / n
    second = square / n - mean**2
    third = cube / n - 3 * mean * square / n + 2 * mean**3
    few = too_few(n)
    if few or second <= 0:
        return ColumnStatistic(float(mean + pivot), mean + pivot, because=few or "its values are equal")
    sample = SampleMean(n, float(mean + pivot), float(second * n / (n - 1)), float(third))
    return ColumnStatistic(sample.mean, mean + pivot, sample.lower, sample.upper)


def _std(of: PowerSumsFact) -> ColumnStatistic | str:
    if of.rows < 2:
        return "one value has no standard deviation"
    first, square, _ = of.sums
    variance = max((square - first**2 / of.rows) / (of.rows - 1), Fraction(0))
    return ColumnStatistic(sqrt(variance), because="a standard deviation has no interval here")


def _sum(of: PowerSumsFact) -> ColumnStatistic:
    exact = of.sums[0] + of.pivot * of.rows
    return ColumnStatistic(float(exact), exact, because="a sum has no interval")


@dataclass(frozen=True)
class Quantiles(Statistic):
    """Quantiles, each within its range."""

    key: str
    levels: Callable[[ColumnKeys], Iterable[tuple[str, float, Demand]]]
    """The name, the level and the demand of each."""
    middle: bool = False
    """Whether a quantile between two values is their mean."""

    def problems(self, keys: ColumnKeys) -> Iterable[str]:
        """Levels that are not between 0 and 1."""
        if self.key == "quantiles":
            for text, _ in keys.quantiles:
                level = number(text)
                if level is None or not 0 < level < 1:
                    yield f"`{text}` is not a level above 0 and below 1"

    def measured(self, asked: AskedColumn) -> Iterable[Need]:
        """The values at the ranks."""
        return [self._order(asked, level) for _, level, _ in self.levels(asked.keys)]

    def found(self, asked: AskedColumn, facts: Facts) -> Iterator[tuple[str, Demand, ColumnStatistic | str]]:
        """Each quantile with its bounds."""
        for name, level, demand in self.levels(asked.keys):
            fact: OrderFact = facts[self._order(asked, level)]
            of = fact.groups[0]
            value = of.middle if self.middle else of.value
            few = f"{counted(of.n, 'value')} {are(of.n)} too few for a bound of this quantile"
            yield name, demand, ColumnStatistic(value, None, of.bound(1), of.bound(2), few)

    def _order(self, asked: AskedColumn, level: float) -> Order:
        value = asked.column.double
        where = " and ".join(filter(None, (f"({value}) is not null", asked.within and f"({asked.within})")))
        return Order(asked.rows.table, where, asked.missing.count, value, level, asked.alphas)


def _median(keys: ColumnKeys) -> Iterator[tuple[str, float, Demand]]:
    if keys.median:
        yield "median", 0.5, keys.median


def _levels(keys: ColumnKeys) -> Iterator[tuple[str, float, Demand]]:
    for text, demand in keys.quantiles:
        yield f"{text} quantile", float(text), demand


RULES = (
    ValueEnd("minimum"),
    ValueEnd("maximum"),
    OfMoments("mean", "mean", _mean),
    OfMoments("std", "standard deviation", _std),
    OfMoments("sum", "sum", _sum),
    Quantiles("median", _median, middle=True),
    Quantiles("quantiles", _levels),
)

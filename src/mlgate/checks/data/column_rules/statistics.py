"""Demands on statistics of a column: its ends, mean, spread, sum and quantiles, each within a range."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

from mlgate.checks.data.column_keys import ColumnKeys
from mlgate.checks.data.column_rule import NOTHING, AskedColumn, ColumnRule
from mlgate.evidence.fixed_point import fixed_point
from mlgate.evidence.questions.ends import Ends, EndsOf
from mlgate.evidence.questions.exact_sums import ExactSums
from mlgate.evidence.questions.matching_rows import MatchingRows
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.questions.order import Order, OrderFact
from mlgate.evidence.questions.power_sums import PowerSums, PowerSumsFact
from mlgate.reading.fields import number
from mlgate.stats.means import SampleMean, too_few
from mlgate.values.demand import Demand, OwnDemand
from mlgate.values.estimate import Answer, Bound, Estimate, Unanswered, no_bound
from mlgate.values.numbers import decimals_of, plain_digits
from mlgate.values.words import are, counted

MOST_WHOLE = 2**52
"""Below this, a whole number and the middle of two of them are doubles."""
HALF_ULP = 2.0**-53
"""How far the double of a number may be from it, relative to it."""


@dataclass(frozen=True)
class ColumnStatistic:
    """A statistic with its bounds."""

    value: float
    exact: Fraction | None = None
    lower: Bound = no_bound
    upper: Bound = no_bound
    because: str = ""
    """Why it has no bounds."""
    rounding: float = 0.0
    """How far the rounding of values and sums may move the value, where it is not exact."""

    def digits(self, demand: Demand) -> str | None:
        """All digits of an exact value where its double hides that it is not a bound; None otherwise."""
        exact = self.exact
        if exact is None or all(bound == exact or float(bound) != self.value for _, bound in demand.sides):
            return None
        decimals = decimals_of(exact)
        return str(exact) if decimals is None else plain_digits(exact, decimals)


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
                where, found.value, values, values, found.lower, found.upper, found.exact, found.digits(demand),
                no_bound_because=found.because or None, rounding=found.rounding, own=OwnDemand(name, demand),
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
        """Both ends, in doubles and by all digits."""
        return _ends(asked)

    def found(self, asked: AskedColumn, facts: Facts) -> Iterator[tuple[str, Demand, ColumnStatistic | str]]:
        """The end, exactly; where a text has no exact reading, as a double."""
        ends = _closest(asked, facts)
        exact = Fraction((ends.lowest if self.key == "minimum" else ends.highest) or "0")
        yield (
            self.key,
            getattr(asked.keys, self.key),
            ColumnStatistic(float(exact), exact, because=f"a {self.key} has no interval"),
        )


def _ends(asked: AskedColumn) -> tuple[Ends, ...]:
    """The questions for the ends of the values: in doubles, and by all digits where these have an exact reading."""
    values = dict.fromkeys((asked.column.double, asked.column.exact or asked.column.double))
    return tuple(Ends(asked.rows.table, asked.within, value=value) for value in values)


def _closest(asked: AskedColumn, facts: Facts) -> EndsOf:
    """The ends by all digits where every value has an exact reading, else those of the doubles."""
    doubles: EndsOf
    doubles, *exact = (facts[need].groups[0] for need in _ends(asked))
    return next((ends for ends in exact if ends.rows == doubles.rows), doubles)


def _largest(ends: EndsOf) -> float:
    return max(abs(float(Fraction(end or 0))) for end in (ends.lowest, ends.highest))


@dataclass(frozen=True)
class MomentsFound:
    """What is known of the sums of a column."""

    powers: PowerSumsFact
    ends: EndsOf
    total: Fraction | None
    """The exact sum; None where not every value has an exact reading."""
    lost: float
    """How far the doubles of the values may be from these; 0 for floats, which are doubles."""
    noise: float
    """How far the rounding of sums may move the sum."""


@dataclass(frozen=True)
class OfMoments(Statistic):
    """A statistic of the sums of powers of the values."""

    key: str
    name: str
    of: Callable[[MomentsFound], ColumnStatistic | str]

    def measured(self, asked: AskedColumn) -> Iterable[Need]:
        """The sums of powers, the ends, and the exact sum."""
        return _powers(asked), *_ends(asked), *_exact_sums(asked)

    def found(self, asked: AskedColumn, facts: Facts) -> Iterator[tuple[str, Demand, ColumnStatistic | str]]:
        """The statistic."""
        powers, ends = facts[_powers(asked)], _closest(asked, facts)
        sums = (facts[need] for need in _exact_sums(asked))
        total = next((of.total for of in sums if of.rows == powers.rows), None)
        low, high = (float(Fraction(end or 0)) for end in (ends.lowest, ends.highest))
        lost = 0.0 if asked.column.column.kind == "float" else _largest(ends) * HALF_ULP
        noise = powers.rows * (lost + (0.0 if low == high else fixed_point(low, high).error))
        yield self.name, getattr(asked.keys, self.key), self.of(MomentsFound(powers, ends, total, lost, noise))


def _powers(asked: AskedColumn) -> PowerSums:
    return PowerSums(asked.rows.table, asked.within, asked.missing.count, asked.column.double)


def _exact_sums(asked: AskedColumn) -> tuple[ExactSums, ...]:
    """The question for the exact sum, if rows count once and values may have exact readings."""
    value = None if asked.missing.count else asked.column.exact
    return () if value is None else (ExactSums(asked.rows.table, asked.within, value=value),)


def _mean(found: MomentsFound) -> ColumnStatistic:
    of = found.powers
    (first, square, cube), n, pivot = of.sums, of.rows, of.pivot
    mean = first / n
    second = square / n - mean**2
    third = cube / n - 3 * mean * square / n + 2 * mean**3
    exact = None if found.total is None else found.total / n
    value, rounding = float(mean + pivot if exact is None else exact), found.noise / n
    few = too_few(n)
    if few or second <= 0:
        return ColumnStatistic(value, exact, because=few or "its values are equal", rounding=rounding)
    sample = SampleMean(n, value, float(second * n / (n - 1)), float(third))
    return ColumnStatistic(value, exact, sample.lower, sample.upper, rounding=rounding)


def _std(found: MomentsFound) -> ColumnStatistic | str:
    of, because = found.powers, "a standard deviation has no interval here"
    if of.rows < 2:
        return "one value has no standard deviation"
    if found.ends.lowest == found.ends.highest and found.total is not None:
        return ColumnStatistic(0.0, Fraction(0), because=because)
    first, square, _ = of.sums
    variance = max((square - first**2 / of.rows) / (of.rows - 1), Fraction(0))
    return ColumnStatistic(sqrt(variance), because=because, rounding=2 * found.lost)


def _sum(found: MomentsFound) -> ColumnStatistic:
    total = found.powers.sums[0] + found.powers.pivot * found.powers.rows if found.total is None else found.total
    return ColumnStatistic(float(total), found.total, because="a sum has no interval", rounding=found.noise)


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
        """The values at the ranks, and for whole numbers the ends, which tell whether doubles hold them."""
        orders = (self._order(asked, level) for _, level, _ in self.levels(asked.keys))
        return *orders, *(_ends(asked) if asked.column.whole else ())

    def found(self, asked: AskedColumn, facts: Facts) -> Iterator[tuple[str, Demand, ColumnStatistic | str]]:
        """Each quantile with its bounds."""
        held = asked.column.whole and _largest(_closest(asked, facts)) < MOST_WHOLE
        for name, level, demand in self.levels(asked.keys):
            fact: OrderFact = facts[self._order(asked, level)]
            of = fact.groups[0]
            value = of.middle if self.middle else of.value
            exact = Fraction(value) if held else None
            few = f"{counted(of.n, 'value')} {are(of.n)} too few for a bound of this quantile"
            yield name, demand, ColumnStatistic(value, exact, of.bound(1), of.bound(2), few)

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

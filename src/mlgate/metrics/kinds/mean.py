"""Means over rows of a number (errors, losses, a column), with bounds that correct for skewness."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import inf, isfinite, sqrt
from typing import TYPE_CHECKING, Any

from mlgate.evidence.dialect import literal
from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.evidence.questions.top_share import TopShare, TopShareFact
from mlgate.metrics.both import ALIKE, Both
from mlgate.metrics.kinds.smooth import FormulaArgument, Smooth, ratio, ratio_slopes, shown
from mlgate.metrics.metric import Alone, Inquiry, Pair
from mlgate.metrics.question import NOT_NEGATIVE, Question
from mlgate.metrics.sums import FINEST, UNSEEN, Product, Summed, Sums, Within
from mlgate.stats.bounds import Bounds, Wider
from mlgate.stats.clusters import LEAST_UNITS
from mlgate.stats.linearised import PLAIN
from mlgate.stats.means import LEAST_ROWS, RangedMean, RootMean, SampleMean, too_few
from mlgate.stats.missed_units import MissedUnits, rooted, towards
from mlgate.values.estimate import Bound, Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Totals = NDArray[Any]

EQUAL = "its rows are equal, or nearly so relative to the range of the whole table: their spread is unknown"
UNSURE = "bounds are not guaranteed where rare rows have much larger values; `cap:` guarantees them"


@dataclass(frozen=True)
class Numbers:
    """One slice's sums, from which bounds are computed; for two models they are the sums of the differences."""

    sums: Sums
    beside: Sums | None = None
    """For two models: the sums of each model's own values."""
    top: float | None = None
    """The part of the sum that the largest 1 % of rows contribute, if asked for."""

    @property
    def rows(self) -> int:
        """Rows of the slice."""
        return self.sums.rows

    @property
    def additive(self) -> bool:
        """Whether a slice's sums can be subtracted."""
        return self.sums.additive

    def without(self, part: Numbers) -> Numbers:
        """The sums of the rows that are not in `part`."""
        return Numbers(self.sums.without(part.sums))


@dataclass(frozen=True)
class Mean(Alone):
    """The mean of an SQL expression, or with `root` its square root (RMSE).

    `heavy` says that a few large rows may dominate it; then the estimate notes the part of the largest 1 %. `ends` is
    the range of a row's number, if it has one; then bounds count one more row at the end of the range. Without it
    bounds require `least` rows.
    """

    expression: Callable[[Question], str]
    guard: Callable[[Question], Iterable[Need]]
    root: bool = False
    heavy: bool = True
    ends: tuple[float, float] | None = None
    least: int | None = None
    signed: bool = False
    """Whether a row's number may be negative, so that `cap` is its upper end and it has no lower one."""
    weighted = True

    @property
    def method(self) -> str:
        """By the range of a row's number, or by skewness alone."""
        hall = "Hall's transform of the t interval (Hall 1992)"
        ranged = "one more row at the end of the range (Gaffke 2005)"
        return f"{ranged if self.ends else f'{hall}; with `cap`, {ranged}'}; delta method under sampling weights"

    in_units = "Hall's transform of the t interval (Hall 1992) on the sums of units"
    compared = "Hall's transform of the rows' own differences; delta method for roots, ratios and rows in units"

    def needs(self, asked: Inquiry) -> Iterable[Need]:
        """The guards, the sums of powers, and the part of the largest rows."""
        question = asked.first
        for each in asked.questions:
            yield from self.guard(each)
        if question.weight:
            yield from question.usable("weight", within=NOT_NEGATIVE)
        if self._by_delta(asked):
            yield from self._smooth(asked).needs(asked)
            return
        for wanted in self.summed(asked):
            yield from wanted.needs(question)
        if self._asks_for_top(asked):
            yield self._top(question)

    def groups(self, asked: Inquiry, facts: Facts) -> Mapping[Group, Numbers]:
        """The sums of every slice."""
        if self._by_delta(asked):
            return {group: Numbers(sums) for group, sums in self._smooth(asked).groups(asked, facts).items()}
        sums, *more = (wanted.by_group(asked.first, facts) for wanted in self.summed(asked))
        beside = more[0] if more else {}
        top: dict[Group, float | None] = {}
        if self._asks_for_top(asked):
            shares: TopShareFact = facts[self._top(asked.first)]
            top = dict(shares.groups)
        return {group: Numbers(found, beside.get(group), top.get(group)) for group, found in sums.items()}

    def estimate(self, asked: Inquiry, stats: Numbers) -> Estimate:
        """The mean, or the difference of two models' means.

        Bounds are Hall's. They are by the delta method for weighted means, and for differences that are relative, of
        roots, or of rows in units.
        """
        found = self._estimated(asked, stats)
        if not self.heavy or self._range(asked) is not None:
            return found
        return replace(found, note="; ".join(filter(None, (found.note, UNSURE))))

    def _estimated(self, asked: Inquiry, stats: Numbers) -> Estimate:
        if self._by_delta(asked):
            return self._delta(asked, stats.beside or stats.sums)
        found = self._difference(asked, stats) if isinstance(asked, Pair) else self._single(asked, stats)
        try:
            return self._bounded(found, stats.sums, self._range(asked))
        except OverflowError:  # third powers of a value that a double can hold
            return replace(found, no_bound_because="its numbers are too large for the bounds' arithmetic")

    def value(self, question: Question) -> str:
        """The number of a row, as SQL; capped if the rule has `cap`."""
        value = self.expression(question)
        if question.options.cap is None:
            return value
        return f"least({value}, cast({literal(repr(float(question.options.cap)))} as double))"

    def _range(self, asked: Inquiry) -> tuple[float, float] | None:
        """The range of a row's number, or of the difference of two; None where it has none."""
        cap = asked.first.options.cap
        ends = self.ends if cap is None else (-inf if self.signed else 0.0, float(cap))
        if ends is None or not isinstance(asked, Pair):
            return ends
        if self.signed:
            return None
        return ends[0] - ends[1], ends[1] - ends[0]

    def _single(self, question: Question, stats: Numbers) -> Estimate:
        ((value,),) = stats.sums.summed.models[0]
        mean, rows = stats.sums.total(value) / stats.rows, stats.rows
        because = EQUAL if rows > 1 else "one row has no spread"
        shown_value = sqrt(mean) if self.root else float(mean)
        note = _note_on_top(stats.top)
        off = stats.sums.rounded(value)
        rounding = sqrt(mean + off) - shown_value if self.root else off
        return Estimate((), shown_value, rows, rows, no_bound_because=because, note=note, rounding=rounding)

    def _difference(self, pair: Pair, stats: Numbers) -> Estimate:
        beside, rows = stats.beside or stats.sums, stats.rows
        new, old = (beside.total(value) / rows for ((value,),) in beside.summed.models)
        rounding = sum(beside.rounded(value) for ((value,),) in beside.summed.models)
        note = Both(new, old).note
        return Estimate((), float(new - old), rows, rows, no_bound_because=ALIKE, note=note, rounding=rounding)

    def _bounded(self, found: Estimate, sums: Sums, ends: tuple[float, float] | None) -> Estimate:
        """The estimate with bounds by the range of a row's number, or else Hall's.

        For rows in units they are the wider of those of rows and of the units' sums.
        """
        few = too_few(found.rows, LEAST_ROWS if self.least is None and ends is None else self.least or 1)
        if few and sums.of_units is None:
            return replace(found, no_bound_because=few)
        if ends is None:
            return self._by_skewness(found, sums)
        ranged = self._by_range(found, sums, ends)
        if isfinite(ends[0]):
            return ranged
        below = found if too_few(found.rows) else self._by_skewness(found, sums)
        return replace(ranged, lower=below.lower)

    def _by_range(self, found: Estimate, sums: Sums, ends: tuple[float, float]) -> Estimate:
        (reach,) = sums.of_rows.reaches
        units = sums.of_units
        if units is None:
            return _with(found, self._shown(_ranged(sums.of_rows, FINEST * reach, float(found.rows), ends)))
        if units.units < LEAST_UNITS:
            return shown(found, sums)
        of_units, effective = _sample(units, UNSEEN * reach), float(units.units)
        if of_units is not None and sums.of_rows.variance > 0:
            effective = min(float(sums.of_rows.variance) * units.units / of_units.variance, float(found.rows))
        bounds: Bounds = self._shown(_ranged(sums.of_rows, FINEST * reach, effective, ends))
        if of_units is not None:
            bounds = Wider(bounds, self._shown(of_units))
        mean = float(sums.of_rows.total(0) / found.rows + sums.of_rows.pivots[0])
        moved = towards(mean, *ends, units.unevenness)
        if self.root:
            moved = rooted(moved)
        return shown(_with(found, MissedUnits(found.value, bounds, units.units, moved)), sums, effective)

    def _by_skewness(self, found: Estimate, sums: Sums) -> Estimate:
        (reach,) = sums.of_rows.reaches
        of_rows, units = _sample(sums.of_rows, FINEST * reach), sums.of_units
        bounds = None if of_rows is None else self._shown(of_rows)
        if units is None:
            return found if bounds is None else _with(found, bounds)
        of_units = _sample(units, UNSEEN * reach) if units.units >= LEAST_UNITS else None
        if bounds is None or of_units is None:
            return shown(found, sums)
        effective = float(sums.of_rows.variance) * units.units / of_units.variance
        return shown(_with(found, Wider(bounds, self._shown(of_units))), sums, effective)

    def _shown(self, mean: SampleMean | RangedMean) -> Bounds:
        return RootMean(mean) if self.root else mean

    def _delta(self, asked: Inquiry, sums: Sums) -> Estimate:
        found = self._smooth(asked).estimate(asked, sums)
        if not asked.first.weight:
            return self._with_missed_units(found, asked, sums)
        if isinstance(asked, Pair):
            return replace(found, note=f"{found.note}; weighted, delta method")
        found = replace(found, note="weighted mean, delta method")
        if not self.root:
            return found
        value = sqrt(found.value)
        moved = sqrt(found.value + found.rounding) - value
        return replace(found, value=value, lower=_rooted(found.lower), upper=_rooted(found.upper), rounding=moved)

    def _with_missed_units(self, found: Estimate, asked: Inquiry, sums: Sums) -> Estimate:
        """The difference of two models on rows in units, if a row's number has a range."""
        ends, units = self._range(asked), sums.of_units
        if ends is None or units is None or self.root or (isinstance(asked, Pair) and asked.relative):
            return found
        bounds = MissedUnits(found.value, found, units.units, towards(found.value, *ends, units.unevenness))
        return replace(found, lower=bounds.lower, upper=bounds.upper)

    def _by_delta(self, asked: Inquiry) -> bool:
        """Whether bounds are by the delta method.

        For two models on rows in units they are, because differences are hardly skewed, and few units estimate their
        skewness badly.
        """
        paired = isinstance(asked, Pair) and (self.root or asked.relative or bool(asked.first.unit))
        return bool(asked.first.weight) or paired

    def _smooth(self, asked: Inquiry) -> Smooth:
        """The mean as a ratio of sums: of the (weighted) values to the number of rows (the weights)."""
        weight = asked.first.weight

        def parts(question: Question) -> tuple[Product, ...]:
            value = self.value(question)
            return ((f"({value}) * {weight}",), (weight,)) if weight else ((value,),)

        rooted = self.root and isinstance(asked, Pair)
        return Smooth(
            parts, _root if rooted else ratio, PLAIN, self.guard, arguments=_over_rows, undefined=_weightless,
            gradient=_root_slopes if rooted else ratio_slopes,
            spreadless="all rows have the same ratio, so its spread is unknown",
        )  # fmt: skip

    def summed(self, asked: Inquiry) -> tuple[Summed, ...]:
        """The sums for Hall's bounds; for two models those of the differences, then those of each model's values."""
        values = tuple(self.value(question) for question in asked.questions)
        if len(values) == 1:
            return (Summed((((values[0],),),), 3),)
        new, old = values
        return Summed((((f"({new}) - ({old})",),),), 3), Summed((((new,),), ((old,),)), 1)

    def _asks_for_top(self, asked: Inquiry) -> bool:
        question = asked.first
        return self.heavy and not question.weight and not question.count and not isinstance(asked, Pair)

    def _top(self, question: Question) -> TopShare:
        return TopShare(question.rows.table, question.where, "", self.value(question), 0.01, question.by)


def _sample(within: Within, least: Fraction) -> SampleMean | None:
    """The mean with its moments over rows or units; None where their spread may be rounding alone."""
    if within.units < 2:
        return None
    found = SampleMean.from_sums(within.units, within.rows, within.sums, within.pivots[0])
    seen = found.variance > 0 and found.variance >= float(least) ** 2 * within.unevenness
    return found if seen else None


def _ranged(of: Within, least: Fraction, rows: float, ends: tuple[float, float]) -> RangedMean:
    """The mean of rows in a range, worth so many independent ones; a spread is at least what rounding may hide."""
    pivot, mean = of.pivots[0], of.total(0) / of.rows
    second, third = of.total(0, 0) / of.rows, of.total(0, 0, 0) / of.rows
    variance = max(second - mean**2, Fraction(0))
    if variance < least**2:
        return RangedMean(rows, float(mean + pivot), float(least**2), 0.0, *ends)
    return RangedMean(rows, float(mean + pivot), float(variance), float(third - 3 * mean * second + 2 * mean**3), *ends)


def _with(found: Estimate, bounds: Bounds) -> Estimate:
    return replace(found, lower=bounds.lower, upper=bounds.upper, no_bound_because=None)


def _over_rows(parts: tuple[Product, ...], stats: Sums) -> tuple[FormulaArgument, ...]:
    """The sum of the values and the number of rows; for weighted values, their sum and the sum of weights."""
    found = tuple((stats.plain(value), stats.reach(value)) for (value,) in parts)
    return found if len(found) == 2 else (*found, (stats.number, Fraction(0)))


def _weightless(_question: Question, totals: tuple[Fraction, ...]) -> str | None:
    return None if totals[1] > 0 else "a weighted mean requires a row with a weight above 0"


def _root(totals: Totals) -> Totals:
    import numpy as np

    return np.maximum(ratio(totals), 0) ** 0.5  # below 0 only by rounding


def _root_slopes(at: Totals) -> Totals:
    found: Totals = ratio_slopes(at) / (2 * (at[0] / at[1]) ** 0.5)
    return found


def _note_on_top(top: float | None) -> str | None:
    return None if top is None else f"the top 1 % of rows carry {100 * top:.0f} % of the sum"


def _rooted(bound: Bound) -> Bound:
    def rooted(alpha: float) -> float | None:
        found = bound(alpha)
        return None if found is None else sqrt(max(found, 0.0))

    return rooted

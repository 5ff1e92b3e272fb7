"""Exact sums of one slice by sampling unit, and the totals from which bounds are computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from itertools import combinations_with_replacement

from mlgate.evidence.questions.moments import Exponents, Moments, MomentsFact
from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.evidence.questions.profile import ProfileFact
from mlgate.metrics.question import Question
from mlgate.stats.linearised import Totals

Product = tuple[str, ...]
"""A product of values of a row, as SQL, to be summed; a value that is given twice is squared."""
Combination = tuple[tuple[int, Fraction], ...]
"""A linear combination of parts: (index, coefficient). The index after the last part is that of the number of rows."""
UNSEEN = Fraction(1, 2**24)
"""A standard deviation below this share of the table's range may be rounding alone."""
ROUNDED = 2.0**-60
"""How far rounding may move a row's value, as a share of the largest distance from the pivot in the table."""
FINEST = Fraction(1, 2**14)
"""With a standard deviation below this share of the table's range, a slice has no bound from third powers.

Values and their powers are rounded relative to the range of the whole table, which hides the third powers of a small
spread."""


@dataclass(frozen=True)
class Summed:
    """The sums to ask for: those of some parts by sampling unit, and of products of up to `order` of these sums."""

    models: tuple[tuple[Product, ...], ...]
    """The parts of each model, one or two. Two models may share parts."""
    order: int = 2

    @property
    def parts(self) -> tuple[Product, ...]:
        """All parts, each once."""
        return tuple(dict.fromkeys(part for parts in self.models for part in parts))

    @property
    def values(self) -> tuple[str, ...]:
        """The values in the parts, each once."""
        return tuple(dict.fromkeys(value for part in self.parts for value in part))

    def needs(self, question: Question) -> tuple[Need, ...]:
        """The sums over rows, for rows in units also those over units, and the profiles that fix their scale."""
        rows = self._moments(question, "")
        return (rows, *rows.inputs, *(self.unit_needs(question) if question.unit else ()))

    def unit_needs(self, question: Question) -> tuple[Need, ...]:
        """The sums over units, and the profiles that fix their scale."""
        units = self._moments(question, question.unit)
        return (units, *units.inputs)

    def by_group(self, question: Question, facts: Facts) -> dict[Group, Sums]:
        """The sums of every slice, with the scale of their rounding."""
        rows = self._within(self._moments(question, ""), facts)
        units = self.of_units(question, facts) if question.unit else {}
        return {group: Sums(self, found, units.get(group)) for group, found in rows.items()}

    def of_units(self, question: Question, facts: Facts) -> dict[Group, Within]:
        """The sums over units of every slice."""
        return self._within(self._moments(question, question.unit), facts)

    def _moments(self, question: Question, unit: str) -> Moments:
        parts = tuple(tuple(part.count(value) for value in self.values) for part in self.parts)
        return Moments(
            question.rows.table,
            question.where,
            question.count,
            self.values,
            self.monomials,
            question.by,
            parts,
            unit,
        )

    def _within(self, need: Moments, facts: Facts) -> dict[Group, Within]:
        fact: MomentsFact = facts[need]
        reaches = _reaches(need, fact.pivots, facts)
        return {
            of.group: Within(of.n, of.n if of.units is None else of.units, dict(of.sums), fact.pivots, reaches)
            for of in fact.groups
        }

    @property
    def monomials(self) -> tuple[Exponents, ...]:
        """The exponents of each product to sum: one per part, and last that of the number of rows."""
        return _up_to(len(self.parts), self.order)


@cache
def _up_to(parts: int, order: int) -> tuple[Exponents, ...]:
    """The exponents of all products of 1 to `order` factors, each a part or, as the last, the number of rows."""
    found = []
    for many in range(1, order + 1):
        for chosen in combinations_with_replacement(range(parts + 1), many):
            found.append(tuple(chosen.count(at) for at in range(parts + 1)))
    return tuple(found)


@dataclass(frozen=True)
class Within:
    """Exact sums over sampling units of products of the units' own sums; a pivot is subtracted from each value."""

    rows: int
    units: int
    sums: Mapping[Exponents, Fraction]
    pivots: tuple[Fraction, ...]
    """What is subtracted from each value."""
    reaches: tuple[Fraction, ...]
    """For each value, its largest distance from the pivot in the whole table, which is the scale of rounding."""

    @property
    def variance(self) -> Fraction:
        """The mean squared deviation of the first part; it is below 0 only by rounding."""
        return self.total(0, 0) / self.units - (self.total(0) / self.units) ** 2

    def without(self, part: Within) -> Within:
        """The sums of the units that are not in `part`."""
        sums = {powers: total - part.sums[powers] for powers, total in self.sums.items()}
        return replace(self, rows=self.rows - part.rows, units=self.units - part.units, sums=sums)

    @property
    def unevenness(self) -> float:
        """How many times as large as the mean unit the unit of a typical row is, G Σx² / (Σx)²; 1 for equal units."""
        last = len(next(iter(self.sums))) - 1
        return float(self.total(last, last) * self.units / Fraction(self.rows) ** 2)

    def total(self, *at: int) -> Fraction:
        """The sum over units of the product of some parts, by index; the number of rows follows the last part."""
        size = len(next(iter(self.sums)))
        return self.sums[tuple(at.count(place) for place in range(size))]

    def combined(self, combinations: Sequence[Combination]) -> tuple[list[Fraction], list[list[Fraction]]]:
        """The sums of some combinations of parts, and the sums of products of their deviations from the mean unit."""
        sums = [_sum(weight * self.total(at) for at, weight in each) for each in combinations]
        products = [[Fraction(0)] * len(combinations) for _ in combinations]
        for i, one in enumerate(combinations):
            for j, other in enumerate(combinations[: i + 1]):
                square = _sum(v * w * self.total(a, b) for a, v in one for b, w in other)
                products[i][j] = products[j][i] = square - sums[i] * sums[j] / self.units
        return sums, products

    def plain(self, at: int, value: int) -> Combination:
        """A part that is one value, with its pivot added again; `at` and `value` are the indices of both."""
        return ((at, Fraction(1)), (len(next(iter(self.sums))) - 1, self.pivots[value]))

    def totals(self, combinations: Sequence[Combination], reaches: Sequence[Fraction]) -> Totals:
        """The totals of some combinations of parts; `reaches` are the scales of rounding of each in one row."""
        import numpy as np

        sums, products = self.combined(combinations)
        last = len(next(iter(self.sums))) - 1
        noise = float(UNSEEN) * float(self.total(last, last)) ** 0.5 * np.array([float(reach) for reach in reaches])
        moved = np.array([[float(each) for each in row] for row in products])
        return Totals(self.units, np.array([float(each) for each in sums]), moved, rounding=noise)


@dataclass(frozen=True)
class Sums:
    """One slice's sums by row and, for rows in units, by unit."""

    summed: Summed
    of_rows: Within
    of_units: Within | None = None

    @property
    def rows(self) -> int:
        """Rows of the slice."""
        return self.of_rows.rows

    @property
    def additive(self) -> bool:
        """Whether a slice's sums can be subtracted: not those of units, which may have rows in several slices."""
        return self.of_units is None

    def without(self, part: Sums) -> Sums:
        """The sums of the rows that are not in `part`."""
        return Sums(self.summed, self.of_rows.without(part.of_rows))

    def pivot(self, value: str) -> Fraction:
        """The pivot that was subtracted from a value."""
        return self.of_rows.pivots[self.summed.values.index(value)]

    def reach(self, value: str) -> Fraction:
        """The largest distance of a value from its pivot in the whole table."""
        return self.of_rows.reaches[self.summed.values.index(value)]

    def rounded(self, value: str) -> float:
        """How far rounding may move the mean of a value."""
        return float(self.reach(value)) * ROUNDED

    def total(self, value: str) -> Fraction:
        """The sum of a value over all rows."""
        return self.of_rows.total(self.summed.parts.index((value,))) + self.rows * self.pivot(value)

    def square(self, value: str) -> Fraction:
        """The mean squared deviation of a value, from its second powers; it is below 0 only by rounding."""
        at = self.summed.parts.index((value,))
        return self.of_rows.total(at, at) / self.rows - (self.of_rows.total(at) / self.rows) ** 2

    def stands_out(self, value: str, least: Fraction) -> bool:
        """Whether the standard deviation of a value over rows is at least a share `least` of its reach."""
        square = self.square(value)
        return square > 0 and square >= (least * self.reach(value)) ** 2

    def plain(self, value: str) -> Combination:
        """A value itself, with its pivot added again."""
        return self.of_rows.plain(self.summed.parts.index((value,)), self.summed.values.index(value))

    def sum(self, combination: Combination) -> Fraction:
        """The sum of a combination of parts over all rows."""
        return _sum(weight * self.of_rows.total(at) for at, weight in combination)

    @property
    def number(self) -> Combination:
        """The number of rows."""
        return ((len(self.summed.parts), Fraction(1)),)

    def totals(self, combinations: Sequence[Combination], reaches: Sequence[Fraction]) -> Totals:
        """The totals of some combinations of parts; `reaches` are the scales of rounding of each in one row."""
        rows = self.of_rows.totals(combinations, reaches)
        return rows if self.of_units is None else replace(self.of_units.totals(combinations, reaches), of_rows=rows)


def _sum(terms: Iterable[Fraction]) -> Fraction:
    return sum(terms, Fraction(0))


def _reaches(need: Moments, pivots: Sequence[Fraction], facts: Facts) -> tuple[Fraction, ...]:
    profiles: list[ProfileFact] = [facts[profile] for profile in need.inputs]
    return tuple(_reach(profile, pivot) for profile, pivot in zip(profiles, pivots, strict=True))


def _reach(profile: ProfileFact, pivot: Fraction) -> Fraction:
    ends = [Fraction(end) for end in (profile.minimum, profile.maximum) if end is not None]
    return max((abs(end - pivot) for end in ends), default=Fraction(0))

"""Exact sums of one slice by sampling unit, and the totals that bounds are taken from."""

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
"""What a unit sums up: the product of some values of a row, as SQL; one value twice is its square."""
Combination = tuple[tuple[int, Fraction], ...]
"""Parts by place, each with its weight; the number of rows has the place after the last part."""
UNSEEN = Fraction(1, 2**24)
"""A spread below this share of the table's range may be rounding alone."""
FINEST = Fraction(1, 2**14)
"""Values and their powers carry the rounding of doubles of the whole table's range, and third powers of small spreads
drown in it: a slice whose standard deviation is a smaller share of that range than this one has no bound by them."""


@dataclass(frozen=True)
class Summed:
    """Sums of some parts by sampling unit, and of the products of up to `order` of them."""

    models: tuple[tuple[Product, ...], ...]
    """The parts of one model, or of two, which may share some."""
    order: int = 2

    @property
    def parts(self) -> tuple[Product, ...]:
        """All parts, each once."""
        return tuple(dict.fromkeys(part for parts in self.models for part in parts))

    @property
    def values(self) -> tuple[str, ...]:
        """The values that the parts are made of, each once."""
        return tuple(dict.fromkeys(value for part in self.parts for value in part))

    def needs(self, question: Question) -> tuple[Need, ...]:
        """The sums over rows and, where rows belong together, over units; and the profiles that fix their scale."""
        rows = self._moments(question, "")
        return (rows, *rows.inputs, *(self.unit_needs(question) if question.unit else ()))

    def unit_needs(self, question: Question) -> tuple[Need, ...]:
        """The sums over units alone, and the profiles."""
        units = self._moments(question, question.unit)
        return (units, *units.inputs)

    def by_group(self, question: Question, facts: Facts) -> dict[Group, Sums]:
        """The sums of every slice, with the scales they were taken in."""
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
        """The exponents of all products asked for, of the parts and last of the number of rows."""
        return _up_to(len(self.parts), self.order)


@cache
def _up_to(parts: int, order: int) -> tuple[Exponents, ...]:
    """The exponents of all products of one part to `order` parts, the number of rows the last of them."""
    found = []
    for many in range(1, order + 1):
        for chosen in combinations_with_replacement(range(parts + 1), many):
            found.append(tuple(chosen.count(at) for at in range(parts + 1)))
    return tuple(found)


@dataclass(frozen=True)
class Within:
    """Exact sums over sampling units of products of the units' own sums, of values less their pivots."""

    rows: int
    units: int
    sums: Mapping[Exponents, Fraction]
    pivots: tuple[Fraction, ...]
    """By value."""
    reaches: tuple[Fraction, ...]
    """For each value, its greatest distance from the pivot in the whole table: the scale of the rounding."""

    @property
    def variance(self) -> Fraction:
        """The mean squared deviation of the first part; below 0 only by rounding."""
        return self.total(0, 0) / self.units - (self.total(0) / self.units) ** 2

    def without(self, part: Within) -> Within:
        """The rest, once some of the units are taken away."""
        sums = {powers: total - part.sums[powers] for powers, total in self.sums.items()}
        return replace(self, rows=self.rows - part.rows, units=self.units - part.units, sums=sums)

    def total(self, *at: int) -> Fraction:
        """Σ over units of the product of some parts, by place; the number of rows comes after the last part."""
        size = len(next(iter(self.sums)))
        return self.sums[tuple(at.count(place) for place in range(size))]

    def combined(self, combinations: Sequence[Combination]) -> tuple[list[Fraction], list[list[Fraction]]]:
        """The sums of some combinations of parts, and those of products of deviations from the mean unit."""
        sums = [_sum(weight * self.total(at) for at, weight in each) for each in combinations]
        products = [[Fraction(0)] * len(combinations) for _ in combinations]
        for i, one in enumerate(combinations):
            for j, other in enumerate(combinations[: i + 1]):
                square = _sum(v * w * self.total(a, b) for a, v in one for b, w in other)
                products[i][j] = products[j][i] = square - sums[i] * sums[j] / self.units
        return sums, products

    def plain(self, at: int, value: int) -> Combination:
        """A part that is one value, by place, its pivot put back."""
        return ((at, Fraction(1)), (len(next(iter(self.sums))) - 1, self.pivots[value]))

    def totals(self, combinations: Sequence[Combination], reaches: Sequence[Fraction]) -> Totals:
        """The totals of some combinations of parts; `reaches` are the scales of their rounding in a row."""
        import numpy as np

        sums, products = self.combined(combinations)
        last = len(next(iter(self.sums))) - 1
        noise = float(UNSEEN) * float(self.total(last, last)) ** 0.5 * np.array([float(reach) for reach in reaches])
        moved = np.array([[float(each) for each in row] for row in products])
        return Totals(self.units, np.array([float(each) for each in sums]), moved, rounding=noise)


@dataclass(frozen=True)
class Sums:
    """One slice's sums by row and, where rows belong together, by unit."""

    summed: Summed
    of_rows: Within
    of_units: Within | None = None

    @property
    def rows(self) -> int:
        """Rows of the slice."""
        return self.of_rows.rows

    @property
    def additive(self) -> bool:
        """Whether a slice's sums can be taken away: units may have rows in several slices."""
        return self.of_units is None

    def without(self, part: Sums) -> Sums:
        """The rest, once some of the rows are taken away."""
        return Sums(self.summed, self.of_rows.without(part.of_rows))

    def pivot(self, value: str) -> Fraction:
        """What was taken from a value."""
        return self.of_rows.pivots[self.summed.values.index(value)]

    def reach(self, value: str) -> Fraction:
        """A value's greatest distance from its pivot in the whole table."""
        return self.of_rows.reaches[self.summed.values.index(value)]

    def total(self, value: str) -> Fraction:
        """The sum of a value over all rows."""
        return self.of_rows.total(self.summed.parts.index((value,))) + self.rows * self.pivot(value)

    def square(self, value: str) -> Fraction:
        """The mean squared deviation of a value; below 0 only by rounding. It takes the value's second powers."""
        at = self.summed.parts.index((value,))
        return self.of_rows.total(at, at) / self.rows - (self.of_rows.total(at) / self.rows) ** 2

    def stands_out(self, value: str, least: Fraction) -> bool:
        """Whether the spread of a value over rows is more than rounding."""
        square = self.square(value)
        return square > 0 and square >= (least * self.reach(value)) ** 2

    def plain(self, value: str) -> Combination:
        """A value itself, its pivot put back."""
        return self.of_rows.plain(self.summed.parts.index((value,)), self.summed.values.index(value))

    def sum(self, combination: Combination) -> Fraction:
        """The sum of a combination of parts over all rows."""
        return _sum(weight * self.of_rows.total(at) for at, weight in combination)

    @property
    def number(self) -> Combination:
        """The number of rows."""
        return ((len(self.summed.parts), Fraction(1)),)

    def totals(self, combinations: Sequence[Combination], reaches: Sequence[Fraction]) -> Totals:
        """The totals of some combinations of parts; `reaches` are the scales of their rounding in a row."""
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

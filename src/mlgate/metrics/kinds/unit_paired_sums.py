"""Two models' numbers on the same rows, which belong together in units: the difference of means and ratios of sums."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement
from math import log, sqrt
from typing import TYPE_CHECKING

from mlgate.evidence.questions.moments import Moments
from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.evidence.questions.unit_moments import UnitMoments
from mlgate.metrics.base import Pair
from mlgate.metrics.kinds.sums import FromSums, Sums, sums_by_group, sums_needed
from mlgate.metrics.question import Question
from mlgate.metrics.units import UnitTotals, compared_in_units, moments_in_units, totals_by_group
from mlgate.stats.cells import PLAIN
from mlgate.stats.cluster_cells import ClusteredCells
from mlgate.stats.cluster_means import square_of
from mlgate.values.estimate import Estimate

if TYPE_CHECKING:
    Values = tuple[str, ...]


@dataclass(frozen=True)
class TwoSums:
    """One slice's sums of both models, and their joint sums over rows and over units."""

    new: Sums
    old: Sums
    joint: Sums
    totals: UnitTotals

    @property
    def rows(self) -> int:
        """Rows of the slice."""
        return self.new.rows


@dataclass(frozen=True)
class UnitPairedSums:
    """The difference of two models' means, or ratios of sums, of rows in units: delta method between units, and t."""

    plain: FromSums
    values: Callable[[Question], Values]
    """What is summed for one model: a value, or a numerator and its denominator."""
    root: bool = False

    def needs(self, pair: Pair) -> Iterable[Need]:
        """Both models' sums, and joint ones over rows and over units."""
        over_rows, over_units = self._rows(pair), self._units(pair)
        joint = (*sums_needed(over_rows), *sums_needed(over_units))
        return (*self.plain.needs(pair.new), *self.plain.needs(pair.old), *joint)

    def groups(self, pair: Pair, facts: Facts) -> Mapping[Group, TwoSums]:
        """The sums of every slice."""
        new, old = self.plain.groups(pair.new, facts), self.plain.groups(pair.old, facts)
        joint, totals = sums_by_group(self._rows(pair), facts), totals_by_group(self._units(pair), facts)
        return {group: TwoSums(new[group], old[group], joint[group], totals[group]) for group in new}

    def difference(self, pair: Pair, stats: TwoSums, relative: bool) -> Estimate:
        """new - old, or new / old - 1. Raises Undefined where either has no value, or a relative one has none."""
        ends = self.plain.estimate(pair.new, stats.new), self.plain.estimate(pair.old, stats.old)
        values, totals = self._both(pair), stats.totals
        weights = [Fraction(0)] * (len(values) + 1)
        for question, end, sign in ((pair.new, ends[0], 1), (pair.old, ends[1], -1)):
            turn = (2 * end.value if self.root else 1.0) * (end.value if relative else 1.0)
            slope = Fraction(1 / turn if turn else 0)
            numerator, *denominator = (values.index(value) for value in self.values(question))
            below = denominator[0] if denominator else len(values)
            size = _total(stats, below)
            weights[numerator] += sign * slope / size
            weights[below] -= sign * slope * _total(stats, numerator) / size**2
        found = self._bounded(stats, weights, ends, relative)
        return compared_in_units(*ends, found, totals.units, totals.units, relative)

    def _bounded(
        self, stats: TwoSums, weights: list[Fraction], ends: tuple[Estimate, Estimate], relative: bool
    ) -> ClusteredCells | None:
        totals, (new, old) = stats.totals, ends
        if relative and min(new.value, old.value) <= 0:
            return None
        g, n = totals.units, stats.rows
        between = square_of(totals.sums, weights, totals.pivots) * Fraction(g, max(g - 1, 1))
        alone = square_of(over_rows(stats.joint), weights, totals.pivots) * Fraction(n, max(n - 1, 1))
        reach = sum((abs(w) * r for w, r in zip(weights, totals.reaches)), Fraction(0))
        seen = totals.stands_out(float(between) * g, reach * n)
        error = sqrt(float(max(between, alone))) if seen else None
        return ClusteredCells(log(new.value / old.value) if relative else new.value - old.value, error, PLAIN, g)

    def _both(self, pair: Pair) -> Values:
        """The values of both models; one that they share, such as the labels' size, once."""
        return tuple(dict.fromkeys((*self.values(pair.new), *self.values(pair.old))))

    def _rows(self, pair: Pair) -> Moments:
        values, new = self._both(pair), pair.new
        monomials = tuple(powers for powers in second_order(len(values)) if not powers[-1])
        listed = tuple(powers[:-1] for powers in monomials)
        return Moments(new.rows.table, new.where, new.count, values, listed, new.by)

    def _units(self, pair: Pair) -> UnitMoments:
        values = self._both(pair)
        parts = tuple(tuple(int(at == own) for at in range(len(values))) for own in range(len(values)))
        return moments_in_units(pair.new, values, parts, second_order(len(values)))


def second_order(values: int) -> tuple[tuple[int, ...], ...]:
    """The exponents of every value, and of every product of two of them and the number of rows."""
    singles = [tuple(int(at == own) for at in range(values + 1)) for own in range(values + 1)]
    products = [tuple(a + b for a, b in zip(*two)) for two in combinations_with_replacement(singles, 2)]
    return (*singles[:-1], *products)


def over_rows(sums: Sums) -> Mapping[tuple[int, ...], Fraction]:
    """Sums over rows as those over units of one row."""
    found = {}
    for powers, total in sums.sums.items():
        order = sum(powers)
        found[(*powers, 0)] = total
        if order == 1:
            found[(*powers, 1)] = total
    return {**found, (*(0 for _ in sums.pivots), 2): Fraction(sums.rows)}


def _total(stats: TwoSums, at: int) -> Fraction:
    """The sum of one value, or the number of rows after the last."""
    pivots = stats.totals.pivots
    if at == len(pivots):
        return Fraction(stats.rows)
    return stats.totals.sums[tuple(int(place == at) for place in range(len(pivots) + 1))] + pivots[at] * stats.rows

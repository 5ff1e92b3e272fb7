"""Exact sums of one slice as moments of its values, and whether its spread stands out from fixed point's rounding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import comb
from typing import Protocol

from mlgate.evidence.questions.moments import Moments, MomentsFact
from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.evidence.questions.profile import ProfileFact
from mlgate.evidence.questions.unit_moments import UnitMoments
from mlgate.metrics.question import Question
from mlgate.stats.ratios import RatioOfMeans
from mlgate.values.estimate import Estimate

PAIR = ((1, 0), (0, 1), (2, 0), (0, 2), (1, 1))
"""What a ratio of two sums is bounded by."""
FINEST = Fraction(1, 2**14)
"""Values and their powers carry the rounding of doubles of the whole table's range, and third powers of small spreads
drown in it: a slice whose standard deviation is a smaller share of that range than this one has no bound."""
UNSEEN = Fraction(1, 2**24)
"""A spread below this share of the table's range may be rounding alone."""


@dataclass(frozen=True)
class Sums:
    """One slice: exact sums of products of powers of (value - pivot), by exponents."""

    rows: int
    pivots: tuple[Fraction, ...]
    sums: Mapping[tuple[int, ...], Fraction]
    reaches: tuple[Fraction, ...]
    """For each value, its greatest distance from the pivot in the whole table: the scale of the rounding."""
    top: float | None = None
    """The share of the sum that the largest 1 % of rows carry, where it was asked."""

    def without(self, part: Sums) -> Sums:
        """The rest, once some of the rows are taken away."""
        sums = {powers: total - part.sums[powers] for powers, total in self.sums.items()}
        return Sums(self.rows - part.rows, self.pivots, sums, self.reaches)

    def total(self, *powers: int) -> Fraction:
        """The sum of a product of powers of the values themselves."""
        return with_pivots(powers, self.pivots, lambda lower: self.sums[lower] if any(lower) else Fraction(self.rows))

    def square(self, at: int = 0) -> Fraction:
        """The mean squared deviation of one value; below 0 only by rounding."""
        powers = [tuple(order if place == at else 0 for place in range(len(self.pivots))) for order in (1, 2)]
        first, second = (self.sums[power] for power in powers)
        return second / self.rows - (first / self.rows) ** 2

    def stands_out(self, square: Fraction, reach: Fraction, least: Fraction = FINEST) -> bool:
        """Whether a mean square of that scale is more than rounding."""
        return square > 0 and square >= (least * reach) ** 2


class FromSums(Protocol):
    """A kind that is made of sums over rows."""

    def needs(self, question: Question) -> Iterable[Need]:
        """The questions to ask for all slices of one `by`."""
        ...

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, Sums]:
        """The sums of every slice."""
        ...

    def estimate(self, question: Question, stats: Sums) -> Estimate:
        """The estimate of one slice."""
        ...


def sums_needed(need: Moments | UnitMoments) -> tuple[Need, ...]:
    """The sums, and the profiles that say in which scale they are taken."""
    return (need, *need.inputs)


def sums_by_group(need: Moments, facts: Facts) -> dict[Group, Sums]:
    """The sums of every slice, with the scales they were taken in."""
    fact: MomentsFact = facts[need]
    reaches = reaches_of(need, fact.pivots, facts)
    return {found.group: Sums(found.n, fact.pivots, dict(found.sums), reaches) for found in fact.groups}


def reaches_of(need: Moments | UnitMoments, pivots: Sequence[Fraction], facts: Facts) -> tuple[Fraction, ...]:
    """For each value, its greatest distance from the pivot in the whole table."""
    profiles: list[ProfileFact] = [facts[profile] for profile in need.inputs]
    return tuple(_reach(profile, pivot) for profile, pivot in zip(profiles, pivots, strict=True))


def _reach(profile: ProfileFact, pivot: Fraction) -> Fraction:
    ends = [Fraction(end) for end in (profile.minimum, profile.maximum) if end is not None]
    return max((abs(end - pivot) for end in ends), default=Fraction(0))


def with_pivots(
    powers: Sequence[int], pivots: Sequence[Fraction], less: Callable[[tuple[int, ...]], Fraction]
) -> Fraction:
    """The sum of a product of powers of some values, from the sums of lower ones of the values less pivots."""
    found = Fraction(0)
    for lower in product(*(range(power + 1) for power in powers)):
        term = less(lower)
        for power, low, pivot in zip(powers, lower, pivots):
            term *= comb(power, low) * pivot ** (power - low)
        found += term
    return found


def ratio_of_totals(stats: Sums, *, linear: bool = False) -> Estimate:
    """The first value's sum over the second's, which is above 0; no bound where the rows' own ratios are equal."""
    n, a, b = stats.rows, stats.total(1, 0), stats.total(0, 1)
    ratio = a / b
    joint = stats.sums[1, 1] / n - stats.sums[1, 0] * stats.sums[0, 1] / n**2
    residual = stats.square(0) - 2 * ratio * joint + ratio**2 * stats.square(1)
    reach = stats.reaches[0] + abs(ratio) * stats.reaches[1]
    if n < 2 or not stats.stands_out(residual, reach):
        because = "one row has no spread" if n < 2 else "all rows have the same ratio, so its spread is unknown"
        return Estimate((), float(ratio), n, n, no_bound_because=because)
    found = RatioOfMeans.from_sums(n, a, b, stats.total(2, 0), stats.total(0, 2), stats.total(1, 1), linear)
    return Estimate((), float(ratio), n, n, found.lower, found.upper)

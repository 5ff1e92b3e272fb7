"""Exact sums of one slice as moments of its values, and whether its spread stands out from fixed point's rounding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import comb

from mlgate.evidence.facts import Facts, Group, MomentsFact, ProfileFact
from mlgate.evidence.needs import Moments, Need

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
        found = Fraction(0)
        for lower in product(*(range(power + 1) for power in powers)):
            term = self.sums[lower] if any(lower) else Fraction(self.rows)
            for power, low, pivot in zip(powers, lower, self.pivots):
                term *= comb(power, low) * pivot ** (power - low)
            found += term
        return found

    def square(self, at: int = 0) -> Fraction:
        """The mean squared deviation of one value; below 0 only by rounding."""
        powers = [tuple(order if place == at else 0 for place in range(len(self.pivots))) for order in (1, 2)]
        first, second = (self.sums[power] for power in powers)
        return second / self.rows - (first / self.rows) ** 2

    def stands_out(self, square: Fraction, reach: Fraction, least: Fraction = FINEST) -> bool:
        """Whether a mean square of that scale is more than rounding."""
        return square > 0 and square >= (least * reach) ** 2


def sums_needed(need: Moments) -> tuple[Need, ...]:
    """The sums, and the profiles that say in which scale they are taken."""
    return (need, *need.inputs)


def sums_by_group(need: Moments, facts: Facts) -> dict[Group, Sums]:
    """The sums of every slice, with the scales they were taken in."""
    fact: MomentsFact = facts[need]
    profiles: list[ProfileFact] = [facts[profile] for profile in need.inputs]
    reaches = tuple(_reach(profile, pivot) for profile, pivot in zip(profiles, fact.pivots, strict=True))
    return {found.group: Sums(found.n, fact.pivots, dict(found.sums), reaches) for found in fact.groups}


def _reach(profile: ProfileFact, pivot: Fraction) -> Fraction:
    ends = [Fraction(end) for end in (profile.minimum, profile.maximum) if end is not None]
    return max((abs(end - pivot) for end in ends), default=Fraction(0))

"""Bounds over K groups: the widest gap, the distance of each group to the best, and the lowest or highest value.

To show that a gap is small, every pair must be shown to have a small gap (intersection-union, Berger & Hsu 1996). So
the upper bound is the maximum of the pairs' upper bounds at the full level. It holds whichever pair, and whichever best
group, the sample selected. To refute it, one pair is enough. So the lower bounds share the level between the unordered
pairs (Bonferroni).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import erfc, exp, isfinite, sqrt
from typing import TypeVar

from mlgate.stats.bounds import Bounds
from mlgate.stats.difference import Remembered
from mlgate.stats.ranks import bisect
from mlgate.stats.share import require_level

GroupName = TypeVar("GroupName", bound=Hashable)
Sample = TypeVar("Sample")


@dataclass(frozen=True)
class LargestGap:
    """The largest of several true differences, at least 0.

    `toward` are the bounds of the differences, among which are `pairs` unordered pairs of groups. `also` are bounds of
    further differences that the demand implies; they can only raise the upper bound.
    """

    toward: tuple[Bounds, ...]
    pairs: int
    also: tuple[Bounds, ...] = ()

    def lower(self, alpha: float) -> float | None:
        """The lower bound at one-sided level alpha: 0 where no difference is shown, None where none has a bound."""
        require_level(alpha)
        level = alpha / self.pairs
        found = [(bound, each) for each in self.toward if (bound := _finite(each.lower(level))) is not None]
        if not found:
            return None
        largest = 0.0
        for bound, each in sorted(found, key=lambda pair: -pair[0]):
            if bound <= largest:  # cutting for the direction only lowers a bound: no later one can be larger
                break
            cut = _finite(each.lower(_one_direction(bound, _finite(each.upper(level)), level)))
            largest = max(largest, cut if cut is not None else 0.0)
        return largest

    def upper(self, alpha: float) -> float | None:
        """The upper bound at one-sided level alpha; None where a difference has none."""
        require_level(alpha)
        largest = 0.0
        for each in (*self.toward, *self.also):
            bound = _finite(each.upper(alpha))
            if bound is None:
                return None
            largest = max(largest, bound)
        return largest


@dataclass(frozen=True)
class SmallestRatio:
    """The smallest of several true ratios, in (0, 1]: minus the largest gap of the logs, exponentiated."""

    gap: LargestGap

    def lower(self, alpha: float) -> float:
        """The lower bound at one-sided level alpha; 0 where a ratio has none."""
        bound = self.gap.upper(alpha)
        return 0.0 if bound is None else exp(-bound)

    def upper(self, alpha: float) -> float | None:
        """The upper bound at one-sided level alpha; 1 where no ratio is shown, None where none has a bound."""
        bound = self.gap.lower(alpha)
        return None if bound is None else exp(-bound)


@dataclass(frozen=True)
class Extreme:
    """The lowest (or highest) of several true values: a demand on every group is a demand on it."""

    of: tuple[Bounds, ...]
    least: bool = True

    def lower(self, alpha: float) -> float | None:
        """The lower bound at one-sided level alpha."""
        return self._all(alpha) if self.least else self._any(alpha)

    def upper(self, alpha: float) -> float | None:
        """The upper bound at one-sided level alpha."""
        return self._any(alpha) if self.least else self._all(alpha)

    def _all(self, alpha: float) -> float | None:
        """The bound that no value exceeds: every value's own bound at the full level; None where one is missing."""
        require_level(alpha)
        bounds = [_finite((each.lower if self.least else each.upper)(alpha)) for each in self.of]
        known = [bound for bound in bounds if bound is not None]
        return (min if self.least else max)(known) if len(known) == len(bounds) else None

    def _any(self, alpha: float) -> float | None:
        """The bound that some value exceeds: the values' bounds share the level; None where none has a bound."""
        require_level(alpha)
        level = alpha / len(self.of)
        bounds = [_finite((each.upper if self.least else each.lower)(level)) for each in self.of]
        return (min if self.least else max)((bound for bound in bounds if bound is not None), default=None)


def pairwise(
    groups: Mapping[GroupName, Sample], compare: Callable[[Sample, Sample], Bounds]
) -> dict[tuple[GroupName, GroupName], Bounds]:
    """For every unordered pair of at least two groups, in their order, the bounds that `compare` gives."""
    if len(groups) < 2:
        raise ValueError(f"pairs need at least two groups, not {len(groups)}")
    return {(a, b): compare(groups[a], groups[b]) for a, b in combinations(groups, 2)}


def best(values: Mapping[GroupName, float | Fraction], highest: bool = True) -> GroupName:
    """The group with the highest (lowest) value; the first one of a tie."""
    return (max if highest else min)(values, key=lambda group: values[group])


def gap(difference: Bounds) -> LargestGap:
    """|a - b| of one pair that was chosen beforehand: against a named group, or one of `reference: pairs`."""
    return widest_gap({("a", "b"): difference})


def ratio(of: Bounds) -> SmallestRatio:
    """min(a/b, b/a) of one pair that was chosen beforehand."""
    return smallest_ratio({("a", "b"): of})


def widest_gap(differences: Mapping[tuple[GroupName, GroupName], Bounds]) -> LargestGap:
    """The highest minus the lowest true value of all groups, from `pairwise` differences a - b."""
    return LargestGap(tuple(_both_ways(differences).values()), _some(differences))


def smallest_ratio(ratios: Mapping[tuple[GroupName, GroupName], Bounds]) -> SmallestRatio:
    """The lowest divided by the highest true value of all groups, from `pairwise` ratios a / b of positive values."""
    return SmallestRatio(widest_gap(_logs(ratios)))


def gaps_to_best(
    differences: Mapping[tuple[GroupName, GroupName], Bounds], reference: GroupName, highest: bool = True
) -> dict[GroupName, LargestGap]:
    """The distance of each other group from the *truly* best one, from `pairwise` differences.

    `reference` is the observed `best` group. If all distances meet a demand, every pair meets it. Holm's correction
    over the distances keeps its level although the reference was chosen by the data.
    """
    both = _both_ways(differences)
    groups = list(dict.fromkeys(group for pair in differences for group in pair))
    if reference not in groups:
        raise ValueError(f"the reference {reference!r} is not one of the groups")

    def ahead(other: GroupName, group: GroupName) -> Bounds:
        return both[(other, group) if highest else (group, other)]

    return {
        group: LargestGap(
            tuple(ahead(other, group) for other in groups if other != group),
            len(groups) - 1,
            (ahead(group, reference),),
        )
        for group in groups
        if group != reference
    }


def ratios_to_best(
    ratios: Mapping[tuple[GroupName, GroupName], Bounds], reference: GroupName, highest: bool = True
) -> dict[GroupName, SmallestRatio]:
    """The ratio of each other group to the truly best one (the inverse ratio if lowest is best), as `gaps_to_best`."""
    return {group: SmallestRatio(of) for group, of in gaps_to_best(_logs(ratios), reference, highest).items()}


def least(values: Sequence[Bounds]) -> Extreme:
    """The lowest true value of several groups, for "every group at least"."""
    return Extreme(_filled(values))


def greatest(values: Sequence[Bounds]) -> Extreme:
    """The highest true value of several groups, for "every group at most"."""
    return Extreme(_filled(values), least=False)


def _both_ways(differences: Mapping[tuple[GroupName, GroupName], Bounds]) -> dict[tuple[GroupName, GroupName], Bounds]:
    _some(differences)
    both: dict[tuple[GroupName, GroupName], Bounds] = {}
    for (a, b), bounds in differences.items():
        remembered = Remembered.of(bounds)
        both[a, b], both[b, a] = remembered, remembered.turned()
    return both


def _logs(ratios: Mapping[tuple[GroupName, GroupName], Bounds]) -> dict[tuple[GroupName, GroupName], Bounds]:
    return {pair: Remembered.of(bounds).on_log() for pair, bounds in ratios.items()}


def _one_direction(low: float, high: float | None, level: float) -> float:
    """The part of a level, from half to all of it, for the direction in which a difference was observed.

    The sample could have shown the other direction, which needs its own part of the level: half where the true
    difference is 0, almost nothing far from 0. That part is computed for a normal distribution with these bounds, and
    is half where the bounds do not fit one.
    """
    quantile = _quantile(level)
    if low <= 0 or high is None or not low < high or quantile <= 0:
        return level / 2
    centre, error = (low + high) / 2, (high - low) / (2 * quantile)

    def beyond(distance: float) -> float:
        return erfc(distance / error / sqrt(2)) / 2

    if 2 * beyond(centre) >= level:  # 0 is not excluded
        return level / 2
    at = bisect(lambda t: beyond(centre - t) + beyond(centre + t) - level, 0.0, low)
    return min(max(beyond(centre - at), level / 2), level)


def _quantile(level: float) -> float:
    from mlgate.stats.special import ndtri

    return -float(ndtri(level))


def _finite(bound: float | None) -> float | None:
    return bound if bound is not None and isfinite(bound) else None


def _some(differences: Mapping[tuple[GroupName, GroupName], Bounds]) -> int:
    if not differences or any(a == b for a, b in differences):
        raise ValueError("pairs need at least two different groups")
    return len(differences)


def _filled(values: Iterable[Bounds]) -> tuple[Bounds, ...]:
    if not (filled := tuple(values)):
        raise ValueError("an extreme needs at least one group")
    return filled

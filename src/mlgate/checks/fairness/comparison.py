"""Gaps and ratios: how two groups compare, with the bounds of both, and how bounds over many pairs are put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from mlgate.stats import groups
from mlgate.stats.bounds import Bounds
from mlgate.stats.difference import Remembered, ShareBounds, ShareDifference, mover_difference
from mlgate.stats.groups import LargestGap, SmallestRatio
from mlgate.stats.planning import Side, rows_per_group
from mlgate.stats.ratio import ShareRatio, mover_ratio
from mlgate.values.estimate import Estimate, no_bound
from mlgate.values.verdict import where_text

Pairs = Mapping[tuple[int, int], Bounds]
NO_LOG = "a ratio to 0 has bounds for shares only"


@dataclass(frozen=True)
class Comparison:
    """Gaps or ratios. Where a comparison is not defined its functions raise ValueError."""

    pair: Callable[[Estimate, Estimate], Bounds]
    """Bounds of a - b, or of a / b, for two independent estimates."""
    alone: Callable[[Bounds], LargestGap | SmallestRatio]
    """Of one pair that was chosen beforehand, in either direction."""
    to_best: Callable[[Pairs, int, bool], Mapping[int, LargestGap | SmallestRatio]]
    to_all: Callable[[Bounds, float], Bounds]
    """From bounds of a group against the rest, and the group's share of all, to bounds of it against all."""
    observed: Callable[[Estimate, Estimate], tuple[float, Fraction | None]]
    of_shares: Callable[[ShareBounds, ShareBounds], Bounds]
    rows_each: Callable[[Sequence[float], float, float, float], int | None] | None = None
    """(two shares, bound, alpha, power) -> rows that each group needs; None where only the interval's width tells."""

    def rows_to_settle(self, a: Estimate, b: Estimate) -> Callable[[float, Side, float, float], int | None] | None:
        """How many rows of each group show a bound, where both values are shares of counts."""
        if self.rows_each is None or not (a.share and b.share and a.share[1] == a.n and b.share[1] == b.n):
            return None
        return partial(_rows_each, self.rows_each, (a.value, b.value))

    def against_all(self, group: Estimate, everyone: Estimate, additive: bool) -> Bounds:
        """Bounds of a group against all rows, its own among them.

        Shares of counts are compared with the rest's share, which is independent, and carried over exactly; else the
        two are taken as independent, which makes bounds too wide rather than too narrow: they move together.
        """
        if not additive or group.share is None or everyone.share is None:
            return self.pair(group, everyone)
        (hits, rows), (all_hits, all_rows) = group.share, everyone.share
        ours, rest = ShareBounds(hits, rows), ShareBounds(all_hits - hits, all_rows - rows)
        return self.to_all(Remembered.of(self.of_shares(ours, rest)), rows / all_rows)


def _rows_each(
    rows: Callable[[Sequence[float], float, float, float], int | None],
    shares: tuple[float, float],
    bound: float,
    _side: Side,
    alpha: float,
    power: float,
) -> int | None:
    return rows(shares, bound, alpha, power)


def _difference(a: Estimate, b: Estimate) -> Bounds:
    if a.share and b.share:
        return ShareDifference(ShareBounds(*a.share), ShareBounds(*b.share))
    return mover_difference(a.value, a, b.value, b)


def _ratio(a: Estimate, b: Estimate) -> Bounds:
    if a.share and b.share:
        return ShareRatio(ShareBounds(*a.share), ShareBounds(*b.share))
    _not_negative(a, b)
    if min(a.value, b.value) == 0:
        return Remembered(no_bound, no_bound)
    return mover_ratio(a.value, a, b.value, b)


def _observed_gap(a: Estimate, b: Estimate) -> tuple[float, Fraction | None]:
    exact = abs(a.exact - b.exact) if a.exact is not None and b.exact is not None else None
    return (abs(a.value - b.value) if exact is None else float(exact)), exact


def _observed_ratio(a: Estimate, b: Estimate) -> tuple[float, Fraction | None]:
    _not_negative(a, b)
    low, high = sorted((a, b), key=lambda estimate: estimate.sharpest)
    if high.value == 0:
        raise ValueError(f"the ratio of {_name(a)} to {_name(b)} is not defined: both are 0, and 0/0 is no number")
    exact = low.exact / high.exact if low.exact is not None and high.exact is not None else None
    return (low.value / high.value if exact is None else float(exact)), exact


def _not_negative(*estimates: Estimate) -> None:
    for estimate in estimates:
        if estimate.value < 0:
            raise ValueError(
                f"a ratio takes values that are not negative, and {_name(estimate)} has {estimate.value:.4g}; "
                "bound the difference by `fairness.gap`"
            )


def _name(estimate: Estimate) -> str:
    return where_text(estimate.where) or "all rows"


def _gap_to_all(to_rest: Bounds, share: float) -> Bounds:
    """p - all = (1 - w)(p - rest), as all = w p + (1 - w) rest."""

    def scaled(bound: float | None) -> float | None:
        return None if bound is None else (1 - share) * bound

    return Remembered(lambda alpha: scaled(to_rest.lower(alpha)), lambda alpha: scaled(to_rest.upper(alpha)))


def _ratio_to_all(to_rest: Bounds, share: float) -> Bounds:
    """p / all = 1 / (w + (1 - w) / r) with r = p / rest, which increases from 0 to 1 / w."""

    def carried(ratio: float | None, otherwise: float) -> float:
        if ratio is None:
            return otherwise
        return 0.0 if ratio <= 0 else 1 / (share + (1 - share) / ratio)

    return Remembered(
        lambda alpha: carried(to_rest.lower(alpha), 0.0), lambda alpha: carried(to_rest.upper(alpha), 1 / share)
    )


GAP = Comparison(
    _difference, groups.gap, groups.gaps_to_best, _gap_to_all, _observed_gap, ShareDifference, rows_per_group
)
RATIO = Comparison(_ratio, groups.ratio, groups.ratios_to_best, _ratio_to_all, _observed_ratio, ShareRatio)

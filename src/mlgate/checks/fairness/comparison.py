"""How groups are compared: by gap or ratio, each with a reference: the best group, the worst, the largest, a named one,
all rows, or every other group."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import combinations, product
from math import inf

from mlgate.checks import independent
from mlgate.stats import groups
from mlgate.stats.bounds import Bounds
from mlgate.stats.difference import Remembered, ShareBounds, ShareDifference
from mlgate.stats.groups import LargestGap, SmallestRatio
from mlgate.stats.planning import Side, rows_per_group
from mlgate.stats.ratio import ShareRatio
from mlgate.values.estimate import Answer, Estimate, Unanswered
from mlgate.values.verdict import where_text
from mlgate.values.words import counted

Pairs = Mapping[tuple[int, int], Bounds]
REFERENCE = (
    "What each group is compared with: `best` (default), `worst`, `overall` (all rows, including the group's own), "
    "`largest`, one group by name (`F`, or `sex=F`), or `pairs` (every other group)."
)
ALL_ROWS = "all rows"
NO_LOG = "a ratio to 0 has bounds for shares only"


@dataclass(frozen=True)
class Comparison:
    """Gaps or ratios, as functions. They raise ValueError if a comparison is not defined."""

    pair: Callable[[Estimate, Estimate], Bounds]
    """Bounds of a - b, or of a / b, for two independent estimates."""
    alone: Callable[[Bounds], LargestGap | SmallestRatio]
    """Bounds of the gap or ratio of one pair that was chosen beforehand, in either direction."""
    to_best: Callable[[Pairs, int, bool], Mapping[int, LargestGap | SmallestRatio]]
    to_all: Callable[[Bounds, float], Bounds]
    """From bounds of a group against the rest, and the group's share of all rows, to its bounds against all rows."""
    observed: Callable[[Estimate, Estimate], tuple[float, Fraction | None]]
    of_shares: Callable[[ShareBounds, ShareBounds], Bounds]
    rows_each: Callable[[Sequence[float], float, float, float], int | None] | None = None
    """(two shares, bound, alpha, power) -> rows that each group needs. None if only the interval's width is known."""

    def rows_to_settle(self, a: Estimate, b: Estimate) -> Callable[[float, Side, float, float], int | None] | None:
        """The function for the rows per group that show a bound; None unless both values are shares of counts."""
        if self.rows_each is None or not (a.share and b.share and a.share[1] == a.n and b.share[1] == b.n):
            return None
        return partial(_rows_each, self.rows_each, (a.value, b.value))

    def against_all(self, group: Estimate, everyone: Estimate, additive: bool) -> Bounds:
        """Bounds of a group against all rows, including its own.

        A share of counts is compared with the share of the rest, which is independent, and the result is converted
        exactly. Other values are treated as independent of all rows. They are positively correlated, so the bounds are
        too wide rather than too narrow.
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


def _ratio(a: Estimate, b: Estimate) -> Bounds:
    _not_negative(a, b)
    return independent.ratio(a, b)


def _observed_gap(a: Estimate, b: Estimate) -> tuple[float, Fraction | None]:
    exact = abs(a.exact - b.exact) if a.exact is not None and b.exact is not None else None
    return (abs(a.value - b.value) if exact is None else float(exact)), exact


def _observed_ratio(a: Estimate, b: Estimate) -> tuple[float, Fraction | None]:
    _not_negative(a, b)
    low, high = sorted((a, b), key=lambda estimate: estimate.sharpest)
    if high.value == 0:
        raise ValueError(f"the ratio of {_name(a)} to {_name(b)} is not defined: both values are 0")
    exact = low.exact / high.exact if low.exact is not None and high.exact is not None else None
    return (low.value / high.value if exact is None else float(exact)), exact


def _not_negative(*estimates: Estimate) -> None:
    for estimate in estimates:
        if estimate.value < 0:
            raise ValueError(
                f"a ratio requires values of 0 or more, and {_name(estimate)} has {estimate.value:.4g}; "
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
    independent.difference, groups.gap, groups.gaps_to_best, _gap_to_all, _observed_gap, ShareDifference, rows_per_group
)
RATIO = Comparison(_ratio, groups.ratio, groups.ratios_to_best, _ratio_to_all, _observed_ratio, ShareRatio)


@dataclass(frozen=True)
class Compared:
    """The comparable groups of one grouping, and the estimate over all rows if the reference is `overall`."""

    groups: tuple[Estimate, ...]
    highest: bool
    """Whether the highest value is the best."""
    everyone: Estimate | None = None
    additive: bool = True
    """Whether the counts of groups add up to those of all rows. Effective rows under sampling weights do not."""


MOST_GROUPS = 300
"""The most groups of which every pair is compared; their number of pairs is about 45,000."""


def findings(of: Compared, reference: str, compare: Comparison) -> Iterator[Answer]:
    """One estimate per comparison that the reference asks for.

    Raises ValueError for an unknown reference, and for more groups than can be compared pair by pair.
    """
    if reference in ("best", "worst", "pairs") and len(of.groups) > MOST_GROUPS:
        raise ValueError(
            f"there are {len(of.groups):,} groups, and `reference: {reference}` compares every pair of at most "
            f"{MOST_GROUPS}; derive fewer groups, set `min_share`, or write `reference: overall`"
        )
    if reference in ("best", "worst"):
        yield from _to_extreme(of, reference, compare)
    elif reference == "pairs":
        yield from _pairs(of.groups, compare)
    elif reference == "overall" and of.everyone is not None:
        yield from _to_all(of, of.everyone, compare)
    else:
        chosen = _named(of.groups, reference)
        for group in of.groups:
            if group is not chosen:
                yield _finding(group, chosen, lambda a, b: compare.alone(compare.pair(a, b)), compare)


def _to_extreme(of: Compared, reference: str, compare: Comparison) -> Iterator[Answer]:
    highest = of.highest if reference == "best" else not of.highest
    values = {i: each.sharpest for i, each in enumerate(of.groups)}
    chosen = groups.best(values, highest)
    pairs = {(i, j): compare.pair(of.groups[i], of.groups[j]) for i, j in combinations(values, 2)}
    said = f", the {'highest' if highest else 'lowest'}"
    found = {of.groups[i].where: bounds for i, bounds in compare.to_best(pairs, chosen, highest).items()}
    for group in of.groups:
        if group.where in found:
            yield _finding(group, of.groups[chosen], lambda a, _best: found[a.where], compare, said)


def _pairs(judged: Sequence[Estimate], compare: Comparison) -> Iterator[Answer]:
    for other, group in combinations(judged, 2):
        found = _finding(group, other, lambda a, b: compare.alone(compare.pair(a, b)), compare)
        yield replace(found, where=(*group.where, ("against", where_text(other.where))))


def _to_all(of: Compared, everyone: Estimate, compare: Comparison) -> Iterator[Answer]:
    exactly = of.additive and everyone.share is not None
    said = "" if exactly else "; the two are treated as independent, which widens the bounds"
    for group in of.groups:
        yield _finding(
            group, everyone, lambda a, b: compare.alone(compare.against_all(a, b, of.additive)), compare, said
        )


def _named(judged: Sequence[Estimate], reference: str) -> Estimate:
    """The group that a reference names, chosen without looking at the metric."""
    if reference == "largest":
        return max(judged, key=lambda estimate: estimate.rows)
    for estimate in judged:
        if reference in (where_text(estimate.where), ", ".join(value for _, value in estimate.where)):
            return estimate
    known = "; ".join(f"{where_text(estimate.where)} ({counted(estimate.rows, 'row')})" for estimate in judged)
    raise ValueError(f"the reference group `{reference}` is not among the groups that can be compared: {known}")


def _finding(
    group: Estimate,
    other: Estimate,
    bounded: Callable[[Estimate, Estimate], LargestGap | SmallestRatio],
    compare: Comparison,
    said: str = "",
) -> Estimate | Unanswered:
    try:
        bounds = bounded(group, other)
        value, exact = compare.observed(group, other)
    except ValueError as refused:
        return Unanswered(group.where, str(refused), group.rows)
    counted = group.counts and other.counts
    zero = NO_LOG if 0 in (group.value, other.value) else None
    return Estimate(
        group.where,
        value,
        group.n,
        group.rows,
        partial(_lower, bounds),
        bounds.upper,
        exact,
        counts=f"{group.counts} against {other.counts}" if counted else None,
        counted=group.counted,
        rows_to_settle=compare.rows_to_settle(group, other) if other.where else None,
        compared=f"{where_text(group.where)} and {where_text(other.where) or ALL_ROWS}",
        no_bound_because=group.no_bound_because or other.no_bound_because or zero,
        note=f"{_value(group)} against {_value(other)}{said}",
        rounding=_rounding(group, other, value, compare),
        fewest=min(group.relevant, other.relevant),
    )


def _rounding(group: Estimate, other: Estimate, value: float, compare: Comparison) -> float:
    """How far the rounding of both values may move their comparison; infinite where it may then have no value."""
    if not (group.rounding or other.rounding):
        return 0.0
    moved = 0.0
    for one, another in product(_ends(group), _ends(other)):
        try:
            found, _ = compare.observed(one, another)
        except ValueError:
            return inf
        moved = max(moved, abs(found - value))
    return moved


def _ends(of: Estimate) -> Iterator[Estimate]:
    """The estimate with the values that rounding allows; none below 0 where it is not itself below 0."""
    least = -inf if of.value < 0 else 0.0
    return (replace(of, value=max(of.value + sign * of.rounding, least), exact=None) for sign in (-1, 1))


def _lower(bounds: LargestGap | SmallestRatio, alpha: float) -> float | None:
    """The lower bound; None if there is no upper bound, because "at least 0" is true of every gap and ratio."""
    return None if bounds.upper(alpha) is None else bounds.lower(alpha)


def _value(estimate: Estimate) -> str:
    return f"{estimate.value:.4g} for {where_text(estimate.where) or ALL_ROWS}"

"""What each group is held against: the best one, the worst, all rows, the largest, a named one, or every other one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations

from mlgate.checks.fairness.comparison import NO_LOG, Comparison
from mlgate.stats import groups
from mlgate.stats.groups import LargestGap, SmallestRatio
from mlgate.values.estimate import Answer, Estimate, Unanswered
from mlgate.values.verdict import where_text

REFERENCE = (
    "What each group is held against: `best` (default), `worst`, `overall` (all rows, the group's own among them), "
    "`largest`, one group by name (`F`, or `sex=F`), or `pairs` (every other one)."
)
ALL_ROWS = "all rows"


@dataclass(frozen=True)
class Compared:
    """The groups of one grouping that can be compared, and all rows together where the reference is `overall`."""

    groups: tuple[Estimate, ...]
    highest: bool
    """Whether the highest is the best."""
    everyone: Estimate | None = None
    additive: bool = True
    """Whether the counts of groups add up to those of all rows: not so for effective rows under sampling weights."""


def findings(of: Compared, reference: str, compare: Comparison) -> Iterator[Answer]:
    """An estimate for every comparison that the reference asks for. Raises ValueError where it asks for none."""
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
    """The group that a reference means, chosen without looking at the metric."""
    if reference == "largest":
        return max(judged, key=lambda estimate: estimate.rows)
    for estimate in judged:
        if reference in (where_text(estimate.where), ", ".join(value for _, value in estimate.where)):
            return estimate
    known = "; ".join(where_text(estimate.where) for estimate in judged)
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
    )


def _lower(bounds: LargestGap | SmallestRatio, alpha: float) -> float | None:
    """The lower bound; none where there is no upper one either: at least 0 is known of every gap and ratio."""
    return None if bounds.upper(alpha) is None else bounds.lower(alpha)


def _value(estimate: Estimate) -> str:
    return f"{estimate.value:.4g} for {where_text(estimate.where) or ALL_ROWS}"

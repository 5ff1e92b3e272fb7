"""Groups against each other: any metric's difference or ratio, with bounds that hold whichever group looked best."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations

from mlgate.checks.metric_rule import Columns, MetricRule
from mlgate.checks.slices import answers_by_slice
from mlgate.checks.subject import Subject
from mlgate.estimate import Answer, Estimate, LeftOut, Unanswered
from mlgate.evidence.facts import Facts
from mlgate.evidence.needs import Need
from mlgate.fields import By, Number, Text, param
from mlgate.metrics.base import Better
from mlgate.stats import groups
from mlgate.stats.difference import Bounds, ShareBounds, ShareDifference, mover_difference
from mlgate.stats.groups import LargestGap, SmallestRatio
from mlgate.stats.ratio import ShareRatio, mover_ratio
from mlgate.verdict import where_text

REFERENCES = ("best", "worst", "largest", "pairs")
Pairs = Mapping[tuple[int, int], Bounds]


@dataclass(frozen=True, kw_only=True)
class GroupComparison(MetricRule):
    """The keys of every rule that compares groups."""

    by: tuple[Columns, ...] = param(By(), doc="The groups: columns; a list inside the list intersects them.")
    reference: str = param(
        Text(),
        default="best",
        doc="What each group is held against: `best` (default), `worst`, `largest`, one group by name, or `pairs`.",
    )
    min_share: Fraction | None = param(
        Number(above=0, below=1), default=None, doc="Groups with a smaller share of the rows are left out and listed."
    )

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterator[Need]:
        """The metric's needs for every grouping, and what must be known before rows count."""
        kind = self.entry(subject).kind
        for columns in self.by:
            yield from kind.needs(self.question(subject, columns, alphas))
        yield from self.guards(subject)

    def compared(
        self, subject: Subject, facts: Facts, alphas: tuple[float, ...], compare: Comparison
    ) -> Iterator[Answer]:
        """Each grouping's groups against the reference; groups that cannot be compared are told apart."""
        self.trust(subject, facts)
        entry = self.entry(subject)
        for columns in self.by:
            question = self.question(subject, columns, alphas)
            found = list(answers_by_slice(subject, question, entry.kind, entry.kind.groups(question, facts)))
            judged = yield from self._sorted_out(found, subject.least_rows)
            if len(judged) < 2:
                names = ", ".join(columns)
                yield Unanswered((), f"{len(judged)} group of {names} can be compared, and a comparison takes two")
                continue
            try:
                yield from _against(judged, self.reference, entry.better is not Better.LOWER, compare)
            except ValueError as refused:
                yield Unanswered((), str(refused))

    def _sorted_out(self, found: Sequence[Answer], least: int) -> Generator[Answer, None, list[Estimate]]:
        """Yield what is not to be compared; return the estimates that are."""
        estimates = [answer for answer in found if isinstance(answer, Estimate)]
        rows = sum(estimate.rows for estimate in estimates)
        judged = []
        for answer in found:
            if not isinstance(answer, Estimate):
                yield answer
            elif answer.rows < least:
                yield LeftOut(answer.where, answer.rows, f"{answer.rows} rows are fewer than min_n ({least})")
            elif self.min_share is not None and Fraction(answer.rows, rows) < self.min_share:
                share = f"{100 * answer.rows / rows:.2g} % of the rows"
                yield LeftOut(answer.where, answer.rows, f"{share} is less than min_share")
            else:
                judged.append(answer)
        return judged


@dataclass(frozen=True)
class Comparison:
    """Gaps or ratios: how two groups compare, and how their bounds are put together."""

    pair: Callable[[Estimate, Estimate], Bounds]
    alone: Callable[[Bounds], LargestGap | SmallestRatio]
    to_best: Callable[[Pairs, int, bool], Mapping[int, LargestGap | SmallestRatio]]
    observed: Callable[[Estimate, Estimate], tuple[float, Fraction | None]]
    """Raises ValueError where it is not defined."""


def _against(judged: list[Estimate], reference: str, highest: bool, compare: Comparison) -> Iterator[Answer]:
    """An estimate for every comparison that the reference asks for."""
    if reference in ("best", "worst"):
        top = highest if reference == "best" else not highest
        pairs = {(i, j): compare.pair(judged[i], judged[j]) for i, j in combinations(range(len(judged)), 2)}
        chosen = groups.best({i: estimate.exact or estimate.value for i, estimate in enumerate(judged)}, top)
        for i, bounds in compare.to_best(pairs, chosen, top).items():
            yield _finding(judged[i], judged[chosen], bounds, compare)
    elif reference == "pairs":
        for a, b in combinations(judged, 2):
            where = (*b.where, ("against", where_text(a.where)))
            yield replace(_finding(b, a, compare.alone(compare.pair(b, a)), compare), where=where)
    else:
        chosen = _named(judged, reference)
        for i, estimate in enumerate(judged):
            if i != chosen:
                bounds = compare.alone(compare.pair(estimate, judged[chosen]))
                yield _finding(estimate, judged[chosen], bounds, compare)


def _named(judged: list[Estimate], reference: str) -> int:
    """The group that a reference means, chosen without looking at the metric."""
    if reference == "largest":
        return max(range(len(judged)), key=lambda i: judged[i].rows)
    for i, estimate in enumerate(judged):
        values = [value for _, value in estimate.where]
        if reference in (where_text(estimate.where), ", ".join(values)):
            return i
    known = "; ".join(", ".join(value for _, value in estimate.where) for estimate in judged)
    raise ValueError(f"the reference group `{reference}` is not among the groups compared ({known})")


def _finding(group: Estimate, other: Estimate, bounds: LargestGap | SmallestRatio, compare: Comparison) -> Estimate:
    value, exact = compare.observed(group, other)
    beside = f" ({other.counts})" if other.counts else ""
    return Estimate(
        group.where,
        value,
        min(group.n, other.n),
        group.rows,
        bounds.lower,
        bounds.upper,
        exact,
        counted="rows of each group",
        no_bound_because=group.no_bound_because or other.no_bound_because,
        note=f"{group.value:.4g}{f' ({group.counts})' if group.counts else ''} against "
        f"{other.value:.4g}{beside} of {where_text(other.where)}",
    )


def _difference(a: Estimate, b: Estimate) -> Bounds:
    if a.share and b.share:
        return ShareDifference(ShareBounds(*a.share), ShareBounds(*b.share))
    return mover_difference(a.value, a, b.value, b)


def _ratio(a: Estimate, b: Estimate) -> Bounds:
    if a.share and b.share:
        return ShareRatio(ShareBounds(*a.share), ShareBounds(*b.share))
    return mover_ratio(a.value, a, b.value, b)


def _observed_gap(a: Estimate, b: Estimate) -> tuple[float, Fraction | None]:
    exact = abs(a.exact - b.exact) if a.exact is not None and b.exact is not None else None
    return (abs(a.value - b.value) if exact is None else float(exact)), exact


def _observed_ratio(a: Estimate, b: Estimate) -> tuple[float, Fraction | None]:
    low, high = sorted((a, b), key=lambda estimate: estimate.exact if estimate.exact is not None else estimate.value)
    if high.value == 0:
        raise ValueError(f"the ratio of {where_text(a.where)} to {where_text(b.where)} is 0/0: both are 0")
    if low.value < 0:
        raise ValueError(f"a ratio needs positive values, and {where_text(low.where)} has {low.value:.4g}")
    exact = low.exact / high.exact if low.exact is not None and high.exact is not None else None
    return (low.value / high.value if exact is None else float(exact)), exact


GAP = Comparison(_difference, groups.gap, groups.gaps_to_best, _observed_gap)
RATIO = Comparison(_ratio, groups.ratio, groups.ratios_to_best, _observed_ratio)

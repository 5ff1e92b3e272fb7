"""Order statistics: the values at the ranks of a quantile and its bounds, for independent rows or rows in units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

from mlgate.evidence.dialect import double, one_zero
from mlgate.evidence.engine import Engine
from mlgate.evidence.questions.counts import CountsFact, sizes_of
from mlgate.evidence.questions.grouped import (
    asked_of_groups,
    clause,
    group_order,
    keys_of,
    partition,
    same_group,
    selected,
    source,
    values_with_rows,
)
from mlgate.evidence.questions.narrowed_ranks import narrowed
from mlgate.evidence.questions.need import Answers, Group, Need, Statement, TableNeed, Term, not_counts
from mlgate.evidence.questions.profile import finite, known
from mlgate.stats.clusters import ClusteredShare, UnitSums
from mlgate.stats.quantiles import ClusteredQuantile, lower_rank, middle_ranks, upper_rank
from mlgate.values.estimate import Bound


@dataclass(frozen=True)
class OrderOf:
    """One group's quantile, and for each level the values at the ranks of its bounds, or None without such a rank.

    The quantile is given twice: the value at the inverse-CDF rank, and the mean of the two middle values where it falls
    between two ranks.
    """

    group: Group
    n: int
    value: float
    middle: float
    bounds: tuple[tuple[float, float | None, float | None], ...]
    units: int | None = None
    """The number of units; None for independent rows."""
    effective: float | None = None
    """The effective number of rows; None for independent rows."""

    @property
    def rows(self) -> int:
        """Rows of the group."""
        return self.n

    def bound(self, side: Literal[1, 2]) -> Bound:
        """The lower (1) or upper (2) bound, at the largest measured level that is at most the one asked for."""

        def bound(alpha: float) -> float | None:
            known = [levels for levels in self.bounds if levels[0] <= alpha * (1 + 1e-9)]
            return max(known)[side] if known else None

        return bound


@dataclass(frozen=True)
class OrderFact:
    """Quantiles by group, sorted by group."""

    groups: tuple[OrderOf, ...]


@dataclass(frozen=True)
class Order(TableNeed):
    """The values at the ranks of one quantile and of its bounds at some one-sided levels, by group."""

    name = "order"
    fact = OrderFact
    value: str = ""
    quantile: float = 0.5
    alphas: tuple[float, ...] = ()
    by: tuple[Term, ...] = ()
    unit: str = ""
    """SQL text that identifies the unit of a row; empty for independent rows."""

    @property
    def conditions(self) -> tuple[Need, ...]:
        """There are not too many groups, and every row has a finite value and, for rows in units, a unit."""
        return sizes_of(self, self.by), *(known(self, self.unit) if self.unit else ()), *finite(self, self.value)

    @property
    def together(self) -> object:
        """Quantiles of one value by the same groups share a statement, which sorts once; in units each has its own."""
        return self if self.unit else (self.table, self.where, self.count, self.value, self.by)

    def impossible(self, fact: OrderFact) -> str:
        """Bounds on the wrong side of the value, and numbers of rows or units that cannot be."""
        for of in fact.groups:
            if wrong := not_counts(of.n - 1, *((of.units - 1, of.n - of.units) if of.units is not None else ())):
                return wrong
            for _, lower, upper in of.bounds:
                if (lower is not None and lower > of.value) or (upper is not None and upper < of.value):
                    return f"the value {of.value:.6g} is not between its bounds"
        return ""

    @property
    def statement(self) -> Statement:
        """The function that answers order statistics."""
        return answer


MOST_HELD = 1 << 25
"""The most values that the engine's own selection, which does not sort them but holds all, is asked for."""
Ranks = tuple[int, int, tuple[tuple[float, int | None, int | None], ...]]


def answer(engine: Engine, relation: str, needs: Sequence[Order], facts: Answers) -> dict[Need, Any]:
    """Answer order statistics of one value. The ranks follow from the sizes of the groups, or from their units."""
    sizes: CountsFact = facts[sizes_of(needs[0], needs[0].by)]
    if needs[0].unit:
        return {need: _fact_in_units(engine, relation, need, sizes) for need in needs}
    ranks = {cell.values: sorted({r for need in needs for r in _each(_ranks(need, cell.n))}) for cell in sizes.cells}
    of_all = not needs[0].by and not needs[0].count and sizes.cells
    values = (
        _at_ranks_of_all(engine, relation, needs[0], ranks[()], sizes.cells[0].n)
        if of_all
        else at_ranks(engine, relation, needs[0], ranks)
    )
    return {need: _fact(need, sizes, values) for need in needs}


def _fact(need: Order, sizes: CountsFact, values: dict[tuple[Group, int], float]) -> OrderFact:
    groups = (_order(cell.values, cell.n, _ranks(need, cell.n), values) for cell in sizes.cells)
    return OrderFact(tuple(sorted(groups, key=lambda of: group_order(of.group))))


def _ranks(need: Order, n: int) -> Ranks:
    first, last = middle_ranks(n, need.quantile)
    levels = (
        (alpha, lower_rank(n, need.quantile, alpha), upper_rank(n, need.quantile, alpha)) for alpha in need.alphas
    )
    return first, last, tuple(levels)


def _each(ranks: Ranks) -> set[int]:
    first, last, bounds = ranks
    return {first, last} | {rank for _, *both in bounds for rank in both if rank is not None}


def at_ranks(
    engine: Engine, relation: str, need: Order, ranks: dict[Group, list[int]]
) -> dict[tuple[Group, int], float]:
    """The value at each rank of each group."""
    if not ranks:
        return {}
    keys = keys_of(need.by)
    counted = values_with_rows(relation, need, need.by, need.value)
    groups_apart = partition(keys)
    upto = (
        f"select {', '.join([*keys, 'v', 'c'])}, "
        f"cast(sum(c) over ({groups_apart} order by v rows unbounded preceding) as bigint) as upto from ({counted})"
    )
    groups = list(ranks)
    places = [((str(at), f"cast({rank} as bigint)"), group) for at, group in enumerate(groups) for rank in ranks[group]]
    rows = engine.query(
        f"{asked_of_groups(('g', 'place'), places)} select g, place, v from ({upto}) u join asked "
        f"on {' and '.join([*same_group(keys), 'place <= upto', 'place > upto - c'])}"
    )
    return {(groups[g], rank): value for g, rank, value in rows}


def _at_ranks_of_all(
    engine: Engine, relation: str, need: Order, ranks: list[int], n: int
) -> dict[tuple[Group, int], float]:
    """The value at each rank of all rows together, which are not sorted but where there is no other way."""
    values = narrowed(
        engine, f"select cast(({need.value}) as double) as v from {source(relation, need.where)}", ranks, n
    )
    if values is None and n > MOST_HELD:
        return at_ranks(engine, relation, need, {(): ranks})
    if values is None:
        places = ", ".join(double((rank - 0.5) / n) for rank in ranks)
        inner = f"select {one_zero(need.value)} as v from {source(relation, need.where)}"
        ((found,),) = engine.query(f"select quantile_of(v, [{places}]) from ({inner})")
        values = dict(zip(ranks, found, strict=True))
    return {((), rank): value for rank, value in values.items()}


def _order(group: Group, n: int, ranks: Ranks, values: dict[tuple[Group, int], float]) -> OrderOf:
    first, last, levels = ranks
    low, high = values[group, first], values[group, last]
    bounds = tuple((alpha, _at(values, group, lower), _at(values, group, upper)) for alpha, lower, upper in levels)
    return OrderOf(group, n, low, _between(low, high), bounds)


def _at(values: dict[tuple[Group, int], float], group: Group, rank: int | None) -> float | None:
    return None if rank is None else values[group, rank]


def _between(low: float, high: float) -> float:
    return low if low == high else low / 2 + high / 2


def _fact_in_units(engine: Engine, relation: str, need: Order, sizes: CountsFact) -> OrderFact:
    """First the quantile, then the variance between units of the share of rows below it, which gives the ranks."""
    middle = {cell.values: middle_ranks(cell.n, need.quantile) for cell in sizes.cells}
    values = at_ranks(engine, relation, need, {group: sorted(set(ranks)) for group, ranks in middle.items()})
    if not middle:
        return OrderFact(())
    shares = _shares(engine, relation, need, {group: values[group, first] for group, (first, _) in middle.items()})
    ranks = {group: _ranks_in_units(need, both, shares[group]) for group, both in middle.items()}
    of_bounds = {group: sorted(_each(found) - set(middle[group])) for group, found in ranks.items()}
    values |= at_ranks(engine, relation, need, {group: found for group, found in of_bounds.items() if found})
    groups = []
    for group, share in shares.items():
        found = _order(group, int(share.sums.x), ranks[group], values)
        groups.append(replace(found, units=share.sums.units, effective=share.effective_rows))
    return OrderFact(tuple(sorted(groups, key=lambda of: group_order(of.group))))


def _ranks_in_units(need: Order, middle: tuple[int, int], share: ClusteredShare) -> Ranks:
    """The ranks of the quantile and of its bounds, from the share of rows at or below it."""
    found = ClusteredQuantile(share, Fraction(repr(need.quantile)))
    return *middle, tuple((alpha, found.lower(alpha), found.upper(alpha)) for alpha in need.alphas)


def _shares(engine: Engine, relation: str, need: Order, at: dict[Group, float]) -> dict[Group, ClusteredShare]:
    """For each group, the share of rows at or below its value, with its sums over units."""
    keys = keys_of(need.by)
    inner = [*selected(need.by), f"{need.unit} as u", f"cast({need.value} as double) as v"]
    quantiles = asked_of_groups(("q",), [((double(value),), group) for group, value in at.items()])
    same = " and ".join(same_group(keys)) or "1 = 1"
    units = (
        f"select {', '.join([*keys, 'u'])}, count(*) filter (where v <= q) as y, count(*) as x "
        f"from (select {', '.join(inner)} from {source(relation, need.where)}) r join asked on {same}"
        f"{clause('group by', [*keys, 'u'])}"
    )
    wide = "cast({} as decimal(18, 0)) * cast({} as decimal(18, 0))"
    squares = [f"sum({wide.format(a, b)})" for a, b in ("yy", "xx", "xy")]
    differing = "least(count(*) filter (where y > 0), count(*) filter (where y < x))"
    outer = [
        *(f"cast({key} as varchar)" for key in keys),
        "count(*)",
        "sum(y)",
        "sum(x)",
        *squares,
        "max(x)",
        differing,
    ]
    rows = engine.query(f"{quantiles} select {', '.join(outer)} from ({units}){clause('group by', keys)}")
    width = len(keys)
    return {row[:width]: ClusteredShare(UnitSums(*map(int, row[width:]))) for row in rows}

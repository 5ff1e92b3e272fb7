"""Order statistics: the values at the ranks that estimate and bound a quantile, by cumulative counts of each group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from mlgate.evidence.dialect import literal, one_zero
from mlgate.evidence.engine import Engine
from mlgate.evidence.questions.counts import CountsFact, sizes_of
from mlgate.evidence.questions.grouped import (
    clause,
    frequency,
    group_order,
    keys_of,
    partition,
    selected,
    source,
    tally,
)
from mlgate.evidence.questions.need import Answers, Group, Need, Statement, TableNeed, Term
from mlgate.evidence.questions.profile import finite
from mlgate.stats.quantiles import lower_rank, middle_ranks, upper_rank


@dataclass(frozen=True)
class OrderOf:
    """One group's quantile: the value at the inverse-CDF rank, the mean of the two middle values where the quantile
    falls between two ranks, and for each level the values at the lower and upper rank (None: no such rank)."""

    group: Group
    n: int
    value: float
    middle: float
    bounds: tuple[tuple[float, float | None, float | None], ...]


@dataclass(frozen=True)
class OrderFact:
    """Quantiles by group, sorted by group."""

    groups: tuple[OrderOf, ...]


@dataclass(frozen=True)
class Order(TableNeed):
    """The values at the ranks that estimate and bound one quantile, at each of some one-sided levels, by group."""

    name = "order"
    fact = OrderFact
    value: str = ""
    quantile: float = 0.5
    alphas: tuple[float, ...] = ()
    by: tuple[Term, ...] = ()

    @property
    def conditions(self) -> tuple[Need, ...]:
        """The groups are not too many; every row has a finite value."""
        return sizes_of(self, self.by), *finite(self, self.value)

    @property
    def together(self) -> object:
        """Quantiles of one value by the same groups are one statement, which sorts once."""
        return self.table, self.where, self.count, self.value, self.by

    @property
    def statement(self) -> Statement:
        """Answers them."""
        return answer


class OrderedRows(Protocol):
    """What orders rows by a value within groups."""

    @property
    def value(self) -> str:
        """The value."""
        ...

    @property
    def where(self) -> str:
        """The condition on rows."""
        ...

    @property
    def count(self) -> str:
        """The frequency."""
        ...

    @property
    def by(self) -> tuple[Term, ...]:
        """The groups."""
        ...


Ranks = tuple[int, int, tuple[tuple[float, int | None, int | None], ...]]


def answer(engine: Engine, relation: str, needs: Sequence[Order], facts: Answers) -> dict[Need, Any]:
    """Answer order statistics of one value: the groups' sizes fix the ranks."""
    sizes: CountsFact = facts[sizes_of(needs[0], needs[0].by)]
    ranks = {cell.values: sorted({r for need in needs for r in _each(_ranks(need, cell.n))}) for cell in sizes.cells}
    values = at_ranks(engine, relation, needs[0], ranks)
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
    engine: Engine, relation: str, need: OrderedRows, ranks: dict[Group, list[int]]
) -> dict[tuple[Group, int], float]:
    """The value at each rank of each group."""
    if not ranks:
        return {}
    keys = keys_of(need.by)
    inner = [*selected(need.by), f"{one_zero(need.value)} as v", f"{frequency(need.count)} as c"]
    counted = (
        f"select {', '.join([*keys, 'v'])}, {tally(need.count)} as c "
        f"from (select {', '.join(inner)} from {source(relation, need.where)}){clause('group by', [*keys, 'v'])}"
    )
    groups_apart = partition(keys)
    upto = (
        f"select {', '.join([*keys, 'v', 'c'])}, "
        f"cast(sum(c) over ({groups_apart} order by v rows unbounded preceding) as bigint) as upto from ({counted})"
    )
    groups = list(ranks)
    listed = ", ".join(
        f"({', '.join(_row(at, group, rank))})" for at, group in enumerate(groups) for rank in ranks[group]
    )
    names = ", ".join(["g", "place", *(f"w{at}" for at in range(len(keys)))])
    same = [f"{key} is not distinct from w{at}" for at, key in enumerate(keys)]
    rows = engine.query(
        f"with asked({names}) as (values {listed}) select g, place, v from ({upto}) u join asked "
        f"on {' and '.join([*same, 'place <= upto', 'place > upto - c'])}"
    )
    return {(groups[g], rank): value for g, rank, value in rows}


def _row(at: int, group: Group, rank: int) -> Iterator[str]:
    yield str(at)
    yield f"cast({rank} as bigint)"
    yield from ("cast(null as varchar)" if value is None else literal(value) for value in group)


def _order(group: Group, n: int, ranks: Ranks, values: dict[tuple[Group, int], float]) -> OrderOf:
    first, last, levels = ranks
    low, high = values[group, first], values[group, last]
    bounds = tuple((alpha, _at(values, group, lower), _at(values, group, upper)) for alpha, lower, upper in levels)
    return OrderOf(group, n, low, low if low == high else low / 2 + high / 2, bounds)


def _at(values: dict[tuple[Group, int], float], group: Group, rank: int | None) -> float | None:
    return None if rank is None else values[group, rank]

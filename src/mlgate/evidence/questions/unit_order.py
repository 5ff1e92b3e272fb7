"""Order statistics of rows in units: the quantile first, then how the share below it differs between units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mlgate.evidence.dialect import double, literal
from mlgate.evidence.engine import Engine
from mlgate.evidence.questions.counts import CountsFact, sizes_of
from mlgate.evidence.questions.grouped import clause, group_order, keys_of, selected, source
from mlgate.evidence.questions.need import Answers, Group, Need, Statement, TableNeed, Term
from mlgate.evidence.questions.order import OrderOf, at_ranks
from mlgate.evidence.questions.profile import finite, known
from mlgate.stats.cluster_quantiles import ClusteredQuantile
from mlgate.stats.clusters import ClusteredShare, UnitSums
from mlgate.stats.quantiles import middle_ranks


@dataclass(frozen=True)
class UnitOrderOf:
    """One group's quantile, with its units and the independent rows that would know it as well."""

    of: OrderOf
    units: int
    effective: float


@dataclass(frozen=True)
class UnitOrderFact:
    """Quantiles of rows in units by group, sorted by group."""

    groups: tuple[UnitOrderOf, ...]


@dataclass(frozen=True)
class UnitOrder(TableNeed):
    """The values at the ranks that estimate and bound a quantile of rows in units, at each of some levels, by group."""

    name = "unit-order"
    fact = UnitOrderFact
    value: str = ""
    quantile: float = 0.5
    alphas: tuple[float, ...] = ()
    by: tuple[Term, ...] = ()
    unit: str = ""

    @property
    def conditions(self) -> tuple[Need, ...]:
        """The groups are not too many; every row has a unit and a finite value."""
        return sizes_of(self, self.by), *known(self, self.unit), *finite(self, self.value)

    @property
    def statement(self) -> Statement:
        """Answers them."""
        return answer


def answer(engine: Engine, relation: str, needs: Sequence[UnitOrder], facts: Answers) -> dict[Need, Any]:
    """Answer order statistics in units."""
    return {need: _fact(engine, relation, need, facts) for need in needs}


def _fact(engine: Engine, relation: str, need: UnitOrder, facts: Answers) -> UnitOrderFact:
    sizes: CountsFact = facts[sizes_of(need, need.by)]
    middle = {cell.values: middle_ranks(cell.n, need.quantile) for cell in sizes.cells}
    values = at_ranks(engine, relation, need, {group: sorted(set(ranks)) for group, ranks in middle.items()})
    if not middle:
        return UnitOrderFact(())
    found = _shares(engine, relation, need, {group: values[group, low] for group, (low, _) in middle.items()})
    quantile = Fraction(repr(need.quantile))
    ranks = {
        group: [(alpha, of.lower(alpha), of.upper(alpha)) for alpha in need.alphas]
        for group, of in ((group, ClusteredQuantile(share, quantile)) for group, share in found.items())
    }
    asked = {group: sorted({rank for _, *both in each for rank in both if rank}) for group, each in ranks.items()}
    values |= at_ranks(engine, relation, need, {group: each for group, each in asked.items() if each})
    groups = []
    for group, (first, last) in middle.items():
        low, high = values[group, first], values[group, last]
        bounds = tuple(
            (alpha, values.get((group, a or 0)), values.get((group, b or 0))) for alpha, a, b in ranks[group]
        )
        share = found[group]
        order = OrderOf(group, int(share.sums.x), low, low / 2 + high / 2 if low != high else low, bounds)
        groups.append(UnitOrderOf(order, share.sums.units, share.effective_rows))
    return UnitOrderFact(tuple(sorted(groups, key=lambda of: group_order(of.of.group))))


def _shares(engine: Engine, relation: str, need: UnitOrder, at: dict[Group, float]) -> dict[Group, ClusteredShare]:
    """The share of rows at or below each group's value, with what it takes to know how units differ in it."""
    keys = keys_of(need.by)
    inner = [*selected(need.by), f"{need.unit} as u", f"cast({need.value} as double) as v"]
    listed = ", ".join(f"({', '.join([double(value), *map(_text, group)])})" for group, value in at.items())
    names = ", ".join(["q", *(f"w{place}" for place in range(len(keys)))])
    same = " and ".join(f"{key} is not distinct from w{place}" for place, key in enumerate(keys)) or "1 = 1"
    units = (
        f"select {', '.join([*keys, 'u'])}, count(*) filter (where v <= q) as y, count(*) as x "
        f"from (select {', '.join(inner)} from {source(relation, need.where)}) r join asked on {same}"
        f"{clause('group by', [*keys, 'u'])}"
    )
    wide = "cast({} as decimal(18, 0)) * cast({} as decimal(18, 0))"
    squares = [f"sum({wide.format(a, b)})" for a, b in ("yy", "xx", "xy")]
    differing = "least(count(*) filter (where y > 0), count(*) filter (where y < x))"
    outer = [*(f"cast({key} as varchar)" for key in keys), "count(*)", "sum(y)", "sum(x)", *squares, differing]
    rows = engine.query(
        f"with asked({names}) as (values {listed}) select {', '.join(outer)} from ({units}){clause('group by', keys)}"
    )
    width = len(keys)
    return {row[:width]: ClusteredShare(UnitSums(*map(int, row[width:]))) for row in rows}


def _text(value: str | None) -> str:
    return "cast(null as varchar)" if value is None else literal(value)

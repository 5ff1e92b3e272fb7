"""Moments in units: exact sums of each unit's rows, and over units the sums of their products, in fixed point again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mlgate.evidence.dialect import double
from mlgate.evidence.engine import Engine, ResultRow
from mlgate.evidence.fixed_point import SHIFT, FixedPoint, fixed, unfixed
from mlgate.evidence.questions.counts import sizes_of
from mlgate.evidence.questions.grouped import clause, group_order, keys_of, selected, source
from mlgate.evidence.questions.need import Answers, Group, Need, Statement, TableNeed, Term
from mlgate.evidence.questions.profile import Profile, known, profiles


@dataclass(frozen=True)
class UnitMomentsOf:
    """One group's rows and units, and the sums over units by exponents."""

    group: Group
    n: int
    units: int
    sums: tuple[tuple[tuple[int, ...], Fraction], ...]


@dataclass(frozen=True)
class UnitMomentsFact:
    """Sums over units by group, and the pivots that were taken from the values before."""

    pivots: tuple[Fraction, ...]
    groups: tuple[UnitMomentsOf, ...]


@dataclass(frozen=True)
class UnitMoments(TableNeed):
    """Exact sums over units of products of powers of the units' own sums, by group.

    A unit sums up `parts`: products of powers of its rows' values, by exponents, values less a pivot as in `Moments`.
    `monomials` are exponents too, one for each part and a last one for the unit's number of rows: with the parts
    ((1,), (2,)) of one value a, (1, 1, 0) asks for the sum over units of (the sum of a) * (the sum of a*a).
    """

    name = "unit-moments"
    fact = UnitMomentsFact
    values: tuple[str, ...] = ()
    parts: tuple[tuple[int, ...], ...] = ()
    monomials: tuple[tuple[int, ...], ...] = ()
    by: tuple[Term, ...] = ()
    unit: str = ""

    @property
    def inputs(self) -> tuple[Profile, ...]:
        """The profiles of the values."""
        return profiles(self, *self.values)

    @property
    def conditions(self) -> tuple[Need, ...]:
        """The groups are not too many; every row has a unit."""
        return sizes_of(self, self.by), *known(self, self.unit)

    @property
    def statement(self) -> Statement:
        """Answers them."""
        return answer


def answer(engine: Engine, relation: str, needs: Sequence[UnitMoments], facts: Answers) -> dict[Need, Any]:
    """Answer moments in units."""
    return {need: _fact(engine, relation, need, facts) for need in needs}


def _fact(engine: Engine, relation: str, need: UnitMoments, facts: Answers) -> UnitMomentsFact:
    scales = [facts[profile].fixed_point() for profile in need.inputs]
    rows = engine.query(_sql(relation, need, scales))
    groups = (_group(need, row, scales) for row in rows if row[len(need.by)])
    pivots = tuple(scale.pivot for scale in scales)
    return UnitMomentsFact(pivots, tuple(sorted(groups, key=lambda of: group_order(of.group))))


def _sql(relation: str, need: UnitMoments, scales: Sequence[FixedPoint]) -> str:
    keys = keys_of(need.by)
    inner = [*selected(need.by), f"{need.unit} as u"]
    inner += [f"{scale.sql(value)} as v{at}" for at, (scale, value) in enumerate(zip(scales, need.values, strict=True))]
    sums = [f"sum({fixed(_powers('v', part))}) as s{at}" for at, part in enumerate(need.parts)]
    listed = [*keys, "u"]
    units = (
        f"select {', '.join([*listed, 'count(*) as n', *sums])} from (select {', '.join(inner)} "
        f"from {source(relation, need.where)}){clause('group by', listed)}"
    )
    # A unit's sum as a share of what the largest unit could have, so that products stay within [-1, 1].
    largest = "cast(max(n) over () as double)"
    shares = [f"cast(s{at} as double) * {double(2.0**-SHIFT)} / {largest} as x{at}" for at in range(len(sums))]
    shares.append(f"cast(n as double) / {largest} as x{len(sums)}")
    scaled = f"select *, max(n) over () as most, {', '.join(shares)} from ({units})"
    outer = [*(f"cast({key} as varchar)" for key in keys), "count(*)", "sum(n)", "max(most)"]
    outer += [_product(monomial) for monomial in need.monomials]
    return f"select {', '.join(outer)} from ({scaled}){clause('group by', keys)}"


def _product(monomial: tuple[int, ...]) -> str:
    """A sum of products over units; sums of single values and of small powers of the numbers of rows are exact."""
    if sum(monomial) == 1 and not monomial[-1]:
        return f"sum(s{monomial.index(1)})"
    if _rows_alone(monomial):
        return f"sum({' * '.join(['cast(n as decimal(18, 0))'] * monomial[-1])})"
    return f"sum({fixed(_powers('x', monomial))})"


def _powers(name: str, exponents: tuple[int, ...]) -> str:
    return " * ".join(f"{name}{at}" for at, power in enumerate(exponents) for _ in range(power))


def _rows_alone(monomial: tuple[int, ...]) -> bool:
    return sum(monomial) == monomial[-1] and 1 <= monomial[-1] <= 2


def _group(need: UnitMoments, row: ResultRow, scales: Sequence[FixedPoint]) -> UnitMomentsOf:
    width = len(need.by)
    units, rows, most = (int(value) for value in row[width : width + 3])
    exponents = [sum(scale.exponent * power for scale, power in zip(scales, part)) for part in need.parts]
    sums = (
        (monomial, _sum(monomial, total, most, exponents))
        for monomial, total in zip(need.monomials, row[width + 3 :], strict=True)
    )
    return UnitMomentsOf(row[:width], rows, units, tuple(sums))


def _sum(monomial: tuple[int, ...], total: Any, most: int, exponents: Sequence[int]) -> Fraction:
    if _rows_alone(monomial):
        return Fraction(int(total))
    exponent = sum(exponent * power for exponent, power in zip(exponents, monomial))
    order = 0 if sum(monomial) == 1 and not monomial[-1] else sum(monomial)
    return unfixed(int(total), exponent) * Fraction(most) ** order

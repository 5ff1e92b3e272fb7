"""Moments: exact sums of products of powers, every `by` of a table in one scan with grouping sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mlgate.evidence.dialect import native_of
from mlgate.evidence.engine import Engine, ResultRow
from mlgate.evidence.fixed_point import FixedPoint, fixed, unfixed
from mlgate.evidence.questions.counts import sizes_of
from mlgate.evidence.questions.grouped import frequency, group_order, source
from mlgate.evidence.questions.need import Answers, Group, Need, Statement, TableNeed, Term
from mlgate.evidence.questions.profile import Profile, profiles


@dataclass(frozen=True)
class MomentsOf:
    """One group's rows and its exact sums of products of (value - pivot), by exponents."""

    group: Group
    n: int
    sums: tuple[tuple[tuple[int, ...], Fraction], ...]


@dataclass(frozen=True)
class MomentsFact:
    """Exact sums by group, and the pivots that were taken from the values before."""

    pivots: tuple[Fraction, ...]
    groups: tuple[MomentsOf, ...]


@dataclass(frozen=True)
class Moments(TableNeed):
    """Exact sums of products of powers of some numeric values, by group.

    `monomials` are exponents, one for each value: with values (a, b), (2, 1) asks for the sum of a*a*b. Sums are taken
    of the values less a pivot, in fixed point; the fact gives them back as exact fractions.
    """

    name = "moments"
    fact = MomentsFact
    values: tuple[str, ...] = ()
    monomials: tuple[tuple[int, ...], ...] = ()
    by: tuple[Term, ...] = ()

    @property
    def inputs(self) -> tuple[Profile, ...]:
        """The profiles of the values."""
        return profiles(self, *self.values)

    @property
    def conditions(self) -> tuple[Need, ...]:
        """The groups are not too many."""
        return (sizes_of(self, self.by),)

    @property
    def together(self) -> object:
        """Sums over the same rows are one statement."""
        return self.table, self.where, self.count

    @property
    def statement(self) -> Statement:
        """Answers them."""
        return answer


def answer(engine: Engine, relation: str, needs: Sequence[Moments], facts: Answers) -> dict[Need, Any]:
    """Answer moments over the same rows in one scan."""
    scales = {profile.value: facts[profile].fixed_point() for need in needs for profile in need.inputs}
    keys = tuple(dict.fromkeys(native_of(term.sql) for need in needs for term in need.by))
    sets = tuple(dict.fromkeys(_members(need, keys) for need in needs))
    values = tuple(scales)
    products = tuple(dict.fromkeys(p for need in needs for m in need.monomials if (p := _powers(need, m))))
    rows = engine.query(_sql(relation, needs[0], keys, sets, values, products, scales))
    return {need: _fact(need, rows, keys, products, scales) for need in needs}


Powers = tuple[tuple[str, int], ...]
"""A product as (value, exponent) pairs, without those of exponent 0."""


def _powers(need: Moments, monomial: tuple[int, ...]) -> Powers:
    return tuple((value, power) for value, power in zip(need.values, monomial, strict=True) if power)


def _members(need: Moments, keys: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(sorted({keys.index(native_of(term.sql)) for term in need.by}))


def _sql(
    relation: str,
    need: Moments,
    keys: tuple[str, ...],
    sets: tuple[tuple[int, ...], ...],
    values: tuple[str, ...],
    products: tuple[Powers, ...],
    scales: dict[str, FixedPoint],
) -> str:
    inner = [f"{key} as k{at}" for at, key in enumerate(keys)]
    inner += [f"{scales[value].sql(value)} as v{at}" for at, value in enumerate(values)]
    inner.append(f"{frequency(need.count)} as c")
    outer = [f"grouping({', '.join(f'k{at}' for at in range(len(keys)))})" if keys else "0"]
    outer += [f"cast(k{at} as varchar)" for at in range(len(keys))]
    outer.append("sum(c)" if need.count else "count(*)")
    wide = " * cast(c as decimal(18, 0))" if need.count else ""
    for powers in products:
        factors = " * ".join(f"v{values.index(value)}" for value, power in powers for _ in range(power))
        outer.append(f"sum({fixed(factors)}{wide})")
    grouped = ", ".join(f"({', '.join(f'k{at}' for at in members)})" for members in sets)
    return (
        f"select {', '.join(outer)} from (select {', '.join(inner)} from {source(relation, need.where)}) "
        f"group by grouping sets ({grouped})"
    )


def _fact(
    need: Moments,
    rows: list[ResultRow],
    keys: tuple[str, ...],
    products: tuple[Powers, ...],
    scales: dict[str, FixedPoint],
) -> MomentsFact:
    members = _members(need, keys)
    mask = sum(1 << (len(keys) - 1 - at) for at in set(range(len(keys))) - set(members))
    at = [1 + keys.index(native_of(term.sql)) for term in need.by]
    groups = []
    for row in rows:
        n = int(row[1 + len(keys)] or 0)
        if row[0] == mask and n:
            sums = tuple((m, _sum(_powers(need, m), row, len(keys), n, products, scales)) for m in need.monomials)
            groups.append(MomentsOf(tuple(row[place] for place in at), n, sums))
    pivots = tuple(scales[value].pivot for value in need.values)
    return MomentsFact(pivots, tuple(sorted(groups, key=lambda of: group_order(of.group))))


def _sum(
    powers: Powers, row: ResultRow, keys: int, n: int, products: tuple[Powers, ...], scales: dict[str, FixedPoint]
) -> Fraction:
    if not powers:
        return Fraction(n)
    exponent = sum(scales[value].exponent * power for value, power in powers)
    return unfixed(row[2 + keys + products.index(powers)], exponent)

"""Moments: exact sums of products of powers, for every `by` of a table in one scan with grouping sets.

For rows in units they are sums over units of products of the units' own sums, in fixed point too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mlgate.evidence.dialect import double, native_of
from mlgate.evidence.engine import Engine, ResultRow
from mlgate.evidence.fixed_point import SHIFT, FixedPoint, fixed, unfixed
from mlgate.evidence.questions.counts import sizes_of
from mlgate.evidence.questions.grouped import (
    clause,
    frequency,
    group_order,
    keys_of,
    places_of,
    selected,
    set_number,
    source,
)
from mlgate.evidence.questions.need import Answers, Group, Need, Statement, TableNeed, Term, not_counts
from mlgate.evidence.questions.profile import Profile, known, profiles

Exponents = tuple[int, ...]


@dataclass(frozen=True)
class MomentsOf:
    """One group's rows and its exact sums of products of (value - pivot), by exponents."""

    group: Group
    n: int
    sums: tuple[tuple[Exponents, Fraction], ...]
    units: int | None = None
    """The number of units; None for independent rows."""


@dataclass(frozen=True)
class MomentsFact:
    """Exact sums by group, and the pivots that were subtracted from the values."""

    pivots: tuple[Fraction, ...]
    groups: tuple[MomentsOf, ...]


@dataclass(frozen=True)
class Moments(TableNeed):
    """Exact sums over units of products of powers of the units' own sums, by group; without `unit` each row is a unit.

    A unit sums `parts`: products of powers of the values of its rows, by exponents; without parts, the values
    themselves. `monomials` are exponents too, one per part and, if there is one more, one for the unit's number of
    rows. With the parts ((1,), (2,)) of one value a, (1, 1, 0) is the sum over units of (the sum of a) * (the sum of
    a*a). A pivot is subtracted from each value, and sums are in fixed point. The fact has them as exact fractions.
    """

    name = "moments"
    fact = MomentsFact
    values: tuple[str, ...] = ()
    monomials: tuple[Exponents, ...] = ()
    by: tuple[Term, ...] = ()
    parts: tuple[Exponents, ...] = ()
    unit: str = ""
    """SQL text that identifies the unit of a row; empty for independent rows."""

    @property
    def inputs(self) -> tuple[Profile, ...]:
        """The profiles of the values."""
        return profiles(self, *self.values)

    @property
    def conditions(self) -> tuple[Need, ...]:
        """There are not too many groups, and for rows in units every row has one."""
        return sizes_of(self, self.by), *(known(self, self.unit) if self.unit else ())

    @property
    def together(self) -> object:
        """Sums over the same rows share a statement; sums over units have one each."""
        return self if self.unit else (self.table, self.where, self.count)

    def impossible(self, fact: MomentsFact) -> str:
        """Sums that no values have: not those of the question, or squares below 0 or below the square of the sum."""
        if len(fact.pivots) != len(self.values):
            return "it is not about the values of the question"
        return next((wrong for of in fact.groups if (wrong := self._impossible_sums(of))), "")

    def _impossible_sums(self, of: MomentsOf) -> str:
        if wrong := not_counts(of.n - 1, *((of.units - 1, of.n - of.units) if of.units is not None else ())):
            return wrong
        sums = dict(of.sums)
        if set(sums) != set(self.monomials) or (of.units is None) is bool(self.unit):
            return "it does not have the sums of the question"
        if any(total < 0 and all(power % 2 == 0 for power in powers) for powers, total in sums.items()):
            return "a sum of squares is below 0"
        count = of.n if of.units is None else of.units
        for powers, total in sums.items():
            square = sums.get(tuple(2 * power for power in powers))
            if square is not None and total**2 > count * square * Fraction(1 + 2**-20) + Fraction(1, 10**12):
                return f"no {count} values have the sum {float(total):.6g} with the sum of squares {float(square):.6g}"
        return ""

    @property
    def statement(self) -> Statement:
        """The function that answers moments."""
        return answer_in_units if self.unit else answer

    @property
    def summed(self) -> tuple[Exponents, ...]:
        """The parts that a unit sums, by exponents of the values."""
        places = range(len(self.values))
        return self.parts or tuple(tuple(int(at == one) for at in places) for one in places)


Powers = tuple[tuple[str, int], ...]
"""A product as (value, exponent) pairs, without those of exponent 0."""


def answer(engine: Engine, relation: str, needs: Sequence[Moments], facts: Answers) -> dict[Need, Any]:
    """Answer moments over the same rows in one scan."""
    scan = _MomentScan(
        tuple(needs),
        tuple(dict.fromkeys(native_of(term.sql) for need in needs for term in need.by)),
        {profile.value: facts[profile].fixed_point() for need in needs for profile in need.inputs},
        tuple(dict.fromkeys(powers for need in needs for m in need.monomials if (powers := _powers(need, m)))),
    )
    rows = engine.query(scan.sql(relation))
    return {need: scan.fact(need, rows) for need in needs}


@dataclass(frozen=True)
class _MomentScan:
    """The statement for some needs about the same rows: the keys to group by, and the products of values to sum."""

    needs: tuple[Moments, ...]
    keys: tuple[str, ...]
    scales: Mapping[str, FixedPoint]
    """The fixed-point scale of each value."""
    products: tuple[Powers, ...]

    def sql(self, relation: str) -> str:
        """Per grouping set and group: the set's number, the keys, the number of rows, and the sum of each product."""
        count, where, names = self.needs[0].count, self.needs[0].where, [f"k{at}" for at in range(len(self.keys))]
        inner = [f"{key} as {name}" for key, name in zip(self.keys, names, strict=True)]
        inner += [f"{scale.sql(value)} as v{at}" for at, (value, scale) in enumerate(self.scales.items())]
        inner.append(f"{frequency(count)} as c")
        outer = [f"grouping({', '.join(names)})" if names else "0"]
        outer += [f"cast({name} as varchar)" for name in names]
        outer += ["sum(c)" if count else "count(*)", *self._sums("c" if count else "")]
        sets = dict.fromkeys(tuple(sorted({*places_of(need.by, self.keys)})) for need in self.needs)
        grouped = ", ".join(f"({', '.join(names[at] for at in members)})" for members in sets)
        return (
            f"select {', '.join(outer)} from (select {', '.join(inner)} from {source(relation, where)}) "
            f"group by grouping sets ({grouped})"
        )

    def _sums(self, count: str) -> Iterator[str]:
        """SQL for the sum of each product, of rows that each count as often as a column says."""
        columns = {value: f"v{at}" for at, value in enumerate(self.scales)}
        times = f" * cast({count} as decimal(18, 0))" if count else ""
        for powers in self.products:
            factors = " * ".join(columns[value] for value, power in powers for _ in range(power))
            yield f"sum({fixed(factors)}{times})"

    def fact(self, need: Moments, rows: Sequence[ResultRow]) -> MomentsFact:
        """A need's moments by group, from the rows of its grouping set."""
        places = places_of(need.by, self.keys)
        number = set_number(places, self.keys)
        asked = [(monomial, _powers(need, monomial)) for monomial in need.monomials]
        groups = []
        for row in rows:
            n = int(row[1 + len(self.keys)] or 0)
            if row[0] == number and n:
                sums = tuple((monomial, self._sum(powers, row, n)) for monomial, powers in asked)
                groups.append(MomentsOf(tuple(row[1 + place] for place in places), n, sums))
        pivots = tuple(self.scales[value].pivot for value in need.values)
        return MomentsFact(pivots, tuple(sorted(groups, key=lambda of: group_order(of.group))))

    def _sum(self, powers: Powers, row: ResultRow, n: int) -> Fraction:
        """The sum of a product over the rows of a group; the empty product is 1 in each of its `n` rows."""
        if not powers:
            return Fraction(n)
        exponent = sum(self.scales[value].exponent * power for value, power in powers)
        return unfixed(row[2 + len(self.keys) + self.products.index(powers)], exponent)


def _powers(need: Moments, monomial: Exponents) -> Powers:
    """A monomial of the parts as a product of values; the number of rows of a row is 1. ValueError for another size."""
    if len(monomial) - len(need.summed) not in (0, 1):
        raise ValueError(f"{monomial} is not a product of {len(need.summed)} parts and the number of rows")
    each = (sum(part[at] * power for part, power in zip(need.summed, monomial)) for at in range(len(need.values)))
    return tuple((value, power) for value, power in zip(need.values, each) if power)


def answer_in_units(engine: Engine, relation: str, needs: Sequence[Moments], facts: Answers) -> dict[Need, Any]:
    """Answer moments over units."""
    return {need: _fact_in_units(engine, relation, need, facts) for need in needs}


def _fact_in_units(engine: Engine, relation: str, need: Moments, facts: Answers) -> MomentsFact:
    scales = [facts[profile].fixed_point() for profile in need.inputs]
    rows = engine.query(_sql_in_units(relation, need, scales))
    groups = (_of_units(need, row, scales) for row in rows if row[len(need.by)])
    pivots = tuple(scale.pivot for scale in scales)
    return MomentsFact(pivots, tuple(sorted(groups, key=lambda of: group_order(of.group))))


def _sql_in_units(relation: str, need: Moments, scales: Sequence[FixedPoint]) -> str:
    keys = keys_of(need.by)
    inner = [*selected(need.by), f"{need.unit} as u"]
    inner += [f"{scale.sql(value)} as v{at}" for at, (scale, value) in enumerate(zip(scales, need.values, strict=True))]
    sums = [f"sum({fixed(_multiplied('v', part))}) as s{at}" for at, part in enumerate(need.summed)]
    listed = [*keys, "u"]
    units = (
        f"select {', '.join([*listed, 'count(*) as n', *sums])} from (select {', '.join(inner)} "
        f"from {source(relation, need.where)}){clause('group by', listed)}"
    )
    # A unit's sum as a share of the largest possible one, so that products stay within [-1, 1].
    largest = "cast(max(n) over () as double)"
    shares = [f"cast(s{at} as double) * {double(2.0**-SHIFT)} / {largest} as x{at}" for at in range(len(sums))]
    shares.append(f"cast(n as double) / {largest} as x{len(sums)}")
    scaled = f"select *, max(n) over () as most, {', '.join(shares)} from ({units})"
    outer = [*(f"cast({key} as varchar)" for key in keys), "count(*)", "sum(n)", "max(most)"]
    outer += [_product(_with_rows(need, monomial)) for monomial in need.monomials]
    return f"select {', '.join(outer)} from ({scaled}){clause('group by', keys)}"


def _with_rows(need: Moments, monomial: Exponents) -> Exponents:
    """The exponents with a last one for the number of rows."""
    return monomial if len(monomial) > len(need.summed) else (*monomial, 0)


def _product(monomial: Exponents) -> str:
    """SQL for the sum over units of a product. Single sums, and small powers of the numbers of rows, are exact."""
    if sum(monomial) == 1 and not monomial[-1]:
        return f"sum(s{monomial.index(1)})"
    if _rows_alone(monomial):
        return f"sum({' * '.join(['cast(n as decimal(18, 0))'] * monomial[-1])})"
    return f"sum({fixed(_multiplied('x', monomial))})"


def _multiplied(name: str, exponents: Exponents) -> str:
    return " * ".join(f"{name}{at}" for at, power in enumerate(exponents) for _ in range(power))


def _rows_alone(monomial: Exponents) -> bool:
    return sum(monomial) == monomial[-1] and 1 <= monomial[-1] <= 2


def _of_units(need: Moments, row: ResultRow, scales: Sequence[FixedPoint]) -> MomentsOf:
    width = len(need.by)
    units, rows, most = (int(value) for value in row[width : width + 3])
    exponents = [sum(scale.exponent * power for scale, power in zip(scales, part)) for part in need.summed]
    sums = (
        (monomial, _unscaled(_with_rows(need, monomial), total, most, exponents))
        for monomial, total in zip(need.monomials, row[width + 3 :], strict=True)
    )
    return MomentsOf(row[:width], rows, tuple(sums), units)


def _unscaled(monomial: Exponents, total: Any, most: int, exponents: Sequence[int]) -> Fraction:
    if _rows_alone(monomial):
        return Fraction(int(total))
    exponent = sum(exponent * power for exponent, power in zip(exponents, monomial))
    order = 0 if sum(monomial) == 1 and not monomial[-1] else sum(monomial)
    return unfixed(int(total), exponent) * Fraction(most) ** order

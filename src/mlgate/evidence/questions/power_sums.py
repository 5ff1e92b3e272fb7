"""Power sums: exact sums of the values of a column, their squares and cubes. All columns of a table share two scans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mlgate.evidence.engine import Engine
from mlgate.evidence.fixed_point import FixedPoint, fixed_point, in_units, unfixed, whole
from mlgate.evidence.questions.ends import Ends
from mlgate.evidence.questions.grouped import frequency
from mlgate.evidence.questions.need import Answers, Need, Statement, TableNeed, not_counts


@dataclass(frozen=True)
class PowerSumsFact:
    """The rows with a value, the pivot that was subtracted from each, and the sums of the powers 1 to 3."""

    rows: int
    pivot: Fraction
    sums: tuple[Fraction, ...]


@dataclass(frozen=True)
class PowerSums(TableNeed):
    """Sums of powers of the finite doubles that an expression gives. Rows without a value are left out.

    Sums are in fixed point, so they do not depend on the order of the rows or on the number of threads.
    """

    name = "power-sums"
    most = 100
    fact = PowerSumsFact
    value: str = ""

    @property
    def inputs(self) -> tuple[Ends, ...]:
        """The lowest and the highest value, which give the scale."""
        return (Ends(self.table, self.where, value=self.value),)

    def impossible(self, fact: PowerSumsFact) -> str:
        """Numbers that are not counts, and squares below the square of the sum."""
        if len(fact.sums) != 3:
            return "it does not have the sums of three powers"
        first, second, _ = fact.sums
        if second < 0 or first**2 > fact.rows * second * Fraction(1 + 2**-20) + Fraction(1, 10**12):
            return f"no {fact.rows} values have the sum {float(first):.6g} with the squares {float(second):.6g}"
        return not_counts(fact.rows)

    @property
    def together(self) -> object:
        """All columns of one table share a statement."""
        return self.table, self.count

    @property
    def statement(self) -> Statement:
        """The function that answers this need."""
        return answer


def answer(engine: Engine, relation: str, needs: Sequence[PowerSums], facts: Answers) -> dict[Need, Any]:
    """Answer all of one table in one scan."""
    ends = [facts[need.inputs[0]].groups[0] for need in needs]
    scales = list(map(_scale, ends))
    values = [f"case when {need.where} then {need.value} end" if need.where else need.value for need in needs]
    inner = [f"{scale.sql(value)} as v{at}" for at, (scale, value) in enumerate(zip(scales, values, strict=True))]
    count = needs[0].count
    times = "c * " if count else ""
    outer = []
    for at in range(len(needs)):
        # Rows that count once are known from the ends.
        outer.append(f"sum(case when v{at} is not null then c end)" if count else str(ends[at].rows))
        outer += [f"sum({times}{whole(f'v{at}_{power}')})" for power in (1, 2, 3)]
    weighted = [f"cast({frequency(count)} as hugeint) as c"] if count else []
    rows_of = _with_powers(f"select {', '.join([*weighted, *inner])} from {relation}", len(needs))
    (row,) = engine.query(f"select {', '.join(outer)} from ({rows_of})")
    found: dict[Need, Any] = {}
    for at, (need, scale) in enumerate(zip(needs, scales, strict=True)):
        rows, *sums = row[4 * at : 4 * at + 4]
        exact = (unfixed(total, scale.exponent * power) for power, total in enumerate(sums, 1))
        found[need] = PowerSumsFact(int(rows or 0), scale.pivot, tuple(exact))
    return found


def _with_powers(rows_of: str, values: int) -> str:
    """The rows of scaled values with their powers in units: each power is the one before times the value."""
    for power in (1, 2, 3):
        products = (
            f"{in_units(f'v{at}') if power == 1 else f'v{at}_{power - 1} * v{at}'} as v{at}_{power}"
            for at in range(values)
        )
        rows_of = f"select *, {', '.join(products)} from ({rows_of})"
    return rows_of


def _scale(ends: Any) -> FixedPoint:
    low, high = (None if end is None else float(end) for end in (ends.lowest, ends.highest))
    return fixed_point(low, high)

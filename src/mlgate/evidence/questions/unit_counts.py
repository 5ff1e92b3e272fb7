"""Counts of rows in units: how many units have rows in each cell, and products of counts for every two cells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from mlgate.evidence.engine import Engine, ResultRow
from mlgate.evidence.questions.grouped import clause, group_order, keys_of, selected
from mlgate.evidence.questions.need import Group, Term
from mlgate.values.errors import EvidenceError


@dataclass(frozen=True)
class UnitPair:
    """Two cells of a group, by position: the number of units with rows in both, and the sum over units of the product
    of both counts. The second position is not before the first.
    """

    first: int
    second: int
    units: int
    products: int


@dataclass(frozen=True)
class UnitValue:
    """One value of one term, by its position after the groups: the number of units with rows of that value, and the
    most such rows in one unit."""

    term: int
    value: str | None
    units: int
    largest: int


@dataclass(frozen=True)
class UnitsOf:
    """One group: its number of units, the most rows in one unit, its sorted pairs of cells, and the units of each value
    of a term."""

    group: Group
    units: int
    largest: int
    pairs: tuple[UnitPair, ...]
    values: tuple[UnitValue, ...]


CellInUnits = tuple[Group, int, int, int]
"""A cell's values, its rows, the units with such rows, and the most such rows in one unit."""

MOST_PAIRS = 200_000
UNITS, CELLS, PAIRS, VALUES = 0, 1, 2, 3
"""The subject of a row of the statement; from VALUES on there is one number per term."""
SIZES = "count(*), sum(n), max(n)"


class _Found(NamedTuple):
    """What a row of the statement says about one or two cells of a group."""

    first: Group
    second: Group
    units: int
    total: int
    """The rows; for two cells the sum over units of the product of both counts."""
    largest: int


def counted_in_units(
    engine: Engine, rows: str, by: Sequence[Term], terms: Sequence[Term], unit: str
) -> list[tuple[UnitsOf, list[CellInUnits]]]:
    """The units and the cells of each group, sorted. Raises EvidenceError where there are too many pairs of cells."""
    answered = engine.query(f"{_sql(rows, by, terms, unit)} limit {MOST_PAIRS + 1}")
    if len(answered) > MOST_PAIRS:
        raise EvidenceError(
            f"more than {MOST_PAIRS} pairs of classes and groups within units; use fewer groups, or fewer classes"
        )
    found: dict[Group, dict[int, list[_Found]]] = defaultdict(lambda: defaultdict(list))
    for row in answered:
        subject, group, said = _read(row, len(by), len(terms))
        found[group][subject].append(said)
    # Without `by`, a table without rows has one group without units.
    groups = [group for group, of in found.items() if of[UNITS] and of[UNITS][0].units]
    return [_of_group(group, found[group], len(terms)) for group in sorted(groups, key=group_order)]


def _read(row: ResultRow, groups: int, terms: int) -> tuple[int, Group, _Found]:
    """The subject of a row, its group, and what it says."""
    subject, *values, units, total, largest = row
    group, first, second = values[:groups], values[groups : groups + terms], values[groups + terms :]
    return subject, tuple(group), _Found(tuple(first), tuple(second), int(units), int(total or 0), int(largest or 0))


def _of_group(group: Group, found: Mapping[int, list[_Found]], terms: int) -> tuple[UnitsOf, list[CellInUnits]]:
    cells = sorted(found[CELLS], key=lambda cell: group_order(cell.first))
    place = {cell.first: at for at, cell in enumerate(cells)}
    pairs = sorted((place[pair.first], place[pair.second], pair.units, pair.total) for pair in found[PAIRS])
    values = (
        UnitValue(term, value.first[term], value.units, value.largest)
        for term in range(terms)
        for value in sorted(found[VALUES + term], key=lambda value: group_order(value.first))
    )
    (every,) = found[UNITS]
    units = UnitsOf(
        group,
        every.units,
        every.largest,
        tuple(UnitPair(*pair) for pair in pairs if pair[0] <= pair[1]),
        tuple(values),
    )
    return units, [((*group, *cell.first), cell.total, cell.units, cell.largest) for cell in cells]


def _sql(rows: str, by: Sequence[Term], terms: Sequence[Term], unit: str) -> str:
    keys, cells = keys_of(by), [f"a{at}" for at in range(len(terms))]
    inner = [*selected(by), *(f"{term.sql} as {name}" for term, name in zip(terms, cells)), f"{unit} as u"]
    listed = [*keys, *cells, "u"]
    counted = (
        f"select {', '.join(listed)}, count(*) as n from (select {', '.join(inner)} "
        f"from {rows}){clause('group by', listed)}"
    )
    parts = [_units(keys, cells), _cells(keys, cells), _pairs(keys, cells)]
    parts += [_values(keys, cells, at) for at in range(len(cells))]
    return f"with c as materialized ({counted}) {' union all '.join(parts)}"


def _part(kind: int, keys: Sequence[str], first: Sequence[str], second: Sequence[str], numbers: str) -> str:
    """The select list of one part: its subject, the group, a first cell, a second cell, units, a sum, and a maximum."""
    texts = [f"cast({name} as varchar)" for name in (*keys, *first, *second)]
    return f"select {', '.join([str(kind), *texts])}, {numbers}"


def _units(keys: Sequence[str], terms: Sequence[str]) -> str:
    nothing = ["null"] * len(terms)
    return f"{_part(UNITS, keys, nothing, nothing, SIZES)} from {_by_unit(keys)}{clause('group by', keys)}"


def _by_unit(columns: Sequence[str]) -> str:
    """The rows n of each unit u, by some columns."""
    listed = ", ".join([*columns, "u"])
    return f"(select {listed}, sum(n) as n from c group by {listed})"


def _cells(keys: Sequence[str], terms: Sequence[str]) -> str:
    nothing = ["null"] * len(terms)
    return f"{_part(CELLS, keys, terms, nothing, SIZES)} from c{clause('group by', [*keys, *terms])}"


def _pairs(keys: Sequence[str], terms: Sequence[str]) -> str:
    mine = [f"x.{name}" for name in keys]
    first, second = ([f"{side}.{name}" for name in terms] for side in "xy")
    on = " and ".join(["x.u = y.u", *(f"x.{name} is not distinct from y.{name}" for name in keys)])
    numbers = "count(*), sum(cast(x.n as decimal(18, 0)) * cast(y.n as decimal(18, 0))), 0"
    grouped = clause("group by", [*mine, *first, *second])
    return f"{_part(PAIRS, mine, first, second, numbers)} from c x join c y on {on}{grouped}"


def _values(keys: Sequence[str], terms: Sequence[str], at: int) -> str:
    nothing = ["null"] * len(terms)
    own = [term if place == at else "null" for place, term in enumerate(terms)]
    grouped = clause("group by", [*keys, terms[at]])
    return f"{_part(VALUES + at, keys, own, nothing, SIZES)} from {_by_unit([*keys, terms[at]])}{grouped}"

"""Counts in units: cells, the units that have them, and products of the counts of two cells within a unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlgate.evidence.engine import Engine, ResultRow
from mlgate.evidence.questions.counts import sizes_of
from mlgate.evidence.questions.grouped import clause, group_order, keys_of, selected, source
from mlgate.evidence.questions.need import Answers, Group, Need, Statement, TableNeed, Term
from mlgate.evidence.questions.profile import known
from mlgate.values.errors import EvidenceError


@dataclass(frozen=True)
class UnitCell:
    """One cell of a group: the terms' values, its rows, and the units that have any of them."""

    values: Group
    n: int
    units: int


@dataclass(frozen=True)
class UnitPair:
    """Two cells of a group (by position, the second not before the first): the units that have rows of both, and the
    sum over units of the product of the two counts."""

    first: int
    second: int
    units: int
    products: int


@dataclass(frozen=True)
class UnitValue:
    """One value of one term (by position): the units that have any rows of it."""

    term: int
    value: str | None
    units: int


@dataclass(frozen=True)
class UnitCountsOf:
    """One group: its units, its cells and pairs of cells, sorted, and the units of each term's values."""

    group: Group
    units: int
    cells: tuple[UnitCell, ...]
    pairs: tuple[UnitPair, ...]
    values: tuple[UnitValue, ...]


@dataclass(frozen=True)
class UnitCountsFact:
    """Counts in units by group, sorted by group."""

    groups: tuple[UnitCountsOf, ...]


@dataclass(frozen=True)
class UnitCounts(TableNeed):
    """Joint counts of some terms by group, and for each two cells the sum over units of the product of their counts."""

    name = "unit-counts"
    fact = UnitCountsFact
    terms: tuple[Term, ...] = ()
    by: tuple[Term, ...] = ()
    unit: str = ""
    """An expression that is the same text for the rows of one unit, and for no others."""

    @property
    def conditions(self) -> tuple[Need, ...]:
        """The groups are not too many; every row has a unit."""
        return sizes_of(self, self.by), *known(self, self.unit)

    @property
    def statement(self) -> Statement:
        """Answers them."""
        return answer


MOST_PAIRS = 200_000
UNITS, CELLS, PAIRS, VALUES = 0, 1, 2, 3
"""What a row of the statement is about; from VALUES on, the values of one term after another."""


def answer(engine: Engine, relation: str, needs: Sequence[UnitCounts], facts: Answers) -> dict[Need, Any]:
    """Answer counts in units. Raises EvidenceError where there are too many pairs of cells."""
    return {need: _fact(engine, relation, need) for need in needs}


def _fact(engine: Engine, relation: str, need: UnitCounts) -> UnitCountsFact:
    rows = engine.query(f"{_sql(relation, need)} limit {MOST_PAIRS + 1}")
    if len(rows) > MOST_PAIRS:
        raise EvidenceError(
            f"more than {MOST_PAIRS} pairs of classes and groups within units; ask fewer groups, or fewer classes"
        )
    width = len(need.by)
    by_group: dict[Group, list[ResultRow]] = defaultdict(list)
    for row in rows:
        by_group[row[1 : 1 + width]].append((row[0], *row[1 + width :]))
    groups = (_group(group, found, len(need.terms)) for group, found in by_group.items() if _any(found))
    return UnitCountsFact(tuple(sorted(groups, key=lambda of: group_order(of.group))))


def _any(rows: list[ResultRow]) -> bool:
    """Whether a group has units: without groups, no rows are one group of none."""
    return any(row[0] == UNITS and row[-2] for row in rows)


def _sql(relation: str, need: UnitCounts) -> str:
    keys = keys_of(need.by)
    terms = [f"a{at}" for at in range(len(need.terms))]
    inner = [*selected(need.by), *(f"{term.sql} as a{at}" for at, term in enumerate(need.terms)), f"{need.unit} as u"]
    listed = [*keys, *terms, "u"]
    counted = (
        f"select {', '.join(listed)}, count(*) as n from (select {', '.join(inner)} "
        f"from {source(relation, need.where)}){clause('group by', listed)}"
    )
    parts = [_units(keys, terms), _cells(keys, terms), _pairs(keys, terms)]
    parts += [_values(keys, terms, at) for at in range(len(terms))]
    return f"with c as materialized ({counted}) {' union all '.join(parts)}"


def _part(kind: int, keys: Sequence[str], first: Sequence[str], second: Sequence[str], numbers: str) -> str:
    """The columns of one part: what it is about, the group, one cell, another one, units, and a sum."""
    texts = [f"cast({name} as varchar)" for name in (*keys, *first, *second)]
    return f"select {', '.join([str(kind), *texts])}, {numbers}"


def _units(keys: Sequence[str], terms: Sequence[str]) -> str:
    nothing = ["null"] * len(terms)
    distinct = f"(select distinct {', '.join([*keys, 'u'])} from c)"
    return f"{_part(UNITS, keys, nothing, nothing, 'count(*), 0')} from {distinct}{clause('group by', keys)}"


def _cells(keys: Sequence[str], terms: Sequence[str]) -> str:
    nothing = ["null"] * len(terms)
    return f"{_part(CELLS, keys, terms, nothing, 'count(*), sum(n)')} from c{clause('group by', [*keys, *terms])}"


def _pairs(keys: Sequence[str], terms: Sequence[str]) -> str:
    mine = [f"x.{name}" for name in keys]
    first, second = ([f"{side}.{name}" for name in terms] for side in "xy")
    on = " and ".join(["x.u = y.u", *(f"x.{name} is not distinct from y.{name}" for name in keys)])
    numbers = "count(*), sum(cast(x.n as decimal(18, 0)) * cast(y.n as decimal(18, 0)))"
    grouped = clause("group by", [*mine, *first, *second])
    return f"{_part(PAIRS, mine, first, second, numbers)} from c x join c y on {on}{grouped}"


def _values(keys: Sequence[str], terms: Sequence[str], at: int) -> str:
    nothing = ["null"] * len(terms)
    own = [term if place == at else "null" for place, term in enumerate(terms)]
    distinct = f"(select distinct {', '.join([*keys, terms[at], 'u'])} from c)"
    grouped = clause("group by", [*keys, terms[at]])
    return f"{_part(VALUES + at, keys, own, nothing, 'count(*), 0')} from {distinct}{grouped}"


def _group(group: Group, rows: list[ResultRow], width: int) -> UnitCountsOf:
    """One group's units, cells, pairs and values, from its rows of the statement."""
    found: dict[int, list[ResultRow]] = defaultdict(list)
    for kind, *rest in rows:
        found[kind].append(tuple(rest))
    cells = sorted(found[CELLS], key=lambda row: group_order(row[:width]))
    place = {row[:width]: at for at, row in enumerate(cells)}
    pairs = ((place[row[:width]], place[row[width : 2 * width]], *map(int, row[-2:])) for row in found[PAIRS])
    values = (UnitValue(at, row[at], int(row[-2])) for at in range(width) for row in _ordered(found[VALUES + at], at))
    return UnitCountsOf(
        group,
        int(found[UNITS][0][-2]),
        tuple(UnitCell(row[:width], int(row[-1]), int(row[-2])) for row in cells),
        tuple(UnitPair(*pair) for pair in sorted(pairs) if pair[0] <= pair[1]),
        tuple(values),
    )


def _ordered(rows: list[ResultRow], at: int) -> list[ResultRow]:
    return sorted(rows, key=lambda row: group_order((row[at],)))

"""Counts: every cube of a table in one scan with grouping sets; for rows in units also products of counts per unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from fractions import Fraction
from typing import Any

from mlgate.evidence.dialect import columns_in, native_of, quote
from mlgate.evidence.engine import Engine, ResultRow
from mlgate.evidence.fixed_point import FixedPoint, fixed, unfixed
from mlgate.evidence.questions.grouped import clause, frequency, group_order, keys_of, selected, source
from mlgate.evidence.questions.need import Answers, Group, Need, Statement, TableNeed, Term, TooMuch, not_counts
from mlgate.evidence.questions.profile import BrokenRows, Profile, known
from mlgate.values.errors import EvidenceError
from mlgate.values.words import counted


@dataclass(frozen=True)
class Cell:
    """One cell of a cube: the values of its terms, its number of rows, and the sums of their weights and squared
    weights.
    """

    values: Group
    n: int
    weight: Fraction = Fraction(0)
    weight2: Fraction = Fraction(0)
    units: int = 0
    """For rows in units, the number of units with rows in the cell."""
    largest: int = 0
    """For rows in units, the most rows of the cell in one unit."""


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


@dataclass(frozen=True)
class CountsFact:
    """The cells of a cube that have rows, sorted by their values; for rows in units also the units of each group,
    sorted.
    """

    cells: tuple[Cell, ...]
    units: tuple[UnitsOf, ...] = ()


@dataclass(frozen=True)
class Counts(TableNeed):
    """Joint counts of some terms, the cells of a cube.

    With `weight` also the sums of weights and squared weights. With `unit`, for every two cells of a group, also the
    sum over units of the product of their counts.
    """

    name = "counts"
    fact = CountsFact
    terms: tuple[Term, ...] = ()
    weight: str = ""
    unit: str = ""
    """SQL text that identifies the unit of a row; empty for independent rows."""
    groups: int = 0
    """The number of terms, from the first on, whose combinations are the groups of rows in units."""

    @property
    def together(self) -> object:
        """All cubes of one table share a statement; for rows in units each has its own."""
        return self if self.unit else self.table

    @property
    def conditions(self) -> tuple[Need, ...]:
        """Weights are finite, with a known range; for rows in units every row has one, and groups are not too many."""
        if self.unit:
            return sizes_of(self, self.terms[: self.groups]), *known(self, self.unit)
        return self._weighed if self.weight else ()

    @property
    def weights(self) -> Profile:
        """The profile of the weight: its minimum and maximum fix the scale of the sums."""
        return Profile(self.table, self.where, "", self.weight, self.weight)

    @property
    def _weighed(self) -> tuple[Need, ...]:
        return BrokenRows(self.table, self.where, "", self.weight, "weight"), self.weights

    def impossible(self, fact: CountsFact) -> str:
        """Cells without rows, repeated cells, weights that no rows have, and units that the rows do not fill."""
        seen = {cell.values for cell in fact.cells}
        if len(seen) != len(fact.cells) or any(len(values) != len(self.terms) for values in seen):
            return "its cells repeat, or are not those of the question"
        for cell in fact.cells:
            if wrong := not_counts(cell.n - 1, cell.units, cell.largest, cell.n - cell.units, cell.n - cell.largest):
                return wrong
            if cell.weight2 < 0 or cell.weight**2 > cell.n * cell.weight2 * Fraction(1 + 2**-20):
                rows = counted(cell.n, "row")
                return f"the weights of {rows} cannot have the sum {float(cell.weight):.6g} with these squares"
        return next((wrong for of in fact.units if (wrong := self._impossible_units(of, fact))), "")

    def _impossible_units(self, of: UnitsOf, fact: CountsFact) -> str:
        """Why the units of a group cannot be those of its cells."""
        cells = [cell for cell in fact.cells if cell.values[: self.groups] == of.group]
        rows = sum(cell.n for cell in cells)
        numbers = [number for pair in of.pairs for number in (pair.units, of.units - pair.units, pair.products)]
        places = [place for pair in of.pairs for place in (pair.first, pair.second - pair.first)]
        places += [len(cells) - 1 - pair.second for pair in of.pairs]
        numbers += [number for value in of.values for number in (value.units, value.largest, value.term)]
        whole = not_counts(of.units - 1, of.largest - 1, rows - of.units, rows - of.largest)
        return whole or next(("its units do not fit its cells" for number in (*numbers, *places) if number < 0), "")

    @property
    def statement(self) -> Statement:
        """The function that answers counts."""
        return answer_in_units if self.unit else answer


MOST_CELLS = 100_000
MOST_PAIRS = 200_000
PROBED = 1 << 15


def sizes_of(need: TableNeed, by: tuple[Term, ...]) -> Counts:
    """The need for the number of rows of each group. It refuses a `by` with too many values early."""
    return Counts(need.table, need.where, need.count, by)


def answer(engine: Engine, relation: str, needs: Sequence[Counts], facts: Answers) -> dict[Need, Any]:
    """Answer all cubes of one table in one scan. Raises TooMuch where several needs have too many cells together."""
    plan = _plan(needs, {need: facts[need.weights].fixed_point(around_zero=True) for need in needs if need.weight})
    most = MOST_CELLS * len(plan.sets) + 1
    rows = engine.query(plan.sql(relation, most, _first(engine, relation, plan)))
    if len(rows) == most and len(needs) > 1:
        raise TooMuch
    by_set: dict[int, list[ResultRow]] = {}
    for row in rows:
        by_set.setdefault(row[0], []).append(row)
    return {need: _fact(engine, relation, plan, need, by_set) for need in needs}


@dataclass(frozen=True)
class _Plan:
    """The keys of the statement, the grouping sets, and the sums."""

    keys: tuple[str, ...]
    texts: tuple[bool, ...]
    """For each key, whether it is text; else it is a flag."""
    sets: tuple[tuple[int, ...], ...]
    sums: tuple[str, ...]
    common: str
    scales: dict[Counts, FixedPoint]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the keys in the statement."""
        return tuple(f"k{at}" for at in range(len(self.keys)))

    @property
    def named(self) -> str:
        """The keys as named columns of a select list."""
        return ", ".join(f"{key} as {name}" for key, name in zip(self.keys, self.names, strict=True))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns in the keys."""
        return tuple(dict.fromkeys(quote(name) for key in self.keys for name in columns_in(key)))

    def sql(self, relation: str, most: int, first: _First) -> str:
        """The statement that groups rows by each set, after grouping them by columns or keys if that is worth it."""
        texts = [f"cast({key} as varchar)" if text else key for key, text in zip(self.names, self.texts, strict=True)]
        grouping = f"grouping({', '.join(self.names)})" if self.keys else "0"
        sets = ", ".join(f"({', '.join(f'k{at}' for at in members)})" for members in self.sets)
        numbers = [f"{sql} as s{at}" for at, sql in enumerate(self.sums)]
        rows = f"select {', '.join(filter(None, (self.named, *numbers)))} from {source(relation, self.common)}"
        sums = self._summed()
        if first is _First.KEYS:
            listed = ", ".join(self.names)
            rows = f"select {', '.join([listed, *sums])} from ({rows}) group by {listed}"
        if first is _First.COLUMNS:
            rows = self._by_columns(relation)
        if first is not _First.NOTHING:
            sums = [f"sum(s{at})" for at in range(len(self.sums))]
        return (
            f"select {', '.join([grouping, *texts, *sums])} from ({rows}) group by grouping sets ({sets}) limit {most}"
        )

    def _by_columns(self, relation: str) -> str:
        """The combinations of columns with their keys and numbers of rows, so that a key is computed once for each."""
        listed, count = ", ".join(self.columns), '"rows"'
        while count.casefold() in listed.casefold():
            count = f'"{count[1:-1]}_"'
        grouped = f"select {listed}, count(*) as {count} from {source(relation, self.common)} group by {listed}"
        return f"select {self.named}, {count} as s0 from ({grouped})"

    def _summed(self) -> list[str]:
        sums = ("count(*)" if sql == "1" else f"sum(s{at})" for at, sql in enumerate(self.sums))
        return [f"{sql} as s{at}" for at, sql in enumerate(sums)]

    def members(self, need: Counts) -> tuple[int, ...]:
        flag = [] if need.where == self.common else [self.keys.index(_flag(need.where))]
        return tuple(sorted({self.keys.index(native_of(term.sql)) for term in need.terms} | set(flag)))

    def mask(self, members: Iterable[int]) -> int:
        """The engine's number of a grouping set: one bit per key outside the set, the first key highest."""
        return sum(1 << (len(self.keys) - 1 - at) for at in set(range(len(self.keys))) - set(members))

    def sum_at(self, sql: str) -> int:
        return 1 + len(self.keys) + self.sums.index(sql)


def _plan(needs: Sequence[Counts], scales: dict[Counts, FixedPoint]) -> _Plan:
    wheres = {need.where for need in needs}
    common = wheres.pop() if len(wheres) == 1 else ""
    terms = dict.fromkeys(native_of(term.sql) for need in needs for term in need.terms)
    flags = dict.fromkeys(_flag(need.where) for need in needs if need.where != common)
    sums = dict.fromkeys(sql for need in needs for sql in _sums(need, scales.get(need)))
    keys = (*terms, *flags)
    bare = _Plan(keys, (True,) * len(terms) + (False,) * len(flags), (), tuple(sums), common, scales)
    sets = dict.fromkeys(bare.members(need) for need in needs)
    return _Plan(bare.keys, bare.texts, tuple(sets), bare.sums, common, scales)


class _First(Enum):
    """By what rows are grouped before they are grouped by every set."""

    NOTHING = auto()
    KEYS = auto()
    COLUMNS = auto()


def _first(engine: Engine, relation: str, plan: _Plan) -> _First:
    """Columns or keys, if the first rows have few combinations of them, so that grouping by these first saves time."""
    if len(plan.sets) < 2 or not plan.columns:
        return _First.NOTHING
    rows = f"select * from {source(relation, plan.common)} limit {PROBED}"
    if plan.sums == ("1",) and _few(engine, ", ".join(plan.columns), rows):
        return _First.COLUMNS
    return _First.KEYS if _few(engine, ", ".join(plan.names), f"select {plan.named} from ({rows})") else _First.NOTHING


def _few(engine: Engine, columns: str, rows: str) -> bool:
    ((found,),) = engine.query(f"select count(*) from (select distinct {columns} from ({rows}))")
    return bool(found <= PROBED // 8)


def _flag(where: str) -> str:
    return f"coalesce(({where}), false)"


def _sums(need: Counts, scale: FixedPoint | None) -> tuple[str, ...]:
    """SQL for the sums: of the frequency, and with weights of the weight and its square in fixed point."""
    times = frequency(need.count)
    if scale is None:
        return (times,)
    weight = scale.sql(need.weight)
    wide = "" if times == "1" else f" * cast({times} as decimal(18, 0))"
    return times, f"{fixed(weight)}{wide}", f"{fixed(f'({weight}) * ({weight})')}{wide}"


def _fact(engine: Engine, relation: str, plan: _Plan, need: Counts, by_set: dict[int, list[ResultRow]]) -> Any:
    members = plan.members(need)
    rows = by_set.get(plan.mask(members), [])
    if need.where != plan.common:
        flag = 1 + plan.keys.index(_flag(need.where))
        rows = [row for row in rows if row[flag]]
    if len(rows) > MOST_CELLS:
        return _too_many(engine, relation, need)
    at = [1 + plan.keys.index(native_of(term.sql)) for term in need.terms]
    scale = plan.scales.get(need)
    sums = [plan.sum_at(sql) for sql in _sums(need, scale)]
    cells = (_cell(row, at, sums, scale) for row in rows)
    return CountsFact(tuple(sorted((cell for cell in cells if cell.n), key=lambda cell: group_order(cell.values))))


def _cell(row: ResultRow, at: list[int], sums: list[int], scale: FixedPoint | None) -> Cell:
    values = tuple(row[place] for place in at)
    n = int(row[sums[0]] or 0)
    if scale is None:
        return Cell(values, n)
    weight, weight2 = unfixed(row[sums[1]], scale.exponent), unfixed(row[sums[2]], 2 * scale.exponent)
    return Cell(values, n, weight, weight2)


def _too_many(engine: Engine, relation: str, need: Counts) -> EvidenceError:
    """The error for too many cells, with the name of the column that has most values."""
    counts = ", ".join(f"approx_count_distinct({native_of(term.sql)})" for term in need.terms)
    (row,) = engine.query(f"select {counts} from {source(relation, need.where)}")
    distinct, term = max(zip(row, need.terms, strict=True), key=lambda pair: pair[0])
    column = ", ".join(columns_in(term.sql)) or term.name
    return EvidenceError(
        f"more than {MOST_CELLS} combinations of values: column `{column}` alone has about {distinct}; "
        "it is not a label or a group; name another column, or derive bands"
    )


UNITS, CELLS, PAIRS, VALUES = 0, 1, 2, 3
"""The subject of a row of the statement; from VALUES on there is one number per term."""
SIZES = "count(*), sum(n), max(n)"


def answer_in_units(engine: Engine, relation: str, needs: Sequence[Counts], facts: Answers) -> dict[Need, Any]:
    """Answer counts in units. Raises EvidenceError where there are too many pairs of cells."""
    return {need: _fact_in_units(engine, relation, need) for need in needs}


def _fact_in_units(engine: Engine, relation: str, need: Counts) -> CountsFact:
    rows = engine.query(f"{_sql_in_units(relation, need)} limit {MOST_PAIRS + 1}")
    if len(rows) > MOST_PAIRS:
        raise EvidenceError(
            f"more than {MOST_PAIRS} pairs of classes and groups within units; use fewer groups, or fewer classes"
        )
    by_group: dict[Group, list[ResultRow]] = defaultdict(list)
    for row in rows:
        by_group[row[1 : 1 + need.groups]].append((row[0], *row[1 + need.groups :]))
    found = [(group, by_group[group]) for group in sorted(by_group, key=group_order) if _any(by_group[group])]
    each = [_of_group(group, of, len(need.terms) - need.groups) for group, of in found]
    return CountsFact(tuple(cell for cells, _ in each for cell in cells), tuple(units for _, units in each))


def _any(rows: list[ResultRow]) -> bool:
    """Whether a group has units: without `by`, a table without rows has one group without units."""
    return any(row[0] == UNITS and row[-3] for row in rows)


def _sql_in_units(relation: str, need: Counts) -> str:
    by, cells = need.terms[: need.groups], need.terms[need.groups :]
    keys, terms = keys_of(by), [f"a{at}" for at in range(len(cells))]
    inner = [*selected(by), *(f"{term.sql} as a{at}" for at, term in enumerate(cells)), f"{need.unit} as u"]
    listed = [*keys, *terms, "u"]
    counted = (
        f"select {', '.join(listed)}, count(*) as n from (select {', '.join(inner)} "
        f"from {source(relation, need.where)}){clause('group by', listed)}"
    )
    parts = [_units(keys, terms), _cells(keys, terms), _pairs(keys, terms)]
    parts += [_values(keys, terms, at) for at in range(len(terms))]
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


def _of_group(group: Group, rows: list[ResultRow], width: int) -> tuple[list[Cell], UnitsOf]:
    """One group's cells, units, pairs and values, from its rows of the statement."""
    found: dict[int, list[ResultRow]] = defaultdict(list)
    for kind, *rest in rows:
        found[kind].append(tuple(rest))
    cells = sorted(found[CELLS], key=lambda row: group_order(row[:width]))
    place = {row[:width]: at for at, row in enumerate(cells)}
    pairs = ((place[row[:width]], place[row[width : 2 * width]], *map(int, row[-3:-1])) for row in found[PAIRS])
    values = (
        UnitValue(at, row[at], int(row[-3]), int(row[-1]))
        for at in range(width)
        for row in _ordered(found[VALUES + at], at)
    )
    (every,) = found[UNITS]
    return (
        [Cell((*group, *row[:width]), int(row[-2]), units=int(row[-3]), largest=int(row[-1])) for row in cells],
        UnitsOf(
            group,
            int(every[-3]),
            int(every[-1]),
            tuple(UnitPair(*pair) for pair in sorted(pairs) if pair[0] <= pair[1]),
            tuple(values),
        ),
    )


def _ordered(rows: list[ResultRow], at: int) -> list[ResultRow]:
    return sorted(rows, key=lambda row: group_order((row[at],)))

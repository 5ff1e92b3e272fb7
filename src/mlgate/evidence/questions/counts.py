"""Counts: every cube of a table in one scan with grouping sets; for rows in units also products of counts per unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from fractions import Fraction
from typing import Any

from mlgate.evidence.dialect import columns_in, native_of, quote
from mlgate.evidence.engine import Engine, ResultRow
from mlgate.evidence.fixed_point import FixedPoint, fixed, unfixed
from mlgate.evidence.questions.grouped import frequency, group_order, places_of, set_number, source
from mlgate.evidence.questions.need import TRUE, Answers, Group, Need, Statement, TableNeed, Term, TooMuch, not_counts
from mlgate.evidence.questions.profile import BrokenRows, Profile, known
from mlgate.evidence.questions.unit_counts import UnitsOf, counted_in_units
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
class CountsFact:
    """The cells of a cube that have rows, sorted by their values; for rows in units also the units of each group,
    sorted.
    """

    cells: tuple[Cell, ...]
    units: tuple[UnitsOf, ...] = ()

    @property
    def rows(self) -> int:
        """All rows."""
        return sum(cell.n for cell in self.cells)

    def flagged(self, term: int = 0) -> int:
        """The rows that satisfy the condition of a term that is a flag, by the term's position."""
        return sum(cell.n for cell in self.cells if cell.values[term] == TRUE)


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
_TOO_MANY = f"more than {MOST_CELLS} combinations of values"
PROBED = 1 << 15


def sizes_of(need: TableNeed, by: tuple[Term, ...]) -> Counts:
    """The need for the number of rows of each group. It refuses a `by` with too many values early."""
    return Counts(need.table, need.where, need.count, by)


def answer(engine: Engine, relation: str, needs: Sequence[Counts], facts: Answers) -> dict[Need, Any]:
    """Answer all cubes of one table in one scan. Raises TooMuch where several needs have too many cells together."""
    scales = {need: facts[need.weights].fixed_point(around_zero=True) for need in needs if need.weight}
    scan = _scan(needs, scales)
    most = MOST_CELLS * len(scan.sets) + 1
    rows = engine.query(scan.sql(relation, most, _first(engine, relation, scan)))
    if len(rows) == most and len(needs) > 1:
        raise TooMuch
    by_set: dict[int, list[ResultRow]] = {}
    for row in rows:
        by_set.setdefault(row[0], []).append(row)
    return {need: _fact(engine, relation, scan, need, by_set) for need in needs}


@dataclass(frozen=True)
class _CubeScan:
    """The statement for some needs: the keys to group by, a grouping set per need, and the sums."""

    needs: tuple[Counts, ...]
    terms: tuple[str, ...]
    """The keys that are terms of a need, as text."""
    flags: tuple[str, ...]
    """The keys that say whether a row satisfies the `where` of a need."""
    sums: tuple[str, ...]
    common: str
    """The `where` of all needs; empty if they have several."""
    scales: dict[Counts, FixedPoint]

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys."""
        return (*self.terms, *self.flags)

    @property
    def sets(self) -> tuple[tuple[int, ...], ...]:
        """The different grouping sets, each as the positions of its keys."""
        return tuple(dict.fromkeys(self.members(need) for need in self.needs))

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
        names = [f"cast({name} as varchar)" if at < len(self.terms) else name for at, name in enumerate(self.names)]
        grouping = f"grouping({', '.join(self.names)})" if self.keys else "0"
        sets = ", ".join(f"({', '.join(f'k{at}' for at in members)})" for members in self.sets)
        if first is _First.NOTHING:
            rows, sums = self._each_row(relation), self._summed()
        else:
            rows = self._by_columns(relation) if first is _First.COLUMNS else self._by_keys(relation)
            sums = [f"sum(s{at})" for at in range(len(self.sums))]
        return (
            f"select {', '.join([grouping, *names, *sums])} from ({rows}) group by grouping sets ({sets}) limit {most}"
        )

    def _each_row(self, relation: str) -> str:
        """The keys of each row, and the numbers to sum."""
        numbers = [f"{sql} as s{at}" for at, sql in enumerate(self.sums)]
        return f"select {', '.join(filter(None, (self.named, *numbers)))} from {source(relation, self.common)}"

    def _by_keys(self, relation: str) -> str:
        """The combinations of keys with their sums."""
        listed = ", ".join(self.names)
        return f"select {', '.join([listed, *self._summed()])} from ({self._each_row(relation)}) group by {listed}"

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
        """The positions of a need's keys."""
        flag = [] if need.where == self.common else [self.keys.index(_flag(need.where))]
        return tuple(sorted({*places_of(need.terms, self.keys), *flag}))

    def sum_at(self, sql: str) -> int:
        """The position of a sum in a row of the answer."""
        return 1 + len(self.keys) + self.sums.index(sql)


def _scan(needs: Sequence[Counts], scales: dict[Counts, FixedPoint]) -> _CubeScan:
    wheres = {need.where for need in needs}
    common = wheres.pop() if len(wheres) == 1 else ""
    terms = dict.fromkeys(native_of(term.sql) for need in needs for term in need.terms)
    flags = dict.fromkeys(_flag(need.where) for need in needs if need.where != common)
    sums = dict.fromkeys(sql for need in needs for sql in _sums(need, scales.get(need)))
    return _CubeScan(tuple(needs), tuple(terms), tuple(flags), tuple(sums), common, scales)


class _First(Enum):
    """By what rows are grouped before they are grouped by every set."""

    NOTHING = auto()
    KEYS = auto()
    COLUMNS = auto()


def _first(engine: Engine, relation: str, scan: _CubeScan) -> _First:
    """Columns or keys, if the first rows have few combinations of them, so that grouping by these first saves time."""
    if len(scan.sets) < 2 or not scan.columns:
        return _First.NOTHING
    rows = f"select * from {source(relation, scan.common)} limit {PROBED}"
    if scan.sums == ("1",) and _few(engine, ", ".join(scan.columns), rows):
        return _First.COLUMNS
    return _First.KEYS if _few(engine, ", ".join(scan.names), f"select {scan.named} from ({rows})") else _First.NOTHING


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


def _fact(engine: Engine, relation: str, scan: _CubeScan, need: Counts, by_set: dict[int, list[ResultRow]]) -> Any:
    rows = by_set.get(set_number(scan.members(need), scan.keys), [])
    if need.where != scan.common:
        flag = 1 + scan.keys.index(_flag(need.where))
        rows = [row for row in rows if row[flag]]
    if len(rows) > MOST_CELLS:
        return _too_many(engine, relation, need)
    at = [1 + place for place in places_of(need.terms, scan.keys)]
    scale = scan.scales.get(need)
    sums = [scan.sum_at(sql) for sql in _sums(need, scale)]
    cells = (_cell(row, at, sums, scale) for row in rows)
    return CountsFact(tuple(sorted((cell for cell in cells if cell.n), key=lambda cell: group_order(cell.values))))


def _cell(row: ResultRow, at: list[int], sums: list[int], scale: FixedPoint | None) -> Cell:
    values = tuple(row[place] for place in at)
    n = int(row[sums[0]] or 0)
    if scale is None:
        return Cell(values, n)
    weight, weight2 = unfixed(row[sums[1]], scale.exponent), unfixed(row[sums[2]], 2 * scale.exponent)
    return Cell(values, n, weight, weight2)


def too_many_cells(error: EvidenceError) -> bool:
    """Whether there was no answer because there are too many combinations of values, also where facts were stored."""
    return str(error).startswith(_TOO_MANY)


def _too_many(engine: Engine, relation: str, need: Counts) -> EvidenceError:
    """The error for too many cells, with the name of the column that has most values."""
    counts = ", ".join(f"approx_count_distinct({native_of(term.sql)})" for term in need.terms)
    (row,) = engine.query(f"select {counts} from {source(relation, need.where)}")
    distinct, term = max(zip(row, need.terms, strict=True), key=lambda pair: pair[0])
    column = ", ".join(columns_in(term.sql)) or term.name
    return EvidenceError(
        f"{_TOO_MANY}: column `{column}` alone has about {distinct}; "
        "it is not a label or a group; name another column, or derive bands"
    )


def answer_in_units(engine: Engine, relation: str, needs: Sequence[Counts], _facts: Answers) -> dict[Need, Any]:
    """Answer counts in units. Raises EvidenceError where there are too many pairs of cells."""
    return {need: _fact_in_units(engine, relation, need) for need in needs}


def _fact_in_units(engine: Engine, relation: str, need: Counts) -> CountsFact:
    by, terms = need.terms[: need.groups], need.terms[need.groups :]
    found = counted_in_units(engine, source(relation, need.where), by, terms, need.unit)
    cells = (Cell(values, n, units=units, largest=largest) for _, of in found for values, n, units, largest in of)
    return CountsFact(tuple(cells), tuple(units for units, _ in found))

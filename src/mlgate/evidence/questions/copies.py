"""How often rows agree in every column, and how often those occur that so many columns or digits would tell apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from mlgate.evidence.dialect import kind_of, number_of, quote
from mlgate.evidence.engine import Opened
from mlgate.evidence.questions.need import Need, OpenTables, not_counts
from mlgate.values.errors import EvidenceError

WIDE = 8
"""So many columns beside the answers tell rows apart."""
FREE_TEXT = 40
"""So many characters in one value tell rows apart."""
ROUNDED = 10_000
"""Numbers that are whole multiples of 1/10,000 do not tell rows apart."""
SAMPLED = 1 << 17
"""Of more rows, a part is compared, chosen by their hash: all copies of a row, or none."""
FEW = 1000
"""With fewer distinct rows in the part, all rows are compared."""
FIRST = 1_000_000
"""Of more rows the first are compared: reading all would take longer than all rules together."""
MOST_VALUES = 1 << 26
"""The most values that are compared; of wide tables fewer rows are."""


@dataclass(frozen=True)
class CopiesFact:
    """How many rows of a table are looked at, and how many of a part are distinct.

    `times` are (how often, distinct rows that occur so often), of rows with a value that tells them apart.
    """

    ADDED: ClassVar[tuple[str, ...]] = ("more",)

    rows: int
    compared: int
    distinct: int
    times: tuple[tuple[int, int], ...] = ()
    every: bool = True
    """Whether every column is compared."""
    more: int = 0
    """Further rows, which are not looked at."""

    @property
    def repeated(self) -> int:
        """The rows that repeat an earlier one; estimated where only a part is compared."""
        return round((self.compared - self.distinct) * self.rows / self.compared) if self.compared else 0


@dataclass(frozen=True)
class Copies(Need):
    """How often the rows of a table agree in every column that can be compared."""

    name = "copies"
    fact = CopiesFact
    table: str
    answers: tuple[str, ...] = ()
    """The columns of labels, predictions and scores, which do not make a table wide."""

    @property
    def tables(self) -> tuple[str, ...]:
        """The one table."""
        return (self.table,)

    def impossible(self, fact: CopiesFact) -> str:
        """More distinct rows than rows, and numbers that are not counts."""
        counted = sum(number for _, number in fact.times)
        numbers = (
            fact.distinct,
            fact.compared - fact.distinct,
            fact.rows - fact.compared,
            fact.more,
            fact.distinct - counted,
        )
        return not_counts(*numbers, fact.rows, *(part - 1 for pair in fact.times for part in pair))

    def answer(self, tables: OpenTables) -> CopiesFact:
        """The numbers. Rows whose answers do not repeat are not copies, whatever is in the other columns."""
        opened = tables.opened(self.table)
        own = [name for name in self.answers if name in opened.types]
        if own and (fact := _distinct(tables, tables.ready(self.table, own), own)):
            return fact
        columns = [name for name, _ in opened.columns if name not in opened.refused]
        try:
            return self._compared(tables, tables.ready(self.table, columns), columns)
        except EvidenceError:  # a damaged column that no rule reads
            columns = [name for name in columns if _readable(tables, self.table, name)]
            return self._compared(tables, opened, columns)

    def _compared(self, tables: OpenTables, opened: Opened, columns: list[str]) -> CopiesFact:
        if not columns:
            return CopiesFact(0, 0, 0)
        every, rows = _rows(tables, opened, columns)
        one_in = -(-rows // SAMPLED) or 1
        each = _each(opened, columns, self.answers, rows)
        found = tables.engine.query(each(one_in))
        if one_in > 1 and sum(number for _, _, number in found) < FEW:
            found = tables.engine.query(each(1))
        times = tuple(sorted((int(often), int(number)) for told, often, number in found if told))
        compared = sum(int(often) * int(number) for _, often, number in found)
        distinct = sum(int(number) for _, _, number in found)
        return CopiesFact(rows, compared, distinct, times, len(columns) == len(opened.columns), every - rows)


def _rows(tables: OpenTables, opened: Opened, columns: list[str]) -> tuple[int, int]:
    """All rows of a table, and how many of them are looked at."""
    ((rows,),) = tables.engine.query(f"select count(*) from {opened.relation}")
    return int(rows), min(int(rows), FIRST, max(MOST_VALUES // len(columns), 1))


def _distinct(tables: OpenTables, opened: Opened, columns: list[str]) -> CopiesFact | None:
    """The fact of rows that differ in some columns; None where some of them agree."""
    (every, rows), listed = _rows(tables, opened, columns), ", ".join(map(quote, columns))
    hashed = f"select hash_of(({listed})) as hashed from (select {listed} from {opened.relation} limit {rows})"
    ((distinct,),) = tables.engine.query(f"select count(distinct hashed) from ({hashed})")
    return CopiesFact(rows, rows, rows, more=every - rows) if int(distinct) == rows else None


def _readable(tables: OpenTables, table: str, name: str) -> bool:
    try:
        opened = tables.ready(table, [name])
        tables.engine.query(f"select max(hash_of({quote(name)})) from {opened.relation}")
    except EvidenceError:
        return False
    return True


def _each(opened: Opened, columns: list[str], answers: tuple[str, ...], rows: int) -> Callable[[int], str]:
    """The statement about one part in so many: how often rows occur, by whether a value tells them apart."""
    wide = len([name for name in columns if name not in answers]) >= WIDE
    telling = "1" if wide else f"case when {' or '.join(_telling(opened, columns)) or '1 = 0'} then 1 else 0 end"
    listed = ", ".join(map(quote, columns))
    first = f"select {listed} from {opened.relation} limit {rows}"
    hashed = f"select hash_of(({listed})) as hashed, {listed} from ({first})"

    def statement(one_in: int) -> str:
        chosen = f"select hashed, {telling} as telling from ({hashed}) where hashed % {one_in} = 0"
        each = f"select hashed, max(telling) as telling, count(*) as times from ({chosen}) group by hashed"
        return f"select telling, times, count(*) from ({each}) group by telling, times"

    return statement


def _telling(opened: Opened, columns: list[str]) -> Iterator[str]:
    """SQL for whether a value tells its row apart: an unrounded number, or a free text."""
    types = opened.types
    for name in columns:
        kind = kind_of(types[name])
        if kind == "text":
            yield f"coalesce(length({quote(name)}), 0) >= {FREE_TEXT}"
        if kind in ("text", "float", "decimal"):
            number = number_of(name, kind)
            off = f"abs({number} * {ROUNDED} - round({number} * {ROUNDED}))"
            yield f"coalesce({off} > 0.001 * greatest(1, abs({number})), 1 = 0)"

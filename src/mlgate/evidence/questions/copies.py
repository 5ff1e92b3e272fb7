"""How often rows agree in every column, and how often those occur that so many columns or digits would tell apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

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
MOST_COLUMNS = 64
"""The most columns that are compared."""
SAMPLED = 1 << 17
"""Of more rows, a part is compared, chosen by their hash: all copies of a row, or none."""
FEW = 1000
"""With fewer distinct rows in the part, all rows are compared."""
FIRST = 1_000_000
"""Of more rows the first are compared: reading all would take longer than all rules together."""


@dataclass(frozen=True)
class CopiesFact:
    """How many rows of a table are looked at, and how many of a part are distinct; none where they cannot be compared.

    `times` are (how often, distinct rows that occur so often), of rows with a value that tells them apart.
    """

    rows: int
    compared: int
    distinct: int
    times: tuple[tuple[int, int], ...] = ()
    every: bool = True
    """Whether every column is compared."""

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
        """More distinct rows than rows."""
        counted = sum(number for _, number in fact.times)
        numbers = (fact.distinct, fact.compared - fact.distinct, fact.rows - fact.compared, fact.distinct - counted)
        return not_counts(*numbers, fact.rows, *(part - 1 for pair in fact.times for part in pair))

    def answer(self, tables: OpenTables) -> CopiesFact:
        """The numbers; none where the rows cannot be compared, since no rule may ask for these columns."""
        opened = tables.opened(self.table)
        columns = [name for name, kind in opened.columns if kind_of(kind) != "other" and name not in opened.refused]
        columns = columns[:MOST_COLUMNS]
        if not columns:
            return CopiesFact(0, 0, 0)
        try:
            return self._compared(tables, tables.ready(self.table, columns), columns)
        except EvidenceError:
            return CopiesFact(0, 0, 0)

    def _compared(self, tables: OpenTables, opened: Opened, columns: list[str]) -> CopiesFact:
        ((rows,),) = tables.engine.query(f"select count(*) from {opened.relation}")
        rows = min(int(rows), FIRST)
        one_in = -(-rows // SAMPLED) or 1
        each = _each(opened, columns, self.answers)
        found = tables.engine.query(each(one_in))
        if one_in > 1 and sum(number for _, _, number in found) < FEW:
            found = tables.engine.query(each(1))
        times = tuple(sorted((int(often), int(number)) for told, often, number in found if told))
        compared = sum(int(often) * int(number) for _, often, number in found)
        distinct = sum(int(number) for _, _, number in found)
        return CopiesFact(rows, compared, distinct, times, len(columns) == len(opened.columns))


def _each(opened: Opened, columns: list[str], answers: tuple[str, ...]) -> Callable[[int], str]:
    """The statement about one part in so many: how often rows occur, by whether a value tells them apart."""
    wide = len([name for name in columns if name not in answers]) >= WIDE
    telling = "1" if wide else f"case when {' or '.join(_telling(opened, columns)) or '1 = 0'} then 1 else 0 end"
    listed = ", ".join(map(quote, columns))
    first = f"select {listed} from {opened.relation} limit {FIRST}"
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

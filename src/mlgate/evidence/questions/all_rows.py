"""Questions about all rows together: those of one table share a scan, whatever they ask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mlgate.evidence.engine import Engine, ResultRow
from mlgate.evidence.questions.grouped import frequency
from mlgate.evidence.questions.need import Answers, Need, Statement, TableNeed

FromRow = Callable[[ResultRow], Any]
"""Makes a fact from the one row of the statement."""


class OneScan:
    """The statement: equal expressions of rows, and equal numbers about them, are in it once."""

    def __init__(self, count: str = "") -> None:
        self._columns = {frequency(count): "c"}
        self._numbers: dict[str, int] = {}

    def column(self, sql: str) -> str:
        """The name of an expression of each row. The frequency of a row is `c`."""
        return self._columns.setdefault(f"({sql})", f"v{len(self._columns)}")

    def number(self, sql: str) -> int:
        """The place of an aggregate in the row."""
        return self._numbers.setdefault(sql, len(self._numbers))

    def row(self, engine: Engine, relation: str) -> ResultRow:
        """The numbers."""
        inner = ", ".join(f"{sql} as {name}" for sql, name in self._columns.items())
        (found,) = engine.query(f"select {', '.join(self._numbers)} from (select {inner} from {relation})")
        return found


@dataclass(frozen=True)
class AllRows(TableNeed):
    """A question that aggregates of the rows answer, without groups."""

    most = 200

    @property
    def together(self) -> object:
        """All of one table share a statement."""
        return self.table, self.count

    @property
    def statement(self) -> Statement:
        """The function that answers this need."""
        return answer_all_rows

    def join(self, scan: OneScan) -> FromRow:
        """Add what this question needs to a scan."""
        raise NotImplementedError(type(self).__name__)


def answer_all_rows(engine: Engine, relation: str, needs: Sequence[AllRows], _facts: Answers) -> dict[Need, Any]:
    """Answer all in one scan."""
    scan = OneScan(needs[0].count)
    found = {need: need.join(scan) for need in needs}
    row = scan.row(engine, relation)
    return {need: fact(row) for need, fact in found.items()}

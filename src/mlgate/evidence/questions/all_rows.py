"""Questions about all rows together: those of one table share a scan, whatever they ask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mlgate.evidence.dialect import functions_in, quote
from mlgate.evidence.engine import Engine, ResultRow
from mlgate.evidence.questions.need import Answers, Need, Statement, TableNeed, columns_of
from mlgate.evidence.questions.one_scan import OneScan

FromRow = Callable[[ResultRow], Any]
"""Makes a fact from the one row of the statement."""


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

    @property
    def by_value(self) -> str:
        """The SQL of a condition that rows of equal values meet alike, so that each value can be asked once; or ""."""
        return ""

    def join(self, scan: OneScan) -> FromRow:
        """Add what this question needs to a scan."""
        raise NotImplementedError(type(self).__name__)


PROBED = 1 << 15
"""The first rows, which tell whether a column repeats few values."""
LONG = 4
"""Conditions on a column with more texts than this take longer than grouping rows by few values of it."""
_SLOW = frozenset(("matches", "found_in", "is_json", "to_number"))


def answer_all_rows(engine: Engine, relation: str, needs: Sequence[AllRows], _facts: Answers) -> dict[Need, Any]:
    """Answer all in one scan, but for slow conditions on a column of few values: these are put to each value once."""
    found: dict[Need, Any] = {}
    for column, alone in _of_few_values(engine, relation, needs).items():
        rows = "rows_" if column.casefold() == '"rows"' else "rows"
        values = f"(select {column}, count(*) as {rows} from {relation} group by {column})"
        found |= _answered(engine, values, alone, rows)
    left = [need for need in needs if need not in found]
    return found | (_answered(engine, relation, left, needs[0].count) if left else {})


def _answered(engine: Engine, relation: str, needs: Sequence[AllRows], count: str) -> dict[Need, Any]:
    scan = OneScan(count)
    found = {need: need.join(scan) for need in needs}
    row = scan.row(engine, relation)
    return {need: fact(row) for need, fact in found.items()}


def _of_few_values(engine: Engine, relation: str, needs: Sequence[AllRows]) -> dict[str, list[AllRows]]:
    """The questions about one column alone, by column, that are slow together, if the column repeats few values."""
    alone: dict[str, list[AllRows]] = {}
    for need in needs:
        columns = columns_of(need)
        if need.by_value and len(columns) == 1 and not need.count:
            alone.setdefault(quote(columns[0]), []).append(need)
    slow = [column for column, asked in alone.items() if _slow(asked)]
    if not slow:
        return {}
    counts = ", ".join(f"count(distinct {column})" for column in slow)
    (row,) = engine.query(f"select {counts} from (select {', '.join(slow)} from {relation} limit {PROBED})")
    return {column: alone[column] for column, distinct in zip(slow, row, strict=True) if distinct <= PROBED // 32}


def _slow(asked: Sequence[AllRows]) -> bool:
    conditions = " ".join(need.by_value for need in asked)
    return conditions.count("'") > 2 * LONG or bool(functions_in(conditions) & _SLOW)

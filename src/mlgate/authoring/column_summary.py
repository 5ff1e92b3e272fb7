"""The question for the summary of a column: all columns of a table are summarised in one scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlgate.evidence.engine import Engine
from mlgate.evidence.questions.need import Answers, Need, Statement, TableNeed

_PARTS = 6


@dataclass(frozen=True)
class SummaryFact:
    """The rows with a value, the different values, the ends as text, and the sums of numbers and of their squares."""

    rows: int
    distinct: int
    lowest: str | None
    highest: str | None
    total: float | None = None
    squares: float | None = None


@dataclass(frozen=True)
class ColumnSummary(TableNeed):
    """The summary of an expression; its sums are those of `number`, as doubles, if there is one.

    `exact` says whether different values are counted exactly; else their number may be off by some percent.
    """

    name = "column-summary"
    most = 50
    fact = SummaryFact
    value: str = ""
    number: str = ""
    exact: bool = True

    @property
    def together(self) -> object:
        """All summaries of one table share a statement."""
        return self.table

    @property
    def statement(self) -> Statement:
        """The function that answers this need."""
        return answer


def answer(engine: Engine, relation: str, needs: Sequence[ColumnSummary], _facts: Answers) -> dict[Need, Any]:
    """Answer all in one scan."""
    inner, parts = [], []
    for at, need in enumerate(needs):
        inner += [f"{need.value} as v{at}", f"cast({need.number or 'null'} as double) as n{at}"]
        ends = f"cast(min(v{at}) as varchar), cast(max(v{at}) as varchar)"
        distinct = f"count(distinct v{at})" if need.exact else f"approx_count_distinct(v{at})"
        parts.append(f"count(v{at}), {distinct}, {ends}, sum(n{at}), sum(n{at} * n{at})")
    (row,) = engine.query(f"select {', '.join(parts)} from (select {', '.join(inner)} from {relation})")
    return {need: SummaryFact(*row[at * _PARTS : (at + 1) * _PARTS]) for at, need in enumerate(needs)}

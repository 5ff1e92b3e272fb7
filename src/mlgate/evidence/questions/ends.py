"""Ends: the lowest and the highest value of a column, exactly, whatever its type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlgate.evidence.engine import Engine
from mlgate.evidence.questions.need import Answers, Need, Statement, TableNeed, not_counts


@dataclass(frozen=True)
class EndsFact:
    """The rows with a value, and the lowest and highest value as exact text; None without any."""

    rows: int
    lowest: str | None
    highest: str | None


@dataclass(frozen=True)
class Ends(TableNeed):
    """The lowest and the highest value of an expression. Rows without a value are left out."""

    name = "ends"
    most = 100
    fact = EndsFact
    value: str = ""

    def impossible(self, fact: EndsFact) -> str:
        """A number that is not a count, and ends without a row, or rows without ends."""
        if (fact.rows == 0) is not (fact.lowest is None and fact.highest is None):
            return "it has ends without rows, or rows without ends"
        return not_counts(fact.rows)

    @property
    def together(self) -> object:
        """All ends of one table share a statement."""
        return self.table

    @property
    def statement(self) -> Statement:
        """The function that answers this need."""
        return answer


def answer(engine: Engine, relation: str, needs: Sequence[Ends], _facts: Answers) -> dict[Need, Any]:
    """Answer all of one table in one scan."""
    inner = [f"case when {need.where} then {need.value} end" if need.where else need.value for need in needs]
    columns = ", ".join(f"{sql} as v{at}" for at, sql in enumerate(inner))
    selects = [f"count(v{at}), cast(min(v{at}) as varchar), cast(max(v{at}) as varchar)" for at in range(len(inner))]
    (row,) = engine.query(f"select {', '.join(selects)} from (select {columns} from {relation})")
    parts = zip(row[::3], row[1::3], row[2::3], strict=True)
    return {need: EndsFact(int(rows), low, high) for need, (rows, low, high) in zip(needs, parts, strict=True)}

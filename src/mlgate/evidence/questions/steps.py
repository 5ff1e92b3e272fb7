"""Steps: how often a value rises, stays or falls from one row of a table to the next, in the order of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlgate.evidence.engine import Engine
from mlgate.evidence.questions.grouped import source
from mlgate.evidence.questions.need import Answers, Need, Statement, TableNeed, not_counts


@dataclass(frozen=True)
class StepsFact:
    """The rows with a value, and how many of them are above, equal to and below the row before."""

    rows: int
    rises: int
    stays: int
    falls: int


@dataclass(frozen=True)
class Steps(TableNeed):
    """How a value changes from row to row, in the order of the table. Rows without a value are left out."""

    name = "steps"
    fact = StepsFact
    value: str = ""

    def impossible(self, fact: StepsFact) -> str:
        """Numbers that are not counts, and other than one step per row after the first."""
        steps = fact.rises + fact.stays + fact.falls
        if steps != max(fact.rows - 1, 0):
            return f"{fact.rows} rows do not have {steps} steps"
        return not_counts(fact.rows, fact.rises, fact.stays, fact.falls)

    @property
    def statement(self) -> Statement:
        """The function that answers this need."""
        return answer


def answer(engine: Engine, relation: str, needs: Sequence[Steps], _facts: Answers) -> dict[Need, Any]:
    """Answer each in one pass over the rows in their order."""
    return {need: _steps(engine, relation, need) for need in needs}


def _steps(engine: Engine, relation: str, need: Steps) -> StepsFact:
    values = f"select v from (select {need.value} as v from {source(relation, need.where)}) where v is not null"
    pairs = f"select v, lag(v) over () as before from ({values})"
    changes = ", ".join(f"count(*) filter (where v {sign} before)" for sign in (">", "=", "<"))
    (row,) = engine.query(f"select count(*), {changes} from ({pairs})")
    return StepsFact(*map(int, row))

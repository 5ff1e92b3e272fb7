"""Gaps: which whole numbers between the lowest and the highest one do not occur, such as days without a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlgate.evidence.engine import Engine
from mlgate.evidence.questions.grouped import clause, source
from mlgate.evidence.questions.need import Answers, Need, Statement, TableNeed, not_counts


@dataclass(frozen=True)
class GapsFact:
    """The rows with a number, the groups, the steps from each group's lowest to its highest number, and those that no
    row of the group has."""

    rows: int
    groups: int
    steps: int
    lacking: int


@dataclass(frozen=True)
class Gaps(TableNeed):
    """How many whole numbers are lacking between the ends of each group `by`. Rows without a number are left out."""

    name = "gaps"
    fact = GapsFact
    value: str = ""
    by: tuple[str, ...] = ()

    def impossible(self, fact: GapsFact) -> str:
        """Numbers that are not counts, more lacking steps than lie between ends, and more groups than rows."""
        return not_counts(
            *(fact.rows, fact.groups, fact.steps, fact.lacking, fact.rows - fact.groups),
            *(fact.rows - (fact.steps - fact.lacking), fact.steps - fact.lacking - fact.groups),
        )

    @property
    def statement(self) -> Statement:
        """The function that answers this need."""
        return answer


def answer(engine: Engine, relation: str, needs: Sequence[Gaps], _facts: Answers) -> dict[Need, Any]:
    """Answer each by one grouping of its values."""
    return {need: _gaps(engine, relation, need) for need in needs}


def _gaps(engine: Engine, relation: str, need: Gaps) -> GapsFact:
    names = [f"g{at}" for at in range(len(need.by))]
    cells = "".join(f", {sql} as {name}" for sql, name in zip(need.by, names, strict=True))
    inner = f"select {need.value} as i{cells} from {source(relation, need.where)}"
    each = f"select i, count(*) as n{''.join(f', {name}' for name in names)} from ({inner}) where i is not null"
    distinct = f"{each}{clause('group by', ['i', *names])}"
    grouped = (
        f"select sum(n) as n, max(i) - min(i) + 1 as steps, count(*) as there from ({distinct})"
        f"{clause('group by', names)}"
    )
    (row,) = engine.query(
        f"select coalesce(sum(n), 0), count(n), coalesce(sum(steps), 0), coalesce(sum(steps - there), 0) "
        f"from ({grouped})"
    )
    return GapsFact(*map(int, row))

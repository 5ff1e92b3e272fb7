"""Ends: the lowest and the highest value of a column by group, exactly, whatever its type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlgate.evidence.engine import Engine
from mlgate.evidence.questions.counts import sizes_of
from mlgate.evidence.questions.grouped import clause, group_order, keys_of, selected
from mlgate.evidence.questions.need import Answers, Group, Need, Statement, TableNeed, Term, not_counts


@dataclass(frozen=True)
class EndsOf:
    """One group: the rows with a value, and the lowest and highest value as exact text; None without any."""

    group: Group
    rows: int
    lowest: str | None
    highest: str | None


@dataclass(frozen=True)
class EndsFact:
    """The ends of every group, sorted by group; without `by`, of all rows together, even if there are no rows."""

    groups: tuple[EndsOf, ...]


@dataclass(frozen=True)
class Ends(TableNeed):
    """The lowest and the highest value of an expression, by group. Rows without a value are left out."""

    name = "ends"
    most = 100
    fact = EndsFact
    value: str = ""
    by: tuple[Term, ...] = ()

    @property
    def conditions(self) -> tuple[Need, ...]:
        """There are not too many groups."""
        return (sizes_of(self, self.by),) if self.by else ()

    def impossible(self, fact: EndsFact) -> str:
        """A number that is not a count, and ends without a row, or rows without ends."""
        if any((of.rows == 0) is not (of.lowest is None and of.highest is None) for of in fact.groups):
            return "it has ends without rows, or rows without ends"
        if not self.by and len(fact.groups) != 1:
            return "it is not about all rows together"
        return not_counts(*(of.rows for of in fact.groups))

    @property
    def together(self) -> object:
        """All ends of one table by the same groups share a statement."""
        return self.table, self.by

    @property
    def statement(self) -> Statement:
        """The function that answers this need."""
        return answer


def answer(engine: Engine, relation: str, needs: Sequence[Ends], _facts: Answers) -> dict[Need, Any]:
    """Answer all of one table by the same groups in one scan."""
    by = needs[0].by
    keys = keys_of(by)
    values = [f"case when {need.where} then {need.value} end" if need.where else need.value for need in needs]
    inner = ", ".join([*selected(by), *(f"{sql} as v{at}" for at, sql in enumerate(values))])
    ends = (f"count(v{at}), cast(min(v{at}) as varchar), cast(max(v{at}) as varchar)" for at in range(len(values)))
    rows = engine.query(
        f"select {', '.join([*keys, *ends])} from (select {inner} from {relation}){clause('group by', keys)}"
    )
    found: dict[Need, Any] = {}
    for at, need in enumerate(needs):
        first = len(keys) + 3 * at
        of = [EndsOf(tuple(row[: len(keys)]), int(row[first]), row[first + 1], row[first + 2]) for row in rows]
        found[need] = EndsFact(tuple(sorted(of, key=lambda each: group_order(each.group))))
    return found

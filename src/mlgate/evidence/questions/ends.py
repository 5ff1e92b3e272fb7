"""Ends: the lowest and the highest value of a column by group, exactly, whatever its type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlgate.evidence.engine import Engine
from mlgate.evidence.questions.all_rows import AllRows, FromRow
from mlgate.evidence.questions.counts import sizes_of
from mlgate.evidence.questions.grouped import clause, group_order, keys_of, selected
from mlgate.evidence.questions.need import Answers, Group, Need, Statement, Term, not_counts
from mlgate.evidence.questions.one_scan import OneScan, ends_of


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
class Ends(AllRows):
    """The lowest and the highest value of an expression, by group. Rows without a value are left out."""

    name = "ends"
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
        return (self.table, self.by) if self.by else super().together

    @property
    def statement(self) -> Statement:
        """The function that answers this need."""
        return answer if self.by else super().statement

    @property
    def among(self) -> str:
        """SQL for the value; NULL in rows that do not count."""
        return f"case when {self.where} then {self.value} end" if self.where else self.value

    def join(self, scan: OneScan) -> FromRow:
        """The ends of all rows together."""
        places = scan.ends(self.among)
        return lambda row: EndsFact((_of((), [row[place] for place in places]),))


def answer(engine: Engine, relation: str, needs: Sequence[Ends], _facts: Answers) -> dict[Need, Any]:
    """Answer all of one table by the same groups in one scan, if there are groups."""
    by = needs[0].by
    keys = keys_of(by)
    inner = ", ".join([*selected(by), *(f"{need.among} as v{at}" for at, need in enumerate(needs))])
    ends = (sql for at in range(len(needs)) for sql in ends_of(f"v{at}"))
    rows = engine.query(
        f"select {', '.join([*keys, *ends])} from (select {inner} from {relation}){clause('group by', keys)}"
    )
    found: dict[Need, Any] = {}
    for at, need in enumerate(needs):
        first = len(keys) + 3 * at
        of = [_of(tuple(row[: len(keys)]), row[first : first + 3]) for row in rows]
        found[need] = EndsFact(tuple(sorted(of, key=lambda each: group_order(each.group))))
    return found


def _of(group: Group, numbers: Sequence[Any]) -> EndsOf:
    rows, lowest, highest = numbers
    return EndsOf(group, int(rows), lowest, highest)

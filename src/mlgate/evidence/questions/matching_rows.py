"""How many rows satisfy a condition: all conditions on one table are counted in one scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlgate.evidence.engine import Engine
from mlgate.evidence.questions.grouped import frequency, tally
from mlgate.evidence.questions.need import Answers, Need, Statement, TableNeed, not_counts


@dataclass(frozen=True)
class MatchingFact:
    """The rows that satisfy a condition, and all rows among which they were counted."""

    rows: int
    of: int


@dataclass(frozen=True)
class MatchingRows(TableNeed):
    """How many of the rows that satisfy `where` also satisfy `condition`; a condition that is NULL is not satisfied."""

    name = "matching-rows"
    most = 200
    fact = MatchingFact
    condition: str = ""
    """A boolean SQL expression; empty for all rows."""

    def impossible(self, fact: MatchingFact) -> str:
        """More rows that match than rows."""
        return not_counts(fact.rows, fact.of, fact.of - fact.rows)

    @property
    def together(self) -> object:
        """All conditions on one table share a statement."""
        return self.table, self.count

    @property
    def statement(self) -> Statement:
        """The function that answers this need."""
        return answer


def answer(engine: Engine, relation: str, needs: Sequence[MatchingRows], _facts: Answers) -> dict[Need, Any]:
    """Answer all in one scan."""
    parts = dict.fromkeys(part for need in needs for part in (need.where, need.condition) if part)
    flags = {part: f"h{at}" for at, part in enumerate(parts)}
    count = needs[0].count
    counted = {need: [tally(count, _both(flags, parts)) for parts in _asked(need)] for need in needs}
    selected = list(dict.fromkeys(sql for each in counted.values() for sql in each))
    inner = [f"{frequency(count)} as c", *(f"({part}) as {name}" for part, name in flags.items())]
    (row,) = engine.query(f"select {', '.join(selected)} from (select {', '.join(inner)} from {relation})")
    found = dict(zip(selected, map(int, row), strict=True))
    return {need: MatchingFact(*(found[sql] for sql in each)) for need, each in counted.items()}


def _asked(need: MatchingRows) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The conditions of the rows that match, and of all rows among which they are counted."""
    return (need.where, need.condition), (need.where,)


def _both(flags: dict[str, str], parts: tuple[str, ...]) -> str:
    return " and ".join(flags[part] for part in parts if part)

"""Hits: how many rows satisfy a condition. All conditions about one table are counted in one scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlgate.evidence.engine import Engine
from mlgate.evidence.questions.grouped import frequency, tally
from mlgate.evidence.questions.need import Answers, Need, Statement, TableNeed, not_counts


@dataclass(frozen=True)
class HitsFact:
    """The rows of a table, and those that satisfy the condition."""

    rows: int
    hits: int


@dataclass(frozen=True)
class Hits(TableNeed):
    """How many rows satisfy `condition`; a row for which it is NULL does not."""

    name = "hits"
    most = 200
    fact = HitsFact
    condition: str = ""

    def impossible(self, fact: HitsFact) -> str:
        """Numbers that are not counts, and more hits than rows."""
        return not_counts(fact.rows, fact.hits, fact.rows - fact.hits)

    @property
    def together(self) -> object:
        """All conditions about one table share a statement."""
        return self.table, self.count

    @property
    def statement(self) -> Statement:
        """The function that answers this need."""
        return answer


def answer(engine: Engine, relation: str, needs: Sequence[Hits], _facts: Answers) -> dict[Need, Any]:
    """Answer all of one table in one scan. Equal conditions are evaluated once."""
    sql = list(dict.fromkeys(part for need in needs for part in (need.condition, need.where) if part))
    flags = [f"({each}) as h{at}" for at, each in enumerate(sql)]
    weighted = [f"{frequency(needs[0].count)} as c"] if needs[0].count else []
    selects = []
    for need in needs:
        within = f"h{sql.index(need.where)}" if need.where else ""
        hit = f"h{sql.index(need.condition)}"
        selects += [tally(need.count, within), tally(need.count, f"{within} and {hit}" if within else hit)]
    inner = ", ".join([*weighted, *flags])
    (row,) = engine.query(f"select {', '.join(selects)} from (select {inner} from {relation})")
    pairs = zip(row[::2], row[1::2], strict=True)
    return {need: HitsFact(int(rows), int(hits)) for need, (rows, hits) in zip(needs, pairs, strict=True)}

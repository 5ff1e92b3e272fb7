"""How many distinct values an expression has, counted only as far as is of interest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlgate.evidence.engine import Engine
from mlgate.evidence.questions.grouped import source
from mlgate.evidence.questions.need import Answers, Need, Statement, TableNeed, not_counts


@dataclass(frozen=True)
class DistinctFact:
    """The number of distinct values; one more than the need's `up_to` where there are more."""

    distinct: int


@dataclass(frozen=True)
class DistinctValues(TableNeed):
    """How many distinct values some rows have, if not more than `up_to`; rows without a value are left out."""

    name = "distinct-values"
    fact = DistinctFact
    value: str = ""
    up_to: int | None = None

    def impossible(self, fact: DistinctFact) -> str:
        """Fewer than none, or more than are counted."""
        return not_counts(fact.distinct, *(() if self.up_to is None else (self.up_to + 1 - fact.distinct,)))

    @property
    def statement(self) -> Statement:
        """The function that answers this need."""
        return answer


def answer(engine: Engine, relation: str, needs: Sequence[DistinctValues], _facts: Answers) -> dict[Need, Any]:
    """Answer each need in one scan, which may stop early."""
    return {need: _fact(engine, relation, need) for need in needs}


def _fact(engine: Engine, relation: str, need: DistinctValues) -> DistinctFact:
    values = f"select {need.value} as v from {source(relation, need.where)}"
    if need.up_to is not None:
        values = f"select distinct v from ({values}) where v is not null limit {need.up_to + 1}"
    ((distinct,),) = engine.query(f"select count(distinct v) from ({values})")
    return DistinctFact(int(distinct))

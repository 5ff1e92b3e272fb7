"""How many distinct numbers a column has, counted only as far as is of interest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlgate.evidence.dialect import one_zero
from mlgate.evidence.engine import Engine
from mlgate.evidence.questions.grouped import source
from mlgate.evidence.questions.need import Answers, Need, Statement, TableNeed, not_counts


@dataclass(frozen=True)
class DistinctFact:
    """The number of distinct finite numbers; one more than the need's `up_to` where there are more."""

    distinct: int


@dataclass(frozen=True)
class DistinctNumbers(TableNeed):
    """How many distinct finite numbers some rows have, if not more than `up_to`."""

    name = "distinct-numbers"
    fact = DistinctFact
    value: str = ""
    up_to: int = 1

    def impossible(self, fact: DistinctFact) -> str:
        """Fewer than none, or more than are counted."""
        return not_counts(fact.distinct, self.up_to + 1 - fact.distinct)

    @property
    def statement(self) -> Statement:
        """The function that answers this need."""
        return answer


def answer(engine: Engine, relation: str, needs: Sequence[DistinctNumbers], _facts: Answers) -> dict[Need, Any]:
    """Answer each need in one scan, which may stop early."""
    return {need: _fact(engine, relation, need) for need in needs}


def _fact(engine: Engine, relation: str, need: DistinctNumbers) -> DistinctFact:
    values = f"select {one_zero(need.value)} as v from {source(relation, need.where)}"
    found = f"select distinct v from ({values}) where v is not null and isfinite(v) limit {need.up_to + 1}"
    ((distinct,),) = engine.query(f"select count(*) from ({found})")
    return DistinctFact(int(distinct))

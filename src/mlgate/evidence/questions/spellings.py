"""Spellings: how many different texts of a column differ from another only in case, blanks or Unicode form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlgate.evidence.engine import Engine
from mlgate.evidence.questions.grouped import source
from mlgate.evidence.questions.need import Answers, Need, Statement, TableNeed, not_counts
from mlgate.values.errors import EvidenceError
from mlgate.values.look import alike

MOST = 100_000
"""The most different texts that are compared."""


@dataclass(frozen=True)
class SpellingsFact:
    """The number of different texts, and of those that are like another one."""

    distinct: int
    alike: int


@dataclass(frozen=True)
class Spellings(TableNeed):
    """How many different texts are like another one. Rows without a text are left out."""

    name = "spellings"
    fact = SpellingsFact
    value: str = ""

    def impossible(self, fact: SpellingsFact) -> str:
        """Numbers that are not counts, and one text that is like itself."""
        return not_counts(fact.distinct, fact.alike, fact.distinct - fact.alike) or (
            "1 text is like none" * (fact.alike == 1)
        )

    @property
    def statement(self) -> Statement:
        """The function that answers this need."""
        return answer


def answer(engine: Engine, relation: str, needs: Sequence[Spellings], _facts: Answers) -> dict[Need, Any]:
    """Answer each from its different texts."""
    return {need: _spellings(engine, relation, need) for need in needs}


def _spellings(engine: Engine, relation: str, need: Spellings) -> SpellingsFact:
    inner = f"select {need.value} as v from {source(relation, need.where)}"
    texts = [str(v) for (v,) in engine.query(f"select distinct v from ({inner}) where v is not null limit {MOST + 1}")]
    if len(texts) > MOST:
        raise EvidenceError(f"it has more than {MOST:,} different texts, too many to compare their spelling")
    return SpellingsFact(len(texts), sum(map(len, alike(texts))))

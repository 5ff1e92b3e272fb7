"""What every check of a model's history has: its question, its words, and no table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from mlgate.candidate.lineage_sources import LineageKeys
from mlgate.checks.base import Check
from mlgate.checks.lineage.lineage_keys import lineage_of
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts, Need
from mlgate.lineage.assembled import sourced
from mlgate.lineage.graph import LineageGraph
from mlgate.lineage.lineage_question import LineageOf
from mlgate.values.words import Words


@dataclass(frozen=True, kw_only=True)
class LineageCheck(Check):
    """A check of the history of the candidate's model."""

    bounded: ClassVar[bool] = False
    candidate_keys: ClassVar = LineageKeys
    own_needs: ClassVar[tuple[type[Need], ...]] = (LineageOf,)

    @property
    def source(self) -> str:
        """It reads no table."""
        return ""

    def words(self, _subject: Subject) -> Words:
        """A finding is about one thing of the history."""
        return Words("thing", improve="the record")

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        """The history."""
        yield lineage_of(subject)

    def history(self, subject: Subject, facts: Facts) -> LineageGraph:
        """The history of the model. Raises EvidenceError where no source records it."""
        return sourced(facts[lineage_of(subject)])

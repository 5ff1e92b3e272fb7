"""How many rows satisfy a condition."""

from __future__ import annotations

from dataclasses import dataclass

from mlgate.evidence.questions.all_rows import AllRows, FromRow
from mlgate.evidence.questions.need import not_counts
from mlgate.evidence.questions.one_scan import OneScan


@dataclass(frozen=True)
class MatchingFact:
    """The rows that satisfy a condition, and all rows among which they were counted."""

    rows: int
    of: int


@dataclass(frozen=True)
class MatchingRows(AllRows):
    """How many of the rows that satisfy `where` also satisfy `condition`; a condition that is NULL is not satisfied."""

    name = "matching-rows"
    fact = MatchingFact
    condition: str = ""
    """A boolean SQL expression; empty for all rows."""

    def impossible(self, fact: MatchingFact) -> str:
        """More rows that match than rows."""
        return not_counts(fact.rows, fact.of, fact.of - fact.rows)

    @property
    def by_value(self) -> str:
        """Both conditions."""
        return f"{self.where} {self.condition}"

    def join(self, scan: OneScan) -> FromRow:
        """Count the rows that match, and all rows among which they are counted."""
        among = [self.where] if self.where else []
        both = [*among, self.condition] if self.condition else among
        rows, of = scan.holding(*both), scan.holding(*among)
        return lambda row: MatchingFact(int(row[rows]), int(row[of]))

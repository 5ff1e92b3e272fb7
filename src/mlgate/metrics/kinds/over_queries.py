"""Metrics of rankings as shares and means over queries, with notes on queries that any order would value the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.need import Facts, Group, Need, Term
from mlgate.metrics.metric import Inquiry, Kind, Undefined
from mlgate.metrics.question import Question
from mlgate.values.estimate import Estimate
from mlgate.values.words import counted


@dataclass(frozen=True)
class OfQueries:
    """One slice's statistics, with its numbers of queries without relevant items and of those any order values the
    same.
    """

    of: Any
    barren: int
    settled: int

    @property
    def rows(self) -> int:
        """The number of queries of the slice."""
        return int(self.of.rows)

    def told(self) -> str | None:
        """The note on queries whose value does not depend on the order of their items.

        Raises Undefined where all queries are of that kind, so that the value says nothing about the ranking.
        """
        if self.barren == self.rows:
            raise Undefined(f"none of its {counted(self.rows, 'query')} has a relevant item")
        if self.barren + self.settled == self.rows:
            raise Undefined(
                f"in each of its {counted(self.rows, 'query')} every order of the items has the same value, "
                "so it says nothing about the ranking"
            )
        said = {"without a relevant item count as 0": self.barren, "have this value in every order": self.settled}
        return "; ".join(f"{n:,} of {counted(self.rows, 'query')} {what}" for what, n in said.items() if n) or None


@dataclass(frozen=True)
class OverQueries:
    """A share or mean over queries of the kind `of`; `state` is the column that says whether the order of a query
    matters."""

    of: Kind
    state: Callable[[Question], str]
    weighted = False

    @property
    def method(self) -> str:
        """That of what it is over queries."""
        return f"over queries, {self.of.method.partition(';')[0]}"

    @property
    def in_units(self) -> str:
        """That of what it is over queries."""
        return self.of.in_units

    @property
    def compared(self) -> str:
        """That of what it is over queries."""
        return self.of.compared

    def needs(self, asked: Inquiry) -> Iterable[Need]:
        """The needs of the kind `of`, and the queries' states, which both rankings of a pair share."""
        return (*self.of.needs(asked), self.states(asked.first))

    def groups(self, asked: Inquiry, facts: Facts) -> Mapping[Group, OfQueries]:
        """The statistics of every slice, with the states of its queries."""
        fact: CountsFact = facts[self.states(asked.first)]
        counts = {(cell.values[:-1], cell.values[-1]): cell.n for cell in fact.cells}
        return {
            group: OfQueries(stats, counts.get((group, "none"), 0), counts.get((group, "any"), 0))
            for group, stats in self.of.groups(asked, facts).items()
        }

    def estimate(self, asked: Inquiry, stats: OfQueries) -> Estimate:
        """The estimate over queries. Raises Undefined where it does not depend on the ranking."""
        said = stats.told()
        found = self.of.estimate(asked, stats.of)
        return replace(found, counted="queries", note="; ".join(filter(None, (found.note, said))) or None)

    def states(self, question: Question) -> Counts:
        """The need for the number of queries in each state."""
        state = Term("state", self.state(question))
        return Counts(question.rows.table, question.where, "", (*question.by, state))

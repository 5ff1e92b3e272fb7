"""Text reading: whether every value of a text column is a number, or a date. One that is neither among the first rows
settles it, so that most texts are not read to their end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlgate.evidence.engine import Engine
from mlgate.evidence.questions.grouped import source
from mlgate.evidence.questions.need import Answers, Need, Statement, TableNeed, not_counts

PROBED = 1 << 13
"""The rows that are read first."""


@dataclass(frozen=True)
class TextReadingFact:
    """The rows with a value, as far as they were read, and how many of them are numbers and how many are dates."""

    values: int
    numbers: int
    dates: int

    @property
    def all_numbers(self) -> bool:
        """Whether there are values, and all of them are numbers."""
        return 0 < self.values == self.numbers

    @property
    def all_dates(self) -> bool:
        """Whether there are values, and all of them are dates."""
        return 0 < self.values == self.dates


@dataclass(frozen=True)
class TextReading(TableNeed):
    """Whether all values of a text are numbers, or dates. The SQL of both is NULL for what is not one."""

    name = "text-reading"
    fact = TextReadingFact
    value: str = ""
    number: str = ""
    date: str = ""

    @property
    def together(self) -> object:
        """All texts of the same rows share a statement."""
        return self.table, self.where

    def impossible(self, fact: TextReadingFact) -> str:
        """Numbers that are not counts, and more numbers or dates than values."""
        return not_counts(fact.values, fact.numbers, fact.dates, fact.values - fact.numbers, fact.values - fact.dates)

    @property
    def statement(self) -> Statement:
        """The function that answers this need."""
        return answer


def answer(engine: Engine, relation: str, needs: Sequence[TextReading], _facts: Answers) -> dict[Need, Any]:
    """Read the first rows of all, then all rows of those that may still be numbers or dates."""
    rows = source(relation, needs[0].where)
    found = _read(engine, f"(select * from {rows} limit {PROBED})", needs)
    left = [need for need in needs if found[need].values in (found[need].numbers, found[need].dates)]
    return {**found, **(_read(engine, f"(select * from {rows})", left) if left else {})}


def _read(engine: Engine, rows: str, needs: Sequence[TextReading]) -> dict[Need, Any]:
    inner, outer = [], []
    for at, need in enumerate(needs):
        parts = {"v": need.value, "n": need.number, "d": need.date}
        inner += [f"{sql} as {name}{at}" for name, sql in parts.items()]
        outer += [f"count({name}{at})" for name in parts]
    (row,) = engine.query(f"select {', '.join(outer)} from (select {', '.join(inner)} from {rows})")
    counts = zip(row[::3], row[1::3], row[2::3], strict=True)
    return {need: TextReadingFact(*map(int, each)) for need, each in zip(needs, counts, strict=True)}

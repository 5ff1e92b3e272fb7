"""Which of some asked values a column has, and the most frequent other values, to say what there is instead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from mlgate.evidence.engine import Engine
from mlgate.evidence.questions.grouped import frequency, tally
from mlgate.evidence.questions.need import Answers, Need, Statement, TableNeed, not_counts

MOST_OTHERS = 8


@dataclass(frozen=True)
class ValuesFact:
    """The rows of each asked value, those of its other spellings, and other values where an asked one is absent."""

    asked: tuple[int, ...]
    alike: tuple[int, ...] = ()
    others: tuple[tuple[str, int], ...] = ()
    """The most frequent values that were not asked for, with their rows."""
    spelled: tuple[tuple[str, int], ...] = ()
    """The most frequent other spellings of asked values, with their rows."""


@dataclass(frozen=True)
class ValuesPresent(TableNeed):
    """How many rows have each of some values of a column."""

    name = "values-present"
    fact = ValuesFact
    value: str = ""
    """The column's exact text, as SQL."""
    asked: tuple[str, ...] = ()
    """One condition per asked value, as SQL."""
    alike: tuple[str, ...] = ()
    """One condition per asked value: rows that have it in another spelling; `1 = 0` where there is none."""

    def impossible(self, fact: ValuesFact) -> str:
        """Numbers that are not counts, or not one per asked value."""
        if (len(fact.asked), len(fact.alike)) != (len(self.asked), len(self.alike)):
            return "it does not have one number per value"
        return not_counts(*fact.asked, *fact.alike, *(rows for _, rows in (*fact.others, *fact.spelled)))

    @property
    def together(self) -> object:
        """All of the same rows share a statement."""
        return self.table, self.count

    @property
    def statement(self) -> Statement:
        """The function that answers this need."""
        return answer


def answer(engine: Engine, relation: str, needs: Sequence[ValuesPresent], _facts: Answers) -> dict[Need, Any]:
    """Answer all in one scan, and each that lacks an asked value in a second one."""
    conditions = [condition for need in needs for condition in (*need.asked, *need.alike)]
    flags = [f"({condition}) as h{at}" for at, condition in enumerate(conditions)]
    counted = ", ".join(tally(needs[0].count, f"h{at}") for at in range(len(flags)))
    selected = ", ".join([f"{frequency(needs[0].count)} as c", *flags])
    (row,) = engine.query(f"select {counted} from (select {selected} from {relation})")
    numbers = map(int, row)
    return {need: _fact(engine, relation, need, numbers) for need in needs}


def _fact(engine: Engine, relation: str, need: ValuesPresent, numbers: Iterator[int]) -> ValuesFact:
    asked, alike = (tuple(islice(numbers, len(of))) for of in (need.asked, need.alike))
    others = () if all(asked) else _frequent(engine, relation, need, f"not ({_any(need.asked)})")
    return ValuesFact(asked, alike, others, _frequent(engine, relation, need, _any(need.alike)) if any(alike) else ())


def _any(conditions: Sequence[str]) -> str:
    return " or ".join(f"({condition})" for condition in conditions)


def _frequent(engine: Engine, relation: str, need: ValuesPresent, where: str) -> tuple[tuple[str, int], ...]:
    """The most frequent values that meet a condition; none that a single row has, which would tell of that row."""
    rows = engine.query(
        f"select v, {tally(need.count)} as n from (select {need.value} as v, {frequency(need.count)} as c "
        f"from {relation} where {where}) where v is not null group by v having count(*) > 1 "
        f"order by n desc, v limit {MOST_OTHERS + 1}"
    )
    return tuple((str(value), int(n)) for value, n in rows)

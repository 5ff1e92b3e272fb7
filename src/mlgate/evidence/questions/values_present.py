"""Which of some asked values a column has, and the most frequent other values, to say what there is instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlgate.evidence.engine import Engine
from mlgate.evidence.questions.grouped import frequency, tally
from mlgate.evidence.questions.need import Answers, Need, Statement, TableNeed

MOST_OTHERS = 8


@dataclass(frozen=True)
class ValuesFact:
    """The rows of each asked value, those of its other spellings, and other values where an asked one is absent."""

    asked: tuple[int, ...]
    alike: tuple[int, ...] = ()
    others: tuple[tuple[str, int], ...] = ()
    """The most frequent values that were not asked for, with their rows."""


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

    @property
    def statement(self) -> Statement:
        """The function that answers this need."""
        return answer


def answer(engine: Engine, relation: str, needs: Sequence[ValuesPresent], _facts: Answers) -> dict[Need, Any]:
    """Answer each need: one scan, and a second one only where an asked value is absent."""
    return {need: _fact(engine, relation, need) for need in needs}


def _fact(engine: Engine, relation: str, need: ValuesPresent) -> ValuesFact:
    conditions = [*need.asked, *need.alike]
    flags = ", ".join(f"({condition}) as h{at}" for at, condition in enumerate(conditions))
    counted = ", ".join(tally(need.count, f"h{at}") for at in range(len(conditions)))
    selected = f"select {frequency(need.count)} as c, {flags} from {relation}"
    (row,) = engine.query(f"select {counted} from ({selected})")
    asked = tuple(map(int, row[: len(need.asked)]))
    return ValuesFact(
        asked, tuple(map(int, row[len(need.asked) :])), () if all(asked) else _others(engine, relation, need)
    )


def _others(engine: Engine, relation: str, need: ValuesPresent) -> tuple[tuple[str, int], ...]:
    known = " or ".join(f"({condition})" for condition in need.asked)
    rows = engine.query(
        f"select v, {tally(need.count)} as n from (select {need.value} as v, {frequency(need.count)} as c "
        f"from {relation} where not ({known})) where v is not null group by v order by n desc, v "
        f"limit {MOST_OTHERS + 1}"
    )
    return tuple((str(value), int(n)) for value, n in rows)

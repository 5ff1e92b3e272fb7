"""Repeats: how many different values some columns have together, and how often the most frequent one occurs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlgate.evidence.engine import Engine
from mlgate.evidence.questions.grouped import frequency, source, tally
from mlgate.evidence.questions.need import Answers, Need, Statement, TableNeed, not_counts


@dataclass(frozen=True)
class RepeatsFact:
    """Rows in which every column has a value, their different values, and the rows of the most and the least frequent
    one.

    Of a value that three rows have, `repeated` counts the value once and `surplus` counts two rows.
    """

    rows: int
    distinct: int
    repeated: int
    top: int
    least: int

    @property
    def surplus(self) -> int:
        """Rows that repeat the value of an earlier row."""
        return self.rows - self.distinct


@dataclass(frozen=True)
class Repeats(TableNeed):
    """How often the values of some expressions together repeat; rows without one of them are left out.

    With `with_missing` no row is left out, and two missing values are equal.
    """

    name = "repeats"
    fact = RepeatsFact
    values: tuple[str, ...] = ()
    with_missing: bool = False

    def impossible(self, fact: RepeatsFact) -> str:
        """Numbers that are not counts, and values that the rows cannot have."""
        once = fact.distinct - fact.repeated
        return not_counts(
            *(fact.rows, fact.distinct, fact.repeated, fact.top, fact.least),
            *(fact.surplus, once, fact.rows - fact.top, fact.top - fact.least),
        )

    @property
    def statement(self) -> Statement:
        """The function that answers this need."""
        return answer


def answer(engine: Engine, relation: str, needs: Sequence[Repeats], _facts: Answers) -> dict[Need, Any]:
    """Answer each by one grouping of its values."""
    return {need: _repeats(engine, relation, need) for need in needs}


def _repeats(engine: Engine, relation: str, need: Repeats) -> RepeatsFact:
    names = [f"v{at}" for at in range(len(need.values))]
    cells = ", ".join(f"{sql} as {name}" for sql, name in zip(need.values, names, strict=True))
    weighted = f"{frequency(need.count)} as c, " if need.count else ""
    inner = f"select {weighted}{cells} from {source(relation, need.where)}"
    known = " and ".join(f"{name} is not null" for name in names)
    kept = inner if need.with_missing else f"select * from ({inner}) where {known}"
    grouped = f"select {tally(need.count)} as n from ({kept}) group by {', '.join(names)}"
    (row,) = engine.query(
        f"select coalesce(sum(n), 0), count(*), count(*) filter (where n > 1), coalesce(max(n), 0), "
        f"coalesce(min(n), 0) from ({grouped})"
    )
    return RepeatsFact(*map(int, row))

"""Some of the rows at fault, with the columns that may be shown. It is asked after judging, and never stored as fact.

A facts file holds counts and sums and no rows, so a verdict from facts has no examples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from mlgate.evidence.engine import Engine
from mlgate.evidence.questions.grouped import source
from mlgate.evidence.questions.need import Answers, Need, Statement, TableNeed, Term
from mlgate.values.shown_values import ShownValues
from mlgate.values.verdict import Examples

MOST, LONGEST = 5, 200
"""The most different rows, and the most characters of a value."""


@dataclass(frozen=True)
class ExampleRows(TableNeed):
    """The most frequent rows that satisfy `where`, in some columns as text."""

    name = "example-rows"
    columns: tuple[Term, ...] = ()
    repeated: tuple[str, ...] = ()
    """Expressions; only rows are chosen with which another row shares their values. Empty for any row."""

    def showing(self, values: ShownValues) -> ExampleRows | None:
        """The same question with only the columns whose values may be shown; None if there are none."""
        kept = tuple(column for column in self.columns if column.name in values)
        return replace(self, columns=kept) if kept else None

    @property
    def statement(self) -> Statement:
        """The function that answers this need."""
        return answer


def answer(engine: Engine, relation: str, needs: Sequence[ExampleRows], _facts: Answers) -> dict[Need, Any]:
    """Answer each in one scan."""
    return {need: _examples(engine, relation, need) for need in needs}


def _examples(engine: Engine, relation: str, need: ExampleRows) -> Examples:
    names = [f"v{at}" for at in range(len(need.columns))]
    keys = [f"r{at}" for at in range(len(need.repeated))]
    values = [f"{term.sql} as {name}" for term, name in zip(need.columns, names)]
    compared = [f"{sql} as {key}" for sql, key in zip(need.repeated, keys)]
    inner = f"select {', '.join([*values, *compared])} from {source(relation, need.where)}"
    often = ["often"] if keys else []
    if keys:
        times = f"select *, count(*) over (partition by {', '.join(keys)}) as often from ({inner})"
        inner = f"select * from ({times}) where often > 1"
    # Of repeated values the most frequent come first, and rows that share one stand together.
    first = ["often desc", *(f"{key} nulls last" for key in keys)] if keys else []
    order = ", ".join([*first, "n desc", *(f"{name} nulls last" for name in names)])
    found = engine.query(
        f"select {', '.join(names)}, count(*) as n from ({inner}) "
        f"group by {', '.join([*names, *keys, *often])} order by {order} limit {MOST}"
    )
    rows = tuple(tuple(map(_cut, row[:-1])) for row in found)
    return Examples(tuple(term.name for term in need.columns), rows, tuple(int(row[-1]) for row in found))


def _cut(value: object) -> str | None:
    if value is None:
        return None
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."

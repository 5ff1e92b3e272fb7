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
    values = ", ".join(f"{term.sql} as {name}" for term, name in zip(need.columns, names))
    order = ", ".join(f"{name} nulls last" for name in names)
    found = engine.query(
        f"select {', '.join(names)}, count(*) as n from (select {values} from {source(relation, need.where)}) "
        f"group by {', '.join(names)} order by n desc, {order} limit {MOST}"
    )
    rows = tuple(tuple(map(_cut, row[:-1])) for row in found)
    return Examples(tuple(term.name for term in need.columns), rows, tuple(int(row[-1]) for row in found))


def _cut(value: object) -> str | None:
    if value is None:
        return None
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."

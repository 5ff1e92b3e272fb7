"""Demands on the order of the rows: values rise or fall from row to row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mlgate.checks.data.column_keys import ColumnKeys
from mlgate.checks.data.column_rule import NOTHING, AskedColumn, ColumnRule
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.questions.steps import Steps
from mlgate.values.estimate import Answer, Claim, Unanswered
from mlgate.values.words import are, counted


@dataclass(frozen=True)
class Ordered(ColumnRule):
    """Values rise, or fall; with `strictly`, none stays."""

    key: str

    def problems(self, keys: ColumnKeys) -> Iterable[str]:
        """Both directions together."""
        if keys.increasing and keys.decreasing:
            yield "a column cannot rise and fall; keep `increasing` or `decreasing`"

    def needs(self, asked: AskedColumn) -> Iterable[Need]:
        """How values change from row to row."""
        return asked.missing, self._steps(asked)

    def answers(self, asked: AskedColumn, facts: Facts) -> Iterator[Answer]:
        """A claim about all steps."""
        values, fact, where = asked.values(facts), facts[self._steps(asked)], asked.where(self.key)
        if not values:
            yield Unanswered(where, NOTHING)
        elif asked.missing.count:
            yield Unanswered(where, "the rows of a table of counts have no order; remove the key, or present every row")
        elif fact.rows != values:
            yield Unanswered(where, f"{values - fact.rows:,} of {counted(values, 'value')} cannot be compared")
        else:
            wrong = fact.falls if self.key == "increasing" else fact.rises
            wrong += fact.stays if asked.keys.strictly else 0
            way = f"{'strictly ' * asked.keys.strictly}{self.key}"
            steps = fact.rows - 1
            found = f"{wrong:,} of {counted(steps, 'step')} from row to row {are(wrong)} not {way}"
            said = found if wrong else f"its {counted(values, 'value')} {are(values)} {way}"
            yield Claim(where, not wrong, f"`{asked.name}`: {said}")

    def _steps(self, asked: AskedColumn) -> Steps:
        return Steps(asked.rows.table, asked.within, value=asked.column.ordered)


class Strictly(ColumnRule):
    """It says how `increasing` and `decreasing` are meant, and asks nothing itself."""

    key = "strictly"

    def problems(self, keys: ColumnKeys) -> Iterable[str]:
        """It alone says nothing."""
        if not keys.increasing and not keys.decreasing:
            yield "says how `increasing` or `decreasing` is meant; add one of them"

    def needs(self, _asked: AskedColumn) -> Iterable[Need]:
        """None."""
        return ()

    def answers(self, _asked: AskedColumn, _facts: Facts) -> Iterator[Answer]:
        """None."""
        yield from ()


RULES = (Ordered("increasing"), Ordered("decreasing"), Strictly())

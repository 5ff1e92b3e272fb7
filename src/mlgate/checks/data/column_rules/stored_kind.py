"""The demand on how the file holds the values of a column, whatever they mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlgate.checks.data.column_keys import STORED
from mlgate.checks.data.column_rule import NOTHING, AskedColumn, ColumnRule
from mlgate.evidence.questions.need import Facts, Need
from mlgate.values.estimate import Answer, Claim, Unanswered


class StoredAs(ColumnRule):
    """The file holds the values as numbers, texts, truth values or times."""

    key = "stored"

    def needs(self, asked: AskedColumn) -> Iterable[Need]:
        """The rows without a value: a column of none says nothing."""
        return (asked.missing,)

    def answers(self, asked: AskedColumn, facts: Facts) -> Iterator[Answer]:
        """A claim about the type of the column in the file."""
        kind, where = asked.column.column.kind, asked.where(self.key)
        if not asked.values(facts):
            yield Unanswered(where, NOTHING)
            return
        said = f"`{asked.name}`: the file holds its values as {_held(kind)}"
        met = kind in STORED[asked.keys.stored]
        yield Claim(where, met, said if met else f"{said}, not as {asked.keys.stored}")


def _held(kind: str) -> str:
    return next((name for name, kinds in STORED.items() if kind in kinds and name != "integer"), kind)


RULES = (StoredAs(),)

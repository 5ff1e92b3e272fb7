"""A table as rules see it: columns by their exact names, read as text (groups, classes) or as numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from mlgate.evidence.dialect import literal, number_of, quote, text_of
from mlgate.evidence.questions.need import Term
from mlgate.evidence.questions.profile import Profile
from mlgate.evidence.questions.table_schema import SchemaFact
from mlgate.values.errors import EvidenceError
from mlgate.values.words import did_you_mean

NUMERIC = ("integer", "float", "decimal", "text")


@dataclass(frozen=True)
class Column:
    """A column of a table: its name, its kind, and SQL for its values as text and as numbers."""

    name: str
    kind: str

    @property
    def raw(self) -> str:
        """SQL for the column itself."""
        return quote(self.name)

    @property
    def text(self) -> str:
        """SQL for the exact text of its values; NULL where a value is missing or NaN."""
        return text_of(self.name, self.kind)

    @property
    def number(self) -> str:
        """SQL for its values as doubles; NULL where one is not a number. Raises EvidenceError for other kinds."""
        return number_of(self.name, self.kind)

    @property
    def term(self) -> Term:
        """The column as a term to group by."""
        return Term(self.name, self.text)

    def equals_any(self, values: tuple[str, ...]) -> str:
        """SQL for whether the text of a value is one of `values`."""
        return f"{self.text} in ({', '.join(map(literal, values))})"


@dataclass(frozen=True)
class Rows:
    """A table with its schema; it finds columns by their exact names."""

    table: str
    shown_as: str
    """Its name in messages: the candidate's word for it."""
    schema: SchemaFact

    @cached_property
    def kinds(self) -> dict[str, str]:
        """Kind by column name."""
        return dict(self.schema.columns)

    @cached_property
    def _refused(self) -> dict[str, str]:
        return dict(self.schema.refused)

    def column(self, name: str, wanted_for: str) -> Column:
        """The column of that exact name. Raises EvidenceError where there is none, or it cannot be read."""
        if name in self._refused:
            raise EvidenceError(self._refused[name])
        if name in self.kinds:
            return Column(name, self.kinds[name])
        hint = did_you_mean(name, self.kinds) or f"; there are {_listed(list(self.kinds))}"
        raise EvidenceError(f"no column `{name}` ({wanted_for}) in {self.shown_as}{hint}")

    def profile(self, column: Column, where: str, count: str = "") -> Profile:
        """The need that tells whether every row has a finite number in a column."""
        return Profile(self.table, where, count, column.raw, column.number)


def _listed(names: list[str], most: int = 12) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")

"""One table as rules see it: columns by their exact names, as text for groups and classes or as numbers."""

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
    """A column that exists: its name in the table, its kind, and its two readings in SQL."""

    name: str
    kind: str

    @property
    def raw(self) -> str:
        """The column as it stands."""
        return quote(self.name)

    @property
    def text(self) -> str:
        """The exact text of its values, NULL where there is none (NaN is none)."""
        return text_of(self.name, self.kind)

    @property
    def number(self) -> str:
        """Its reading as a double, NULL where it has none. Raises EvidenceError for kinds that are not numbers."""
        return number_of(self.name, self.kind)

    @property
    def term(self) -> Term:
        """The column as a group."""
        return Term(self.name, self.text)

    def equals_any(self, values: tuple[str, ...]) -> str:
        """Whether the value's text is one of some."""
        return f"{self.text} in ({', '.join(map(literal, values))})"


@dataclass(frozen=True)
class Rows:
    """A table's name and schema; looks columns up by their exact names."""

    table: str
    shown_as: str
    """What messages call it: the candidate's word."""
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
        """The question whether every row of a column has a finite number."""
        return Profile(self.table, where, count, column.raw, column.number)


def _listed(names: list[str], most: int = 12) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")

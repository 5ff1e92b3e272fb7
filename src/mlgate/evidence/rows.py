"""A table as rules see it: columns by their exact names, read as text (groups, classes) or as numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from mlgate.evidence.dialect import (
    MOST_DIGITS,
    NUMBER_GRAMMAR,
    NUMBER_KINDS,
    double,
    literal,
    number_of,
    quote,
    text_of,
)
from mlgate.evidence.missing_column import no_column
from mlgate.evidence.questions.need import Term
from mlgate.evidence.questions.profile import Profile
from mlgate.evidence.questions.table_schema import SchemaFact
from mlgate.evidence.time_texts import time_spellings
from mlgate.values.errors import EvidenceError, concerning

READ_AS_NUMBERS = (*NUMBER_KINDS, "text")
"""The kinds of columns whose values can be read as numbers."""
LEAST_NORMAL = Decimal("1e-300")
"""A number nearer to 0 may have the double of another one."""
NEVER = "1 = 0"
"""SQL that is true for no row."""
_INFINITY = re.compile(r"([+-]?)(?:[.]?inf|infinity)", re.IGNORECASE)
_TRUTHS = (("true", "True", "TRUE"), ("false", "False", "FALSE"))


@dataclass(frozen=True)
class Column:
    """A column of a table: its name, its kind, and SQL for its values as text and as numbers."""

    name: str
    kind: str
    key: str = field(default="", compare=False)
    """The key of the candidate file that names it; empty for a column that a policy names."""

    @property
    def raw(self) -> str:
        """SQL for the column itself."""
        return quote(self.name)

    @property
    def text(self) -> str:
        """SQL for the exact text of its values; NULL where a value is missing or NaN."""
        with concerning(self.key):
            return text_of(self.name, self.kind)

    @property
    def number(self) -> str:
        """SQL for its values as doubles; NULL where one is not a number. Raises EvidenceError for other kinds."""
        with concerning(self.key):
            return number_of(self.name, self.kind)

    @property
    def term(self) -> Term:
        """The column as a term to group by."""
        return Term(self.name, self.text)

    def equals_any(self, values: tuple[str, ...]) -> str:
        """SQL for whether a value is one of `values`, by the column's kind; texts are compared letter by letter."""
        return self._one_of(tuple(text for value in values for text in spellings(value, self.kind)))

    def equals(self, value: str) -> str:
        """SQL for whether a value is `value`, by the column's kind; never true for a value that it cannot have."""
        return self.equals_any((value,))

    def coded(self, sentinels: tuple[str, ...]) -> str:
        """SQL for whether a value is one of those that count as missing: of a text also one that is the same number, as
        a program writes -999.0 for -999."""
        same = [self._same_number(value) for value in sentinels] if self.kind == "text" else []
        return " or ".join([self.equals_any(sentinels), *filter(None, same)])

    def alike(self, value: str) -> str:
        """SQL for whether a text means the same in other letters: `True` for `true`, `1.0` or `1e0` for `1`."""
        if self.kind != "text":
            return NEVER
        truths, number = self._one_of(other_spellings(value)), self._same_number(value)
        return f"({truths} or {number}) and {self.text} <> {literal(value)}" if number else truths

    def _same_number(self, value: str) -> str:
        """SQL for whether a text is exactly the number that `value` is; empty if it is not a number."""
        number = _decimal(value)
        if number is None or 0 < abs(number) < LEAST_NORMAL:
            return ""
        return f"matches({self.raw}, {literal(_digits(number))}) and {self.number} = {double(float(number))}"

    def _one_of(self, texts: tuple[str, ...]) -> str:
        if not texts:
            return NEVER
        listed = list(map(literal, texts))
        if self.kind == "float":
            listed += [f"cast(cast({text} as double) as varchar)" for text in listed]
        return f"{self.text} in ({', '.join(listed)})"


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

    def refusal(self, name: str) -> str | None:
        """Why a column that is there cannot be read; None if it can."""
        return self._refused.get(name)

    def column(self, name: str, wanted_for: str, key: str = "", also: Iterable[str] = ()) -> Column:
        """The column of that exact name. Raises EvidenceError where there is none, or it cannot be read.

        `key` is the key of the candidate file that names it. `also` are other names that may be meant,
        such as bands of a policy.
        """
        with concerning(key):
            if name in self._refused:
                raise EvidenceError(self._refused[name])
            if name not in self.kinds:
                raise no_column(name, self.shown_as, self.kinds, wanted_for, also)
        return Column(name, self.kinds[name], key)

    def profile(self, column: Column, where: str, count: str = "") -> Profile:
        """The need that tells whether every row has a finite number in a column."""
        return Profile(self.table, where, count, column.raw, column.number)


def spellings(value: str, kind: str) -> tuple[str, ...]:
    """The texts that a column of a kind may have for a value; none where it cannot have the value.

    A number is compared as a number, a boolean as a boolean and a time as a time. Text is compared letter by letter.
    """
    if kind == "boolean":
        return tuple(same[0] for same in _TRUTHS if value in same)
    if kind == "time":
        return time_spellings(value)
    if kind not in NUMBER_KINDS:
        return (value,)
    if kind == "float" and (infinite := _INFINITY.fullmatch(value)):
        return (f"{'-' * (infinite[1] == '-')}inf",)
    number = _decimal(value)
    if number is None:
        return ()
    if kind == "float":
        return (value, f"{number:f}") if number else ("0.0",)
    whole = number == number.to_integral_value()
    if kind == "integer":
        return (str(int(number)),) if whole else ()
    return _decimals(f"{int(number)}." if whole else f"{number.normalize():f}")


def _decimals(text: str) -> tuple[str, ...]:
    """A decimal number in every scale; engines may write .5 for 0.5."""
    found = [
        text.removesuffix(".") if text.endswith(".") else text,
        *(text + "0" * n for n in range(1, MOST_DIGITS + 1)),
    ]
    return (*found, *(each.replace("0.", ".", 1) for each in found if re.match(r"-?0\.", each)))


def other_spellings(value: str) -> tuple[str, ...]:
    """Other texts for the same truth value or whole number: `True` for `true`, `1.0` for `1`."""
    for same in _TRUTHS:
        if value in same:
            return tuple(text for text in same if text != value)
    if re.fullmatch(r"-?(0|[1-9][0-9]*)", value):
        return f"{value}.0", f"{value}.00"
    whole = re.fullmatch(r"(-?(?:0|[1-9][0-9]*))\.0+", value)
    return (whole[1],) if whole else ()


def _digits(number: Decimal) -> str:
    """The pattern of every text with the significant digits of a number, wherever its point is. Of numbers of equal
    digits, no two in the range of doubles have the same double.
    """
    if not number:
        return r"[+-]?[0.]+([eE][+-]?[0-9]+)?"
    digits = "".join(map(str, number.as_tuple().digits)).strip("0")
    return f"{'-' if number < 0 else '[+]?'}[0.]*" + r"\.?".join(digits) + r"[0.]*([eE][+-]?[0-9]+)?"


def _decimal(value: str) -> Decimal | None:
    """The number that a text is, if it is one that some column could have."""
    if not re.fullmatch(NUMBER_GRAMMAR, value):
        return None
    number = Decimal(value)
    return number if not number or -400 < number.adjusted() < 309 else None

"""A column read as a type that a rule names: text by our own grammar, other columns by what they hold.

The engine would read '1_0', ' 5', '0x10' and 'nan' as numbers, and drop the zone of a time. Here these are not numbers,
and a time with a zone is one in UTC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import ceil, floor

from mlgate.evidence.decimal_limits import decimal_compared
from mlgate.evidence.dialect import NUMBER_KINDS, literal
from mlgate.evidence.rows import NEVER, Column
from mlgate.evidence.time_texts import CLOCK, DAY, ZONE, moment_of
from mlgate.values.errors import EvidenceError

DECIMAL = re.compile(r"decimal(?:\(([1-9][0-9]?),([0-9]{1,2})\))?")
TYPES = (
    *("integer", "number", "decimal", "decimal(DIGITS,DECIMALS)", "text", "boolean", "date", "timestamp"),
    *("timestamp with zone", "timestamp without zone", "category"),
)
"""The types that a policy may name, as messages list them."""

INTEGER = r"[+-]?[0-9]+([.]0*)?"
"""A whole number, also as a program writes it that holds it as a float."""
FIXED = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)"
_SHORT = r"[+-]?([0-9]+([.][0-9]{0,18}0*)?|[.][0-9]{1,18}0*)([eE][+]?[0-9]{1,2})?"
"""A number with at most 18 decimals."""
_GRAMMARS = {
    "date": DAY,
    "timestamp": f"{DAY}({CLOCK}{ZONE}?)?",
    "timestamp with zone": f"{DAY}{CLOCK}{ZONE}",
    "timestamp without zone": f"{DAY}({CLOCK})?",
}
FIRST = "0001-01-01"
"""The first day: the calendar has no year 0."""
NUMBERS = ("integer", "number", "decimal")
TIMES = tuple(_GRAMMARS)


@dataclass(frozen=True)
class TypedLimit:
    """A value of a policy that values of a column are compared with: a number, or a date or time."""

    text: str
    number: Fraction | None = None
    """The exact number; None for a date or time."""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class TypedColumn:
    """A column as a rule reads it. A value that is missing, NaN or one of `sentinels` is a missing value."""

    column: Column
    type: str = ""
    """One of TYPES; empty where the rule demands no type."""
    sentinels: tuple[str, ...] = ()
    """Values that count as missing, such as "N/A" or -999."""

    @cached_property
    def name(self) -> str:
        """The name of the column."""
        return self.column.name

    @cached_property
    def missing(self) -> str:
        """SQL for whether a row has no value."""
        return self._lacking(f"isnan({self.column.raw})" if self.column.kind == "float" else "")

    @cached_property
    def absent(self) -> str:
        """SQL for whether a row has no value and not NaN either."""
        return self._lacking("")

    def _lacking(self, nan: str) -> str:
        parts = [f"{self.column.raw} is null", *([nan] if nan else [])]
        if self.column.kind != "other" and self.sentinels:
            coded = self.column.coded(self.sentinels)
            parts += [f"coalesce({coded}, false)"] if coded != NEVER else []
        return f"({' or '.join(parts)})"

    @cached_property
    def text(self) -> str:
        """SQL for the exact text of its values; NULL where one is missing."""
        return f"case when not {self.missing} then {self.column.text} end"

    @cached_property
    def mistyped(self) -> str:
        """SQL for whether a row has a value that is not of the type; never, without a type."""
        fits = self._fits if self.type else "true"
        return NEVER if fits == "true" else f"not {self.missing} and not coalesce({fits}, false)"

    @cached_property
    def _fits(self) -> str:
        """SQL for whether a value is of the type. NULL is no."""
        kind, raw, text = self.column.kind, self.column.raw, self.column.text
        if self.type in ("text", "category"):
            return "true" if kind == "text" else "false"
        if self.type == "boolean":
            listed = ", ".join(map(literal, ("true", "false", "True", "False", "TRUE", "FALSE")))
            return "true" if kind == "boolean" else f"{raw} in ({listed})" if kind == "text" else "false"
        if self.type in TIMES:
            if kind not in ("time", "text"):
                return "false"
            return (
                f"matches({text}, {literal(_GRAMMARS[self.type])}) and {self._moment} >= cast('{FIRST}' as timestamp)"
            )
        return self._fits_number(kind, raw)

    def _fits_number(self, kind: str, raw: str) -> str:
        if kind not in (*NUMBER_KINDS, "text"):
            return "false"
        if self.type == "integer":
            if kind == "text":
                return f"matches({raw}, {literal(INTEGER)})"
            return "true" if kind == "integer" else f"{raw} = floor({raw}) and isfinite(cast({raw} as double))"
        if self.type == "number":
            return f"to_number({raw}) is not null" if kind == "text" else "true"
        digits, decimals = digits_of(self.type)
        if digits is None or decimals is None:
            return f"matches({raw}, {literal(FIXED)})" if kind == "text" else "true"
        # The digits before and after the point, without zeros that carry nothing; at least one digit.
        most = f"[+-]?0*[0-9]{{0,{digits - decimals}}}([.][0-9]{{0,{decimals}}}0*)?"
        return f"matches({self.column.text}, {literal(most)}) and matches({self.column.text}, '[+-.]*[0-9].*')"

    @cached_property
    def _moment(self) -> str:
        """SQL for a value as a time in UTC; a time without a zone is taken as one in UTC."""
        if self.column.kind == "text":
            return f"case when {is_time(self.column.raw)} then {moment_of(self.column.raw)} end"
        return f"try_cast({self.column.raw} as timestamp)"

    @cached_property
    def number(self) -> str:
        """SQL for the values as numbers, exact where the column is; NULL where one is missing or no number."""
        plain = self.column.kind in ("integer", "decimal") and not self.sentinels
        if plain:
            return self._number
        # Of NULL this is NULL, so that one test takes the place of two.
        present = f"not isnan({self.column.raw})" if self._bare_float else f"not {self.missing}"
        return f"case when {present} then {self._number} end"

    @property
    def _bare_float(self) -> bool:
        return self.column.kind == "float" and not self.sentinels

    @cached_property
    def _number(self) -> str:
        """SQL for the values as numbers, whatever it gives for a missing one."""
        kind, raw = self.column.kind, self.column.raw
        if kind == "text" and self.type == "integer":
            return f"case when matches({raw}, {literal(INTEGER)}) then try_cast({raw} as hugeint) end"
        if kind == "text":
            return f"to_number({raw})"
        if kind in NUMBER_KINDS:
            return raw
        raise EvidenceError(f"column `{self.name}` is {kind}; a number is required")

    @cached_property
    def exact(self) -> str | None:
        """SQL for the values as exact numbers, NULL where one is missing or has no exact reading; None for floats."""
        if self.column.kind == "float":
            return None
        if self.column.kind != "text" or self.whole:
            return self.number
        return f"case when not {self.missing} then {self._decimal} end"

    @cached_property
    def _decimal(self) -> str:
        """SQL for the values of a text column as decimals; NULL for more digits than fit, and such as 1e-5."""
        raw = self.column.raw
        return f"case when matches({raw}, {literal(_SHORT)}) then try_cast({raw} as decimal(38,18)) end"

    @cached_property
    def double(self) -> str:
        """SQL for the values as doubles; NULL where one is missing or no finite number."""
        value = self.column.number
        if self.column.kind == "integer" and not self.sentinels:
            return value
        return f"case when {self.finite} then {value} end"

    @cached_property
    def finite(self) -> str:
        """SQL for whether a row has a finite number. NULL is no."""
        present = [f"not {self.missing}"] if self.sentinels or self.column.kind != "float" else []
        if self.column.kind == "float":
            return " and ".join([*present, f"isfinite({self.column.raw})"])
        return " and ".join([*present, *([f"{self._number} is not null"] if self.column.kind == "text" else [])])

    @cached_property
    def moment(self) -> str:
        """SQL for the values as times in UTC; NULL where one is missing or no time. EvidenceError for other columns."""
        if self.column.kind not in ("time", "text"):
            raise EvidenceError(f"column `{self.name}` is {self.column.kind}; a date or time is required")
        return f"case when not {self.missing} then {self._moment} end"

    @cached_property
    def ordered(self) -> str:
        """SQL for the values as what they are ordered by: times, for times and texts of such a type, else numbers."""
        return self.moment if self.column.kind == "time" or self.type in TIMES else self.number

    @property
    def whole(self) -> bool:
        """Whether its numbers are whole ones that the engine holds exactly."""
        return self.column.kind == "integer" or (self.column.kind == "text" and self.type == "integer")

    def compared(self, sign: str, limit: TypedLimit) -> str:
        """SQL for `value SIGN limit`, one of <, <=, > and >=; NULL for a value that cannot be compared.

        A missing number may give anything: it is excluded by `missing`.
        """
        if limit.number is None:
            return f"({self.moment}) {sign} {moment(limit)}"
        if self.whole:
            return f"({self._number}) {_whole(sign, limit.number)}"
        if self.column.kind == "decimal":
            return decimal_compared(self._number, sign, limit.number)
        near = f"({self._number}) {sign} {_double(limit.number)}"
        if self.column.kind == "float":
            return near
        # Of two numbers with one double, the exact digits decide; else the doubles are in the order of the numbers.
        exactly = decimal_compared(self._decimal, sign, limit.number)
        return f"case when ({self._number}) = {_double(limit.number)} then coalesce({exactly}, {near}) else {near} end"

    def reading(self, type_: str) -> TypedColumn:
        """The same column read as a type."""
        return replace(self, type=type_)


def is_time(text: str) -> str:
    """SQL for whether a text, as SQL, has the form of a date or time."""
    return f"matches({text}, {literal(_GRAMMARS['timestamp'])})"


def digits_of(type_: str) -> tuple[int | None, int | None]:
    """The most digits and the decimals of `decimal(DIGITS,DECIMALS)`; None for a plain `decimal`."""
    found = DECIMAL.fullmatch(type_)
    return (None, None) if found is None or found[1] is None else (int(found[1]), int(found[2]))


def moment(limit: TypedLimit) -> str:
    """A date or time of a policy as SQL, in UTC."""
    return moment_of(literal(limit.text))


def _whole(sign: str, bound: Fraction) -> str:
    """`SIGN bound` for whole numbers: with the next whole number where the bound is not one."""
    if sign in (">=", "<"):
        return f"{sign} {ceil(bound)}"
    return f"{sign} {floor(bound)}"


def _double(bound: Fraction) -> str:
    return f"cast({literal(repr(float(bound)))} as double)"

"""When a value of one table is that of another one, for `data.leakage`: SQL that is equal for equal values.

Two files often write one value in two ways: 7 and 7.0 where a column has missing values, 007 and 7 where a program read
numbers, and one time in two zones. Such values must not hide a row that is in both.
"""

from __future__ import annotations

from dataclasses import dataclass

from mlgate.evidence.dialect import NUMBER_KINDS, literal
from mlgate.evidence.rows import Column
from mlgate.evidence.typed import INTEGER, TypedColumn, is_time
from mlgate.values.errors import EvidenceError

EXACT = 2**53
"""From here on, two whole numbers may have one double."""


@dataclass(frozen=True)
class SameValues:
    """One column in two tables. EvidenceError where their kinds differ, so that no value is equal."""

    columns: tuple[Column, Column]
    tables: tuple[str, str]
    missing: tuple[str, ...] = ()
    """Values that count as missing."""
    numbers: bool = False
    """Whether texts that are one number are equal, such as 0.5 and 5e-1. Whole numbers always are."""
    digits: int | None = None
    """The decimals to which numbers are rounded; texts are then compared as they look. None to compare all exactly."""

    def __post_init__(self) -> None:
        mine, theirs = self.columns
        if _family(mine) != _family(theirs):
            raise EvidenceError(
                f"column `{mine.name}` is {mine.kind} in {self.tables[0]} and {theirs.kind} in {self.tables[1]}; "
                "store it alike in both"
            )

    @property
    def sides(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The expressions for each table, NULL for a missing value; all of them are equal for equal values."""
        mine, theirs = (
            tuple(f"case when not {typed.missing} then {value} end" for value in self._values(typed))
            for typed in (TypedColumn(column, "", self.missing) for column in self.columns)
        )
        return mine, theirs

    def _values(self, of: TypedColumn) -> tuple[str, ...]:
        kind, column = of.column.kind, of.column
        if kind in NUMBER_KINDS:
            return self._of_number(of)
        if kind == "time":
            # A time of day is not a moment.
            return (f"coalesce(cast({of.moment} as varchar), {column.text})",)
        return (self._of_text(of),) if kind == "text" else (column.text,)

    def _of_number(self, of: TypedColumn) -> tuple[str, ...]:
        kinds, number = {column.kind for column in self.columns}, of.column.number
        if self.digits is not None:
            return (f"round({number}, {self.digits})",)
        if "float" in kinds:
            return (number,)
        # A double holds the decimals, and a whole number the digits before the point.
        return number, f"try_cast({of.column.raw} as hugeint)"

    def _of_text(self, of: TypedColumn) -> str:
        text = of.column.text
        whole = f"cast(try_cast({text} as hugeint) as varchar)"
        cases = [f"when matches({text}, {literal(INTEGER)}) then coalesce({whole}, {text})"]
        if self.digits is not None or self.numbers:
            number = of.column.number
            double = number if self.digits is None else f"round({number}, {self.digits})"
            small = f"abs({number}) < {EXACT}"
            # Whole numbers as above, whether they are written with decimals or not.
            as_whole = f"cast(try_cast({double} as hugeint) as varchar)"
            cases.insert(0, f"when {small} then case when {double} = floor({double}) then {as_whole} "
                            f"else cast({double} as varchar) end")  # fmt: skip
        moment = of.reading("timestamp").moment
        cases.append(f"when {is_time(text)} then coalesce(cast({moment} as varchar), {text})")
        plain = text if self.digits is None else f"look_of({text})"
        return f"case {' '.join(cases)} else {plain} end"


def _family(column: Column) -> str:
    return "number" if column.kind in NUMBER_KINDS else column.kind

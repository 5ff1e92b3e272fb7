"""What a table holds, column by column: types, missing values, ends, categories. It takes four scans."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import isfinite, sqrt
from typing import Any

from mlgate.authoring.column_summary import ColumnSummary, SummaryFact
from mlgate.checks.data.formats import FORMATS
from mlgate.evidence.evidence import OpenEvidence
from mlgate.evidence.missing_column import unsplit
from mlgate.evidence.questions.counts import Counts
from mlgate.evidence.questions.matching_rows import MatchingRows
from mlgate.evidence.questions.need import Facts, Need, Term
from mlgate.evidence.questions.repeats import Repeats
from mlgate.evidence.rows import Rows
from mlgate.evidence.typed import NUMBERS, TIMES, TypedColumn
from mlgate.values.errors import InputError

SENTINELS = ("", "N/A", "NA", "n/a", "null", "NULL", "None", "NaN", "nan", "-", "?")
"""Texts that mean that a value is missing, where all other values are numbers, dates or truth values."""
TYPES_TRIED = ("integer", "number", "boolean", "date", "timestamp")
FORMATS_TRIED = ("email", "uuid", "url", "ipv4")
MOST_CATEGORIES, ROWS_PER_CATEGORY = 20, 5
"""A column with at most so many different values, each in so many rows on average, has categories."""
ZEROS_FIRST = "[+-]?0[0-9].*"
"""Texts of digits that are not numbers, such as a postal code."""
MARKS = {"lower": "(?s).*[a-z].*", "upper": "(?s).*[A-Z].*", "blanks": r"(?s)\s.*|.*\s"}
"""What texts of a column may have: small or capital letters, and blanks around them."""


@dataclass(frozen=True)
class ProfiledColumn:
    """One column as it is in the table."""

    name: str
    kind: str
    rows: int
    missing: int
    type: str = ""
    """A type that each value has; empty for texts of no such type, and for columns that are not texts or numbers."""
    sentinels: tuple[str, ...] = ()
    summary: SummaryFact | None = None
    """None where no row has a value that can be read as text."""
    lengths: SummaryFact | None = None
    categories: tuple[tuple[str, int], ...] = ()
    """The values with their rows; empty for a column with many values."""
    format: str = ""
    marks: frozenset[str] = frozenset()
    """Which of MARKS some text has."""
    all_blank: bool = False
    """Whether every text has blanks around it."""

    @property
    def values(self) -> int:
        """The rows with a value."""
        return self.rows - self.missing

    @property
    def spread(self) -> tuple[float, float] | None:
        """The mean and the standard deviation; None for what has no finite sums."""
        found = self.summary
        if found is None or found.total is None or found.squares is None or not isfinite(found.squares):
            return None
        mean = found.total / found.rows
        return mean, sqrt(max(found.squares / found.rows - mean * mean, 0.0))


@dataclass(frozen=True)
class TableProfile:
    """All columns of a table, in their order."""

    columns: tuple[ProfiledColumn, ...]
    rows: int
    repeats: bool
    """Whether a row occurs twice, or this is not known."""
    refused: tuple[str, ...] = ()
    """Columns that cannot be read."""


def profile(evidence: OpenEvidence, table: str, shown: str) -> TableProfile:
    """The profile of an open table. Raises EvidenceError where it cannot be read, and InputError where it has no
    row, or its lines were not split into columns.
    """
    rows = Rows(table, shown, evidence.schema(table))
    if said := unsplit(rows.kinds):
        raise InputError(f"{shown}: its lines were read as one column, because {said}")
    readable = [name for name in rows.kinds if name not in {refused for refused, _ in rows.schema.refused}]
    columns = [TypedColumn(rows.column(name, "columns")) for name in readable]
    questions = {column.name: list(_first(table, column)) for column in columns}
    total = MatchingRows(table)
    first = evidence.measure([total, *(need for asked in questions.values() for need in asked)])
    if not first[total].rows:
        raise InputError(f"{shown} has no rows, so there is nothing to make rules from")
    typed = [_typed(table, column, first) for column in columns]
    found = [ProfiledColumn(*_base(table, column, first), **_texts(table, column, first)) for column in typed]
    second = evidence.measure(
        need for column, of in zip(typed, found, strict=True) if of.values for need in _second(table, column)
    )
    found = [_summarised(table, column, of, second) for column, of in zip(typed, found, strict=True)]
    whole = _all_columns(table, columns)
    third = evidence.measure(
        [*(_counts(table, column) for column, of in zip(typed, found, strict=True) if _has_categories(of)), *whole]
    )
    found = [_categorised(table, column, of, third) for column, of in zip(typed, found, strict=True)]
    repeats = any(third[need].surplus for need in whole) or not whole
    return TableProfile(tuple(found), first[total].rows, repeats, tuple(name for name, _ in rows.schema.refused))


def _first(table: str, column: TypedColumn) -> Iterator[MatchingRows]:
    """What is missing, which types texts have, and what is in them."""
    yield MatchingRows(table, condition=column.missing)
    if column.column.kind != "text":
        return
    coded = replace(column, sentinels=SENTINELS)
    yield MatchingRows(table, condition=coded.missing)
    yield from (_matching(table, column, pattern) for pattern in (ZEROS_FIRST, *MARKS.values()))
    yield from (MatchingRows(table, condition=FORMATS[name].holds(column.column.text)) for name in FORMATS_TRIED)
    for each in (column, coded):
        yield from (MatchingRows(table, condition=each.reading(type_).mistyped) for type_ in TYPES_TRIED)
    yield from (MatchingRows(table, condition=column.column.equals(value)) for value in SENTINELS)


def _matching(table: str, column: TypedColumn, pattern: str) -> MatchingRows:
    return MatchingRows(table, condition=f"matches({column.column.text}, '{pattern}')")


def _typed(table: str, column: TypedColumn, facts: Facts) -> TypedColumn:
    """The column with the type that all of its values have, and with sentinels where only they have it not."""
    kind = column.column.kind
    if kind != "text":
        type_ = {"integer": "integer", "float": "number", "decimal": "number", "boolean": "boolean"}.get(kind, "")
        return column.reading(type_)
    present = tuple(s for s in SENTINELS if facts[MatchingRows(table, condition=column.column.equals(s))].rows)
    for sentinels in ((), SENTINELS):
        coded = replace(column, sentinels=sentinels)
        missing = facts[MatchingRows(table, condition=coded.missing)]
        for type_ in TYPES_TRIED:
            zeros = type_ in NUMBERS and facts[_matching(table, column, ZEROS_FIRST)].rows
            wrong = facts[MatchingRows(table, condition=coded.reading(type_).mistyped)].rows
            if missing.rows < missing.of and not wrong and not zeros:
                return replace(column, type=type_, sentinels=present if sentinels else ())
    return column


def _base(table: str, column: TypedColumn, facts: Facts) -> tuple[str, str, int, int, str, tuple[str, ...]]:
    wanted = replace(column, sentinels=SENTINELS if column.sentinels else (), type="")
    missing = facts[MatchingRows(table, condition=wanted.missing)]
    return column.name, column.column.kind, missing.of, missing.rows, column.type, column.sentinels


def _texts(table: str, column: TypedColumn, facts: Facts) -> dict[str, Any]:
    """The form that each text has, and which marks some have."""
    if column.column.kind != "text" or column.type:
        return {}
    of = facts[MatchingRows(table, condition=replace(column, type="").missing)]
    holds = {
        name: facts[MatchingRows(table, condition=FORMATS[name].holds(column.column.text))] for name in FORMATS_TRIED
    }
    form = next((name for name, found in holds.items() if of.rows < of.of and found.rows == of.of - of.rows), "")
    marks = (name for name, pattern in MARKS.items() if facts[_matching(table, column, pattern)].rows)
    blank = 0 < of.of - of.rows == facts[_matching(table, column, MARKS["blanks"])].rows
    return {"format": form, "marks": frozenset(marks), "all_blank": blank}


def _second(table: str, column: TypedColumn) -> Iterator[Need]:
    kind = column.column.kind
    if kind == "other":
        return
    yield _summary(table, column)
    if kind == "text" and not column.type:
        yield _lengths(table, column)


def _summary(table: str, column: TypedColumn) -> ColumnSummary:
    if column.type in NUMBERS:
        return ColumnSummary(table, value=column.number, number=column.double, exact=column.type == "integer")
    times = column.column.kind == "time" or column.type in TIMES
    return ColumnSummary(table, value=column.moment if times else column.text, exact=not times)


def _lengths(table: str, column: TypedColumn) -> ColumnSummary:
    return ColumnSummary(table, value=f"length({column.text})", exact=False)


def _summarised(table: str, column: TypedColumn, of: ProfiledColumn, facts: Facts) -> ProfiledColumn:
    asked = list(_second(table, column)) if of.values else []
    found = [facts[need] for need in asked]
    return replace(of, summary=found[0] if found else None, lengths=found[1] if found[1:] else None)


def _has_categories(of: ProfiledColumn) -> bool:
    if of.summary is None or of.kind == "time" or of.type in TIMES or of.type == "number":
        return False
    return of.summary.distinct <= min(MOST_CATEGORIES, of.values // ROWS_PER_CATEGORY)


def _counts(table: str, column: TypedColumn) -> Counts:
    return Counts(table, terms=(Term(column.name, column.text),))


def _categorised(table: str, column: TypedColumn, of: ProfiledColumn, facts: Facts) -> ProfiledColumn:
    if not _has_categories(of):
        return of
    cells = facts[_counts(table, column)].cells
    return replace(of, categories=tuple((str(cell.values[0]), cell.n) for cell in cells if cell.values[0] is not None))


def _all_columns(table: str, columns: Sequence[TypedColumn]) -> list[Repeats]:
    """The question how often rows repeat; none where rows cannot be compared, because a column holds lists or such."""
    if not columns or any(column.column.kind == "other" for column in columns):
        return []
    return [Repeats(table, values=tuple(column.column.text for column in columns), with_missing=True)]

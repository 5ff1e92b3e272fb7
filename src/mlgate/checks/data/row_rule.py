"""What the rules about rows share: the rows that they read, and the estimate of rows at fault."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from mlgate.checks.data.row_keys import Tolerated
from mlgate.checks.of_table import demanded, number_of, share_of
from mlgate.checks.subject import Subject
from mlgate.evidence.dialect import one_zero
from mlgate.evidence.questions.example_rows import ExampleRows
from mlgate.evidence.questions.matching_rows import MatchingFact, MatchingRows
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.rows import Rows
from mlgate.evidence.typed import TypedColumn
from mlgate.values.estimate import Answer, Claim, Estimate, Unanswered
from mlgate.values.verdict import Where

NO_ROWS = "there are no rows to judge; present some, or correct `where`"


@dataclass(frozen=True)
class JudgedRows:
    """The rows of a table that a rule is about."""

    subject: Subject
    table: str
    """Its name in the candidate."""
    rows: Rows
    sentinels: tuple[str, ...]
    where: str
    """SQL for whether a row is one of them; empty for all."""

    def column(self, name: str, wanted_for: str) -> TypedColumn:
        """A column by its name. Raises EvidenceError where there is none."""
        return TypedColumn(self.rows.column(name, wanted_for), "", self.sentinels)

    def columns(self, names: Iterable[str], wanted_for: str) -> tuple[TypedColumn, ...]:
        """Some columns; all of the table without names."""
        return tuple(self.column(name, wanted_for) for name in tuple(names) or self.rows.kinds)

    def matching(self, condition: str) -> MatchingRows:
        """The question how many of the rows satisfy a condition."""
        return self.subject.matching(self.table, condition, self.where)

    @property
    def every(self) -> MatchingRows:
        """The question how many rows there are."""
        return self.matching("")

    @property
    def frequency(self) -> str:
        """SQL for how often each row counts; empty for once."""
        return self.every.count

    def examples(self, condition: str, columns: Iterable[TypedColumn], repeated: Iterable[str] = ()) -> ExampleRows:
        """The question for some of the rows that satisfy a condition; with `repeated`, of those that share values."""
        shown = (each.column for each in columns if each.column.kind != "other")
        return self.subject.examples(self.table, condition, *shown, within=self.where, repeated=repeated)


class RowRule(Protocol):
    """One demand on the rows."""

    def needs(self, of: JudgedRows) -> Iterable[Need]:
        """The questions to ask. Raises EvidenceError where a column is missing or its type does not fit."""
        ...

    def answers(self, of: JudgedRows, facts: Facts) -> Iterator[Answer]:
        """One answer per finding."""
        ...


def grouped_value(column: TypedColumn) -> str:
    """SQL for a value to compare rows by; NULL where it is missing."""
    raw = column.column.raw
    return f"case when not {column.missing} then {one_zero(raw) if column.column.kind == 'float' else raw} end"


def any_missing(columns: Iterable[TypedColumn]) -> str:
    """SQL for whether one of some columns has no value."""
    return f"({' or '.join(column.missing for column in columns)})"


def at_fault(
    where: Where,
    what: str,
    found: MatchingFact,
    allowed: Tolerated,
    note: str = "",
    offenders: ExampleRows | None = None,
) -> Answer:
    """A claim that no row is at fault; an estimate of their number or share, where the policy allows some. `what`
    follows "rows": "that repeat an earlier row". Without rows there is no answer."""
    if not found.of:
        return Unanswered(where, NO_ROWS, 0)
    if allowed.at_most is None and allowed.at_most_share is None:
        said = f"rows {what}: {found.rows:,} of {found.of:,}{f'; {note}' if note else ''}"
        return Claim(where, not found.rows, said, offenders)
    if allowed.at_most is not None:
        own = demanded(f"rows {what}", at_most=allowed.at_most)
        return _noted(number_of(where, found.rows, found.of, own, offenders=offenders), note)
    own = demanded(f"share of rows {what}", at_most=allowed.at_most_share)
    return _noted(share_of(where, found, own, offenders=offenders), note)


def _noted(answer: Estimate | Unanswered, note: str) -> Answer:
    return replace(answer, note=note) if note and isinstance(answer, Estimate) else answer

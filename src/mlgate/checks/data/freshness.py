"""data.freshness: the newest row of a table, or of each of its groups, is not too old."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import partial
from typing import ClassVar

from mlgate.candidate.derivation import PREDICTIONS
from mlgate.checks.base import Check, Wrong
from mlgate.checks.by_group import absent_groups, unknown_columns, unknown_group, where_of
from mlgate.checks.data.limits import known_instant, on_day
from mlgate.checks.data.table_rows import joined
from mlgate.checks.expressions.condition import ConditionText, WrittenCondition
from mlgate.checks.expressions.row_filter import RowFilter
from mlgate.checks.subject import Subject
from mlgate.evidence.guard import Guard
from mlgate.evidence.questions.ends import Ends, EndsOf
from mlgate.evidence.questions.matching_rows import MatchingFact
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.typed import TypedColumn, TypedLimit
from mlgate.reading.fields import By, ListOf, Text, param
from mlgate.values.demand import Demand
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Answer, Claim, Estimate, Unanswered
from mlgate.values.verdict import About, Where
from mlgate.values.words import Words, counted, have

NO_BOUND = "an age is counted in days and has no interval"


@dataclass(frozen=True, kw_only=True)
class DataFreshness(Check):
    """The newest row of a table, or of each of its groups, is at most so many days old.

    ## What it does
    Counts the whole days, in UTC, from the newest date or time in `column` to the day of the verdict, `--as-of`. With
    `by`, every group of the table must be fresh, so that a region or a partition whose feed has stopped shows. A group
    that `groups:` of the policy declares and that has no rows is an error.

    ## Why it matters
    A pipeline that stopped leaves yesterday's table behind, and every other check of it still passes.

    ## Example
    ```yaml
    - id: yesterday-at-the-latest
      check: data.freshness
      table: evaluation
      column: recorded_at
      by: region
      at_most: 1
    ```

    ## Notes
    A row later than the day of the verdict is a FAIL, because it would hide that all others are old. A value that is
    not a date or time, and a table without any, are errors, and so is a row without a group, or with one that is not
    declared, unless `groups:` says how it counts. Rows without a time are left out. A time without a zone is in UTC. Of
    a folder with Hive partitions such as `day=2024-02-29` the partition is a column too. The time at which a file was
    written says when it was copied and not how old its data are, so no rule reads it.

    ## References
    Freshness checks of Soda and dbt.
    """

    id: ClassVar[str] = "data.freshness"
    bounded: ClassVar[bool] = True
    about: ClassVar[About] = "table"
    left_out_keys: ClassVar[tuple[str, ...]] = ()

    table: str = param(Text(), default="", doc="The table of the candidate; `predictions` if left out.")
    column: str = param(Text(), doc="The column with a date or time of every row.")
    by: tuple[tuple[str, ...], ...] = param(By(), default=(), doc="Columns whose groups must each be fresh.")
    where: WrittenCondition | None = param(
        ConditionText(), default=None, doc="Only rows that meet this condition are judged, as in `data.rows`."
    )
    missing: tuple[str, ...] = param(ListOf(Text(empty=True)), default=(), doc="Values that count as missing.")

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return f"age in days of the newest `{self.column}`"

    @property
    def limits(self) -> tuple[float, float]:
        """Ages are not negative: a later row fails by itself."""
        return 0.0, float("inf")

    @property
    def source(self) -> str:
        """The table."""
        return self.table or PREDICTIONS

    def words(self, _subject: Subject) -> Words:
        """A finding is about one group of rows."""
        return Words("group") if self.by else Words()

    def problems(self, demand: Demand) -> Iterable[Wrong]:
        """A demand that data must be old."""
        if demand.at_most is None:
            yield "at_least", "an age must be `at_most` so many days"
        elif demand.at_most < 0:
            yield "at_most", "an age is not below 0 days"

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        """The newest time by group, and the rows whose time cannot be read or is later than the verdict."""
        yield from joined(subject, self.source)
        yield from self._filter(subject).guards
        column, within = self._column(subject), self._filter(subject).sql
        unreadable = subject.matching(self.source, f"not {column.missing} and ({column.moment}) is null", within)
        yield Guard(unreadable, partial(_refuse_unreadable, self.column))
        yield self._later(subject)
        yield from self._newest(subject)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """The age of each group, and whether a row is later than the verdict."""
        later = facts[self._later(subject)].rows
        if later:
            said = f"{have(later, 'row')} a `{self.column}` later than {subject.as_of}, the day of this verdict"
            within = self._filter(subject).sql
            rows = subject.examples(self.source, self._is_later(subject), within=within)
            yield Claim((("key", "later"),), False, said, rows)
        for need in self._newest(subject):
            groups = facts[need].groups
            names = tuple(term.name for term in need.by)
            yield from absent_groups(subject, names, {group.group: group for group in groups})
            total = sum(group.rows for group in groups)
            for group in groups:
                where = where_of(names, group.group)
                unknown = unknown_columns(subject, names, group.group)
                if unknown and group.rows:
                    yield unknown_group(subject, where, unknown, group.rows, total)
                else:
                    yield _age(where, group, subject.as_of)

    def _column(self, subject: Subject) -> TypedColumn:
        rows = subject.rows(self.source)
        return TypedColumn(rows.column(self.column, "column"), "timestamp", self.missing)

    def _newest(self, subject: Subject) -> list[Ends]:
        rows, value = subject.rows(self.source), self._column(subject).moment
        slicings = [tuple(subject.group_term(rows, name, self.missing) for name in names) for names in self.by] or [()]
        within = self._filter(subject).sql
        return [Ends(rows.table, within, value=value, by=terms) for terms in slicings]

    def _later(self, subject: Subject) -> Need:
        return subject.matching(self.source, self._is_later(subject), self._filter(subject).sql)

    def _filter(self, subject: Subject) -> RowFilter:
        return RowFilter(self.where, subject, self.source, self.missing)

    def _is_later(self, subject: Subject) -> str:
        today = on_day(TypedLimit("today"), ">", subject.as_of)
        return self._column(subject).compared(">", today)


def _refuse_unreadable(name: str, fact: MatchingFact) -> None:
    if fact.rows:
        has = "has" if fact.rows == 1 else "have"
        said = f"{fact.rows:,} of {counted(fact.of, 'row')} {has} a value that is not a date or time"
        raise EvidenceError(f"column `{name}`: {said}; correct it, or name it in `missing`")


def _age(where: Where, group: EndsOf, as_of: date) -> Answer:
    if group.highest is None:
        return Unanswered(where, "no row has a date or time, so nothing was evaluated")
    newest = known_instant(group.highest)
    if newest is None:
        return Unanswered(where, "the newest date or time is not in the years 1 to 9999; correct it")
    days = (as_of - newest.date()).days
    return Estimate(where, float(days), group.rows, group.rows, exact=Fraction(days), no_bound_because=NO_BOUND)

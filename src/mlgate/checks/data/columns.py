"""data.columns: the columns of a table are what a policy says that they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from mlgate.candidate.derivation import PREDICTIONS
from mlgate.checks.base import Check, Wrong
from mlgate.checks.data.column_keys import ColumnKeys
from mlgate.checks.data.column_names import means, named, pattern_of
from mlgate.checks.data.judged_columns import JudgedColumns, in_order, missing_in, mistakes, no_others
from mlgate.checks.data.limits import NumberRange
from mlgate.checks.data.table_rows import joined
from mlgate.checks.expressions.condition import ConditionText, WrittenCondition
from mlgate.checks.expressions.row_filter import RowFilter
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.rows import Rows
from mlgate.reading.fields import Flag, ListOf, MapOf, OneOrMany, Record, Text, param
from mlgate.values.demand import Demand
from mlgate.values.estimate import Answer, Claim
from mlgate.values.verdict import About, Where
from mlgate.values.words import Words, counted


@dataclass(frozen=True, kw_only=True)
class DataColumns(Check):
    """The columns of a table are what the policy says: their types, values, ranges and statistics.

    ## What it does
    Judges every column that `columns` names by the keys below it, each as a finding of its own. A name between slashes
    is a pattern for the whole name, so one entry covers 300 columns: `/lab_.*/`. The demands are about the table
    itself: counts and shares are exact and decide. With `proof: shown`, shares and means are estimates of the
    population that the rows are drawn from, and their bounds decide.

    ## Why it matters
    A model that is trained or judged on a column whose unit changed, whose nulls doubled or of which a category
    vanished has other answers than its metrics say.

    ## Example
    ```yaml
    - id: applicants-are-valid
      check: data.columns
      table: evaluation
      columns:
        age: {type: integer, between: [18, 120], max_nulls: 0}
        sex: {exactly: [F, M, X]}
        /lab_.*/: {type: number, finite: true, max_null_share: 0.05}
    ```

    ## Notes
    Missing values are null, NaN and the values of `missing`. They are left out of all keys about values, and the
    message counts them; only `finite` counts NaN as a value. A key that evaluated nothing, because the table has no
    rows, all values are missing or no column has a name of the pattern, is an error and never a pass. An entry without
    keys demands that the column is there. Text is read as a number, date or truth value by mlgate's own grammar: `1_0`,
    ` 5` and `nan` are not numbers, and a time without a zone is in UTC. Infinity is a value, written `inf` or `-inf` in
    lists.

    Whole numbers, decimals and text with at most 18 decimals are compared and added by all their digits. Floats, and
    sums of other texts, are doubles: a statistic meets a bound from which it differs by less than 1e-12 of the bound,
    and is INCONCLUSIVE where rounding may have moved it over the bound. Quantiles are doubles, and times are compared
    to the microsecond. `unique` reports the values that occur in several rows and the rows that repeat an earlier one;
    there and in `distinct`, texts are equal letter by letter whatever their `type`, so that `7` and `007` differ. The
    order of the rows is that of the file. In regular expressions (RE2) `\\d`, `\\w` and `\\b` know ASCII only;
    `\\pL` and `\\pN` are the letters and digits of all scripts.

    ## References
    Great Expectations, pandera, Soda, dbt and Frictionless have rules like these: docs/validators.md names them.
    """

    id: ClassVar[str] = "data.columns"
    bounded: ClassVar[bool] = False
    about: ClassVar[About] = "table"

    table: str = param(Text(), default="", doc="The table of the candidate; `predictions` if left out.")
    where: WrittenCondition | None = param(
        ConditionText(), default=None, doc="Only rows that meet this condition are judged, as in `data.rows`."
    )
    columns: tuple[tuple[str, ColumnKeys], ...] = param(
        MapOf(Record(ColumnKeys)), doc="What each column must be, by its name or a /pattern/."
    )
    missing: tuple[str, ...] = param(
        ListOf(Text(empty=True), unique=True), default=(), doc="Values that count as missing in every column."
    )
    only_columns: bool = param(
        Flag(),
        default=False,
        doc="Whether the table may have no other columns than those named.",
        tighter=(False, True),
    )
    order: tuple[str, ...] = param(OneOrMany(Text()), default=(), doc="Columns that stand in this order in the table.")
    columns_count: Demand | None = param(NumberRange(whole=True), default=None, doc="The number of columns.")

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return f"columns of {self.source}"

    @property
    def source(self) -> str:
        """The table."""
        return self.table or PREDICTIONS

    def words(self, _subject: Subject) -> Words:
        """A finding is about one key of one column."""
        return Words("column rule", improve="the data")

    @property
    def named_by(self) -> tuple[tuple[str, ...], ...]:
        """A waiver names a column and a key."""
        return (("column", "key"),)

    def demand_of(self, where: Where, given: Demand) -> Demand:
        """The demand of a key about a number or share; that of quantiles is one per level, so it cannot be waived."""
        place = dict(where)
        for name, keys in self.columns:
            if means(name, place.get("column", "")):
                return keys.demand(place.get("key", ""))
        return given

    def problems(self, _demand: Demand) -> Iterable[Wrong]:
        """Patterns that are not regular expressions, and values of keys that say nothing."""
        for name, keys in self.columns:
            if isinstance(pattern := pattern_of(name), str):
                yield ("columns", name), pattern
            yield from ((("columns", name, key), said) for key, said in mistakes(keys))

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        """The questions of every key about every column."""
        yield from joined(subject, self.source)
        yield from self._filter(subject).guards
        yield from self._judged(subject, alphas).needs()

    def later(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterable[Need]:
        """The follow-up questions of every key."""
        yield from self._judged(subject, alphas).later(facts)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """A finding per column and key, and those about the columns together."""
        yield from self._about_names(subject.rows(self.source))
        yield from self._judged(subject, alphas).answers(facts)

    def _judged(self, subject: Subject, alphas: tuple[float, ...]) -> JudgedColumns:
        within = self._filter(subject).sql
        return JudgedColumns(subject, self.source, self.columns, self.missing, alphas, within)

    def _filter(self, subject: Subject) -> RowFilter:
        return RowFilter(self.where, subject, self.source, self.missing, partial(missing_in, self.columns))

    def _about_names(self, rows: Rows) -> Iterator[Answer]:
        names = list(rows.kinds)
        if self.only_columns:
            known = {found for name, _ in self.columns for found in named(rows, name)}
            yield no_others(rows, known, "only_columns", "named in `columns`")
        if self.order:
            yield in_order(names, self.order)
        if self.columns_count:
            number = len(names) + rows.schema.nameless
            met = all(
                number >= bound if side == "at_least" else number <= bound for side, bound in self.columns_count.sides
            )
            said = f"the table has {counted(number, 'column')}, and it must be {self.columns_count}"
            yield Claim((("key", "columns_count"),), met, said)

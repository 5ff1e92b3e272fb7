"""data.rows: the rows of a table meet conditions, and fit together and with other tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from mlgate.candidate.derivation import PREDICTIONS
from mlgate.checks.base import Check, Wrong
from mlgate.checks.data.key_rules import InOtherTable, LabelBalance, NoConflicts, NoDuplicates, OnePartner, UniqueKey
from mlgate.checks.data.row_keys import (
    BalanceKeys,
    CompleteKeys,
    Conditions,
    ConflictKeys,
    CountKeys,
    DuplicatesKeys,
    ForeignKeys,
    Named,
    NoGapKeys,
    OneOrMore,
    PartnerKeys,
    Tolerated,
)
from mlgate.checks.data.row_rule import JudgedRows, RowRule
from mlgate.checks.data.row_rules import CompleteRows, MissingTogether, MustHold, NoGap, RowCount
from mlgate.checks.data.table_rows import joined
from mlgate.checks.expressions.condition import ConditionText, WrittenCondition
from mlgate.checks.expressions.row_filter import RowFilter
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts, Need
from mlgate.reading.fields import ListOf, OneOrMany, Record, Text, param
from mlgate.values.demand import Demand
from mlgate.values.estimate import Answer
from mlgate.values.verdict import About
from mlgate.values.words import Words

_COLUMNS: Any = OneOrMany(Text())
RULES = (
    *("must", "count", "duplicates", "key", "foreign_key", "one_to_one", "label_balance", "complete"),
    *("missing_together", "conflicting_labels", "no_gap"),
)
"""The keys of a rule of which one at least is given."""


@dataclass(frozen=True, kw_only=True)
class DataRows(Check):
    """The rows of a table meet conditions, and fit together and with other tables.

    ## What it does
    Counts the rows that break each demand: a condition (`must`), a key that must be unique, rows that repeat, keys of
    another table, dates without a row, and more. No row may be at fault unless `at_most` or `at_most_share` allows
    some. Each demand is a finding of its own, with its count "3 of 1,000 rows".

    ## Why it matters
    A column can be right in every value and wrong in every row: an end before its start, a total that is not the sum of
    its parts, a customer that does not exist, the same patient twice.

    ## Example
    ```yaml
    - id: orders
      check: data.rows
      table: orders
      where: status != "cancelled"
      must:
        dates: days(ordered, paid) between 0 and 30
        total: {holds: price * quantity = total, at_most_share: 0.001}
        reason: if status = "returned" then reason is not missing
      key: order_id
      foreign_key: {columns: customer, table: customers, to: id}
      count: {at_least: 1000}
    ```

    ## Conditions
    Columns by their names, in backticks if these have other signs than letters, digits, `_` and `.`; numbers; texts
    in quotes (a quote inside is doubled); dates and times such as 2024-01-31 or 2024-01-31T10:00:00Z; `true` and
    `false`. Then `= != < <= > >=`, `+ - * /`, `and`, `or`, `not`, parentheses, `x in [1, 2]`, `x between 1 and 5` (both
    ends count), `x is missing`, `x is not missing`, `if A then B`, `if A then B else C`, `days(from, to)`, `length(x)`,
    `abs(x)`, and for text columns `number(x)` and `date(x)`.

    A text column is read as numbers beside a number and as dates beside a date; two text columns are compared letter by
    letter, and have no order. Other columns are what they hold: a number is not compared with a text.

    A comparison with a missing value is neither true nor false: it is not decided. So is a text that is not a number
    where one is needed, a division by 0, and a result that is not finite. `false and x` is false and `true or x` is
    true whatever x is. A row for which a condition is not decided is at fault; `if_missing: pass` leaves out those of
    them that lack a value. A row for which `where` is not decided is an error.

    Sums and products of whole numbers, decimals and numbers in text columns are exact up to 38 digits, of which 18 are
    decimals. Divisions, floats, texts such as 1e-5 and, in sums and products, texts of a fraction with more than 15
    digits, as programs write floats, are computed in doubles; two results that differ by less than 1e-12 of their parts
    are equal, so 0.1 + 0.2 is 0.3. Times are compared to the microsecond, in UTC.

    ## Notes
    A demand that has no row to judge is an error: no rows, or no value in any. NaN is missing; infinity is a value.
    `missing` names further values that count as missing, also in the other table of `foreign_key` and `one_to_one`.
    """

    id: ClassVar[str] = "data.rows"
    bounded: ClassVar[bool] = False
    about: ClassVar[About] = "table"
    left_out_keys: ClassVar[tuple[str, ...]] = ()

    table: str = param(Text(), default=PREDICTIONS, doc="The table; `predictions` by default.")
    where: WrittenCondition | None = param(
        ConditionText(), default=None, doc="Only rows that meet this condition are judged."
    )
    missing: tuple[str, ...] = param(
        ListOf(Text(empty=True), unique=True),
        default=(),
        doc='Values that count as missing in every column, such as "N/A", "" or -999.',
    )
    must: Named = param(Conditions(), default=(), doc="Conditions that every row meets, by names or as a list.")
    count: CountKeys | None = param(Record(CountKeys, min=1), default=None, doc="How many rows there are.")
    duplicates: DuplicatesKeys | None = param(
        Record(DuplicatesKeys), default=None, doc="No row repeats an earlier one; `{}` for no tolerance."
    )
    key: tuple[str, ...] = param(_COLUMNS, default=(), doc="Columns that every row has and no two rows share.")
    foreign_key: tuple[ForeignKeys, ...] = param(
        OneOrMore(ForeignKeys), default=(), doc="Keys whose values occur in another table."
    )
    one_to_one: tuple[PartnerKeys, ...] = param(
        OneOrMore(PartnerKeys), default=(), doc="A key that occurs exactly once here and once in another table."
    )
    label_balance: BalanceKeys | None = param(
        Record(BalanceKeys), default=None, doc="The share of each class of a label."
    )
    complete: CompleteKeys | None = param(
        Record(CompleteKeys), default=None, doc="The share of rows in which no value is missing."
    )
    missing_together: tuple[tuple[str, ...], ...] = param(
        ListOf(ListOf(Text(), min=2, unique=True), unique=True),
        default=(),
        doc="Lists of columns: in each row all or none of a list are missing.",
    )
    conflicting_labels: ConflictKeys | None = param(
        Record(ConflictKeys), default=None, doc="No two rows have the same features and different labels."
    )
    no_gap: tuple[NoGapKeys, ...] = param(
        OneOrMore(NoGapKeys),
        default=(),
        doc="No day, or other step, is without a row between the first and the last one.",
    )

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return f"rows of {self.table}"

    @property
    def source(self) -> str:
        """The table."""
        return self.table

    @property
    def further_tables(self) -> tuple[str, ...]:
        """The tables that rows are counted or looked up in."""
        counted = [self.count.of] if self.count and self.count.of else []
        matched = [keys.table for keys in self.foreign_key] + [keys.table for keys in self.one_to_one]
        return tuple(dict.fromkeys(counted + matched))

    def words(self, _subject: Subject) -> Words:
        """Demands on rows."""
        return Words("demand")

    def problems(self, _demand: Demand) -> Iterable[Wrong]:
        """A rule that demands nothing, and demands that contradict themselves or bound nothing."""
        if all(getattr(self, key) in (None, ()) for key in RULES):
            yield "check", f"the rule demands nothing; add one of {', '.join(RULES)}"
        for path, keys in self._tolerant():
            if keys.contradictory:
                yield (*path, "at_most"), "is given beside `at_most_share`; keep one"
        for key in ("count", "label_balance"):
            keys = getattr(self, key)
            if keys is not None:
                yield from _range_problems(key, keys)

    def _tolerant(self) -> Iterator[tuple[tuple[str, ...], Tolerated]]:
        """The demands that allow some rows at fault, with the path of their keys."""
        yield from ((("must", name), keys) for name, keys in self.must)
        single = len(self.foreign_key) == 1
        for at, key in enumerate(self.foreign_key):
            yield ("foreign_key",) if single else ("foreign_key", str(at)), key
        for name in ("duplicates", "conflicting_labels"):
            if (keys := getattr(self, name)) is not None:
                yield (name,), keys

    def _rules(self) -> Iterator[RowRule]:
        """The demands, in the order of the manual."""
        yield from (MustHold(name, keys) for name, keys in self.must)
        yield from (RowCount(keys) for keys in (self.count,) if keys)
        yield from (NoDuplicates(keys) for keys in (self.duplicates,) if keys)
        yield from (UniqueKey(names) for names in (self.key,) if names)
        yield from map(InOtherTable, self.foreign_key)
        yield from map(OnePartner, self.one_to_one)
        yield from (LabelBalance(keys) for keys in (self.label_balance,) if keys)
        yield from (CompleteRows(keys) for keys in (self.complete,) if keys)
        yield from map(MissingTogether, self.missing_together)
        yield from (NoConflicts(keys) for keys in (self.conflicting_labels,) if keys)
        yield from map(NoGap, self.no_gap)

    def _filter(self, subject: Subject) -> RowFilter:
        return RowFilter(self.where, subject, self.table, self.missing)

    def _judged(self, subject: Subject) -> JudgedRows:
        rows = subject.rows(self.table)
        return JudgedRows(subject, self.table, rows, self.missing, self._filter(subject).sql)

    def needs(self, subject: Subject, _alphas: tuple[float, ...]) -> Iterator[Need]:
        """The guards of the table and of `where`, and the questions of every demand."""
        judged = self._judged(subject)
        for table in (self.table, *self.further_tables):
            yield from joined(subject, table)
        yield from self._filter(subject).guards
        for rule in self._rules():
            yield from rule.needs(judged)

    def answers(self, subject: Subject, facts: Facts, _alphas: tuple[float, ...]) -> Iterator[Answer]:
        """One answer per demand, or several."""
        judged = self._judged(subject)
        for rule in self._rules():
            yield from rule.answers(judged, facts)


def _range_problems(key: str, keys: CountKeys | BalanceKeys) -> Iterator[Wrong]:
    if keys.at_least is None and keys.at_most is None:
        yield (key,), "has no bound; add `at_least` or `at_most`"
    elif keys.at_least is not None and keys.at_most is not None and keys.at_least > keys.at_most:
        yield (key, "at_least"), "is above `at_most`; swap them"

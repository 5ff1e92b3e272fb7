"""The rules of `data.rows` about single rows and their number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from mlgate.checks.data.row_keys import CompleteKeys, CountKeys, MustKeys, NoGapKeys, Tolerated
from mlgate.checks.data.row_rule import NO_ROWS, JudgedRows, any_missing, at_fault, grouped_value
from mlgate.checks.of_table import NO_BOUND, demanded, number_of, share_of
from mlgate.evidence.questions.example_rows import ExampleRows
from mlgate.evidence.questions.gaps import Gaps, GapsFact
from mlgate.evidence.questions.matching_rows import MatchingFact, MatchingRows
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.typed import TypedColumn
from mlgate.values.estimate import Answer, Claim, Estimate, Unanswered
from mlgate.values.verdict import Where
from mlgate.values.words import are, counted, have

LONGEST = 60
"""The most characters of a condition in a message."""
_OF_DAY = {"hour": ("hour",), "minute": ("hour", "minute")}


@dataclass(frozen=True)
class MustHold:
    """A condition that every row must meet."""

    name: str
    keys: MustKeys

    def _parts(self, of: JudgedRows) -> tuple[MatchingRows, MatchingRows, MatchingRows]:
        bound = self.keys.holds.about(of.rows, of.sentinels)
        lacking = f"{bound.undecided} and {bound.lacks}"
        return of.matching(bound.breaks), of.matching(bound.undecided), of.matching(lacking)

    def needs(self, of: JudgedRows) -> Iterable[Need]:
        """The rows that break it, those for which it is not decided, and those of them that lack a value."""
        return self._parts(of)

    def answers(self, of: JudgedRows, facts: Facts) -> Iterator[Answer]:
        """The share of rows that break it."""
        breaks, undecided, lacking = (facts[need] for need in self._parts(of))
        passes = self.keys.if_missing == "pass"
        rows = breaks.of - lacking.rows * passes
        where: Where = (("must", self.name),)
        if breaks.of and not rows:
            said = "in every row a value is missing that the condition uses; fill it in, or correct the condition"
            yield Unanswered(where, said, rows=breaks.of)
            return
        faults = breaks.rows + undecided.rows - lacking.rows * passes
        yield at_fault(
            where,
            f"that break `{_shortened(str(self.keys.holds))}`",
            MatchingFact(faults, rows),
            self.keys,
            _undecided(lacking.rows, undecided.rows - lacking.rows, passes),
            self._offenders(of),
        )

    def _offenders(self, of: JudgedRows) -> ExampleRows:
        bound = self.keys.holds.about(of.rows, of.sentinels)
        if self.keys.if_missing == "pass":
            left_out = f"{bound.undecided} and {bound.lacks}"
            return of.examples(f"not coalesce({bound.holds}, false) and not ({left_out})", bound.columns)
        return of.examples(f"not coalesce({bound.holds}, false)", bound.columns)


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _undecided(lacking: int, other: int, passes: bool) -> str:
    """A note about rows for which a condition is not decided; empty if there are none."""
    said = []
    if lacking and passes:
        said.append(f"{counted(lacking, 'row')} without a value {are(lacking)} left out")
    elif lacking:
        said.append(
            f"in {counted(lacking, 'row')} it is not decided because a value is missing; fill it in, or write "
            "`if_missing: pass`"
        )
    if other:
        said.append(
            f"in {counted(other, 'row')} it is not decided because a value is not of its type, a divisor is 0, or a "
            "result is not finite"
        )
    return "; ".join(said)


@dataclass(frozen=True)
class RowCount:
    """The number of rows, alone or relative to another table."""

    keys: CountKeys

    def needs(self, of: JudgedRows) -> Iterable[Need]:
        """The rows of the table, and of the other one."""
        return (of.every, *([self._other(of)] if self.keys.of else []))

    def _other(self, of: JudgedRows) -> MatchingRows:
        return of.subject.matching(self.keys.of, "")

    def answers(self, of: JudgedRows, facts: Facts) -> Iterator[Answer]:
        """The number, or the ratio."""
        where: Where = (("rule", "count"),)
        rows = facts[of.every].of
        other = facts[self._other(of)].of if self.keys.of else 1
        if not other:
            yield Unanswered(where, f"table `{self.keys.of}` has no rows to compare with; present some")
        elif not rows and self.keys.at_least is None:
            yield Unanswered(where, f"{NO_ROWS}, or allow this by `at_least: 0`", 0)
        else:
            yield self._estimate(where, rows, other)

    def _estimate(self, where: Where, rows: int, other: int) -> Estimate:
        measured = f"rows per row of `{self.keys.of}`" if self.keys.of else "rows"
        return Estimate(
            where,
            rows / other,
            rows,
            rows,
            exact=Fraction(rows, other),
            counts=f"{rows}/{other}" if self.keys.of else None,
            no_bound_because=NO_BOUND,
            own=demanded(measured, self.keys.at_least, self.keys.at_most),
        )


@dataclass(frozen=True)
class CompleteRows:
    """The share of rows without a missing value."""

    keys: CompleteKeys

    def _columns(self, of: JudgedRows) -> tuple[TypedColumn, ...]:
        return of.columns(self.keys.columns, "complete")

    def needs(self, of: JudgedRows) -> Iterable[Need]:
        """The rows in which a value is missing."""
        yield self._lacking(of)

    def _lacking(self, of: JudgedRows) -> MatchingRows:
        return of.matching(any_missing(self._columns(of)))

    def answers(self, of: JudgedRows, facts: Facts) -> Iterator[Answer]:
        """The share of complete rows."""
        need = self._lacking(of)
        found = facts[need]
        whole = MatchingFact(found.of - found.rows, found.of)
        own = demanded("share of complete rows", at_least=self.keys.at_least)
        yield share_of((("rule", "complete"),), whole, own, offenders=of.examples(need.condition, self._columns(of)))


@dataclass(frozen=True)
class MissingTogether:
    """Columns of which all or none are missing in a row."""

    names: tuple[str, ...]

    def needs(self, of: JudgedRows) -> Iterable[Need]:
        """The rows in which only some are missing, and those in which all are."""
        return self._questions(of)

    def _questions(self, of: JudgedRows) -> tuple[MatchingRows, MatchingRows]:
        missing = [column.missing for column in of.columns(self.names, "missing_together")]
        some, every = f"({' or '.join(missing)})", f"({' and '.join(missing)})"
        return of.matching(f"{some} and not {every}"), of.matching(every)

    def answers(self, of: JudgedRows, facts: Facts) -> Iterator[Answer]:
        """The share of rows in which only some are missing."""
        apart, together = self._questions(of)
        named = ", ".join(self.names)
        where: Where = (("rule", "missing_together"), ("columns", named))
        found = facts[apart]
        if found.of and facts[together].rows == found.of:
            yield Unanswered(where, "all of these are missing in every row; fill them in, or remove the columns")
            return
        what = f"in which only some of {named} are missing"
        offenders = of.examples(apart.condition, of.columns(self.names, "missing_together"))
        yield at_fault(where, what, found, Tolerated(), offenders=offenders)


@dataclass(frozen=True)
class NoGap:
    """Every step between the lowest and the highest value occurs."""

    keys: NoGapKeys

    def _questions(self, of: JudgedRows) -> tuple[MatchingRows, MatchingRows, Gaps]:
        column = of.column(self.keys.column, "no_gap")
        value = step_number(column, self.keys.step)
        by = tuple(map(grouped_value, of.columns(self.keys.by, "no_gap"))) if self.keys.by else ()
        unread = of.matching(f"not {column.missing} and ({value}) is null")
        return of.matching(column.missing), unread, Gaps(of.rows.table, of.where, value=value, by=by)

    def needs(self, of: JudgedRows) -> Iterable[Need]:
        """The rows without a value, those whose value is not a step, and the gaps."""
        return self._questions(of)

    def answers(self, of: JudgedRows, facts: Facts) -> Iterator[Answer]:
        """The number of steps that do not occur."""
        missing, unread, gaps = (facts[need] for need in self._questions(of))
        where: Where = (("rule", "no_gap"), ("column", self.keys.column))
        kind = "a whole number" if self.keys.step == "number" else "a date or time"
        if unread.rows:
            said = f"{have(unread.rows, 'row', unread.of)} a value that is not {kind}; correct it"
            yield Unanswered(where, said, unread.of)
        elif not gaps.rows:
            yield Unanswered(where, "no row has a value; present some, or correct `where`", unread.of)
        elif self.keys.at_most is None:
            yield Claim(where, not gaps.lacking, self._said(gaps, missing.rows))
        else:
            own = demanded(f"{self._things} without a row", at_most=self.keys.at_most)
            yield number_of(where, gaps.lacking, gaps.rows, own)

    @property
    def _things(self) -> str:
        return "numbers" if self.keys.step == "number" else f"{self.keys.step}s"

    def _said(self, gaps: GapsFact, missing: int) -> str:
        left_out = f"; {have(missing, 'row')} no value and {are(missing)} left out" if missing else ""
        return f"{self._things} of {self.keys.column} without a row: {gaps.lacking:,} of {gaps.steps:,}{left_out}"


def step_number(column: TypedColumn, step: str) -> str:
    """SQL for the number of a value's step, counted from a fixed one; NULL where it has none."""
    if step == "number":
        whole = column.reading("integer")
        return f"case when not ({whole.mistyped}) then try_cast({whole.number} as hugeint) end"
    time = column.moment
    if step in ("month", "year"):
        year = f"extract(year from {time})"
        return year if step == "year" else f"({year} * 12 + extract(month from {time}))"
    days = f"(cast({time} as date) - cast('1970-01-01' as date))"
    if step == "week":
        return f"cast(floor(cast({days} + 3 as double) / 7) as bigint)"
    for part in _OF_DAY.get(step, ()):
        days = f"({days} * {24 if part == 'hour' else 60} + extract({part} from {time}))"
    return days

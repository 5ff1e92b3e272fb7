"""The rules of `data.rows` about single rows and their number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from mlgate.checks.data.row_keys import CompleteKeys, CountKeys, MustKeys, NoGapKeys, Tolerated, digits
from mlgate.checks.data.row_rule import COUNTED, NO_ROWS, JudgedRows, any_missing, at_fault, grouped_value, share_of
from mlgate.evidence.questions.example_rows import ExampleRows
from mlgate.evidence.questions.gaps import Gaps
from mlgate.evidence.questions.hits import Hits
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.rows import NEVER
from mlgate.evidence.typed import TypedColumn
from mlgate.values.demand import Demand, OwnDemand
from mlgate.values.estimate import Answer, Estimate, Unanswered
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

    def _parts(self, of: JudgedRows) -> tuple[Hits, Hits, Hits]:
        bound = self.keys.holds.about(of.rows, of.sentinels)
        lacking = f"{bound.undecided} and {bound.lacks}"
        return of.hits(bound.breaks), of.hits(bound.undecided), of.hits(lacking)

    def needs(self, of: JudgedRows) -> Iterable[Need]:
        """The rows that break it, those for which it is not decided, and those of them that lack a value."""
        return self._parts(of)

    def answers(self, of: JudgedRows, facts: Facts) -> Iterator[Answer]:
        """The share of rows that break it."""
        breaks, undecided, lacking = (facts[need] for need in self._parts(of))
        passes = self.keys.if_missing == "pass"
        rows = breaks.rows - lacking.hits * passes
        where: Where = (("must", self.name),)
        if breaks.rows and not rows:
            said = "in every row a value is missing that the condition uses; fill it in, or correct the condition"
            yield Unanswered(where, said, rows=breaks.rows)
            return
        faults = breaks.hits + undecided.hits - lacking.hits * passes
        yield at_fault(
            where,
            f"that break `{_shortened(str(self.keys.holds))}`",
            faults,
            rows,
            self.keys,
            _undecided(lacking.hits, undecided.hits - lacking.hits, passes),
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
    """What is to be said about rows for which a condition is not decided; empty if there are none."""
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

    def _other(self, of: JudgedRows) -> Hits:
        return Hits(of.subject.rows(self.keys.of).table, condition=NEVER)

    def answers(self, of: JudgedRows, facts: Facts) -> Iterator[Answer]:
        """The number, or the ratio."""
        where: Where = (("rule", "count"),)
        rows = facts[of.every].rows
        other = facts[self._other(of)].rows if self.keys.of else 1
        if not other:
            yield Unanswered(where, f"table `{self.keys.of}` has no rows to compare with; present some")
        elif not rows and self.keys.at_least is None:
            yield Unanswered(where, f"{NO_ROWS}, or allow this by `at_least: 0`", rows=0)
        else:
            yield self._estimate(where, rows, other)

    def _estimate(self, where: Where, rows: int, other: int) -> Estimate:
        low, high = self.keys.at_least, self.keys.at_most
        measured = f"rows per row of `{self.keys.of}`" if self.keys.of else "rows"
        return Estimate(
            where,
            rows / other,
            rows,
            rows,
            exact=Fraction(rows, other),
            counts=f"{rows:,} of {other:,}" if self.keys.of else None,
            no_bound_because=COUNTED,
            own=OwnDemand(measured, Demand(low, high, digits(low), digits(high))),
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

    def _lacking(self, of: JudgedRows) -> Hits:
        return of.hits(any_missing(self._columns(of)))

    def answers(self, of: JudgedRows, facts: Facts) -> Iterator[Answer]:
        """The share of complete rows."""
        need = self._lacking(of)
        found = facts[need]
        where: Where = (("rule", "complete"),)
        if not found.rows:
            yield Unanswered(where, NO_ROWS, rows=0)
            return
        demand = Demand(at_least=self.keys.at_least, at_least_text=digits(self.keys.at_least))
        share = Fraction(found.rows - found.hits, found.rows)
        offenders = of.examples(need.condition, self._columns(of))
        yield share_of(where, "share of complete rows", share, found.rows, demand, offenders=offenders)


@dataclass(frozen=True)
class MissingTogether:
    """Columns of which all or none are missing in a row."""

    names: tuple[str, ...]

    def needs(self, of: JudgedRows) -> Iterable[Need]:
        """The rows in which only some are missing, and those in which all are."""
        return self._questions(of)

    def _questions(self, of: JudgedRows) -> tuple[Hits, Hits]:
        missing = [column.missing for column in of.columns(self.names, "missing_together")]
        some, every = f"({' or '.join(missing)})", f"({' and '.join(missing)})"
        return of.hits(f"{some} and not {every}"), of.hits(every)

    def answers(self, of: JudgedRows, facts: Facts) -> Iterator[Answer]:
        """The share of rows in which only some are missing."""
        apart, together = self._questions(of)
        named = ", ".join(self.names)
        where: Where = (("rule", "missing_together"), ("columns", named))
        found = facts[apart]
        if found.rows and facts[together].hits == found.rows:
            yield Unanswered(where, "all of these are missing in every row; fill them in, or remove the columns")
            return
        what = f"in which only some of {named} are missing"
        offenders = of.examples(apart.condition, of.columns(self.names, "missing_together"))
        yield at_fault(where, what, found.hits, found.rows, Tolerated(), offenders=offenders)


@dataclass(frozen=True)
class NoGap:
    """Every step between the lowest and the highest value occurs."""

    keys: NoGapKeys

    def _questions(self, of: JudgedRows) -> tuple[Hits, Hits, Gaps]:
        column = of.column(self.keys.column, "no_gap")
        value = step_number(column, self.keys.step)
        by = tuple(map(grouped_value, of.columns(self.keys.by, "no_gap"))) if self.keys.by else ()
        unread = of.hits(f"not {column.missing} and ({value}) is null")
        return of.hits(column.missing), unread, Gaps(of.rows.table, of.where, value=value, by=by)

    def needs(self, of: JudgedRows) -> Iterable[Need]:
        """The rows without a value, those whose value is not a step, and the gaps."""
        return self._questions(of)

    def answers(self, of: JudgedRows, facts: Facts) -> Iterator[Answer]:
        """The number of steps that do not occur."""
        missing, unread, gaps = (facts[need] for need in self._questions(of))
        where: Where = (("rule", "no_gap"), ("column", self.keys.column))
        kind = "whole numbers" if self.keys.step == "number" else "dates or times"
        if unread.hits:
            said = f"{unread.hits:,} of {counted(unread.rows, 'value')} are not {kind}; correct them"
            yield Unanswered(where, said, rows=unread.rows)
        elif not gaps.rows:
            yield Unanswered(where, "no row has a value; present some, or correct `where`", rows=unread.rows)
        else:
            yield self._estimate(where, gaps.lacking, gaps.steps, gaps.rows, missing.hits)

    def _estimate(self, where: Where, lacking: int, steps: int, rows: int, missing: int) -> Estimate:
        most = self.keys.at_most or 0
        things = "numbers" if self.keys.step == "number" else f"{self.keys.step}s"
        demand = Demand(at_most=Fraction(most), at_most_text=f"{most:,}")
        return Estimate(
            where,
            float(lacking),
            rows,
            rows,
            exact=Fraction(lacking),
            counts=f"{lacking:,} of {steps:,}",
            no_bound_because=COUNTED,
            own=OwnDemand(f"{things} without a row", demand),
            note=f"{have(missing, 'row')} no value and {are(missing)} left out" if missing else None,
        )


def step_number(column: TypedColumn, step: str) -> str:
    """SQL for the number of a value's step, counted from a fixed one; NULL where it has none."""
    if step == "number":
        whole = column.reading("integer")
        return f"case when not ({whole.mistyped}) then try_cast({whole.number} as bigint) end"
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

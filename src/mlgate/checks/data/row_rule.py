"""What the rules about rows share: the rows that they read, and the estimate of rows at fault."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Protocol

from mlgate.checks.data.row_keys import Tolerated, most_of
from mlgate.checks.subject import Subject
from mlgate.evidence.dialect import one_zero
from mlgate.evidence.questions.example_rows import ExampleRows
from mlgate.evidence.questions.hits import Hits
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.rows import NEVER, Rows
from mlgate.evidence.typed import TypedColumn
from mlgate.stats.share import clopper_pearson_lower, clopper_pearson_upper
from mlgate.values.demand import Demand, OwnDemand
from mlgate.values.estimate import Answer, Estimate, Unanswered
from mlgate.values.verdict import Where

COUNTED = "rows that are counted have no bounds; demand a share, or remove `proof`"
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
        found = self.rows.column(name, wanted_for)
        return TypedColumn(found, "", () if found.kind == "other" else self.sentinels)

    def columns(self, names: Iterable[str], wanted_for: str) -> tuple[TypedColumn, ...]:
        """Some columns; all of the table without names."""
        return tuple(self.column(name, wanted_for) for name in tuple(names) or self.rows.kinds)

    def hits(self, condition: str) -> Hits:
        """The question how many of the rows satisfy a condition."""
        return Hits(self.rows.table, self.where, condition=condition)

    @property
    def every(self) -> Hits:
        """The question how many rows there are."""
        return self.hits(NEVER)

    def examples(self, condition: str, columns: Iterable[TypedColumn]) -> ExampleRows:
        """The question for some of the rows that satisfy a condition."""
        where = f"({self.where}) and ({condition})" if self.where else condition
        return self.subject.examples(self.table, where, *(c.column for c in columns if c.column.kind != "other"))


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
    where: Where, what: str, faults: int, rows: int, allowed: Tolerated, note: str = "", offenders: Hashable = None
) -> Estimate | Unanswered:
    """The estimate of the rows at fault, as a share, or as a number if the policy allows a number; `what` follows
    "rows". Without rows there is no answer."""
    if not rows:
        return Unanswered(where, NO_ROWS, rows=0)
    demand = most_of(allowed)
    share = Fraction(faults, rows)
    counts = f"{faults:,} of {rows:,}"
    if allowed.at_most:
        return Estimate(
            where, float(faults), rows, rows, exact=Fraction(faults), counts=counts, no_bound_because=COUNTED,
            note=note or None, own=OwnDemand(f"rows {what}", demand), offenders=offenders,
        )  # fmt: skip
    return share_of(where, f"share of rows {what}", share, rows, demand, note, offenders)


def share_of(
    where: Where, measured: str, share: Fraction, rows: int, demand: Demand, note: str = "", offenders: Hashable = None
) -> Estimate:
    """The estimate of a share of rows, with its exact binomial bounds for `proof: shown`."""
    hits = int(share * rows)
    return Estimate(
        where,
        float(share),
        rows,
        rows,
        partial(clopper_pearson_lower, hits, rows),
        partial(clopper_pearson_upper, hits, rows),
        exact=share,
        counts=f"{hits:,} of {rows:,}",
        share=(hits, rows),
        note=note or None,
        own=OwnDemand(measured, demand),
        offenders=offenders,
    )

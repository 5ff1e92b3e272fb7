"""Units: rows that belong together, such as all rows of one patient. What identifies one, and what must hold."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from mlgate.evidence.guard import Guard
from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.need import Term
from mlgate.evidence.rows import Column, Rows
from mlgate.values.errors import EvidenceError
from mlgate.values.words import are, counted, have

WANTED, KEY = "unit", "unit.column"


def unit_columns(rows: Rows, names: Sequence[str]) -> tuple[Column, ...]:
    """The columns that identify a unit. Raises EvidenceError if one is missing."""
    return tuple(rows.column(name, WANTED, KEY) for name in names)


def unit_text(rows: Rows, names: Sequence[str]) -> str:
    """The text that identifies a row's unit, as SQL. Several columns carry their lengths, so ("a", "bc") and
    ("ab", "c") stay two units."""
    texts = [column.text for column in unit_columns(rows, names)]
    if len(texts) < 2:
        return "".join(texts)
    return " || ".join(f"cast(length({text}) as varchar) || ':' || {text}" for text in texts)


def complete_units(rows: Rows, names: Sequence[str]) -> Guard:
    """A guard: every row has a unit."""
    nulls = " or ".join(f"({column.text}) is null" for column in unit_columns(rows, names))
    need = Counts(rows.table, terms=(Term.flag("missing", nulls),))
    return Guard(need, partial(_refuse_missing_units, tuple(names)), (KEY,))


def _refuse_missing_units(names: Sequence[str], fact: CountsFact) -> None:
    if missing := fact.flagged():
        columns = ", ".join(f"`{name}`" for name in names)
        raise EvidenceError(
            f"{have(missing, 'row', fact.rows)} no {columns}, the `unit` that they belong to; give every row one"
        )


def units_apart(grouped: Counts, overall: Counts) -> Guard:
    """A guard: no unit has rows in several groups, because such groups are not independent."""
    return Guard((grouped, overall), partial(_refuse_shared_units, grouped))


def _refuse_shared_units(grouped: Counts, by_group: CountsFact, every: CountsFact) -> None:
    shared = sum(of.units for of in by_group.units) - sum(of.units for of in every.units)
    if shared:
        names = ", ".join(f"`{term.name}`" for term in grouped.terms)
        raise EvidenceError(
            f"units have rows in several groups of {names} (summed over groups there {are(shared)} "
            f"{counted(shared, 'unit')} too many), so these groups are not independent and cannot be compared. "
            "Give every unit one group, or bound each group by itself with `performance.metric` and `by`"
        )

"""Group values that only look alike, such as `M` and `m `. The verdict names them, whatever check has the groups.

Such values are separate groups, so that a weak group may be in parts that are too small to be judged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from mlgate.candidate.derivation import PREDICTIONS
from mlgate.checks.base import Check
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.need import Facts
from mlgate.gate.ask import Asked
from mlgate.values.errors import MlgateError
from mlgate.values.look import alike, spelled
from mlgate.values.words import counted

MOST_SETS, MOST_SPELLINGS = 5, 8
"""The most sets of values of a column that a note names, and the most values of a set."""

Values = Mapping[str, int]
"""Rows by value."""


def values_asked(asked: Iterable[Asked]) -> Iterator[Counts]:
    """The questions how many rows have each value of the columns by which rules group."""
    for entry in asked:
        if entry.skipped is None:
            for name in _by(entry.rule.check):
                yield from _values_of(entry.subject, entry.rule.check.source, name)


def _values_of(subject: Subject, table: str, name: str) -> Iterator[Counts]:
    """The question for one column; none for a band of the policy, or a column that is not text or cannot be read."""
    if name in subject.derive:
        return
    try:
        rows = subject.rows(table)
        column = rows.column(name, "by")
        role = subject.roles.get("count") if table == PREDICTIONS else None
        count = rows.column(role, "count").number if role else ""
    except MlgateError:  # the rule itself is an ERROR that says so
        return
    if column.kind == "text":
        yield Counts(rows.table, "", count, (column.term,))


def _by(check: Check) -> tuple[str, ...]:
    """The columns of all slicings of a check."""
    return tuple(dict.fromkeys(name for columns in check.by for name in columns))


def lookalikes(asked: Iterable[Asked], facts: Facts) -> Iterator[str]:
    """A note for each column by which rules group and whose values look alike, most frequent values first."""
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    asked = tuple(asked)
    searched = ((entry.needs, entry.rule.check) for entry in asked)
    own = [(need, check.searched if check.searching else _by(check)) for needs, check in searched for need in needs]
    every = [(need, tuple(term.name for term in need.terms)) for need in values_asked(asked)]
    for need, columns in (*every, *own):
        fact = facts.answers.get(need)
        if isinstance(need, Counts) and isinstance(fact, CountsFact) and len(need.terms) == 1:
            (name,) = (term.name for term in need.terms)
            for cell in fact.cells if name in columns else ():
                value, rows = cell.values[0], found[need.table, name]
                if value is not None:
                    rows[value] = max(rows.get(value, 0), cell.n)
    for (_, name), rows in found.items():
        if sets := alike(sorted(rows, key=lambda value: (-rows[value], value))):
            yield _note(name, sets, rows)


def _note(name: str, sets: list[tuple[str, ...]], rows: Values) -> str:
    said = "; ".join(_listed(values, rows) for values in sets[:MOST_SETS])
    more = f"; and {len(sets) - MOST_SETS} more such sets" if len(sets) > MOST_SETS else ""
    return (
        f"values of `{name}` look alike and are separate groups: {said}{more}. Write them alike in the data, if one "
        "group is meant"
    )


def _listed(values: tuple[str, ...], rows: Values) -> str:
    """`M` (410 rows) and `m ` (12 rows)."""
    each = [f"`{spelled(value)}` ({counted(rows[value], 'row')})" for value in values[:MOST_SPELLINGS]]
    others = values[MOST_SPELLINGS:]
    last = f"{len(others)} more ({counted(sum(rows[value] for value in others), 'row')})" if others else each.pop()
    return f"{', '.join(each)} and {last}"

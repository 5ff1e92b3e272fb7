"""Values that only look alike, such as `M` and `m `. The verdict names them where a rule groups by them or names one.

As groups they are separate, so that a weak group may be in parts that are too small to be judged. Where a rule counts
the rows with a value (`where`, `equals`), those with another that looks alike do not count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from mlgate.candidate.derivation import PREDICTIONS
from mlgate.checks.base import Check
from mlgate.checks.metric_rule import MetricRule
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.need import Facts, Need
from mlgate.gate.ask import Asked
from mlgate.values.errors import MlgateError
from mlgate.values.look import alike, spelled
from mlgate.values.words import counted

MOST_SETS, MOST_SPELLINGS = 5, 8
"""The most sets of values of a column that a note names, and the most values of a set."""

Values = Mapping[str, int]
"""Rows by value."""


def values_asked(asked: Iterable[Asked]) -> Iterator[Counts]:
    """The questions how many rows have each value of the columns by which rules group, or of which they name values."""
    return (need for need, _ in _questions(asked))


def _questions(asked: Iterable[Asked]) -> Iterator[tuple[Counts, tuple[str, ...]]]:
    """These questions, each with the values that a rule names; none where it groups by the column."""
    for entry in asked:
        if entry.skipped is None:
            check = entry.rule.check
            for name, values in (*((name, ()) for name in _by(check)), *_named(check)):
                yield from ((need, values) for need in _values_of(entry.subject, check.source, name))


def _named(check: Check) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The columns of which a rule counts only the rows with some values, each with these values."""
    if isinstance(check, MetricRule):
        yield from check.where
        if check.column and check.equals:
            yield check.column, check.equals


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
    """A note for each column by which rules group, or of which they name values, and whose values look alike. The most
    frequent values are first."""
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    named: dict[tuple[str, str], set[str]] = defaultdict(set)
    grouped = set()
    for need, columns, values in _read(tuple(asked)):
        fact = facts.answers.get(need)
        if isinstance(need, Counts) and isinstance(fact, CountsFact) and len(need.terms) == 1:
            key = need.table, need.terms[0].name
            named[key].update(values)
            if not values and key[1] in columns:
                grouped.add(key)
            for cell in fact.cells if key[1] in columns else ():
                value, rows = cell.values[0], found[key]
                if value is not None:
                    rows[value] = max(rows.get(value, 0), cell.n)
    for key, rows in found.items():
        sets = alike(sorted(rows, key=lambda value: (-rows[value], value)))
        if sets := [values for values in sets if key in grouped or named[key].intersection(values)]:
            yield _note(key[1], sets, rows, "separate groups" if key in grouped else "not counted as one")


def _read(asked: tuple[Asked, ...]) -> Iterator[tuple[Need, tuple[str, ...], tuple[str, ...]]]:
    """Every question that may count values, with the columns that it is about and the values that a rule names."""
    for need, values in _questions(asked):
        yield need, tuple(term.name for term in need.terms), values
    for entry in asked:
        check = entry.rule.check
        columns = check.searched if check.searching else _by(check)
        yield from ((need, columns, ()) for need in entry.needs)


def _note(name: str, sets: list[tuple[str, ...]], rows: Values, how: str) -> str:
    said = "; ".join(_listed(values, rows) for values in sets[:MOST_SETS])
    more = f"; and {len(sets) - MOST_SETS} more such sets" if len(sets) > MOST_SETS else ""
    meant = "group" if how == "separate groups" else "value"
    return (
        f"values of `{name}` look alike and are {how}: {said}{more}. Write them alike in the data, if one "
        f"{meant} is meant"
    )


def _listed(values: tuple[str, ...], rows: Values) -> str:
    """`M` (410 rows) and `m ` (12 rows)."""
    each = [f"`{spelled(value)}` ({counted(rows[value], 'row')})" for value in values[:MOST_SPELLINGS]]
    others = values[MOST_SPELLINGS:]
    last = f"{len(others)} more ({counted(sum(rows[value] for value in others), 'row')})" if others else each.pop()
    return f"{', '.join(each)} and {last}"

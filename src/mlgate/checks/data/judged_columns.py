"""Columns of a table with what each must be, from a policy or a contract: their questions and their findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from mlgate.checks.data.column_keys import ColumnKeys
from mlgate.checks.data.column_names import listed, means, named, pattern_of
from mlgate.checks.data.column_rule import AskedColumn, ColumnRule, rules
from mlgate.checks.subject import Subject
from mlgate.evidence.missing_column import unsplit
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.rows import Rows
from mlgate.evidence.typed import TypedColumn
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Answer, Claim, Unanswered
from mlgate.values.words import are, counted, did_you_mean, have


@dataclass(frozen=True)
class JudgedColumns:
    """The columns of a table, by names or patterns, with what each must be."""

    subject: Subject
    table: str
    columns: tuple[tuple[str, ColumnKeys], ...]
    missing: tuple[str, ...] = ()
    """Values that count as missing in every column."""
    alphas: tuple[float, ...] = ()
    within: str = ""
    """SQL for whether a row is judged; empty for all rows."""

    def needs(self) -> Iterator[Need]:
        """The questions of every key about every column that is there."""
        for asked in self._asked():
            for rule in _given(asked.keys):
                try:
                    yield from list(rule.needs(asked))
                except EvidenceError:  # answered as an error of this key alone
                    continue

    def later(self, facts: Facts) -> Iterator[Need]:
        """The follow-up questions of every key whose first questions are answered."""
        for asked in self._asked():
            for rule in _given(asked.keys):
                try:
                    if all(need in facts for need in rule.needs(asked)):
                        yield from list(rule.later(asked, facts))
                except EvidenceError:
                    continue

    def answers(self, facts: Facts) -> Iterator[Answer]:
        """A finding per column and key, and one per name that means no column."""
        rows = self.subject.rows(self.table)
        for name, keys in self.columns:
            yield from _matched(rows, name, keys)
        yield from self._unreadable()
        for asked in self._asked():
            for rule in _given(asked.keys):
                try:
                    list(rule.needs(asked))  # raises again what kept its questions from being asked
                    yield from list(rule.answers(asked, facts))
                except EvidenceError as error:
                    yield Unanswered(asked.where(rule.key), str(error))

    def _asked(self) -> Iterator[AskedColumn]:
        """Every column that is there and can be read, once for each entry that names it."""
        rows = self.subject.rows(self.table)
        times = Counter(found for name, _ in self.columns for found in named(rows, name))
        for name, keys in self.columns:
            for found in named(rows, name):
                if rows.refusal(found) is None:
                    sentinels = (*self.missing, *missing_in(self.columns, found))
                    column = TypedColumn(rows.column(found, "columns"), keys.type, sentinels)
                    entry = name if times[found] > 1 else ""
                    yield AskedColumn(self.subject, self.table, rows, column, keys, entry, self.alphas, self.within)

    def _unreadable(self) -> Iterator[Unanswered]:
        """An error for each column of which something is demanded and that cannot be read."""
        rows = self.subject.rows(self.table)
        asked = dict.fromkeys(found for name, keys in self.columns if _given(keys) for found in named(rows, name))
        for name in asked:
            if said := rows.refusal(name):
                yield Unanswered((("column", name),), said)


def missing_in(columns: Iterable[tuple[str, ColumnKeys]], column: str) -> tuple[str, ...]:
    """The values that count as missing in a column, by all entries that name it."""
    found = (value for name, keys in columns if keys.missing and means(name, column) for value in keys.missing)
    return tuple(dict.fromkeys(found))


def mistakes(keys: ColumnKeys) -> Iterator[tuple[str, str]]:
    """What is wrong with the keys of a column, as far as it is visible without data: the key, and a message."""
    for rule in _given(keys):
        yield from ((rule.key, said) for said in rule.problems(keys))


def no_others(rows: Rows, known: Collection[str], key: str, said: str) -> Claim:
    """A claim that a table has no other columns than the known ones, which are `said`: "named in `columns`"."""
    others, nameless = [name for name in rows.kinds if name not in known], rows.schema.nameless
    strange = [f"{listed(others)} {are(len(others))} not {said}"] if others else []
    strange += [f"{have(nameless, 'column')} no name"] if nameless else []
    return Claim((("key", key),), not strange, " and ".join(strange) or f"every column is {said}")


def in_order(names: Sequence[str], wanted: Iterable[str]) -> Claim:
    """A claim that some columns stand in an order."""
    order = list(wanted)
    places = [names.index(name) for name in order if name in names]
    absent = [name for name in order if name not in names]
    swapped = next((at for at in range(1, len(places)) if places[at] < places[at - 1]), None)
    said = f"{listed(order)} stand in this order"
    if absent:
        said = f"the table has no {listed(absent)}"
    elif swapped is not None:
        said = f"`{order[swapped]}` stands before `{order[swapped - 1]}` in the table"
    return Claim((("key", "order"),), not absent and swapped is None, said)


def _given(keys: ColumnKeys) -> list[ColumnRule]:
    """The rules of the keys that are written."""
    given = set(keys.given())
    return [rule for rule in rules() if rule.key in given]


def _matched(rows: Rows, name: str, keys: ColumnKeys) -> Iterator[Answer]:
    """A finding where a name or pattern means no column, or where it must only mean one."""
    if not keys.required:
        return
    if found := named(rows, name):
        if not _given(keys):
            has = f"{counted(len(found), 'column')} of the pattern `{name}`" if pattern_of(name) else f"column `{name}`"
            yield Claim((("column", name), ("key", "required")), True, f"{rows.shown_as} has {has}")
        return
    if pattern_of(name):
        yield Unanswered((("column", name),), f"no column of {rows.shown_as} has a name of this pattern")
        return
    joined = unsplit(rows.kinds)
    near = f": its lines were read as one column, because {joined}" if joined else did_you_mean(name, rows.kinds)
    yield Claim((("column", name), ("key", "required")), False, f"{rows.shown_as} has no column `{name}`{near}")

"""The rules of `data.rows` that compare rows with each other, or with those of another table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from mlgate.checks.data.row_keys import (
    BalanceKeys,
    ConflictKeys,
    DuplicatesKeys,
    ForeignKeys,
    PartnerKeys,
    Tolerated,
)
from mlgate.checks.data.row_rule import JudgedRows, any_missing, at_fault, grouped_value
from mlgate.checks.of_table import demanded, share_of
from mlgate.evidence.questions.conflicts import Conflicts
from mlgate.evidence.questions.key_matches import Keys, KeysFact
from mlgate.evidence.questions.matching_rows import MatchingFact, MatchingRows
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.questions.repeats import Repeats
from mlgate.evidence.questions.values_present import ValuesPresent
from mlgate.evidence.rows import NEVER
from mlgate.values.estimate import Answer, Claim, Unanswered
from mlgate.values.verdict import Where
from mlgate.values.words import are, counted, have


def _repeats(of: JudgedRows, names: Iterable[str], wanted_for: str, with_missing: bool) -> Repeats:
    values = tuple(map(grouped_value, of.columns(names, wanted_for)))
    return Repeats(of.rows.table, of.where, of.frequency, values=values, with_missing=with_missing)


@dataclass(frozen=True)
class NoDuplicates:
    """Rows that are equal to an earlier row."""

    keys: DuplicatesKeys

    def needs(self, of: JudgedRows) -> Iterable[Need]:
        """How often rows repeat."""
        yield _repeats(of, self.keys.columns, "duplicates", with_missing=True)

    def answers(self, of: JudgedRows, facts: Facts) -> Iterator[Answer]:
        """The share of rows that repeat an earlier one."""
        found = facts[next(iter(self.needs(of)))]
        where: Where = (("rule", "duplicates"),)
        named = ", ".join(self.keys.columns)
        if named:
            where = (*where, ("columns", named))
        what = f"that repeat the {named} of an earlier row" if named else "that repeat an earlier row"
        note = f"{counted(found.repeated, 'value')} occur more than once" if found.repeated > 1 else ""
        columns = of.columns(self.keys.columns, "duplicates")
        offenders = of.examples("", columns, map(grouped_value, columns))
        yield at_fault(where, what, MatchingFact(found.surplus, found.rows), self.keys, note, offenders)


@dataclass(frozen=True)
class UniqueKey:
    """A key that every row has, and no two rows share."""

    names: tuple[str, ...]

    def _questions(self, of: JudgedRows) -> tuple[MatchingRows, Repeats]:
        lacking = of.matching(any_missing(of.columns(self.names, "key")))
        return lacking, _repeats(of, self.names, "key", with_missing=False)

    def needs(self, of: JudgedRows) -> Iterable[Need]:
        """The rows without the key, and how often keys repeat."""
        return self._questions(of)

    def answers(self, of: JudgedRows, facts: Facts) -> Iterator[Answer]:
        """The share of rows whose key is missing or repeats that of an earlier row."""
        lacking, repeats = (facts[need] for need in self._questions(of))
        named = ", ".join(self.names)
        faults = MatchingFact(lacking.rows + repeats.surplus, lacking.of)
        parts = [f"{have(lacking.rows, 'row')} no key"] * bool(lacking.rows)
        parts += [f"{have(repeats.surplus, 'row')} the key of an earlier one"] * bool(repeats.surplus)
        where: Where = (("rule", "key"), ("columns", named))
        columns = of.columns(self.names, "key")
        missing = any_missing(columns)
        offenders = (
            of.examples(missing, columns)
            if lacking.rows
            else of.examples(f"not {missing}", columns, map(grouped_value, columns))
        )
        what = f"whose {named} is missing or that of an earlier row"
        note = " and ".join(parts)
        yield at_fault(where, what, faults, Tolerated(), note, offenders)


def _matches(of: JudgedRows, keys: ForeignKeys | PartnerKeys) -> Keys:
    """The question how a key matches that of another table."""
    other = replace(of, rows=of.subject.rows(keys.table))
    to = keys.to or keys.columns
    mine, theirs = (
        tuple(column.missing for column in side.columns(names, "the key"))
        for side, names in ((of, keys.columns), (other, to))
    )
    missing = (mine, theirs) if of.sentinels else ((), ())
    return Keys(of.rows.table, keys.columns, other.rows.table, to, of.where, *missing)


@dataclass(frozen=True)
class InOtherTable:
    """A key whose values occur in another table."""

    keys: ForeignKeys

    def needs(self, of: JudgedRows) -> Iterable[Need]:
        """How the keys match."""
        yield _matches(of, self.keys)

    def answers(self, of: JudgedRows, facts: Facts) -> Iterator[Answer]:
        """The share of the rows with a key whose key is not there."""
        found: KeysFact = facts[_matches(of, self.keys)]
        named = ", ".join(self.keys.columns)
        where: Where = (("rule", "foreign_key"), ("columns", named), ("table", self.keys.table))
        rows = found.left_rows - found.left_missing
        if found.left_rows and not rows:
            yield Unanswered(where, "no row has the key; fill it in", rows=found.left_rows)
            return
        lacking = found.left_missing
        note = f"{have(lacking, 'row')} no key and {are(lacking)} left out" if lacking else ""
        what = f"whose {named} is not in `{self.keys.table}`"
        yield at_fault(where, what, MatchingFact(rows - found.matched, rows), self.keys, note)


@dataclass(frozen=True)
class OnePartner:
    """A key that occurs exactly once in each of two tables."""

    keys: PartnerKeys

    def needs(self, of: JudgedRows) -> Iterable[Need]:
        """How the keys match."""
        yield _matches(of, self.keys)

    def answers(self, of: JudgedRows, facts: Facts) -> Iterator[Answer]:
        """Whether every row has exactly one partner."""
        found: KeysFact = facts[_matches(of, self.keys)]
        named = ", ".join(self.keys.columns)
        where: Where = (("rule", "one_to_one"), ("columns", named), ("table", self.keys.table))
        if not found.left_rows:
            yield Unanswered(where, "there are no rows to judge; present some, or correct `where`", rows=0)
            return
        flaws = tuple(_flaws(found, of.table, self.keys.table))
        met = not flaws and found.matched == found.left_rows == found.right_rows
        sizes = f"{counted(found.left_rows, 'row')} and {found.right_rows:,} of `{self.keys.table}`"
        said = f"{sizes} have the same {named}, each once"
        if not met:
            said = f"of {sizes}, not each has exactly one partner by {named}: {', '.join(flaws)}; correct the keys"
        yield Claim(where, met, said)


def _flaws(found: KeysFact, table: str, other: str) -> Iterator[str]:
    for name, rows, missing, repeated in (
        (table, found.left_rows, found.left_missing, found.left_repeated),
        (other, found.right_rows, found.right_missing, found.right_repeated),
    ):
        if missing:
            yield f"{_rows_of(missing, name)} no key"
        if repeated:
            yield f"{counted(repeated, 'key')} {'occurs' if repeated == 1 else 'occur'} more than once in `{name}`"
        if (alone := rows - missing - found.matched) > 0:
            yield f"{_rows_of(alone, name)} no partner"


def _rows_of(rows: int, table: str) -> str:
    return f"{counted(rows, 'row')} of `{table}` {'has' if rows == 1 else 'have'}"


@dataclass(frozen=True)
class LabelBalance:
    """The share of each class among the rows with a label."""

    keys: BalanceKeys

    def _sizes(self, of: JudgedRows) -> Repeats:
        return _repeats(of, [self.keys.column], "label_balance", with_missing=False)

    def _present(self, of: JudgedRows) -> ValuesPresent:
        column = of.column(self.keys.column, "label_balance")
        asked = tuple(f"{column.column.equals(name)} and not {column.missing}" for name in self.keys.classes)
        return ValuesPresent(
            of.rows.table, of.where, of.frequency, value=column.text, asked=asked, alike=(NEVER,) * len(asked)
        )

    def needs(self, of: JudgedRows) -> Iterable[Need]:
        """The rows with a label, those of the smallest and the largest class, and those of each named class."""
        return (self._sizes(of), *([self._present(of)] if self.keys.classes else []))

    def answers(self, of: JudgedRows, facts: Facts) -> Iterator[Answer]:
        """The share of each named class, or else of the smallest and the largest one."""
        sizes = facts[self._sizes(of)]
        where: Where = (("rule", "label_balance"), ("column", self.keys.column))
        if not sizes.rows:
            yield Unanswered(where, "no row has a label; fill it in, or correct `where`", rows=0)
        elif self.keys.classes:
            named = zip(self.keys.classes, facts[self._present(of)].asked, strict=True)
            yield from self._of_classes(where, tuple(named), sizes.rows)
        elif sizes.distinct < 2:
            yield Unanswered(where, "all rows have one label; name the classes by `classes`", sizes.rows)
        else:
            for rows, size, low, high in (
                (sizes.least, "smallest", self.keys.at_least, None),
                (sizes.top, "largest", None, self.keys.at_most),
            ):
                if low is not None or high is not None:
                    own = demanded(f"share of the {size} class", low, high)
                    yield share_of((*where, ("class", size)), MatchingFact(rows, sizes.rows), own)

    def _of_classes(self, where: Where, named: tuple[tuple[str, int], ...], rows: int) -> Iterator[Answer]:
        own = demanded("share of the class", self.keys.at_least, self.keys.at_most)
        for name, found in named:
            yield share_of((*where, ("class", name)), MatchingFact(found, rows), own)
        others = MatchingFact(rows - sum(found for _, found in named), rows)
        yield at_fault(where, "with a label that is not one of `classes`", others, Tolerated())


@dataclass(frozen=True)
class NoConflicts:
    """Rows with the same features have the same label."""

    keys: ConflictKeys

    def needs(self, of: JudgedRows) -> Iterable[Need]:
        """The rows with the features of another row and another label."""
        features = tuple(map(grouped_value, of.columns(self.keys.features, "conflicting_labels")))
        label = grouped_value(of.column(self.keys.label, "conflicting_labels"))
        yield Conflicts(of.rows.table, of.where, of.frequency, equal=features, differing=label)

    def answers(self, of: JudgedRows, facts: Facts) -> Iterator[Answer]:
        """The share of such rows among those with a label."""
        found = facts[next(iter(self.needs(of)))]
        where: Where = (("rule", "conflicting_labels"), ("label", self.keys.label))
        note = f"in {counted(found.groups, 'group')} of equal features" if found.groups else ""
        what = f"with the features of another row and another {self.keys.label}"
        yield at_fault(where, what, MatchingFact(found.conflicting, found.rows), self.keys, note)

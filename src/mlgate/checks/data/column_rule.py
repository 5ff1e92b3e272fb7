"""What one key of `data.columns` asks of a column: the base of all rules about columns, and the column asked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from mlgate.checks.data.column_keys import ColumnKeys
from mlgate.checks.of_table import demanded, share_of
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.example_rows import ExampleRows
from mlgate.evidence.questions.matching_rows import MatchingFact, MatchingRows
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.rows import Rows
from mlgate.evidence.typed import TypedColumn
from mlgate.values.estimate import Answer, Claim, Estimate, Unanswered
from mlgate.values.family import FilesBelow
from mlgate.values.verdict import Where
from mlgate.values.words import are, counted

NOTHING = "every value is missing, so nothing was evaluated; add values, or remove the key"


@dataclass(frozen=True)
class AskedColumn:
    """A column of a table, with what a policy demands of it."""

    subject: Subject
    table: str
    """The name of the table in the candidate."""
    rows: Rows
    column: TypedColumn
    keys: ColumnKeys
    source: str = ""
    """The pattern that means the column, where several entries name it."""
    alphas: tuple[float, ...] = ()
    within: str = ""
    """SQL for whether a row is judged; empty for all rows."""

    @property
    def name(self) -> str:
        """The name of the column."""
        return self.column.name

    def where(self, key: str) -> Where:
        """The slice of a finding: the column and the key of the policy."""
        entry = (("entry", self.source),) if self.source else ()
        return ("column", self.name), ("key", key), *entry

    def matching(self, condition: str) -> MatchingRows:
        """The question how many rows satisfy a condition."""
        return self.subject.matching(self.table, condition, self.within)

    @property
    def missing(self) -> MatchingRows:
        """The question how many rows have no value."""
        return self.matching(self.column.missing)

    def values(self, facts: Facts) -> int:
        """The number of rows with a value."""
        fact = facts[self.missing]
        return int(fact.of - fact.rows)

    def examples(self, condition: str, repeated: tuple[str, ...] = ()) -> ExampleRows:
        """The question for rows at fault; nested and binary values are not shown."""
        shown = () if self.column.column.kind == "other" else (self.column.column,)
        return self.subject.examples(self.table, condition, *shown, within=self.within, repeated=repeated)

    def share(
        self, key: str, of: str, found: MatchingFact, most: Fraction, fault: str, noun: str = "value"
    ) -> Estimate | Unanswered:
        """The share of rows at fault, which must be at most `most`."""
        own = demanded(of, at_most=most)
        return share_of(self.where(key), found, own, of=noun, offenders=self.examples(fault))


class ColumnRule(ABC):
    """The demand of one key. Its answers are findings about one column."""

    key: str

    def problems(self, _keys: ColumnKeys) -> Iterable[str]:
        """Mistakes in the value of the key that are visible without data."""
        return ()

    @abstractmethod
    def needs(self, asked: AskedColumn) -> Iterable[Need]:
        """The questions to ask. Raises EvidenceError where the column cannot answer."""

    def later(self, _asked: AskedColumn, _facts: Facts) -> Iterable[Need]:
        """Follow-up questions, once the first ones are answered."""
        return ()

    @abstractmethod
    def answers(self, asked: AskedColumn, facts: Facts) -> Iterator[Answer]:
        """What was found."""


@dataclass(frozen=True)
class Faults(ColumnRule):
    """A demand that every value must meet by itself; `max_fault_share` allows some that do not."""

    key: str
    fault: Callable[[AskedColumn], str]
    """SQL for whether a row is at fault; it is false or NULL for a row without a value."""
    said: Callable[[AskedColumn], str]
    """What a value is that meets the demand: "between 18 and 120"."""
    wrong: Callable[[ColumnKeys], Iterable[str]] = lambda _keys: ()
    missing: Callable[[AskedColumn], str] = lambda asked: asked.column.missing
    """SQL for whether a row has no value, so that it is not judged."""
    broken: Callable[[AskedColumn], str] = lambda _asked: ""
    """What a value at fault is: "one of `-1`"; empty for "not" and what it should be."""

    def problems(self, keys: ColumnKeys) -> Iterable[str]:
        """The mistakes that the rule itself can see."""
        return self.wrong(keys)

    def needs(self, asked: AskedColumn) -> Iterable[Need]:
        """How many rows have no value, and how many are at fault."""
        return self._missing(asked), asked.matching(self.fault(asked))

    def _missing(self, asked: AskedColumn) -> MatchingRows:
        return asked.matching(self.missing(asked))

    def faults(self, asked: AskedColumn, facts: Facts) -> int:
        """The number of rows at fault."""
        return int(facts[asked.matching(self.fault(asked))].rows)

    def answers(self, asked: AskedColumn, facts: Facts) -> Iterator[Answer]:
        """A claim that no value is at fault, or the share of those that are."""
        missing, where, fault = facts[self._missing(asked)], asked.where(self.key), self.fault(asked)
        values, faults, said = int(missing.of - missing.rows), self.faults(asked, facts), self.said(asked)
        broken = self.broken(asked) or f"not {said}"
        if not values:
            yield Unanswered(where, NOTHING)
        elif asked.keys.max_fault_share is not None:
            of = f"share of values that are {broken}"
            yield asked.share(self.key, of, MatchingFact(faults, values), asked.keys.max_fault_share, fault)
        else:
            found = verdict_on(asked.name, missing, faults, said, broken)
            yield Claim(where, not faults, found, offenders=asked.examples(fault))


def verdict_on(name: str, found: MatchingFact, faults: int, said: str, broken: str) -> str:
    """What was found: "`age`: 3 of 1,000 values are not between 18 and 120; 2 rows have no value"."""
    values, missing = found.of - found.rows, found.rows
    of = f"{faults:,} of {counted(values, 'value')} {are(faults)} {broken}" if faults else f"{_all(values)} {said}"
    without = f"; {counted(missing, 'row')} {'has' if missing == 1 else 'have'} no value" if missing else ""
    return f"`{name}`: {of}{without}"


def _all(values: int) -> str:
    return "the only value is" if values == 1 else f"all {counted(values, 'value')} are"


@cache
def rules() -> tuple[ColumnRule, ...]:
    """The rules of every key: the RULES of each file in `column_rules`, in the order of the keys."""
    found: Mapping[str, ColumnRule] = FilesBelow(
        "mlgate.checks.data.column_rules", lambda file: {rule.key: rule for rule in file.RULES}
    )
    return tuple(found[key] for key in ColumnKeys.__dataclass_fields__ if key in found)

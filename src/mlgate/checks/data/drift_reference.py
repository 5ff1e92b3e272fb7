"""The reference of data.drift: a table of the candidate, or the stored facts of an earlier one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mlgate.candidate.derivation import PREDICTIONS
from mlgate.checks.data.compared_columns import ComparedColumn
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts, Need, TableNeed
from mlgate.evidence.questions.stored_table import STORED, StoredTable, StoredTableFact
from mlgate.evidence.rows import Rows
from mlgate.values.errors import EvidenceError


@dataclass(frozen=True)
class DriftReference:
    """What is known of the reference, whichever way it is presented."""

    name: str
    rows: Rows
    key: tuple[str, ...]
    count: str
    correlated: bool
    """Whether its rows belong together in units."""
    stored: StoredTableFact | None = None
    path: str = ""
    """The file of the stored facts."""

    @property
    def shown_as(self) -> str:
        """Its name in messages; of stored facts with their day."""
        return f"{self.name} (stored on {self.stored.day})" if self.stored else self.name

    def hides(self, column: str) -> bool:
        """Whether categories of a column are stored as digests."""
        return self.stored is not None and column in self.stored.hidden

    def facts(self, facts: Facts) -> Facts:
        """The facts, with those that are stored."""
        if self.stored is None:
            return facts
        return _WithStored({**facts.answers, **self.stored.answers}, self.path, self.name)

    def needs(self, column: ComparedColumn, facts: Facts) -> Iterator[Need]:
        """What is still to be measured for a column."""
        yield from (need for need in column.needs(self.facts(facts)) if not _is_stored(need))


@dataclass(frozen=True)
class _WithStored(Facts):
    """Facts that name the file which lacks one."""

    path: str = ""
    table: str = ""

    def __getitem__(self, need: Need) -> Any:
        if _is_stored(need) and need not in self.answers:
            raise EvidenceError(
                f"{self.path} does not have this column as the rule compares it, with the same bins, edges, reading, "
                f"missing values and groups; write it again by `mlgate measure --table {self.table}` with this policy"
            )
        return super().__getitem__(need)


def _is_stored(need: Need) -> bool:
    return isinstance(need, TableNeed) and need.table == STORED


def table_reference(subject: Subject, name: str, table: str) -> DriftReference:
    """A table of the candidate as the reference that a rule calls `name`."""
    rows, spec, own = subject.rows(table), subject.candidate.table(table), subject.candidate.predictions
    of_model = table == PREDICTIONS and own is not None
    key = (*own.identity, *subject.unit) if of_model and own else spec.key if spec else ()
    return DriftReference(name, rows, key, count_of(subject, table, rows), correlated(subject, table))


def count_of(subject: Subject, table: str, rows: Rows) -> str:
    """SQL for how often a row of a table counts; empty for once."""
    count = subject.roles.get("count") if table == PREDICTIONS else None
    return rows.column(count, "count", "predictions.count").number if count else ""


def correlated(subject: Subject, table: str) -> bool:
    """Whether rows of a table belong together in units."""
    return table == PREDICTIONS and bool(subject.unit) and not subject.rolled_up(PREDICTIONS)


def stored_table(subject: Subject, name: str, sha256: str) -> StoredTable | None:
    """The question for a table's stored facts, if the candidate presents these instead of the table. EvidenceError
    where the policy trusts certain facts, by their digest, and the candidate presents none."""
    spec = subject.candidate.table(name)
    if spec and spec.facts:
        return StoredTable(subject.candidate.path_of(spec.facts), name, sha256)
    if sha256:
        raise EvidenceError(
            f"the policy trusts the stored facts of `{name}` with the digest {sha256}; name their file by "
            f"`tables: {{{name}: {{facts: ...}}}}`",
            f"tables.{name}",
        )
    return None


def stored_reference(need: StoredTable, facts: Facts) -> DriftReference:
    """The reference of stored facts. Raises the EvidenceError with which they were refused."""
    fact: StoredTableFact = facts[need]
    rows = Rows(STORED, f"{need.table} in {need.path}", fact.columns)
    return DriftReference(need.table, rows, fact.key, fact.count, fact.correlated, fact, need.path)

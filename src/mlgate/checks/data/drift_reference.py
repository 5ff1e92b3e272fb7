"""The reference of data.drift: a table of the candidate, or the stored facts of an earlier one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from mlgate.checks.data.compared_columns import ComparedColumn
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts, Need, TableNeed
from mlgate.evidence.questions.stored_table import STORED, StoredTable, StoredTableFact
from mlgate.evidence.questions.table_schema import SchemaFact
from mlgate.evidence.rows import Rows
from mlgate.values.errors import EvidenceError

Definitions = tuple[tuple[str, str], ...]
"""Names by which rows are grouped, each with what the policy makes it of; empty for a plain column."""


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

    def facts(self, column: ComparedColumn, by: Definitions, facts: Facts) -> Facts:
        """The facts, with what is stored for a column. Raises EvidenceError where it is stored otherwise, or not."""
        if self.stored is None:
            return facts
        asked = column.without_counts(by)
        for found in self.stored.compared:
            if replace(asked, categories=found.categories, refused=found.refused).asked == found.asked:
                return Facts({**facts.answers, **column.facts_of(found)})
        raise EvidenceError(
            f"{self.path} does not have this column as the rule compares it, with the same bins, edges, reading, "
            f"missing values and groups; write it again by `mlgate measure --table {self.name}` with this policy"
        )

    def needs(self, column: ComparedColumn, by: Definitions, facts: Facts) -> Iterator[Need]:
        """What is still to be measured for a column."""
        known = self.facts(column, by, facts)
        yield from (need for need in column.needs(known) if not (isinstance(need, TableNeed) and need.table == STORED))


def definitions(subject: Subject, names: Iterable[str]) -> Definitions:
    """The columns or bands by which rows are grouped, each with what the policy makes it of."""
    return tuple((name, _definition(subject, name)) for name in names)


def _definition(subject: Subject, name: str) -> str:
    bands, spec = subject.derive.get(name), subject.groups.get(name)
    edges = f"{bands.column} at {', '.join(map(str, bands.edges))}: {', '.join(bands.labels)}" if bands else ""
    own = f"own group but {', '.join(spec.values)}" if spec and spec.unknown == "own_group" else ""
    return "; ".join(filter(None, (edges, own)))


def table_reference(subject: Subject, name: str, table: str) -> DriftReference:
    """A table of the candidate as the reference that a rule calls `name`."""
    key, count = subject.key_of(table), subject.count_of(table)
    return DriftReference(name, subject.rows(table), key, count, subject.correlated(table))


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
    rows = Rows(STORED, f"{need.table} in {need.path}", SchemaFact(fact.columns))
    return DriftReference(need.table, rows, fact.key, "", fact.correlated, fact, need.path)

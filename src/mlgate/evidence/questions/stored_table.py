"""Stored table: what `mlgate measure --table` stored of a table, to compare later tables with it.

A file has the facts of one table: its columns, and the counts that rules ask of it. The texts of a category are stored
as digests, unless a rule may show them. The file's own digest reveals an edit. It is not a signature: a policy that
fixes the file by `expects:` says which one is trusted.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from mlgate.evidence.files import contents
from mlgate.evidence.questions.bin_counts import BinCounts, BinCountsFact
from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.need import Need, OpenTables, TableNeed, not_counts
from mlgate.evidence.questions.quantile_edges import QuantileEdges, QuantileEdgesFact
from mlgate.evidence.questions.table_schema import SchemaFact, TableSchema
from mlgate.evidence.questions.text_reading import TextReading, TextReadingFact
from mlgate.values import plain
from mlgate.values.errors import EvidenceError
from mlgate.values.json_text import parse, to_text
from mlgate.values.plain import MalformedError
from mlgate.values.words import counted

FORMAT, KIND = 1, "table"
STORED = "stored table"
"""The name of the table in stored questions. No table of a candidate can have it."""


@dataclass(frozen=True)
class TableFile:
    """A file that a stored table was read from, or a policy by which it was."""

    role: str
    path: str
    sha256: str


@dataclass(frozen=True)
class StoredTableFact:
    """A table's facts, with all that is needed to ask for them again."""

    table: str
    """The name that rules call it by."""
    day: str
    """The day on which it was measured, in UTC."""
    tool: str
    """The version of mlgate that measured it."""
    rows: int
    files: tuple[TableFile, ...]
    columns: SchemaFact
    key: tuple[str, ...]
    """The columns that identify a row."""
    count: str
    """SQL for how often a row counts; empty for once."""
    correlated: bool
    """Whether its rows belong together in units."""
    hidden: tuple[str, ...]
    """The columns whose categories are stored as digests."""
    readings: tuple[tuple[TextReading, TextReadingFact], ...]
    edges: tuple[tuple[QuantileEdges, QuantileEdgesFact], ...]
    bins: tuple[tuple[BinCounts, BinCountsFact], ...]
    categories: tuple[tuple[Counts, CountsFact], ...]

    @property
    def answers(self) -> dict[Need, Any]:
        """Every question with its fact."""
        return dict((*self.readings, *self.edges, *self.bins, *self.categories))


@dataclass(frozen=True)
class StoredTable(Need):
    """The facts of a table from a file."""

    name = "stored-table"
    fact = StoredTableFact
    beside = True
    path: str
    table: str
    """The name that the candidate gives it."""
    sha256: str = ""
    """The digest that the file must have by the policy; empty for any."""

    @property
    def about(self) -> str:
        """The path."""
        return self.path

    def impossible(self, fact: StoredTableFact) -> str:
        """Facts that no table has, and counts of its rows that differ."""
        return next(_impossible(fact), "")

    def answer(self, tables: OpenTables) -> StoredTableFact:
        """The facts. Raises EvidenceError where the file is not one of a stored table, was edited or is of another."""
        sha256, found = _read(contents(self.path, tables.reach), self.path)
        if self.sha256 and sha256 != self.sha256:
            raise EvidenceError(
                f"{self.path} has the digest {sha256}, and the policy trusts {self.sha256}; present that file"
            )
        if wrong := self.impossible(found):
            raise EvidenceError(f"{self.path} cannot be true: {wrong}; {_again(self.table)}")
        if found.table != self.table:
            raise EvidenceError(
                f"{self.path} has the facts of the table `{found.table}`, and the candidate calls it `{self.table}`; "
                f"{_again(self.table)}"
            )
        return found


def asked(need: TableNeed, fact: Any) -> tuple[TableNeed, Any]:
    """A question with its fact, as it is stored: of no certain table, and without what only chooses a sample."""
    return canonical(need), fact


def canonical(need: TableNeed) -> TableNeed:
    """A question as it is stored."""
    found = replace(need, table=STORED)
    return replace(found, among=()) if isinstance(found, QuantileEdges) else found


def category_digest(column: str, value: str) -> str:
    """A digest instead of a category. It does not tell the category, but who guesses one can try it."""
    return hashlib.sha256(f"{column}\0{value}".encode("utf-8", "surrogatepass")).hexdigest()


def written(fact: StoredTableFact) -> str:
    """The text of the file."""
    found = plain.write(StoredTableFact, fact)
    return to_text({"mlgate": FORMAT, "kind": KIND, "facts": found, "sha256": _sealed(found)})


def _sealed(facts: Any) -> str:
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _again(table: str) -> str:
    return f"write it by `mlgate measure --table {table}`"


def _read(raw: bytes, path: str) -> tuple[str, StoredTableFact]:
    """The digest in the file, which is right, and the facts."""
    try:
        document = parse(raw.decode("utf-8"))
        if not isinstance(document, dict) or document.get("kind") != KIND:
            raise EvidenceError(f"{path} has no facts of a table; write them by `mlgate measure --table NAME`")
        if document["mlgate"] != FORMAT:
            raise EvidenceError(f"{path} is of another version of mlgate; write it again by `mlgate measure --table`")
        if document["sha256"] != _sealed(document["facts"]):
            raise EvidenceError(f"{path} was edited after it was measured; write it again by `mlgate measure --table`")
        return document["sha256"], plain.read(StoredTableFact, document["facts"])
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise EvidenceError(f"{path} is not JSON ({error}); write it by `mlgate measure --table NAME`") from error
    except (MalformedError, ValueError, KeyError, TypeError) as error:
        said = f"{path} is not a file of `mlgate measure --table` ({error})"
        raise EvidenceError(f"{said}; write it again with this version") from error


def _impossible(fact: StoredTableFact) -> Iterator[str]:
    try:
        date.fromisoformat(fact.day)
    except ValueError:
        yield f"{fact.day!r} is not a day"
    if wrong := not_counts(fact.rows) or TableSchema(STORED).impossible(fact.columns):
        yield wrong
    if any(not re.fullmatch("[0-9a-f]{64}", file.sha256) for file in fact.files):
        yield "the digest of a file is not a SHA-256"
    for need, found in fact.answers.items():
        if need != canonical(need):  # type: ignore[arg-type]  # all are about a table
            yield f"the fact `{need.name}` is about another table"
        if wrong := need.impossible(found):
            yield f"of the fact `{need.name}`, {wrong}"
    for rows in _sizes(fact):
        if rows != fact.rows:
            yield f"it counts {counted(fact.rows, 'row')}, and also {rows:,}"


def _sizes(fact: StoredTableFact) -> Iterator[int]:
    """The rows of every count of all rows."""
    yield from (sum(of.rows for of in found.groups) for _, found in fact.bins)
    yield from (sum(cell.n for cell in found.cells) for _, found in fact.categories)

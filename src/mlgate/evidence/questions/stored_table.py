"""Stored table: what `mlgate measure --table` stored of a table, to compare later tables with it.

A file has the facts of one table: its columns, and the counts that rules ask of it, in words of its own, so that a
later version of mlgate can read it. The texts of a category are stored
as digests, unless a rule may show them. The file's own digest reveals an edit. It is not a signature: a policy that
fixes the file by `expects:` says which one is trusted.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from mlgate.evidence.files import contents
from mlgate.evidence.questions.bin_counts import SPECIAL, rising
from mlgate.evidence.questions.need import Group, Need, OpenTables, not_counts
from mlgate.evidence.questions.table_schema import SchemaFact, TableSchema
from mlgate.values import plain
from mlgate.values.errors import EvidenceError
from mlgate.values.json_text import parse, to_text
from mlgate.values.plain import MalformedError
from mlgate.values.words import counted

FORMAT, KIND = 1, "table"
STORED = "stored table"
"""The name of the table in questions about it. No table of a candidate can have it."""


@dataclass(frozen=True)
class TableFile:
    """A file that a stored table was read from, or a policy by which it was."""

    role: str
    path: str
    sha256: str


@dataclass(frozen=True)
class StoredBins:
    """The rows of a group in every bin, then the missing ones, those that are not a number, NaN, -infinity and
    infinity."""

    group: Group
    rows: tuple[int, ...]


@dataclass(frozen=True)
class StoredCategory:
    """The rows of a group with a category; None for a missing value."""

    group: Group
    category: str | None
    rows: int


@dataclass(frozen=True)
class StoredColumn:
    """A column as a rule asked for it, and what it has: rows in bins, or in categories."""

    column: str
    by: tuple[tuple[str, str], ...]
    """The columns or bands of the groups, each with what it is made of."""
    missing: tuple[str, ...]
    """Values that count as missing."""
    reading: str
    """How the rule reads it; empty where the values of a text decide."""
    bins: int
    given: tuple[float, ...] | None
    """The edges of the policy; None where they are quantiles."""
    texts: tuple[int, int, int]
    """Of a text: the values, and how many of them are numbers and dates."""
    edges: tuple[float, ...] = ()
    numbers: tuple[StoredBins, ...] = ()
    categories: tuple[StoredCategory, ...] = ()
    refused: str = ""
    """Why its categories are not counted: there are too many."""

    @property
    def asked(self) -> tuple[object, ...]:
        """What a rule must ask to get it."""
        cut = () if self.categories or self.refused else (self.bins, self.given)
        return self.column, self.by, self.missing, self.reading, *cut


@dataclass(frozen=True)
class StoredTableFact:
    """A table's facts, with all that is needed to compare with it."""

    table: str
    """The name that rules call it by."""
    day: str
    """The day on which it was measured, in UTC."""
    tool: str
    """The version of mlgate that measured it."""
    rows: int
    files: tuple[TableFile, ...]
    columns: tuple[tuple[str, str], ...]
    """The table's columns with their kinds."""
    key: tuple[str, ...]
    """The columns that identify a row."""
    correlated: bool
    """Whether its rows belong together in units."""
    hidden: tuple[str, ...]
    """The columns whose categories are stored as digests."""
    compared: tuple[StoredColumn, ...]


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
    if wrong := not_counts(fact.rows) or TableSchema(STORED).impossible(SchemaFact(fact.columns)):
        yield wrong
    if any(not re.fullmatch("[0-9a-f]{64}", file.sha256) for file in fact.files):
        yield "the digest of a file is not one"
    if len({each.asked for each in fact.compared}) != len(fact.compared):
        yield "it has a column twice"
    for column in fact.compared:
        yield from (f"of `{column.column}`, {wrong}" for wrong in _impossible_column(column, fact.rows))


def _impossible_column(column: StoredColumn, rows: int) -> Iterator[str]:
    if not rising(column.edges):
        yield "its edges do not rise"
    if any(len(of.rows) != len(column.edges) + 1 + len(SPECIAL) for of in column.numbers):
        yield "it does not have one count per bin"
    cells = [(of.group, of.category) for of in column.categories]
    groups = [of.group for of in column.numbers]
    if len(set(cells)) != len(cells) or len(set(groups)) != len(groups):
        yield "it counts rows twice"
    if any(len(group) != len(column.by) for group in (*groups, *(group for group, _ in cells))):
        yield "it has other groups than it says"
    counts = [*(n for of in column.numbers for n in of.rows), *(of.rows for of in column.categories)]
    if wrong := not_counts(*column.texts, *counts):
        yield wrong
    if counts and sum(counts) != rows:
        yield f"it counts {counted(sum(counts), 'row')}, and the table has {rows:,}"

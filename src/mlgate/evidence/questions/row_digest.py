"""Row digest: one digest of some columns of a table, by which the same rows are recognised in another file."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass

from mlgate.evidence.dialect import kind_of, quote, text_of
from mlgate.evidence.missing_column import no_column
from mlgate.evidence.questions.need import Need, OpenTables
from mlgate.values.errors import EvidenceError

MOST = 10_000
"""The most rows that are digested. Sorting out so many costs little in a table of any size."""


@dataclass(frozen=True)
class RowDigestFact:
    """The SHA-256 in hexadecimal, and the number of rows that it covers."""

    sha256: str
    rows: int


@dataclass(frozen=True)
class RowDigest(Need):
    """The SHA-256 of the ids and some columns of rows, as exact text: of at most the first `MOST` rows by id.

    The order of the rows in the table does not matter, nor do the names of the columns. Ids are in the order of their
    kind, which costs a tenth of the order of their texts. Rows without ids are digested in their order in the table.
    """

    name = "row-digest"
    fact = RowDigestFact
    table: str
    ids: tuple[str, ...]
    columns: tuple[str, ...]

    @property
    def tables(self) -> tuple[str, ...]:
        """The one table."""
        return (self.table,)

    def impossible(self, fact: RowDigestFact) -> str:
        """A text that is not a digest, and more rows than are digested."""
        right = re.fullmatch("[0-9a-f]{64}", fact.sha256) and 0 < fact.rows <= MOST
        return "" if right else f"{fact.sha256!r} is not a digest of {fact.rows} rows"

    def answer(self, tables: OpenTables) -> RowDigestFact:
        """The digest. Raises EvidenceError for a table without rows, or without one of the columns."""
        names = (*self.ids, *self.columns)
        opened = tables.ready(self.table, names)
        types = opened.types
        if missing := [name for name in names if name not in types]:
            raise no_column(missing[0], self.table, types)
        cells = ", ".join(f"{text_of(name, kind_of(types[name]))} as c{at}" for at, name in enumerate(names))
        ordered = f"order by {', '.join(map(quote, names))}" if self.ids else ""
        rows = tables.engine.query(f"select {cells} from {opened.relation} {ordered} limit {MOST}")
        if not rows:
            raise EvidenceError(f"{self.table} has no rows")
        text = json.dumps([len(self.ids), *(sorted(rows, key=repr) if self.ids else rows)], separators=(",", ":"))
        return RowDigestFact(hashlib.sha256(text.encode()).hexdigest(), len(rows))

"""Two tables joined by key: rows of both, made once of the columns that are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mlgate.errors import EvidenceError
from mlgate.evidence.dialect import quote
from mlgate.evidence.engines.duckdb import Engine
from mlgate.evidence.facts import KeysFact
from mlgate.evidence.files import Unchanged
from mlgate.evidence.needs import Keys
from mlgate.evidence.open.interface import Opened
from mlgate.evidence.sources import Join
from mlgate.evidence.statements.keys import check_kinds, key_columns, present


@dataclass(frozen=True)
class Joined:
    """A join that is understood, not yet made: its columns by the names they have in it, each as SQL."""

    join: Join
    left: Opened
    right: Opened
    columns: Mapping[str, str]

    def make(self, engine: Engine, relation: str, names: Iterable[str]) -> None:
        """Make a table of some columns of the rows whose keys are on both sides."""
        selected = ", ".join(f"{self.columns[name]} as {quote(name)}" for name in names) or "1 as one"
        mine = key_columns(self.left, self.join.left_key, "l")
        theirs = key_columns(self.right, self.join.right_key, "r")
        on = " and ".join(f"{key} = {other}" for key, other in zip(mine, theirs, strict=True))
        engine.load(
            f"create or replace temp table {relation} as select {selected} "
            f"from {self.right.relation} r join {self.left.relation} l on {on}"
        )


def keys_need(join: Join) -> Keys:
    """The question whether a join is one to one."""
    return Keys(join.left, join.left_key, join.right, join.right_key)


def understand(join: Join, left: Opened, right: Opened) -> Joined:
    """The columns of a join. Raises EvidenceError where the keys are not there, or not comparable."""
    present(left, join.left, join.left_key)
    present(right, join.right, join.right_key)
    check_kinds(keys_need(join), left, right)
    taken = {name.casefold() for name, _ in right.columns}
    columns = {name: f"r.{quote(name)}" for name, _ in right.columns}
    for name, _ in left.columns:
        named = f"{join.left}.{name}" if name.casefold() in taken else name
        if named.casefold() in {other.casefold() for other in columns}:
            raise EvidenceError(
                f"column `{name}` of {join.left} is called `{named}` in the join, and so is another; rename it"
            )
        columns[named] = f"l.{quote(name)}"
    return Joined(join, left, right, columns)


def joined_table(joined: Joined, relation: str) -> Opened:
    """The join as a table, whose columns are known before it is made."""
    types = [of for _, of in (*joined.right.columns, *joined.left.columns)]
    files = Unchanged((*joined.left.files.signatures, *joined.right.files.signatures))
    return Opened(relation, tuple(zip(joined.columns, types, strict=True)), files)


def check_unique(join: Join, fact: KeysFact) -> None:
    """Raise EvidenceError where keys repeat on both sides: the join would multiply rows without end."""
    if fact.left_repeated and fact.right_repeated:
        raise EvidenceError(
            f"{fact.left_repeated} ids of {join.left} and {fact.right_repeated} of {join.right} repeat; "
            "rows cannot be joined by them, make ids unique"
        )

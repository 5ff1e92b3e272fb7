"""Keys: how the ids of two tables match. Ids of different kinds are refused, as engines compare them differently."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mlgate.evidence.dialect import columns_in, kind_of, quote
from mlgate.evidence.engine import Engine, Opened
from mlgate.evidence.missing_column import no_column
from mlgate.evidence.questions.grouped import source
from mlgate.evidence.questions.need import Need, OpenTables, not_counts
from mlgate.evidence.unlike_kinds import unlike_kinds
from mlgate.values.errors import EvidenceError

MOST_HASHES = 1 << 25
"""The most rows whose hashes are sorted in memory, which takes 256 MiB; the engine groups more rows, on disk."""


@dataclass(frozen=True)
class KeysFact:
    """The numbers of rows on each side, of rows with a key on both sides, of repeated keys, and of missing keys."""

    left_rows: int
    left_repeated: int
    left_missing: int
    right_rows: int = 0
    right_repeated: int = 0
    right_missing: int = 0
    matched: int = 0


@dataclass(frozen=True)
class Keyed:
    """A statement that selects a table's keys, and the names of its columns."""

    sql: str
    names: tuple[str, ...]

    @property
    def missing(self) -> str:
        """SQL for whether a part of the key is missing."""
        return " or ".join(f"{name} is null" for name in self.names)


@dataclass(frozen=True)
class Keys(Need):
    """How the key columns of two tables match; without `right`, only whether `left` repeats a key."""

    ADDED: ClassVar[tuple[str, ...]] = ("where", "missing", "right_missing")

    name = "keys"
    fact = KeysFact
    left: str
    columns: tuple[str, ...]
    right: str = ""
    right_columns: tuple[str, ...] = ()
    where: str = ""
    """SQL for whether a row of `left` counts; empty for all rows."""
    missing: tuple[str, ...] = ()
    """For each of `columns`, SQL for whether a row has no value; empty where only NULL and NaN are none."""
    right_missing: tuple[str, ...] = ()
    """The same for the columns of `right`."""

    def impossible(self, fact: KeysFact) -> str:
        """More repeated, missing or matched keys than rows."""
        left, right = fact.left_rows, fact.right_rows
        return not_counts(
            *(left, fact.left_repeated, fact.left_missing, left - fact.left_repeated - fact.left_missing),
            *(right, fact.right_repeated, fact.right_missing, right - fact.right_repeated - fact.right_missing),
            *(fact.matched, left - fact.left_missing - fact.matched),
        )

    @property
    def tables(self) -> tuple[str, ...]:
        """One table or two."""
        return (self.left, self.right) if self.right else (self.left,)

    def answer(self, tables: OpenTables) -> KeysFact:
        """The numbers of rows, repeated keys, missing keys and matches. Raises EvidenceError for different kinds."""
        left = tables.ready(self.left, tuple(dict.fromkeys((*self.columns, *columns_in(self.where)))))
        present(left, self.left, self.columns)
        own = _keyed(left, self.columns, self.where, self.missing)
        mine = _side(tables.engine, own)
        if not self.right:
            return KeysFact(*mine)
        names = self.right_columns or self.columns
        right = tables.ready(self.right, names)
        present(right, self.right, names)
        check_kinds(self, left, right)
        others = _keyed(right, names, missing=self.right_missing)
        theirs = _side(tables.engine, others)
        matched = _matched(tables.engine, own, others)
        return KeysFact(*mine, *theirs, matched)


def _side(engine: Engine, keys: Keyed) -> tuple[int, int, int]:
    """The numbers of rows of a table, of keys that repeat, and of rows with a missing key."""
    ((rows, missing),) = engine.query(f"select count(*), count(*) filter (where {keys.missing}) from ({keys.sql})")
    return rows, 0 if rows <= MOST_HASHES and _all_differ(engine, keys) else _repeated(engine, keys), missing


def _all_differ(engine: Engine, keys: Keyed) -> bool:
    """Whether the hashes of all complete keys differ. If they do, the keys differ; equal hashes prove nothing.

    Sorting hashes takes a quarter of the time of a `group by` keys.
    """
    import numpy as np

    hashes = ", ".join(f"hash_of({key}) as {key}" for key in keys.names)
    columns = engine.arrays(f"select {hashes} from ({keys.sql}) where not ({keys.missing})")
    found, *others = (np.require(columns[key], np.uint64, "W") for key in keys.names)
    for other in others:
        found = found * np.uint64(0x9E3779B97F4A7C15) + other
    found.sort()
    return not bool((found[1:] == found[:-1]).any())


def _repeated(engine: Engine, keys: Keyed) -> int:
    """The number of complete keys that occur in more than one row."""
    listed = ", ".join(keys.names)
    grouped = f"select {listed}, count(*) as n from ({keys.sql}) where not ({keys.missing}) group by {listed}"
    ((found,),) = engine.query(f"select count(*) from ({grouped}) where n > 1")
    return int(found)


def _matched(engine: Engine, left: Keyed, right: Keyed) -> int:
    """The number of rows of the left table whose key is in the right table."""
    on = " and ".join(f"l.{key} = r.{key}" for key in left.names)
    ((found,),) = engine.query(
        f"select count(*) from ({left.sql}) l where exists (select 1 from ({right.sql}) r where {on})"
    )
    return int(found)


def key_columns(table: Opened, names: tuple[str, ...], prefix: str = "") -> tuple[str, ...]:
    """SQL for key columns: unchanged, but NaN is NULL and -0.0 is 0.0."""
    types = table.types
    dot = f"{prefix}." if prefix else ""
    return tuple(_key(dot + quote(name), kind_of(types[name])) for name in names)


def check_kinds(need: Keys, left: Opened, right: Opened) -> None:
    """Raise EvidenceError where the ids of both tables are of different kinds, or cannot be ids."""
    names = need.right_columns or need.columns
    if len(names) != len(need.columns):
        raise EvidenceError(f"{need.left} has {len(need.columns)} key columns and {need.right} {len(names)}")
    for mine, other in zip(need.columns, names, strict=True):
        was, now = left.types[mine], right.types[other]
        kinds = kind_of(was), kind_of(now)
        if kinds[0] != kinds[1] or (kinds[0] == "time" and was != now):
            ids = (f"id `{mine}` of {need.left}", _shown(was)), (f"`{other}` of {need.right}", _shown(now))
            raise EvidenceError(unlike_kinds(*ids, "and '007' and 7 are not the same id"))


def present(table: Opened, name: str, columns: tuple[str, ...], wanted_for: str = "id") -> None:
    """Raise EvidenceError where a key column is missing, or cannot be a key."""
    if not columns:
        raise EvidenceError(f"{name}: no key columns named")
    types = table.types
    table.require(columns)
    for column in columns:
        if column not in types:
            raise no_column(column, name, types, wanted_for)
        if kind_of(types[column]) == "other":
            raise EvidenceError(f"{name}: column `{column}` is {types[column]}, which cannot be an id")


def _key(column: str, kind: str) -> str:
    if kind != "float":
        return column
    return f"case when isnan({column}) then null when {column} = 0 then 0 else {column} end"


def _keyed(table: Opened, names: tuple[str, ...], where: str = "", missing: tuple[str, ...] = ()) -> Keyed:
    keys = key_columns(table, names)
    if missing:
        keys = tuple(f"case when not {coded} then {key} end" for key, coded in zip(keys, missing, strict=True))
    listed = tuple(f"k{at}" for at in range(len(keys)))
    selected = ", ".join(f"{key} as {name}" for key, name in zip(keys, listed, strict=True))
    return Keyed(f"select {selected} from {source(table.relation, where)}", listed)


def _shown(type_name: str) -> str:
    kind = kind_of(type_name)
    return type_name.lower() if kind == "time" else kind

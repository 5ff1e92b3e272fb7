"""Keys: how the ids of two tables match; compared by kind, never by what one engine would make equal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlgate.evidence.dialect import kind_of, quote
from mlgate.evidence.engine import Engine, Opened
from mlgate.evidence.questions.need import Need, OpenTables
from mlgate.values.errors import EvidenceError


@dataclass(frozen=True)
class KeysFact:
    """Rows on each side, rows whose key is on both sides, keys that repeat, and rows with a missing key."""

    left_rows: int
    left_repeated: int
    left_missing: int
    right_rows: int = 0
    right_repeated: int = 0
    right_missing: int = 0
    matched: int = 0


@dataclass(frozen=True)
class Keys(Need):
    """How the key columns of two tables match; with `right` empty, only whether `left` repeats a key."""

    name = "keys"
    fact = KeysFact
    left: str
    columns: tuple[str, ...]
    right: str = ""
    right_columns: tuple[str, ...] = ()

    @property
    def tables(self) -> tuple[str, ...]:
        """One table or two."""
        return (self.left, self.right) if self.right else (self.left,)

    def answer(self, tables: OpenTables) -> KeysFact:
        """Count rows, repeats, missing keys and matches. Raises EvidenceError for differing kinds."""
        left = tables.ready(self.left, self.columns)
        present(left, self.left, self.columns)
        if not self.right:
            return KeysFact(*_alone(tables.engine, left, self.columns))
        names = self.right_columns or self.columns
        right = tables.ready(self.right, names)
        present(right, self.right, names)
        check_kinds(self, left, right)
        return KeysFact(*_matched(tables.engine, left, self.columns, right, names))


def _alone(engine: Engine, table: Opened, names: tuple[str, ...]) -> Iterator[int]:
    (row,) = engine.query(f"with l as ({_grouped(table, names)}) {_totals('l')}")
    return map(int, row)


def _matched(
    engine: Engine, left: Opened, names: tuple[str, ...], right: Opened, other_names: tuple[str, ...]
) -> Iterator[int]:
    sides = _grouped(left, names), _grouped(right, other_names)
    on = " and ".join(f"l.k{at} = r.k{at}" for at in range(len(names)))
    per_side = [_totals(side) for side in ("l", "r")]
    (row,) = engine.query(
        f"with l as materialized ({sides[0]}), r as materialized ({sides[1]}) "
        f"select a.*, b.*, m.* from ({per_side[0]}) a cross join ({per_side[1]}) b cross join "
        f"(select coalesce(sum(l.n), 0) from l join r on {on}) m"
    )
    return map(int, row)


def key_columns(table: Opened, names: tuple[str, ...], prefix: str = "") -> tuple[str, ...]:
    """Key columns as SQL: as they stand, except that NaN is missing and -0.0 is 0.0."""
    types = table.types
    dot = f"{prefix}." if prefix else ""
    return tuple(_key(dot + quote(name), kind_of(types[name])) for name in names)


def check_kinds(need: Keys, left: Opened, right: Opened) -> None:
    """Raise EvidenceError where the ids on the two sides are not of one kind, or cannot be ids."""
    names = need.right_columns or need.columns
    if len(names) != len(need.columns):
        raise EvidenceError(f"{need.left} has {len(need.columns)} key columns and {need.right} {len(names)}")
    for mine, other in zip(need.columns, names, strict=True):
        was, now = left.types[mine], right.types[other]
        kinds = kind_of(was), kind_of(now)
        if kinds[0] != kinds[1] or (kinds[0] == "time" and was != now):
            raise EvidenceError(
                f"id `{mine}` of {need.left} is {_shown(was)} and `{other}` of {need.right} is {_shown(now)}: "
                "'007' and 7 are not the same id; write both in one kind"
            )


def present(table: Opened, name: str, columns: tuple[str, ...]) -> None:
    """Raise EvidenceError where a key column is not there, or cannot be a key."""
    if not columns:
        raise EvidenceError(f"{name}: no key columns named")
    types = table.types
    for column in columns:
        if column not in types:
            raise EvidenceError(f"{name} has no column `{column}` (wanted as key)")
        if kind_of(types[column]) == "other":
            raise EvidenceError(f"{name}: column `{column}` is {types[column]}, which cannot be an id")


def _key(column: str, kind: str) -> str:
    if kind != "float":
        return column
    return f"case when isnan({column}) then null when {column} = 0 then 0 else {column} end"


def _grouped(table: Opened, names: tuple[str, ...]) -> str:
    keys = key_columns(table, names)
    listed = ", ".join(f"k{at}" for at in range(len(keys)))
    selected = ", ".join(f"{key} as k{at}" for at, key in enumerate(keys))
    missing = " or ".join(f"k{at} is null" for at in range(len(keys)))
    return (
        f"select {listed}, count(*) as n, ({missing}) as missing from "
        f"(select {selected} from {table.relation}) group by {listed}"
    )


def _totals(side: str) -> str:
    return (
        f"select coalesce(sum(n), 0), count(*) filter (where n > 1 and not missing), "
        f"coalesce(sum(n) filter (where missing), 0) from {side}"
    )


def _shown(type_name: str) -> str:
    kind = kind_of(type_name)
    return type_name.lower() if kind == "time" else kind

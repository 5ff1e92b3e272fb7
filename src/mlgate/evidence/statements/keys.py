"""Keys: how the ids of two tables match; compared by kind, never by what one engine would make equal."""

from __future__ import annotations

from collections.abc import Mapping

from mlgate.evidence.dialect import kind_of, quote
from mlgate.evidence.engines.duckdb import Engine
from mlgate.evidence.facts import KeysFact
from mlgate.evidence.needs import Keys
from mlgate.evidence.open.interface import Opened
from mlgate.values.errors import EvidenceError


def answer(engine: Engine, need: Keys, tables: Mapping[str, Opened]) -> KeysFact:
    """Count rows, repeats, missing keys and matches of one or two tables. Raises EvidenceError for differing kinds."""
    left = tables[need.left]
    present(left, need.left, need.columns)
    if not need.right:
        rows, repeated, missing = engine.query(f"with l as ({_grouped(left, need.columns)}) {_totals('l')}")[0]
        return KeysFact(int(rows), int(repeated), int(missing))
    right = tables[need.right]
    names = need.right_columns or need.columns
    present(right, need.right, names)
    check_kinds(need, left, right)
    sides = _grouped(left, need.columns), _grouped(right, names)
    on = " and ".join(f"l.k{at} = r.k{at}" for at in range(len(need.columns)))
    per_side = [_totals(side) for side in ("l", "r")]
    row = engine.query(
        f"with l as materialized ({sides[0]}), r as materialized ({sides[1]}) "
        f"select a.*, b.*, m.* from ({per_side[0]}) a cross join ({per_side[1]}) b cross join "
        f"(select coalesce(sum(l.n), 0) from l join r on {on}) m"
    )[0]
    return KeysFact(*(int(value) for value in row))


def key_columns(table: Opened, names: tuple[str, ...], prefix: str = "") -> tuple[str, ...]:
    """Key columns as SQL: as they stand, except that NaN is missing and -0.0 is 0.0."""
    types = dict(table.columns)
    dot = f"{prefix}." if prefix else ""
    return tuple(_key(dot + quote(name), kind_of(types[name])) for name in names)


def check_kinds(need: Keys, left: Opened, right: Opened) -> None:
    """Raise EvidenceError where the ids on the two sides are not of one kind, or cannot be ids."""
    names = need.right_columns or need.columns
    if len(names) != len(need.columns):
        raise EvidenceError(f"{need.left} has {len(need.columns)} key columns and {need.right} {len(names)}")
    for mine, other in zip(need.columns, names, strict=True):
        was, now = dict(left.columns)[mine], dict(right.columns)[other]
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
    types = dict(table.columns)
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

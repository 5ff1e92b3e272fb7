"""Two tables joined by key: a view, whose rows count only where `Keys` says that it is one to one."""

from __future__ import annotations

from mlgate.evidence.dialect import quote
from mlgate.evidence.engines.duckdb import Engine
from mlgate.evidence.files import Unchanged
from mlgate.evidence.needs import Keys
from mlgate.evidence.open.interface import Opened
from mlgate.evidence.sources import Join
from mlgate.evidence.statements.keys import check_kinds, key_columns, present


def keys_need(join: Join) -> Keys:
    """The question whether a join is one to one."""
    return Keys(join.left, join.left_key, join.right, join.right_key)


def open_join(engine: Engine, join: Join, relation: str, left: Opened, right: Opened) -> Opened:
    """Make a view of the rows whose keys are on both sides. Raises EvidenceError where the keys are not comparable."""
    present(left, join.left, join.left_key)
    present(right, join.right, join.right_key)
    check_kinds(keys_need(join), left, right)
    taken = {name.casefold() for name, _ in right.columns}
    columns = [f"r.{quote(name)} as {quote(name)}" for name, _ in right.columns]
    for name, _ in left.columns:
        shown = f"{join.left}.{name}" if name.casefold() in taken else name
        columns.append(f"l.{quote(name)} as {quote(shown)}")
    pairs = zip(key_columns(left, join.left_key, "l"), key_columns(right, join.right_key, "r"), strict=True)
    on = " and ".join(f"{mine} = {other}" for mine, other in pairs)
    engine.load(
        f"create or replace temp view {relation} as select {', '.join(columns)} "
        f"from {right.relation} r join {left.relation} l on {on}"
    )
    files = Unchanged((*left.files.signatures, *right.files.signatures))
    return Opened(relation, engine.columns(relation), files)

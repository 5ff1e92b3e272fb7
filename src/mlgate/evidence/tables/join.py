"""Two tables joined by key, made once with the columns that are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mlgate.evidence.dialect import quote, selection
from mlgate.evidence.engine import Engine, Opened
from mlgate.evidence.questions.key_matches import Keys, KeysFact, check_kinds, key_columns, present
from mlgate.evidence.tables.recipe import Prepared, Recipe
from mlgate.values.errors import EvidenceError, concerning
from mlgate.values.words import counted


@dataclass(frozen=True)
class Join(Recipe):
    """A one-to-one join of two tables by key.

    Columns keep their names; a column of `left` whose name `right` has too is called `left.column`.
    """

    left: str
    right: str
    left_key: tuple[str, ...]
    right_key: tuple[str, ...]
    named_by: tuple[str, str] = field(default=("", ""), kw_only=True)
    """The keys of the candidate file that name both keys."""

    @property
    def parents(self) -> tuple[str, ...]:
        """The names of the tables it is made of."""
        return (self.left, self.right)

    def prepared(self, parents: Mapping[str, Opened]) -> Joined:
        """The columns of the join. Raises EvidenceError where keys are missing, or cannot be compared."""
        left, right = parents[self.left], parents[self.right]
        for table, name, key, named_by in (
            (left, self.left, self.left_key, self.named_by[0]),
            (right, self.right, self.right_key, self.named_by[1]),
        ):
            with concerning(named_by):
                present(table, name, key)
        with concerning(*self.named_by):
            check_kinds(keys_need(self), left, right)
        return Joined(self, left, right, *_origins(self, left, right))


@dataclass(frozen=True)
class Origin:
    """The origin of a column of a join: the table's alias in the statement, and the column's name in that table."""

    side: str
    name: str


@dataclass(frozen=True)
class Joined(Prepared):
    """A join, prepared but not made: its columns by their names in the join."""

    join: Join
    left: Opened
    right: Opened
    origins: Mapping[str, Origin]
    ambiguous: Mapping[str, EvidenceError]

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Names and DuckDB types: those of `right`, then those of `left`."""
        types = {"l": self.left.types, "r": self.right.types}
        return tuple((name, types[origin.side][origin.name]) for name, origin in self.origins.items())

    def wants(self, columns: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """The columns of both tables, and their keys. Raises EvidenceError for a name that two columns have."""
        for name in columns:
            if name in self.ambiguous:
                raise self.ambiguous[name]
        found = [self.origins[name] for name in columns]
        keys = {"l": self.join.left_key, "r": self.join.right_key}
        sides = {"l": self.join.left, "r": self.join.right}
        return {
            table: frozenset(keys[side]) | {origin.name for origin in found if origin.side == side}
            for side, table in sides.items()
        }

    @property
    def keys(self) -> Keys:
        """The need that tells whether the join is one to one."""
        return keys_need(self.join)

    def sql(self, engine: Engine, columns: Sequence[str], parents: Mapping[str, str]) -> str:
        """One row per key that both tables have, with some columns."""
        origins = ((self.origins[name], name) for name in columns)
        selected = selection(f"{of.side}.{quote(of.name)} as {quote(name)}" for of, name in origins)
        mine = key_columns(self.left, self.join.left_key, "l")
        theirs = key_columns(self.right, self.join.right_key, "r")
        on = " and ".join(f"{key} = {other}" for key, other in zip(mine, theirs, strict=True))
        return f"select {selected} from {parents[self.join.right]} r join {parents[self.join.left]} l on {on}"


def keys_need(join: Join) -> Keys:
    """The need that tells whether a join is one to one."""
    return Keys(join.left, join.left_key, join.right, join.right_key)


def _origins(join: Join, left: Opened, right: Opened) -> tuple[dict[str, Origin], dict[str, EvidenceError]]:
    """The columns of both tables by their names in the join, and the names that two of them have."""
    ambiguous: dict[str, EvidenceError] = {}
    taken = {name.casefold() for name, _ in right.columns}
    origins = {name: Origin("r", name) for name, _ in right.columns}
    for name, _ in left.columns:
        named = f"{join.left}.{name}" if name.casefold() in taken else name
        if named in origins:
            ambiguous[named] = EvidenceError(
                f"column `{name}` of {join.left} is called `{named}` in the join, and so is another; rename it"
            )
        origins[named] = Origin("l", name)
    return origins, ambiguous


def check_unique(need: Keys, fact: KeysFact) -> None:
    """Raise EvidenceError where keys repeat on both sides, so that the join would multiply rows."""
    if fact.left_repeated and fact.right_repeated:
        raise EvidenceError(
            f"{counted(fact.left_repeated, 'id')} of {need.left} and {fact.right_repeated:,} of {need.right} repeat; "
            "rows cannot be joined by them, make ids unique"
        )

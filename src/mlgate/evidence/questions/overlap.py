"""Overlap: how many rows of one table have the values of a row of another one."""

from __future__ import annotations

from dataclasses import dataclass

from mlgate.evidence.dialect import columns_in
from mlgate.evidence.questions.need import Need, OpenTables, not_counts


@dataclass(frozen=True)
class OverlapFact:
    """The rows of each table that have a value, and those of the first whose values a row of the second one has.

    `all_rows` and `all_others` count all rows of each.
    """

    rows: int
    others: int
    shared: int
    all_rows: int
    all_others: int


@dataclass(frozen=True)
class Overlap(Need):
    """How many rows of `table` have the values of some row of `other`, in equally many expressions of each.

    Missing values are equal to each other, but a row in which all are missing is not counted at all.
    """

    name = "overlap"
    fact = OverlapFact
    table: str
    values: tuple[str, ...]
    other: str
    other_values: tuple[str, ...]

    @property
    def tables(self) -> tuple[str, ...]:
        """Both tables."""
        return self.table, self.other

    def impossible(self, fact: OverlapFact) -> str:
        """More shared rows than rows, or more with a value than there are."""
        lacking = fact.all_rows - fact.rows, fact.all_others - fact.others
        return not_counts(fact.rows, fact.others, fact.shared, fact.rows - fact.shared, *lacking)

    def answer(self, tables: OpenTables) -> OverlapFact:
        """The rows, found by one join of the different values."""
        mine, theirs = (
            f"select {', '.join(f'{sql} as v{at}' for at, sql in enumerate(values))} from "
            f"{tables.ready(table, _columns(values)).relation}"
            for table, values in ((self.table, self.values), (self.other, self.other_values))
        )
        names = [f"v{at}" for at in range(len(self.values))]
        same = " and ".join(f"l.{name} is not distinct from r.{name}" for name in names)
        some = " or ".join(f"{name} is not null" for name in names)
        ((rows, all_rows),), ((others, all_others),) = (
            tables.engine.query(f"select count(*) filter (where {some}), count(*) from ({side})")
            for side in (mine, theirs)
        )
        ((shared,),) = tables.engine.query(
            f"select count(*) from (select * from ({mine}) where {some}) l where exists "
            f"(select 1 from (select distinct {', '.join(names)} from ({theirs})) r where {same})"
        )
        return OverlapFact(*map(int, (rows, others, shared, all_rows, all_others)))


def _columns(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for sql in values for name in columns_in(sql)))

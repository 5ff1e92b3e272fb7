"""Group sizes: how small the groups are into which some columns divide the rows, or how few values each group has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlgate.evidence.engine import Engine
from mlgate.evidence.questions.grouped import frequency, source, tally
from mlgate.evidence.questions.need import Answers, Need, Statement, TableNeed, not_counts


@dataclass(frozen=True)
class GroupSizesFact:
    """All rows and groups, the smallest size of a group, and the groups and rows of those below the least size."""

    rows: int
    groups: int
    smallest: int
    below: int
    rows_below: int


@dataclass(frozen=True)
class GroupSizes(TableNeed):
    """How many groups of rows with equal values are too small. A missing value is a value of its own.

    The size of a group is its number of rows; with `sensitive`, its number of different values of that.
    """

    name = "group-sizes"
    fact = GroupSizesFact
    values: tuple[str, ...] = ()
    """The expressions to group by, as exact text."""
    sensitive: str = ""
    least: int = 1
    """The least size of a group that is large enough."""

    def impossible(self, fact: GroupSizesFact) -> str:
        """Numbers that are not counts, or that contradict each other."""
        found = not_counts(
            *(fact.rows, fact.groups, fact.smallest, fact.below, fact.rows_below, fact.rows - fact.groups),
            *(fact.groups - fact.below, fact.rows - fact.rows_below, fact.rows_below - fact.below),
        )
        if not found and (fact.smallest < self.least) is not (fact.below > 0) and fact.groups:
            return f"{fact.below} groups are below {self.least}, and the smallest has {fact.smallest}"
        return found

    @property
    def statement(self) -> Statement:
        """The function that answers this need."""
        return answer


def answer(engine: Engine, relation: str, needs: Sequence[GroupSizes], _facts: Answers) -> dict[Need, Any]:
    """Answer each by one grouping of its values."""
    return {need: _sizes(engine, relation, need) for need in needs}


def _sizes(engine: Engine, relation: str, need: GroupSizes) -> GroupSizesFact:
    names = [f"v{at}" for at in range(len(need.values))]
    cells = [f"{sql} as {name}" for sql, name in zip(need.values, names, strict=True)]
    inner = [f"{frequency(need.count)} as c", *cells, *([f"{need.sensitive} as s"] if need.sensitive else [])]
    size = "count(distinct s)" if need.sensitive else tally(need.count)
    some = "having sum(c) > 0" if need.count else ""
    grouped = (
        f"select {tally(need.count)} as n, {size} as size from (select {', '.join(inner)} "
        f"from {source(relation, need.where)}) group by {', '.join(names)} {some}"
    )
    few = f"filter (where size < {need.least})"
    (row,) = engine.query(
        f"select coalesce(sum(n), 0), count(*), coalesce(min(size), 0), count(*) {few}, coalesce(sum(n) {few}, 0) "
        f"from ({grouped})"
    )
    return GroupSizesFact(*map(int, row))

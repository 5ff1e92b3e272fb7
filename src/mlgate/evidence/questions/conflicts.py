"""Conflicts: rows that are equal in some columns and differ in another, such as the same features with other labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlgate.evidence.engine import Engine
from mlgate.evidence.questions.grouped import frequency, source, tally
from mlgate.evidence.questions.need import Answers, Need, Statement, TableNeed, not_counts


@dataclass(frozen=True)
class ConflictsFact:
    """The rows with a value that may differ, those of them that differ from an equal row, and the groups of these."""

    rows: int
    conflicting: int
    groups: int


@dataclass(frozen=True)
class Conflicts(TableNeed):
    """How many rows agree with another row in `equal`, and not in `differing`. A missing value is a value of `equal`;
    rows without a value of `differing` are left out."""

    name = "conflicts"
    fact = ConflictsFact
    equal: tuple[str, ...] = ()
    differing: str = ""

    def impossible(self, fact: ConflictsFact) -> str:
        """Numbers that are not counts, and groups of fewer than two rows."""
        return not_counts(
            *(fact.rows, fact.conflicting, fact.groups, fact.rows - fact.conflicting),
            fact.conflicting - 2 * fact.groups,
        )

    @property
    def statement(self) -> Statement:
        """The function that answers this need."""
        return answer


def answer(engine: Engine, relation: str, needs: Sequence[Conflicts], _facts: Answers) -> dict[Need, Any]:
    """Answer each by one grouping of its values."""
    return {need: _conflicts(engine, relation, need) for need in needs}


def _conflicts(engine: Engine, relation: str, need: Conflicts) -> ConflictsFact:
    names = [f"v{at}" for at in range(len(need.equal))]
    cells = [f"{sql} as {name}" for sql, name in zip(need.equal, names, strict=True)]
    weighted = [f"{frequency(need.count)} as c"] if need.count else []
    inner = f"select {', '.join([*weighted, *cells, f'{need.differing} as d'])} from {source(relation, need.where)}"
    grouped = (
        f"select {tally(need.count)} as n, min(d) <> max(d) as apart from ({inner}) "
        f"where d is not null group by {', '.join(names)}"
    )
    (row,) = engine.query(
        f"select coalesce(sum(n), 0), coalesce(sum(n) filter (where apart), 0), count(*) filter (where apart) "
        f"from ({grouped})"
    )
    return ConflictsFact(*map(int, row))

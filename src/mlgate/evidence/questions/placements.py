"""Placements: exact sums and squares of doubled mid-ranks, by windows over the distinct scores of each group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlgate.evidence.dialect import one_zero
from mlgate.evidence.engine import Engine, ResultRow
from mlgate.evidence.questions.counts import sizes_of
from mlgate.evidence.questions.grouped import (
    clause,
    frequency,
    group_order,
    keys_of,
    partition,
    selected,
    source,
    tally,
)
from mlgate.evidence.questions.need import Answers, Group, Need, Statement, TableNeed, Term
from mlgate.evidence.questions.profile import finite, known


@dataclass(frozen=True)
class PlacementsOf:
    """One group's classes: for each positive twice the negatives below it plus its ties, summed and squared; likewise
    for each negative the positives above it."""

    group: Group
    positives: int
    negatives: int
    positive_sum: int
    positive_squares: int
    negative_sum: int
    negative_squares: int


@dataclass(frozen=True)
class PlacementsFact:
    """Placements by group, sorted by group."""

    groups: tuple[PlacementsOf, ...]


@dataclass(frozen=True)
class Placements(TableNeed):
    """Sums and sums of squares of doubled mid-rank placements of a score in each class, by group."""

    name = "placements"
    fact = PlacementsFact
    score: str = ""
    positive: str = ""
    """A boolean expression: whether the row's label is the positive class."""
    by: tuple[Term, ...] = ()

    @property
    def conditions(self) -> tuple[Need, ...]:
        """The groups are not too many; every row has a score and a label."""
        return sizes_of(self, self.by), *finite(self, self.score), *known(self, self.positive)

    @property
    def statement(self) -> Statement:
        """Answers them."""
        return answer


def answer(engine: Engine, relation: str, needs: Sequence[Placements], facts: Answers) -> dict[Need, Any]:
    """Answer placements."""
    return {need: _fact(engine.query(_sql(relation, need)), len(need.by)) for need in needs}


def _sql(relation: str, need: Placements) -> str:
    keys = keys_of(need.by)
    inner = [
        *selected(need.by),
        f"{one_zero(need.score)} as s",
        f"({need.positive}) as y",
        f"{frequency(need.count)} as c",
    ]
    # Doubled mid-ranks: rows of the other class below, twice, and once those at the same score.
    window = f"over ({partition(keys)} order by s rows unbounded preceding)"
    scored = (
        f"select {', '.join([*keys, 's'])}, {tally(need.count, 'y')} as p, {tally(need.count, 'not y')} as n "
        f"from (select {', '.join(inner)} from {source(relation, need.where)}){clause('group by', [*keys, 's'])}"
    )
    placed = (
        f"select {', '.join([*keys, 'p', 'n'])}, cast(2 * sum(n) {window} - n as bigint) as below, "
        f"cast(2 * sum(p) {window} - p as bigint) as above from ({scored})"
    )
    sums = ", ".join(
        f"sum({rows} * cast({rank} as decimal(38, 0)){square})"
        for rows, rank in (("p", "below"), ("n", "above"))
        for square in ("", f" * {rank}")
    )
    return (
        f"select {''.join(f'cast({key} as varchar), ' for key in keys)}sum(p), sum(n), {sums} "
        f"from ({placed}){clause('group by', keys)}"
    )


def _fact(rows: list[ResultRow], width: int) -> PlacementsFact:
    groups = (_placements(row[:width], *(int(value or 0) for value in row[width:])) for row in rows)
    kept = (of for of in groups if of.positives or of.negatives)
    return PlacementsFact(tuple(sorted(kept, key=lambda of: group_order(of.group))))


def _placements(
    group: tuple[str | None, ...],
    positives: int,
    negatives: int,
    below: int,
    below_squares: int,
    not_above: int,
    not_above_squares: int,
) -> PlacementsOf:
    """Placements; for negatives the sums were taken of the positives not above, which are all less those above."""
    twice = 2 * positives
    above = twice * negatives - not_above
    above_squares = twice * twice * negatives - 2 * twice * not_above + not_above_squares
    return PlacementsOf(group, positives, negatives, below, below_squares, above, above_squares)

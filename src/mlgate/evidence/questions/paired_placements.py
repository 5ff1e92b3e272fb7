"""Placements by two scores at once: doubled mid-ranks by windows over the rows, and the sums of their products."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mlgate.evidence.dialect import one_zero
from mlgate.evidence.engine import Engine, ResultRow
from mlgate.evidence.questions.counts import sizes_of
from mlgate.evidence.questions.grouped import clause, frequency, group_order, keys_of, partition, selected, source
from mlgate.evidence.questions.need import Answers, Group, Need, Statement, TableNeed, Term
from mlgate.evidence.questions.placements import PlacementsOf
from mlgate.evidence.questions.profile import finite, known


@dataclass(frozen=True)
class PairedPlacementsOf:
    """One group's placements by two scores, and the sums of their products over each class."""

    new: PlacementsOf
    old: PlacementsOf
    positive_cross: int
    negative_cross: int

    @property
    def group(self) -> Group:
        """The group."""
        return self.new.group

    @property
    def rows(self) -> int:
        """Rows of the group."""
        return self.new.rows


@dataclass(frozen=True)
class PairedPlacementsFact:
    """Paired placements by group, sorted by group."""

    groups: tuple[PairedPlacementsOf, ...]


@dataclass(frozen=True)
class PairedPlacements(TableNeed):
    """The placements of two scores of the same rows, and their cross sums in each class, by group."""

    name = "paired-placements"
    fact = PairedPlacementsFact
    new: str = ""
    old: str = ""
    positive: str = ""
    by: tuple[Term, ...] = ()

    @property
    def conditions(self) -> tuple[Need, ...]:
        """There are not too many groups, and every row has both scores and a label."""
        return sizes_of(self, self.by), *finite(self, self.new, self.old), *known(self, self.positive)

    @property
    def statement(self) -> Statement:
        """The function that answers paired placements."""
        return answer


MODELS = ("new", "old")


def answer(engine: Engine, relation: str, needs: Sequence[PairedPlacements], facts: Answers) -> dict[Need, Any]:
    """Answer paired placements."""
    return {need: _fact(engine.query(_sql(relation, need)), len(need.by)) for need in needs}


def _sql(relation: str, need: PairedPlacements) -> str:
    keys = keys_of(need.by)
    inner = [
        *selected(need.by),
        f"{one_zero(need.new)} as new",
        f"{one_zero(need.old)} as old",
        f"case when {need.positive} then {frequency(need.count)} else 0 end as p",
        f"case when {need.positive} then 0 else {frequency(need.count)} end as n",
    ]
    placed = [*keys, "p", "n", *(sql for model in MODELS for sql in _placed(model, keys))]
    rows = f"select {', '.join(inner)} from {source(relation, need.where)}"
    return (
        f"select {''.join(f'cast({key} as varchar), ' for key in keys)}{', '.join(['sum(p)', 'sum(n)', *_sums()])} "
        f"from (select {', '.join(placed)} from ({rows})){clause('group by', keys)}"
    )


def _placed(model: str, keys: Sequence[str]) -> Iterator[str]:
    """For every row, twice the number of rows of the other class on the right side, plus the number with its score.

    The windows up to a score and from a score on overlap only in its ties, so their sums give both numbers. All windows
    have one order, so rows are sorted once per score.
    """
    whole = partition(keys)
    up, down, every = (
        f"over ({whole} order by {model} {frame})"
        for frame in (
            "range between unbounded preceding and current row",
            "range between current row and unbounded following",
            "rows between unbounded preceding and unbounded following",
        )
    )
    yield f"cast(sum(n) {up} + sum(n) {every} - sum(n) {down} as bigint) as below_{model}"
    yield f"cast(sum(p) {down} + sum(p) {every} - sum(p) {up} as bigint) as above_{model}"


def _sums() -> Iterator[str]:
    for rows, rank in (("p", "below"), ("n", "above")):
        new, old = (f"cast({rank}_{model} as decimal(38, 0))" for model in MODELS)
        for product in (new, f"{new} * {rank}_new", old, f"{old} * {rank}_old", f"{new} * {rank}_old"):
            yield f"sum({rows} * {product})"


def _fact(rows: list[ResultRow], width: int) -> PairedPlacementsFact:
    groups = (_paired(row[:width], [int(value or 0) for value in row[width:]]) for row in rows)
    kept = (of for of in groups if of.new.positives or of.new.negatives)
    return PairedPlacementsFact(tuple(sorted(kept, key=lambda of: group_order(of.new.group))))


def _paired(group: tuple[str | None, ...], found: Sequence[int]) -> PairedPlacementsOf:
    positives, negatives, *sums = found
    below, above = sums[:5], sums[5:]
    new, old = (
        PlacementsOf(group, positives, negatives, below[at], below[at + 1], above[at], above[at + 1]) for at in (0, 2)
    )
    return PairedPlacementsOf(new, old, below[4], above[4])

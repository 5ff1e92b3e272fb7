"""Placements in units: each unit's doubled mid-ranks in both classes, and exact products of what units add up to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlgate.evidence.dialect import one_zero
from mlgate.evidence.engine import Engine, ResultRow
from mlgate.evidence.questions.counts import sizes_of
from mlgate.evidence.questions.grouped import clause, group_order, keys_of, partition, selected, source
from mlgate.evidence.questions.need import Answers, Group, Need, Statement, TableNeed, Term
from mlgate.evidence.questions.placements import PlacementsOf
from mlgate.evidence.questions.profile import finite, known
from mlgate.stats.cluster_ranks import UnitProducts


@dataclass(frozen=True)
class UnitPlacementsOf:
    """One group's placements as of independent rows, its units (of these the ones with positives and with negatives),
    and what units' own sums come to."""

    of: PlacementsOf
    units: int
    with_positives: int
    with_negatives: int
    products: UnitProducts


@dataclass(frozen=True)
class UnitPlacementsFact:
    """Placements in units by group, sorted by group."""

    groups: tuple[UnitPlacementsOf, ...]


@dataclass(frozen=True)
class UnitPlacements(TableNeed):
    """Doubled mid-rank placements of a score in each class, summed within units, and the products of these sums."""

    name = "unit-placements"
    fact = UnitPlacementsFact
    score: str = ""
    positive: str = ""
    """A boolean expression: whether the row's label is the positive class."""
    by: tuple[Term, ...] = ()
    unit: str = ""

    @property
    def conditions(self) -> tuple[Need, ...]:
        """The groups are not too many; every row has a unit, a score and a label."""
        return sizes_of(self, self.by), *known(self, self.unit), *finite(self, self.score), *known(self, self.positive)

    @property
    def statement(self) -> Statement:
        """Answers them."""
        return answer


ROWS = ("m", "n", "p", "pr", "q", "qr")
"""What placements as of independent rows are made of: each class's rows, and their placements summed and squared."""
PRODUCTS = ("m * m", "n * n", "m * n", "p * p", "p * m", "p * n", "q * q", "q * n", "q * m", "p * q")


def answer(engine: Engine, relation: str, needs: Sequence[UnitPlacements], facts: Answers) -> dict[Need, Any]:
    """Answer placements in units."""
    return {need: _fact(engine.query(_sql(relation, need)), len(need.by)) for need in needs}


def _sql(relation: str, need: UnitPlacements) -> str:
    keys = keys_of(need.by)
    inner = [
        *selected(need.by),
        f"{need.unit} as u",
        f"{one_zero(need.score)} as s",
        f"({need.positive}) as y",
    ]
    listed = [*keys, "u", "s"]
    scored = (
        f"select {', '.join(listed)}, count(*) filter (where y) as m, count(*) filter (where not y) as n "
        f"from (select {', '.join(inner)} from {source(relation, need.where)}){clause('group by', listed)}"
    )
    groups_apart = partition(keys)
    ties = partition([*keys, "s"])
    # Doubled mid-ranks: rows of the other class on the wrong side, twice, and once those at the same score.
    below = f"2 * sum(n) over ({groups_apart} order by s) - sum(n) over ({ties})"
    above = f"2 * sum(m) over ({groups_apart} order by s desc) - sum(m) over ({ties})"
    placed = f"select {', '.join([*keys, 'u', 'm', 'n'])}, {_wide(below)} as b, {_wide(above)} as a from ({scored})"
    sums = {"m": "sum(m)", "n": "sum(n)", "p": "sum(m * b)", "q": "sum(n * a)"}
    squares = "sum(m * b * b) as pr, sum(n * a * a) as qr"
    units = (
        f"select {', '.join(keys) + ', ' if keys else ''}"
        f"{', '.join(f'{_wide(sql)} as {name}' for name, sql in sums.items())}, {squares} "
        f"from ({placed}){clause('group by', [*keys, 'u'])}"
    )
    outer = [f"cast({key} as varchar)" for key in keys]
    outer += ["count(*)", "count(*) filter (where m > 0)", "count(*) filter (where n > 0)"]
    outer += [f"sum({of})" for of in (*ROWS, *PRODUCTS)]
    return f"select {', '.join(outer)} from ({units}){clause('group by', keys)}"


def _wide(sql: str) -> str:
    return f"cast({sql} as decimal(38, 0))"


def _fact(rows: list[ResultRow], width: int) -> UnitPlacementsFact:
    groups = (_placements(row[:width], *(int(value or 0) for value in row[width:])) for row in rows)
    kept = (of for of in groups if of.units)
    return UnitPlacementsFact(tuple(sorted(kept, key=lambda found: group_order(found.of.group))))


def _placements(group: Group, units: int, with_positives: int, with_negatives: int, *sums: int) -> UnitPlacementsOf:
    rows = PlacementsOf(group, *sums[: len(ROWS)])
    return UnitPlacementsOf(rows, units, with_positives, with_negatives, UnitProducts(*sums[len(ROWS) :]))

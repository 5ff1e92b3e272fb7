"""Placements: exact sums and squares of doubled mid-ranks of a score in each class, of rows or of rows in units."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mlgate.evidence.dialect import literal, one_zero
from mlgate.evidence.engine import Engine, ResultRow
from mlgate.evidence.questions.counts import CountsFact, sizes_of
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
from mlgate.stats.placement_sums import placement_sums
from mlgate.stats.ranks import BetweenUnits
from mlgate.values.errors import MachineError

MOST_IN_MEMORY = 1 << 24
"""Rows of which the scores are sorted as arrays; more are sorted by the engine, which needs no more memory for them."""


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
    between: BetweenUnits | None = None
    """What the units' own sums come to; None where every row stands for itself."""

    @property
    def rows(self) -> int:
        """Rows of the group."""
        return self.positives + self.negatives


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
    unit: str = ""
    """An expression that is the same text for the rows of one unit, and for no others; empty where rows have none."""

    @property
    def conditions(self) -> tuple[Need, ...]:
        """The groups are not too many; every row has a score and a label, and where there are units one of them."""
        units = known(self, self.unit) if self.unit else ()
        return sizes_of(self, self.by), *units, *finite(self, self.score), *known(self, self.positive)

    @property
    def statement(self) -> Statement:
        """Answers them."""
        return answer


def answer(engine: Engine, relation: str, needs: Sequence[Placements], facts: Answers) -> dict[Need, Any]:
    """Answer placements."""
    return {need: _fact(engine, relation, need, facts) for need in needs}


def _fact(engine: Engine, relation: str, need: Placements, facts: Answers) -> PlacementsFact:
    sizes: CountsFact = facts[sizes_of(need, need.by)]
    width = len(need.by)
    if need.unit:
        groups = [_in_units(row, width) for row in engine.query(_of_units(relation, need))]
    elif need.count or sum(cell.n for cell in sizes.cells) > MOST_IN_MEMORY:
        groups = [_summed(row, width) for row in engine.query(_of_rows(relation, need))]
    else:
        groups = list(_sorted_here(engine, relation, need, sizes))
    kept = (of for of in groups if of.rows)
    return PlacementsFact(tuple(sorted(kept, key=lambda of: group_order(of.group))))


def _sorted_here(engine: Engine, relation: str, need: Placements, sizes: CountsFact) -> Iterator[PlacementsOf]:
    """Placements by arrays: sorting numbers alone takes a third of the time of sorting rows."""
    import numpy as np

    if not sizes.cells:
        return
    found = dict(engine.arrays(_numbered(relation, need, sizes)))
    scores, held = np.asarray(found.pop("s"), dtype=np.float64), np.asarray(found.pop("y"), dtype=bool)
    counted = [len(scores)]
    if need.by:
        # Whole numbers of 16 bits are sorted in linear time.
        narrow = np.uint16 if len(sizes.cells) <= 1 << 16 else np.int64
        group = np.asarray(found.pop("g"), dtype=narrow)
        counted, order = np.bincount(group, minlength=len(sizes.cells)).tolist(), np.argsort(group, kind="stable")
        scores, held = scores[order], held[order]
    if counted != [cell.n for cell in sizes.cells]:
        raise MachineError(f"the rows of {need.table} are not those that were counted; this is a bug of mlgate")
    start = 0
    for cell in sizes.cells:
        part = slice(start, start + cell.n)
        yield _placed(cell.values, scores[part][held[part]], scores[part][~held[part]])
        start += cell.n


def _placed(group: Group, positives: Any, negatives: Any) -> PlacementsOf:
    return _less(group, len(positives), len(negatives), *placement_sums(positives, negatives))


def _numbered(relation: str, need: Placements, sizes: CountsFact) -> str:
    """Every row's score and class, and where there are groups which of them it belongs to."""
    inner = [*selected(need.by), f"cast({need.score} as double) as s", f"({need.positive}) as y"]
    rows = f"select {', '.join(inner)} from {source(relation, need.where)}"
    if not need.by:
        return rows
    keys = keys_of(need.by)
    listed = ", ".join(f"({', '.join([str(at), *map(_text, cell.values)])})" for at, cell in enumerate(sizes.cells))
    names = ", ".join(["g", *(f"w{at}" for at in range(len(keys)))])
    same = " and ".join(f"cast({key} as varchar) is not distinct from w{at}" for at, key in enumerate(keys))
    return f"with asked({names}) as (values {listed}) select g, s, y from ({rows}) r join asked on {same}"


def _text(value: str | None) -> str:
    return "cast(null as varchar)" if value is None else literal(value)


def _of_rows(relation: str, need: Placements) -> str:
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


def _summed(row: ResultRow, width: int) -> PlacementsOf:
    return _less(row[:width], *(int(value or 0) for value in row[width:]))


def _less(
    group: Group,
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


OF_ROWS = ("m", "n", "p", "pr", "q", "qr")
"""What placements as of independent rows are made of: each class's rows, and their placements summed and squared."""
PRODUCTS = ("m * m", "n * n", "m * n", "p * p", "p * m", "p * n", "q * q", "q * n", "q * m", "p * q")


def _of_units(relation: str, need: Placements) -> str:
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
    # Doubled mid-ranks: rows of the other class on the wrong side, twice, and once those at the same score.
    ties = partition([*keys, "s"])
    below = f"2 * sum(n) over ({partition(keys)} order by s) - sum(n) over ({ties})"
    above = f"2 * sum(m) over ({partition(keys)} order by s desc) - sum(m) over ({ties})"
    placed = f"select {', '.join([*keys, 'u', 'm', 'n'])}, {_wide(below)} as b, {_wide(above)} as a from ({scored})"
    sums = {"m": "sum(m)", "n": "sum(n)", "p": "sum(m * b)", "q": "sum(n * a)"}
    squares = "sum(m * b * b) as pr, sum(n * a * a) as qr"
    units = (
        f"select {', '.join(keys) + ', ' if keys else ''}"
        f"{', '.join(f'{_wide(sql)} as {name}' for name, sql in sums.items())}, {squares} "
        f"from ({placed}){clause('group by', [*keys, 'u'])}"
    )
    outer = [f"cast({key} as varchar)" for key in keys]
    outer += [f"sum({of})" for of in OF_ROWS]
    outer += ["count(*)", "count(*) filter (where m > 0)", "count(*) filter (where n > 0)"]
    outer += [f"sum({of})" for of in PRODUCTS]
    return f"select {', '.join(outer)} from ({units}){clause('group by', keys)}"


def _wide(sql: str) -> str:
    return f"cast({sql} as decimal(38, 0))"


def _in_units(row: ResultRow, width: int) -> PlacementsOf:
    m, n, p, p_squares, q, q_squares, *units = (int(value or 0) for value in row[width:])
    return PlacementsOf(row[:width], m, n, p, p_squares, q, q_squares, BetweenUnits(*units))

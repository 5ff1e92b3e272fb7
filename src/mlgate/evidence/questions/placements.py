"""Placements: exact sums of doubled mid-ranks of a score in each class and of their squares, or of two scores with
products; for independent rows or rows in units.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from mlgate.evidence.dialect import one_zero
from mlgate.evidence.engine import Engine, ResultRow
from mlgate.evidence.questions.counts import CountsFact, sizes_of
from mlgate.evidence.questions.grouped import (
    asked_of_groups,
    clause,
    frequency,
    group_order,
    keys_of,
    partition,
    same_group,
    selected,
    source,
    tally,
)
from mlgate.evidence.questions.need import Answers, Group, Need, Statement, TableNeed, Term, not_counts
from mlgate.evidence.questions.profile import finite, known
from mlgate.stats.placement_sums import placement_sums
from mlgate.stats.ranks import BetweenUnits
from mlgate.values.errors import MachineError

MOST_IN_MEMORY = 1 << 24
"""The most rows whose scores are sorted as arrays; the engine sorts more rows, in limited memory."""


@dataclass(frozen=True)
class PlacementsOf:
    """One group's classes, with the sums of placements and of their squares in each.

    The placement of a positive is twice the number of negatives below it plus the number tied with it. That of a
    negative is twice the number of positives above it plus the number tied with it.
    """

    group: Group
    positives: int
    negatives: int
    positive_sum: int
    positive_squares: int
    negative_sum: int
    negative_squares: int
    between: BetweenUnits | None = None
    """The sums over units; None for independent rows."""
    beside: Beside | None = None
    """The placements by an old score of the same rows; None for one score."""

    @property
    def rows(self) -> int:
        """Rows of the group."""
        return self.positives + self.negatives

    @property
    def impossible(self) -> str:
        """Why no scores have these sums; empty if some do."""
        m, n, total = self.positives, self.negatives, self.positive_sum
        if wrong := not_counts(m, n, m + n):
            return wrong
        if total != self.negative_sum or not 0 <= total <= 2 * m * n:
            return f"no scores of {m} positives and {n} negatives have the placements {total} and {self.negative_sum}"
        for size, most, squares in ((m, 2 * n, self.positive_squares), (n, 2 * m, self.negative_squares)):
            if not total**2 <= size * squares <= size * most * total:
                return f"no {size} placements with the sum {total} have the sum of squares {squares}"
        if self.between is not None and (wrong := self._impossible_units(self.between)):
            return wrong
        return "" if self.beside is None else self._impossible_beside(self.beside)

    def _impossible_beside(self, beside: Beside) -> str:
        old = beside.old
        if (old.positives, old.negatives) != (self.positives, self.negatives):
            return "both scores are of the same rows, but have different numbers of positives"
        crossed = (
            (beside.positive_cross, self.positive_squares * old.positive_squares),
            (beside.negative_cross, self.negative_squares * old.negative_squares),
        )
        if any(cross < 0 or cross**2 > most for cross, most in crossed):
            return "no two scores have these products of placements"
        return old.impossible

    def _impossible_units(self, between: BetweenUnits) -> str:
        m, n, units = self.positives, self.negatives, between.units
        parts = (between.with_positives, between.with_negatives)
        if not_counts(units, *parts, *(units - part for part in parts), sum(parts) - units, m + n - units):
            return f"{units} units do not fit {m} positives and {n} negatives"
        squares = ((between.mm, m), (between.nn, n), (between.pp, self.positive_sum), (between.qq, self.negative_sum))
        if any(not total**2 <= max(units, 1) * square <= max(units, 1) * total**2 for square, total in squares):
            return f"no {units} units have these sums of squares"
        return ""


@dataclass(frozen=True)
class Beside:
    """The placements by an old score of the same rows, and the sums over each class of products of both placements."""

    old: PlacementsOf
    positive_cross: int
    negative_cross: int
    apart: BetweenUnits | None = None
    """The sums over units of the new placements minus the old ones; None for independent rows."""


@dataclass(frozen=True)
class PlacementsFact:
    """Placements by group, sorted by group."""

    groups: tuple[PlacementsOf, ...]


@dataclass(frozen=True)
class Placements(TableNeed):
    """Sums of doubled mid-rank placements of a score in each class, and of their squares, by group.

    With `old` those of both scores of the same rows, and the sums of their products.
    """

    name = "placements"
    fact = PlacementsFact
    score: str = ""
    positive: str = ""
    """A boolean SQL expression: whether the row's label is the positive class."""
    by: tuple[Term, ...] = ()
    unit: str = ""
    """SQL text that identifies the unit of a row; empty for independent rows."""
    old: str = ""
    """The score of the old model; empty for one score."""

    @property
    def conditions(self) -> tuple[Need, ...]:
        """There are not too many groups, and every row has each score, a label and, for rows in units, a unit."""
        units = known(self, self.unit) if self.unit else ()
        return sizes_of(self, self.by), *units, *finite(self, *self.scores), *known(self, self.positive)

    @property
    def scores(self) -> tuple[str, ...]:
        """The score, or for two models the new and the old score."""
        return (self.score, self.old) if self.old else (self.score,)

    def impossible(self, fact: PlacementsFact) -> str:
        """Sums that no scores have."""
        if any((of.beside is None) is bool(self.old) for of in fact.groups):
            return "it is not about as many scores as the question"
        if any((of.between is None) is bool(self.unit) for of in fact.groups):
            return "it is not about units as the question is"
        return next((of.impossible for of in fact.groups if of.impossible), "")

    @property
    def statement(self) -> Statement:
        """The function that answers placements."""
        return answer


def answer(engine: Engine, relation: str, needs: Sequence[Placements], facts: Answers) -> dict[Need, Any]:
    """Answer placements."""
    return {need: _fact(engine, relation, need, facts) for need in needs}


def _fact(engine: Engine, relation: str, need: Placements, facts: Answers) -> PlacementsFact:
    sizes: CountsFact = facts[sizes_of(need, need.by)]
    many = sizes.rows > MOST_IN_MEMORY
    if need.unit or need.old or need.count or many:
        groups = [_found(need, row) for row in engine.query(_sql(relation, need))]
    else:
        groups = list(_sorted_here(engine, relation, need, sizes))
    kept = (of for of in groups if of.rows)
    return PlacementsFact(tuple(sorted(kept, key=lambda of: group_order(of.group))))


def _sorted_here(engine: Engine, relation: str, need: Placements, sizes: CountsFact) -> Iterator[PlacementsOf]:
    """Placements from arrays, because sorting numbers takes a third of the time of sorting rows."""
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
        yield _of_arrays(cell.values, scores[part][held[part]], scores[part][~held[part]])
        start += cell.n


def _of_arrays(group: Group, positives: Any, negatives: Any) -> PlacementsOf:
    """One group's placements; those of negatives follow from the numbers of positives that are not above them."""
    m, n = len(positives), len(negatives)
    below, below_squares, not_above, not_above_squares = placement_sums(positives, negatives)
    above = 2 * m * n - not_above
    above_squares = (2 * m) ** 2 * n - 4 * m * not_above + not_above_squares
    return PlacementsOf(group, m, n, below, below_squares, above, above_squares)


def _numbered(relation: str, need: Placements, sizes: CountsFact) -> str:
    """SQL for every row's score and class, and with groups the number of its group."""
    inner = [*selected(need.by), f"cast({need.score} as double) as s", f"({need.positive}) as y"]
    rows = f"select {', '.join(inner)} from {source(relation, need.where)}"
    if not need.by:
        return rows
    groups = asked_of_groups(("g",), [((str(at),), cell.values) for at, cell in enumerate(sizes.cells)])
    return f"{groups} select g, s, y from ({rows}) r join asked on {' and '.join(same_group(keys_of(need.by)))}"


def _sql(relation: str, need: Placements) -> str:
    """The statement that counts equal rows, places them by each score, and sums; in units first within each unit."""
    keys, units = keys_of(need.by), ["u"] if need.unit else []
    scores = [f"s{at}" for at in range(len(need.scores))]
    inner = [*selected(need.by), *(f"{need.unit} as u" for _ in units)]
    inner += [f"{one_zero(score)} as {name}" for score, name in zip(need.scores, scores)]
    inner += [f"({need.positive}) as y", f"{frequency(need.count)} as c"]
    listed = [*keys, *units, *scores]
    rows = f"select {', '.join(inner)} from {source(relation, need.where)}"
    counted = (
        f"select {', '.join(listed)}, {tally(need.count, 'y')} as p, {tally(need.count, 'not y')} as n "
        f"from ({rows}){clause('group by', listed)}"
    )
    distinct = len(scores) == 1 and not units
    placed = [*keys, *units, "p", "n", *(sql for at in range(len(scores)) for sql in _placed(at, keys, distinct))]
    sums = {"m": "sum(p)", "n": "sum(n)", **dict(_sums(len(scores)))}
    found = f"select {', '.join(placed)} from ({counted})"
    texts = [f"cast({key} as varchar)" for key in keys]
    if not units:
        return f"select {', '.join([*texts, *sums.values()])} from ({found}){clause('group by', keys)}"
    named = [f"{_wide(sql)} as {name}" for name, sql in sums.items()]
    within = f"select {', '.join([*keys, *named])} from ({found}){clause('group by', [*keys, 'u'])}"
    outer = [*texts, *(f"sum({name})" for name in sums), *_between(len(scores))]
    return f"select {', '.join(outer)} from ({within}){clause('group by', keys)}"


def _placed(at: int, keys: Sequence[str], distinct: bool) -> Iterator[str]:
    """SQL for the placements by one score: twice the rows of the other class on the right side, plus those with its
    score.

    The windows up to a score and from a score on overlap only in its ties; where scores are distinct, a row ties with
    itself alone. All windows have one order, so rows are sorted once per score.
    """
    whole = partition(keys)
    up, down, every = (
        f"over ({whole} order by s{at} {frame})"
        for frame in (
            f"{'rows' if distinct else 'range'} between unbounded preceding and current row",
            "range between current row and unbounded following",
            "rows between unbounded preceding and unbounded following",
        )
    )
    own, other = ("n", "p") if distinct else (f"(sum({of}) {up} + sum({of}) {down} - sum({of}) {every})" for of in "np")
    yield f"cast(2 * sum(n) {up} - {own} as bigint) as b{at}"
    yield f"cast(2 * (sum(p) {every} - sum(p) {up}) + {other} as bigint) as a{at}"


def _sums(scores: int) -> Iterator[tuple[str, str]]:
    """SQL for the sums of placements and of their squares, by score and class, then for the sums of products."""
    for at in range(scores):
        for name, rows, rank in (("p", "p", "b"), ("q", "n", "a")):
            once = f"{rows} * {_wide(f'{rank}{at}')}"
            yield f"{name}{at}", f"sum({once})"
            yield f"{name}{at}r", f"sum({once} * {rank}{at})"
    for name, rows, rank in (("p", "p", "b"), ("q", "n", "a")) if scores > 1 else ():
        yield f"{name}x", f"sum({rows} * {_wide(f'{rank}0')} * {rank}1)"


def _between(scores: int) -> Iterator[str]:
    """SQL for the numbers of units, and for sums of products of units' sums, for each score and for new minus old."""
    yield from ("count(*)", "count(*) filter (where m > 0)", "count(*) filter (where n > 0)")
    yield from ("sum(m * m)", "sum(n * n)", "sum(m * n)")
    for p, q in [(f"p{at}", f"q{at}") for at in range(scores)] + [("(p0 - p1)", "(q0 - q1)")] * (scores > 1):
        for one, other in ((p, p), (p, "m"), (p, "n"), (q, q), (q, "n"), (q, "m"), (p, q)):
            yield f"sum({one} * {other})"


def _wide(sql: str) -> str:
    return f"cast({sql} as decimal(38, 0))"


def _found(need: Placements, row: ResultRow) -> PlacementsOf:
    """One group's placements, from its row of the statement."""
    width, scores = len(need.by), len(need.scores)
    group, numbers = row[:width], iter([int(value or 0) for value in row[width:]])
    (m, n), sums = _next(numbers, 2), [_next(numbers, 4) for _ in range(scores)]
    crosses = _next(numbers, 2 * (scores - 1))
    between: list[BetweenUnits | None] = [None] * 3
    if need.unit:
        alike = _next(numbers, 6)
        between = [BetweenUnits(*alike, *_next(numbers, 7)) for _ in range(2 * scores - 1)]
    new, *old = (PlacementsOf(group, m, n, p, pr, q, qr, units) for (p, pr, q, qr), units in zip(sums, between))
    return replace(new, beside=Beside(old[0], crosses[0], crosses[1], between[2])) if old else new


def _next(numbers: Iterator[int], many: int) -> list[int]:
    return list(islice(numbers, many))

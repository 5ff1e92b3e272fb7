"""Bin counts: how many rows of a number fall into given bins. All numbers of a table are counted in one scan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from mlgate.evidence.dialect import double
from mlgate.evidence.engine import Engine
from mlgate.evidence.questions.counts import sizes_of
from mlgate.evidence.questions.grouped import frequency, group_order, keys_of, selected, source, tally
from mlgate.evidence.questions.need import Answers, Group, Need, Statement, TableNeed, Term, not_counts

SPECIAL = ("missing", "not a number", "NaN", "-infinity", "infinity")
"""The cells beside the bins, in their order. A text that is not a number has a cell of its own."""


@dataclass(frozen=True)
class BinsOf:
    """One group: its rows in every bin, and in every cell of SPECIAL."""

    group: Group
    bins: tuple[int, ...]
    special: tuple[int, ...]

    @property
    def rows(self) -> int:
        """Rows of the group."""
        return sum(self.bins) + sum(self.special)


@dataclass(frozen=True)
class BinCountsFact:
    """Bins by group, sorted by group."""

    groups: tuple[BinsOf, ...]


@dataclass(frozen=True)
class BinCounts(TableNeed):
    """The rows of a number between rising edges, by group: below the first, from each up to the next, from the last."""

    name = "bin-counts"
    fact = BinCountsFact
    value: str = ""
    """The number; NULL where a row has none."""
    missing: str = ""
    """Whether a row has no value at all."""
    edges: tuple[float, ...] = ()
    by: tuple[Term, ...] = ()

    @property
    def conditions(self) -> tuple[Need, ...]:
        """There are not too many groups."""
        return (sizes_of(self, self.by),) if self.by else ()

    @property
    def together(self) -> object:
        """All numbers of the same rows and groups share a statement."""
        return self.table, self.where, self.count, self.by

    def impossible(self, fact: BinCountsFact) -> str:
        """Numbers that are not counts, or not one per cell."""
        for of in fact.groups:
            if (len(of.bins), len(of.special)) != (len(self.edges) + 1, len(SPECIAL)):
                return "it does not have one count per bin"
            if wrong := not_counts(*of.bins, *of.special):
                return wrong
        return ""

    @property
    def statement(self) -> Statement:
        """The function that answers this need."""
        return answer


def answer(engine: Engine, relation: str, needs: Sequence[BinCounts], _facts: Answers) -> dict[Need, Any]:
    """Answer all in one scan: every row is given its cell of every number, and the cells are counted by themselves."""
    first = needs[0]
    keys = keys_of(first.by)
    values = [f"({need.value}) as v{at}, ({need.missing}) as m{at}" for at, need in enumerate(needs)]
    inner = [*selected(first.by), *values, f"{frequency(first.count)} as c"]
    cells = [f"{_cell(need, at)} as b{at}" for at, need in enumerate(needs)]
    placed = f"select {', '.join([*keys, *cells, 'c'])} from (select {', '.join(inner)} from {_rows(relation, first)})"
    sets = ", ".join(f"({', '.join([*keys, f'b{at}'])})" for at in range(len(needs)))
    names = [f"cast({key} as varchar)" for key in keys]
    listed = [f"b{at}" for at in range(len(needs))]
    found = engine.query(
        f"select {', '.join([*names, *listed, tally(first.count)])} from ({placed}) group by grouping sets ({sets})"
    )
    width = len(keys)
    counts: list[dict[tuple[Group, int], int]] = [{} for _ in needs]
    for row in found:
        # Every row gives every number a cell, so the only one that is not NULL is that of the grouping set.
        at = next(place for place, cell in enumerate(row[width:-1]) if cell is not None)
        counts[at][row[:width], int(row[width + at])] = int(row[-1])
    return {need: _fact(need, cells) for need, cells in zip(needs, counts, strict=True)}


def _rows(relation: str, need: BinCounts) -> str:
    return source(relation, need.where)


def _cell(need: BinCounts, at: int) -> str:
    """SQL for the number of the cell: of a bin from 0 on, then those of SPECIAL."""
    value, bins = f"v{at}", len(need.edges) + 1
    numbers = [bins + place for place in range(len(SPECIAL))]
    return (
        f"cast(case when isfinite({value}) then {_bin(need.edges, value, 0, bins - 1)} when m{at} then {numbers[0]} "
        f"when {value} is null then {numbers[1]} when isnan({value}) then {numbers[2]} "
        f"when {value} < {double(0.0)} then {numbers[3]} else {numbers[4]} end as integer)"
    )


def _bin(edges: tuple[float, ...], value: str, low: int, high: int) -> str:
    """The bin by halves: five comparisons of thirty edges, where a chain of cases would have fifteen on average."""
    if low == high:
        return str(low)
    middle = (low + high) // 2
    below, above = _bin(edges, value, low, middle), _bin(edges, value, middle + 1, high)
    return f"case when {value} < {double(edges[middle])} then {below} else {above} end"


def _fact(need: BinCounts, counts: dict[tuple[Group, int], int]) -> BinCountsFact:
    bins = len(need.edges) + 1
    groups = sorted({group for group, _ in counts}, key=group_order)

    def found() -> Iterator[BinsOf]:
        for group in groups or ([()] if not need.by else []):
            cells = [counts.get((group, cell), 0) for cell in range(bins + len(SPECIAL))]
            yield BinsOf(group, tuple(cells[:bins]), tuple(cells[bins:]))

    return BinCountsFact(tuple(found()))


def rising(edges: Sequence[float]) -> bool:
    """Whether every edge is above the one before."""
    return all(one < other for one, other in pairwise(edges))

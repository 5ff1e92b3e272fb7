"""Bin counts: how many rows of a number fall into given bins, by group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import Any

from mlgate.evidence.dialect import double
from mlgate.evidence.engine import Engine
from mlgate.evidence.questions.counts import sizes_of
from mlgate.evidence.questions.grouped import frequency, group_order, keys_of, selected, source, tally
from mlgate.evidence.questions.need import Answers, Group, Need, Statement, TableNeed, Term, not_counts

SPECIAL = ("missing", "not a number", "NaN", "-infinity", "infinity")
"""The cells beside the bins, in their order. A text that is not a number has a cell of its own."""
FEW_EDGES = 24
"""With no more edges, counting the rows below each takes less time than finding the bin of each row."""


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
    """Answer each by itself: of many columns, one scan each is faster than one scan of all."""
    few = {need: not need.by and len(need.edges) <= FEW_EDGES for need in needs}
    return {need: _fact(need, (_below if few[need] else _grouped)(engine, relation, need)) for need in needs}


def _below(engine: Engine, relation: str, need: BinCounts) -> dict[tuple[Group, int], int]:
    """The rows of every cell of all rows together, from the rows below each edge."""
    held = ["", "isfinite(v)", *(f"v < {double(edge)}" for edge in need.edges)]
    inner = f"select {', '.join(_values(need))} from {source(relation, need.where)}"
    (row,) = engine.query(f"select {', '.join(tally(need.count, each) for each in held)} from ({inner})")
    rows, finite, *below = map(int, row)
    endless, *special = _special(engine, inner, need) if finite < rows else [0] * (1 + len(SPECIAL))
    upto = [0, *(each - endless for each in below), finite]
    cells = [*(upper - lower for lower, upper in pairwise(upto)), *special]
    return {((), cell): number for cell, number in enumerate(cells)}


def _special(engine: Engine, inner: str, need: BinCounts) -> list[int]:
    """The rows with -infinity, missing or not, and those of every cell of SPECIAL."""
    lowest, highest = f"v = {double(-inf)}", f"v = {double(inf)}"
    held = (lowest, "m", *(f"not m and {each}" for each in ("v is null", "isnan(v)", lowest, highest)))
    counts = ", ".join(tally(need.count, each) for each in held)
    (row,) = engine.query(f"select {counts} from (select * from ({inner}) where not coalesce(isfinite(v), false))")
    return list(map(int, row))


def _values(need: BinCounts) -> list[str]:
    return [f"({need.value}) as v", f"coalesce(({need.missing}), false) as m", f"{frequency(need.count)} as c"]


def _grouped(engine: Engine, relation: str, need: BinCounts) -> dict[tuple[Group, int], int]:
    """The rows of every cell that has some, by group and cell."""
    keys = keys_of(need.by)
    inner = f"select {', '.join([*selected(need.by), *_values(need)])} from {source(relation, need.where)}"
    placed = f"select {', '.join([*keys, f'{_cell(need)} as b', 'c'])} from ({inner})"
    names = [*(f"cast({key} as varchar)" for key in keys), "b", tally(need.count)]
    found = engine.query(f"select {', '.join(names)} from ({placed}) group by {', '.join([*keys, 'b'])}")
    return {(row[: len(keys)], int(row[-2])): int(row[-1]) for row in found}


def _cell(need: BinCounts) -> str:
    """SQL for the number of the cell: of a bin from 0 on, then those of SPECIAL."""
    value, bins = "v", len(need.edges) + 1
    numbers = [bins + place for place in range(len(SPECIAL))]
    return (
        f"cast(case when isfinite({value}) then {_bin(need.edges, value, 0, bins - 1)} when m then {numbers[0]} "
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

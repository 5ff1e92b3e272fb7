"""Two samples: how far the distributions of a number in two tables are from each other, from all distinct values."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mlgate.evidence.dialect import columns_in, one_zero
from mlgate.evidence.questions.counts import MOST_CELLS
from mlgate.evidence.questions.grouped import clause, frequency, group_order, keys_of, selected, tally
from mlgate.evidence.questions.need import Group, Need, OpenTables, Term, not_counts
from mlgate.stats.wasserstein import SampleShape, of_values
from mlgate.values.errors import EvidenceError
from mlgate.values.words import counted


@dataclass(frozen=True)
class SampleSide:
    """One sample of a group: its rows, those with a finite and with an infinite number, and the spread of the finite.

    `variance` and `fourth` are central moments with the divisor n. They are 0 without finite numbers.
    """

    rows: int
    finite: int
    infinite: int
    variance: float = 0.0
    fourth: float = 0.0

    @property
    def shape(self) -> SampleShape:
        """The shape of the finite numbers."""
        return SampleShape(self.finite, self.variance, self.fourth)


@dataclass(frozen=True)
class TwoSamplesOf:
    """One group. `moved` is the largest difference of both distribution functions, times the rows of both; a row
    without a number is above all numbers. `distance` is the area between those of the finite numbers, `noise` its mean
    by sampling alone, and `width` the range of the reference; where numbers are very large or small, all of these and
    the moments are in a power of two as their unit.
    """

    group: Group
    reference: SampleSide
    current: SampleSide
    moved: int
    distance: float = 0.0
    noise: float = 0.0
    width: float = 0.0
    values: int = 0
    """The distinct values of both tables."""


@dataclass(frozen=True)
class TwoSamplesFact:
    """Comparisons by group, sorted by group: every group that either table has."""

    groups: tuple[TwoSamplesOf, ...]


@dataclass(frozen=True)
class SampleOf:
    """The sample of one table: its number, its groups, and how often a row counts, as SQL."""

    table: str
    value: str
    by: tuple[Term, ...] = ()
    count: str = ""

    def sql(self, relation: str, own: str) -> str:
        """The rows by group and value: their numbers as the column `own`, and zeros as the other of `r` and `s`."""
        keys = keys_of(self.by)
        inner = [*selected(self.by), f"{one_zero(self.value)} as v", f"{frequency(self.count)} as c"]
        rows = tally(self.count)
        counts = ", ".join(f"{rows if name == own else 'cast(0 as bigint)'} as {name}" for name in "rs")
        named = [f"cast({key} as varchar) as {key}" for key in keys]
        grouped = clause("group by", [*(f"cast({key} as varchar)" for key in keys), "v"])
        return f"select {', '.join([*named, 'v'])}, {counts} from (select {', '.join(inner)} from {relation}){grouped}"


@dataclass(frozen=True)
class TwoSamples(Need):
    """The distances of the distributions of a number in a reference table and in another one."""

    name = "two-samples"
    fact = TwoSamplesFact
    reference: SampleOf
    current: SampleOf

    @property
    def tables(self) -> tuple[str, ...]:
        """Both tables."""
        return tuple(dict.fromkeys((self.reference.table, self.current.table)))

    def impossible(self, fact: TwoSamplesFact) -> str:
        """Numbers that are not counts, a difference above 1, and distances below 0."""
        for of in fact.groups:
            sides = [part for side in (of.reference, of.current) for part in (side.rows, side.finite, side.infinite)]
            left = [side.rows - side.finite - side.infinite for side in (of.reference, of.current)]
            if wrong := not_counts(*sides, *left, of.values):
                return wrong
            if not 0 <= of.moved <= of.reference.rows * of.current.rows:
                return "its distribution functions differ by more than 1"
            if min(of.distance, of.noise, of.width, of.reference.variance, of.current.variance) < 0:
                return "it has a distance below 0"
        return ""

    def answer(self, tables: OpenTables) -> TwoSamplesFact:
        """The comparisons; the distinct values of both tables are held in memory."""
        import numpy as np

        parts = []
        for side, own in ((self.reference, "r"), (self.current, "s")):
            columns = [
                name for sql in (side.value, side.count, *(term.sql for term in side.by)) for name in columns_in(sql)
            ]
            parts.append(side.sql(tables.ready(side.table, dict.fromkeys(columns)).relation, own))
        keys = keys_of(self.reference.by)
        listed = ", ".join([*keys, "v"])
        ordered = clause("order by", [*(f"{key} nulls first" for key in keys), "v nulls last"])
        found = tables.engine.arrays(
            f"select {listed}, cast(sum(r) as bigint) as r, cast(sum(s) as bigint) as s "
            f"from ({parts[0]} union all {parts[1]}){clause('group by', [*keys, 'v'])}{ordered}"
        )
        values: Any = np.ma.filled(np.ma.asarray(found["v"], dtype=float), np.nan)
        one, other = (np.asarray(found[name], dtype=np.int64) for name in "rs")
        groups = tuple(
            _compared(group, values[at], one[at], other[at])
            for group, at in _groups([found[key] for key in keys], len(values))
        )
        return TwoSamplesFact(tuple(sorted(groups, key=lambda of: group_order(of.group))))


def _groups(keys: Sequence[Any], rows: int) -> Iterator[tuple[Group, slice]]:
    """Each group with the place of its rows, which are together."""
    import numpy as np

    if not keys:
        yield (), slice(0, rows)
        return
    texts = [[None if each is np.ma.masked or each is None else str(each) for each in key] for key in keys]
    names = list(zip(*texts, strict=True))
    starts = [at for at in range(rows) if at == 0 or names[at] != names[at - 1]]
    if len(starts) > MOST_CELLS:
        raise EvidenceError(
            f"{counted(len(starts), 'group')} of both tables are too many; at most {MOST_CELLS:,} are compared"
        )
    for start, end in zip(starts, [*starts[1:], rows], strict=True):
        yield names[start], slice(start, end)


def _scaled(values: Any) -> Any:
    """Numbers whose squares and sums are numbers too: very large or small ones are multiplied by a power of two."""
    import numpy as np

    top = float(np.abs(values[np.isfinite(values)]).max(initial=0))
    return values if 1e-75 < top < 1e75 or not top else np.ldexp(values, -math.frexp(top)[1])


def _compared(group: Group, values: Any, one: Any, other: Any) -> TwoSamplesOf:
    """One group's comparison, from rising values, with those that are not numbers at the end."""
    import numpy as np

    values = _scaled(values)
    sides = [_side(values, counts) for counts in (one, other)]
    known = ~np.isnan(values)
    n, m = (side.rows for side in sides)
    whole = np.int64 if n * m < 1 << 62 else object
    below, other_below = (np.cumsum(counts[known]).astype(whole) for counts in (one, other))
    moved = int(np.abs(below * m - other_below * n).max(initial=0))
    if not (sides[0].finite and sides[1].finite):
        return TwoSamplesOf(group, sides[0], sides[1], moved, values=len(values))
    finite = np.isfinite(values)
    distance, noise = of_values(values[finite], one[finite], other[finite])
    own = values[finite & (one > 0)]
    return TwoSamplesOf(group, sides[0], sides[1], moved, distance, noise, float(own[-1] - own[0]), len(values))


def _side(values: Any, counts: Any) -> SampleSide:
    import numpy as np

    finite, infinite = np.isfinite(values) & (counts > 0), np.isinf(values)
    own, times = values[finite], counts[finite]
    rows, some = int(counts.sum()), int(times.sum())
    if not some:
        return SampleSide(rows, 0, int(counts[infinite].sum()))
    shares = times / some
    centred = own - float((shares * own).sum())
    variance, fourth = (float((shares * centred**power).sum()) for power in (2, 4))
    return SampleSide(rows, some, int(counts[infinite].sum()), variance, fourth)

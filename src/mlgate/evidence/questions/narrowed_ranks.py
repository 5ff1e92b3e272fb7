"""The values at some ranks of many rows: a sample says between which values they lie, and only rows there are sorted.

The sample decides how much is read, never what is found: the rows below each range are counted, and a rank that is not
in its range is left to another way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, inf, sqrt
from typing import Any

from mlgate.evidence.dialect import double, one_zero
from mlgate.evidence.engine import Engine

SAMPLED = 1 << 17
"""About so many rows are sampled, chosen by the hash of their values."""
MOST_SORTED = 1 << 21
"""The most rows that are held and sorted; of more, a narrower range is looked for."""
MOST_RANGES = 8
"""With more ranges apart, other ways take less time."""
DEVIATIONS = 3
"""A range reaches so many square roots of the sample's size, at least 6 standard deviations, around a rank."""


@dataclass
class ValueRange:
    """The ranks that lie between two values, with the rows below and up to them once they are counted."""

    low: float
    high: float
    ranks: list[int]
    below: int = 0
    upto: int = 0

    @property
    def rows(self) -> int:
        """The rows between them."""
        return self.upto - self.below

    @property
    def holds(self) -> bool:
        """Whether every rank lies between them."""
        return self.below < min(self.ranks) and max(self.ranks) <= self.upto

    @property
    def sql(self) -> str:
        """The condition on a value `v`."""
        return f"(v >= {double(self.low)} and v <= {double(self.high)})"


def narrowed(engine: Engine, rows_of: str, ranks: Sequence[int], n: int) -> dict[int, float] | None:
    """The value at each rank of the n rows of a statement with finite doubles `v`; None where no sample narrows it."""
    if n <= MOST_SORTED:
        return _sorted(engine, rows_of, [ValueRange(-inf, inf, list(ranks), 0, n)])
    ranges = _ranges(_sample(engine, rows_of, n), ranks, n)
    if not 0 < len(ranges) <= MOST_RANGES:
        return None
    limits = ", ".join(f"count_if(v < {double(each.low)}), count_if(v <= {double(each.high)})" for each in ranges)
    (row,) = engine.query(f"select {limits} from ({rows_of})")
    for at, each in enumerate(ranges):
        each.below, each.upto = row[2 * at], row[2 * at + 1]
    if not all(each.holds for each in ranges):
        return None
    if sum(each.rows for each in ranges) <= MOST_SORTED:
        return _sorted(engine, rows_of, ranges)
    return _narrower(engine, rows_of, ranges, n)


def _narrower(engine: Engine, rows_of: str, ranges: Sequence[ValueRange], n: int) -> dict[int, float] | None:
    """The same within each range by itself."""
    found: dict[int, float] = {}
    for each in ranges:
        if each.low == each.high:
            found |= dict.fromkeys(each.ranks, each.low)
            continue
        if each.rows > n // 2:
            return None
        within = f"select v from ({rows_of}) where {each.sql}"
        values = narrowed(engine, within, [rank - each.below for rank in each.ranks], each.rows)
        if values is None:
            return None
        found |= {rank + each.below: value for rank, value in values.items()}
    return found


def _sample(engine: Engine, rows_of: str, n: int) -> Any:
    """Values in order; equal ones are all in the sample or not at all, and of too many some are left out."""
    import numpy as np

    chosen = f"select v from ({rows_of}) where hash_of(v) % {n // SAMPLED} = 0 limit {2 * SAMPLED}"
    return np.sort(_doubles(engine.arrays(chosen))) + 0.0


def _ranges(sample: Any, ranks: Sequence[int], n: int) -> list[ValueRange]:
    """A range of values around each rank; those that overlap are one."""
    found: list[ValueRange] = []
    size = len(sample)
    slack = DEVIATIONS * sqrt(size)
    for rank in sorted(ranks):
        first, last = floor(rank / n * size - slack), ceil(rank / n * size + slack)
        low = float(sample[first]) if first >= 0 else -inf
        high = float(sample[last]) if last < size else inf
        if found and low <= found[-1].high:
            found[-1].high = max(high, found[-1].high)
            found[-1].ranks.append(rank)
        else:
            found.append(ValueRange(low, high, [rank]))
    return found


def _sorted(engine: Engine, rows_of: str, ranges: Sequence[ValueRange]) -> dict[int, float]:
    """The values at the ranks, from the rows in the ranges."""
    import numpy as np

    within = " or ".join(each.sql for each in ranges)
    values = np.sort(_doubles(engine.arrays(f"select {one_zero('v')} as v from ({rows_of}) where {within}")))
    return dict(_at_ranks(values, ranges))


def _at_ranks(values: Any, ranges: Sequence[ValueRange]) -> Iterator[tuple[int, float]]:
    before = 0
    for each in ranges:
        for rank in each.ranks:
            yield rank, float(values[before + rank - each.below - 1])
        before += each.rows


def _doubles(columns: Any) -> Any:
    import numpy as np

    return np.asarray(columns["v"], dtype=float)

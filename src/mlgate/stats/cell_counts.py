"""The rows of two samples in the same cells: bins of a number, categories, missing values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy import ndarray


@dataclass(frozen=True)
class CellCounts:
    """Rows per cell of a reference sample and of a current sample. The cells are fixed by the reference alone.

    Cells without rows in both samples are dropped: no distance depends on them.
    """

    reference: tuple[int, ...]
    current: tuple[int, ...]

    @classmethod
    def of(cls, reference: Sequence[int], current: Sequence[int]) -> CellCounts:
        """The counts per cell, in the same order. ValueError for counts that are not, and samples without rows."""
        if len(reference) != len(current):
            raise ValueError(f"both samples require the same cells, not {len(reference)} and {len(current)}")
        if min((*reference, *current), default=0) < 0:
            raise ValueError("a count must be 0 or more")
        if not (sum(reference) and sum(current)):
            raise ValueError("a distance requires rows in both samples")
        pairs = [pair for pair in zip(reference, current, strict=True) if any(pair)]
        first, second = zip(*pairs, strict=True)
        return cls(tuple(map(int, first)), tuple(map(int, second)))

    @cached_property
    def n(self) -> int:
        """The rows of the reference."""
        return sum(self.reference)

    @cached_property
    def m(self) -> int:
        """The rows of the current sample."""
        return sum(self.current)

    @cached_property
    def noise(self) -> float:
        """1/n + 1/m: the variance of a difference of two shares, relative to that of one row."""
        return 1 / self.n + 1 / self.m

    @cached_property
    def x(self) -> ndarray[Any, Any]:
        """The counts of the reference as doubles."""
        import numpy as np

        return np.array(self.reference, dtype=float)

    @cached_property
    def y(self) -> ndarray[Any, Any]:
        """The counts of the current sample as doubles."""
        import numpy as np

        return np.array(self.current, dtype=float)

    @cached_property
    def shares(self) -> tuple[ndarray[Any, Any], ndarray[Any, Any]]:
        """The shares of the rows per cell of both samples."""
        return self.x / self.n, self.y / self.m

    @cached_property
    def expected(self) -> ndarray[Any, Any]:
        """Per cell, the rows that the smaller sample would have if both had the same shares."""
        import numpy as np

        return np.asarray((self.x + self.y) * (min(self.n, self.m) / (self.n + self.m)))

    def moved(self) -> tuple[Fraction, ...]:
        """Per cell, its share in the current sample minus its share in the reference, exactly."""
        pairs = zip(self.reference, self.current, strict=True)
        return tuple(Fraction(y, self.m) - Fraction(x, self.n) for x, y in pairs)

    def pooled(self, least: float) -> CellCounts:
        """The counts with rare cells joined, from the rarest on, until each has `least` expected rows.

        Which cells are joined depends only on how many rows of both samples together they have. No distance of shares
        grows where cells are joined.
        """
        import numpy as np

        expected = self.expected
        joined: list[list[int]] = [[]]
        for at in np.argsort(expected, kind="stable"):
            if sum(expected[joined[-1]]) >= least:
                joined.append([])
            joined[-1].append(int(at))
        if len(joined) > 1 and sum(expected[joined[-1]]) < least:
            rest = joined.pop()
            joined[-1] += rest
        sums = [tuple(sum(counts[at] for at in cells) for cells in joined) for counts in (self.reference, self.current)]
        return CellCounts(*sums)

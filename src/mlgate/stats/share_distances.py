"""Total variation, Chebyshev and Kolmogorov-Smirnov distances of two samples: the largest shift of a share.

Each is the largest difference of P(A) and Q(A) over a family of sets A. So the samples' distance is at least the
difference at the set where the populations differ most, and an upper bound needs only the noise of the difference of
two shares, whatever the number of cells: MOVER from Clopper-Pearson bounds, as for any difference of two shares.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from mlgate.stats.cell_counts import CellCounts
from mlgate.stats.difference import ShareDifference
from mlgate.stats.share import clopper_pearson_upper, require_level


@dataclass(frozen=True)
class TotalVariation:
    """Half the sum of the absolute differences of shares, in [0, 1]: the largest |P(A) - Q(A)| of any set of cells.

    The lower bound subtracts the mean of what noise alone gives, and z times the most that it varies.
    """

    counts: CellCounts

    @cached_property
    def exact(self) -> Fraction:
        """The exact distance of the samples."""
        return sum(map(abs, self.counts.moved()), Fraction(0)) / 2

    @property
    def value(self) -> float:
        """The distance of the samples."""
        return float(self.exact)

    def lower(self, alpha: float) -> float:
        """The lower bound of the distance of the populations at one-sided level alpha."""
        import numpy as np

        from mlgate.stats.special import ndtri

        require_level(alpha)
        counts = self.counts
        pooled = (counts.x + counts.y + 0.5) / (counts.n + counts.m + 1)
        sides = [((of + 0.5) / (rows + 1), rows) for of, rows in ((counts.x, counts.n), (counts.y, counts.m))]
        # A sample that has missed a rare cell says that it does not vary; both together know better.
        varied = np.maximum(sum(p * (1 - p) / n for p, n in sides), pooled * (1 - pooled) * counts.noise)
        noise = math.sqrt(2 / math.pi) * float(np.sqrt(varied).sum()) / 2
        most = sum(_most_varied(float(p.max())) / n for p, n in sides)
        spread = math.sqrt(max(most, _most_varied(float(pooled.max())) * counts.noise))
        return max(self.value - noise + float(ndtri(alpha)) * spread, 0.0)

    def upper(self, alpha: float) -> float:
        """The upper bound of the distance of the populations at one-sided level alpha."""
        require_level(alpha)
        return min(self.value + _reach(self.counts, alpha), 1.0)


@dataclass(frozen=True)
class Chebyshev:
    """The largest absolute difference of the shares of one cell, in [0, 1]: TFDV's L-infinity distance.

    The lower bound is the largest of the cells' own, at Bonferroni's level.
    """

    counts: CellCounts

    @cached_property
    def exact(self) -> Fraction:
        """The exact distance of the samples."""
        return max(map(abs, self.counts.moved()))

    @property
    def value(self) -> float:
        """The distance of the samples."""
        return float(self.exact)

    def lower(self, alpha: float) -> float:
        """The lower bound of the distance of the populations at one-sided level alpha."""
        require_level(alpha)
        each = alpha / (2 * len(self._cells))
        return max(0.0, *(max(cell.lower(each), -cell.upper(each)) for cell in self._cells))

    def upper(self, alpha: float) -> float:
        """The upper bound of the distance of the populations at one-sided level alpha."""
        require_level(alpha)
        return max(max(cell.upper(alpha), -cell.lower(alpha)) for cell in (*self._cells, self._new))

    @cached_property
    def _cells(self) -> tuple[ShareDifference, ...]:
        pairs = zip(self.counts.reference, self.counts.current, strict=True)
        return tuple(ShareDifference.from_counts(y, self.counts.m, x, self.counts.n) for x, y in pairs)

    @property
    def _new(self) -> ShareDifference:
        """A cell that neither sample has rows of."""
        return ShareDifference.from_counts(0, self.counts.m, 0, self.counts.n)


@dataclass(frozen=True)
class KolmogorovSmirnov:
    """The largest difference of two distribution functions, in [0, 1]; scipy's `ks_2samp` statistic.

    The lower bound is by the Dvoretzky-Kiefer-Wolfowitz inequality of two samples (Wei & Dudley 2012).
    """

    exact: Fraction
    n: int
    m: int

    @classmethod
    def of_cells(cls, counts: CellCounts) -> KolmogorovSmirnov:
        """The distance of samples that are known by ordered cells only."""
        return cls(max(abs(height) for height in _summed(counts.moved())), counts.n, counts.m)

    @property
    def value(self) -> float:
        """The distance of the samples."""
        return float(self.exact)

    def lower(self, alpha: float) -> float:
        """The lower bound of the distance of the populations at one-sided level alpha."""
        require_level(alpha)
        return max(self.value - math.sqrt(math.log(2 / alpha) / 2 * (1 / self.n + 1 / self.m)), 0.0)

    def upper(self, alpha: float) -> float:
        """The upper bound of the distance of the populations at one-sided level alpha."""
        require_level(alpha)
        return min(self.value + math.hypot(*(_half_width(0.5, n, alpha) for n in (self.n, self.m))), 1.0)


def _summed(moved: tuple[Fraction, ...]) -> list[Fraction]:
    heights = [Fraction(0)]
    for each in moved:
        heights.append(heights[-1] + each)
    return heights


def _reach(counts: CellCounts, alpha: float) -> float:
    """How far MOVER goes from the difference of the shares of a set of cells, at most."""
    shares = counts.shares
    return math.hypot(*(_widest(float(p.max()), n, alpha) for p, n in zip(shares, (counts.n, counts.m), strict=True)))


def _widest(largest: float, n: int, alpha: float) -> float:
    """The most that the share of a set of cells can be from its bound: sets are near one half, unless one cell is more
    than that.
    """
    sides = (largest, 1 - largest) if largest > 0.5 else (0.5,)
    return max(_half_width(share, n, alpha) for share in sides)


def _half_width(share: float, n: int, alpha: float) -> float:
    """From the share to its upper bound. To its lower bound it is as far as from the complement to its upper one."""
    return clopper_pearson_upper(share * n, n, alpha) - share


def _most_varied(largest: float) -> float:
    """The largest p (1 - p) of a set of cells."""
    return largest * (1 - largest) if largest > 0.5 else 0.25

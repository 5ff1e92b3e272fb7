"""Jensen-Shannon distance, Hellinger distance and PSI of two samples in cells; bounds by the noncentral chi-square.

Where two populations are close, each of these is a weighted sum of squared differences of shares: the estimate, divided
by 1/n + 1/m and a constant, is about a noncentral chi-square with (cells - 1) degrees of freedom, and its noncentrality
is the same multiple of the population's value. Two things are added, because real cells are rare and real drift is not
small: see `_Divergence`. The bounds are approximate; `benchmarks/drift_coverage.md` has what they miss.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from mlgate.stats.cell_counts import CellCounts
from mlgate.stats.noncentral import noncentrality
from mlgate.stats.share import clopper_pearson_lower, clopper_pearson_upper, require_level

if TYPE_CHECKING:
    from numpy import ndarray

LEAST_EXPECTED = 10.0
"""Rarer cells are joined for a lower bound: the root or log of a small count is further from normal."""
NATS = math.log(2)


@dataclass(frozen=True)
class _Divergence(ABC):
    """A divergence of which `factor * divergence / (1/n + 1/m)` is about chi-square where the populations are equal.

    The lower bound joins rare cells, which never makes a divergence larger. The upper bound does not join them, and
    takes as noise only that of cells which are not rare. It is at least the bound of the median estimate of equal
    populations (power-constrained limit, Cowan et al. 2011), and allows for rows of a kind too rare to be in a sample.
    """

    counts: CellCounts
    factor: ClassVar[float]
    mean_excess: ClassVar[float]
    """The mean of a cell with k expected rows is 1 + mean_excess / k times that of a common cell."""
    variance_excess: ClassVar[float]

    @staticmethod
    @abstractmethod
    def per_cell(p: ndarray[Any, Any], q: ndarray[Any, Any]) -> ndarray[Any, Any]:
        """The parts of the divergence from shares of the reference and of the current sample."""

    @abstractmethod
    def shown(self, divergence: float) -> float:
        """The distance that people see, from the divergence."""

    @property
    def divergence(self) -> float:
        """The divergence of the samples."""
        return max(float(self.per_cell(*self.counts.shares).sum()), 0.0)

    @property
    def value(self) -> float:
        """The distance of the samples."""
        return self.shown(self.divergence)

    @property
    def _centred(self) -> float:
        """The divergence as a lower bound takes it: without what rare cells add on average where populations differ."""
        return self.divergence

    def lower(self, alpha: float) -> float:
        """The lower bound of the distance of the populations at one-sided level alpha."""
        require_level(alpha)
        pooled = type(self)(self.counts.pooled(LEAST_EXPECTED))
        scale, degrees = self._noise(pooled.counts.expected)
        if degrees <= 0:
            return 0.0
        observed = pooled._centred / (self._unit * scale)
        return self.shown(self._unit * scale * noncentrality(observed, degrees, 1 - alpha))

    def upper(self, alpha: float) -> float | None:
        """The upper bound of the distance of the populations at one-sided level alpha, at least that of the samples."""
        require_level(alpha)
        return self.shown(max(self._by_noise(alpha), self._unseen(alpha), self.divergence))

    @cached_property
    def _unit(self) -> float:
        return self.counts.noise / self.factor

    @cached_property
    def _common(self) -> ndarray[Any, Any]:
        """The expected rows of the cells whose noise is known to be that of a common cell."""
        import numpy as np

        both = np.minimum(self.counts.x, self.counts.y)
        return np.asarray(self.counts.expected[both >= 1])

    def _noise(self, expected: ndarray[Any, Any]) -> tuple[float, float]:
        """The scale and degrees of freedom of the chi-square of cells with these expected rows."""
        if len(expected) < 2:
            return 1.0, 0.0
        lost = 1 - 1 / len(expected)
        mean = lost * float((1 + self.mean_excess / expected).sum())
        variance = 2 * lost * float((1 + self.variance_excess / expected).sum())
        scale = variance / (2 * mean)
        return scale, mean / scale

    def _by_noise(self, alpha: float) -> float:
        from mlgate.stats.special import chdtri

        degrees = max(len(self._common) - 1.0, 1.0)
        observed = max(self.divergence / self._unit, float(chdtri(degrees, 0.5)))
        return self._unit * noncentrality(observed, degrees, alpha)

    def _unseen(self, alpha: float) -> float:
        """The divergence without noise, and what rows would add that a sample misses with probability 2 alpha."""
        debiased = max(self.divergence - self._unit * max(len(self._common) - 1, 0), 0.0)
        mass = -math.log(min(2 * alpha, 0.5))
        return debiased + max(self._missed(self.counts.shares[0], mass / self.counts.m),
                              self._missed(self.counts.shares[1], mass / self.counts.n))  # fmt: skip

    def _missed(self, shares: ndarray[Any, Any], mass: float) -> float:
        """The most that a further `mass` in one cell adds; a cell may be a new one."""
        import numpy as np

        cells = np.append(shares, 0.0)
        return float(self.per_cell(cells, cells + min(mass, 1.0)).max())


class JensenShannon(_Divergence):
    """The Jensen-Shannon distance: the root of the divergence to base 2, in [0, 1].

    It is scipy's `jensenshannon(p, q, base=2)`; that with its default base is 0.8326 times this.
    """

    factor = 8.0
    mean_excess = 0.5
    variance_excess = 2.0

    @staticmethod
    def per_cell(p: ndarray[Any, Any], q: ndarray[Any, Any]) -> ndarray[Any, Any]:
        """Half of p ln(p/a) + q ln(q/a), a the mean of both, in nats."""
        import numpy as np

        a = (p + q) / 2
        parts = np.zeros(len(p))
        for share in (p, q):
            some = share > 0
            parts[some] += share[some] * np.log(share[some] / a[some]) / 2
        return parts

    def shown(self, divergence: float) -> float:
        """The root to base 2."""
        return min(math.sqrt(divergence / NATS), 1.0)


class Hellinger(_Divergence):
    """The Hellinger distance, in [0, 1]: the root of half the sum of (root p - root q)^2."""

    factor = 8.0
    mean_excess = 0.7
    variance_excess = 3.0

    @staticmethod
    def per_cell(p: ndarray[Any, Any], q: ndarray[Any, Any]) -> ndarray[Any, Any]:
        """Half of (root p - root q)^2."""
        import numpy as np

        return np.asarray((np.sqrt(p) - np.sqrt(q)) ** 2 / 2)

    @property
    def _centred(self) -> float:
        """With a quarter of a row more per cell: the mean of root(x + 1/4) is the root of the mean of x, nearly."""
        p, q = ((of + 0.25) / rows for of, rows in ((self.counts.x, self.counts.n), (self.counts.y, self.counts.m)))
        return float(self.per_cell(p, q).sum())

    def shown(self, divergence: float) -> float:
        """The root."""
        return min(math.sqrt(divergence), 1.0)


class PopulationStability(_Divergence):
    """The population stability index (PSI): the sum of (p - q) ln(p / q), natural log, from 0 on.

    It is infinite where a cell has rows in one sample only. Then half a row is added to every cell, and the bounds
    always count so; `plain` is the index without. Above the number that is exact for common cells, the upper bound
    takes each rare cell at the worst shares that its counts allow. There is none where a cell has rows in one sample
    only: its share in the other may be 0, and the index infinite.
    """

    factor = 1.0
    mean_excess = 0.0
    variance_excess = 0.7

    @staticmethod
    def per_cell(p: ndarray[Any, Any], q: ndarray[Any, Any]) -> ndarray[Any, Any]:
        """(p - q) ln(p / q); infinite where one of them is 0."""
        import numpy as np

        parts = np.zeros(len(p))
        some = (p > 0) | (q > 0)
        with np.errstate(divide="ignore"):
            parts[some] = (p[some] - q[some]) * (np.log(p[some]) - np.log(q[some]))
        return parts

    def shown(self, divergence: float) -> float:
        """The index itself."""
        return divergence

    @property
    def plain(self) -> float:
        """The index of the observed shares; infinite where a cell has rows in one sample only."""
        return max(float(self.per_cell(*self.counts.shares).sum()), 0.0)

    @property
    def value(self) -> float:
        """The index of the observed shares, or with half a row more per cell where it is infinite."""
        return self.plain if math.isfinite(self.plain) else self.divergence

    @property
    def divergence(self) -> float:
        """The index with half a row more per cell."""
        return float(self.per_cell(*self._smoothed).sum())

    @cached_property
    def _smoothed(self) -> tuple[ndarray[Any, Any], ndarray[Any, Any]]:
        counts, cells = self.counts, len(self.counts.x)
        return (counts.x + 0.5) / (counts.n + cells / 2), (counts.y + 0.5) / (counts.m + cells / 2)

    def lower(self, alpha: float) -> float:
        """The lower bound of the index of the populations at one-sided level alpha."""
        import numpy as np

        by_noise = super().lower(alpha)
        pooled = type(self)(self.counts.pooled(LEAST_EXPECTED))
        every = np.full(len(pooled.counts.x), True)
        debiased = pooled.divergence - self._unit * (len(every) - 1)
        _, reach = pooled._slope_reach(alpha, every)
        return max(min(by_noise, debiased - reach), 0.0)

    def upper(self, alpha: float) -> float | None:
        """The upper bound of the index of the populations at one-sided level alpha; None where it may be infinite."""
        import numpy as np

        require_level(alpha)
        rare = np.minimum(self.counts.x, self.counts.y) < LEAST_EXPECTED
        if not rare.any():
            return max(self._by_noise(alpha), self._by_slope(alpha, ~rare), self.value)
        worst = self._at_worst(alpha / 2, np.flatnonzero(rare))
        if worst is None:
            return None
        common = float(self.per_cell(*self._smoothed)[~rare].sum())
        by_slope = self._by_slope(alpha / 2, ~rare) - common + max(common, 0.0) + worst
        return max(self._by_noise(alpha), by_slope, self.value)

    def _by_slope(self, alpha: float, cells: ndarray[Any, Any]) -> float:
        """The upper bound of the index of some cells by its slopes, on the log scale where it is far from 0."""
        value, reach = self._slope_reach(alpha, cells)
        return value * math.exp(reach / value) if value > reach else value + reach * (math.e - 1)

    def _slope_reach(self, alpha: float, cells: ndarray[Any, Any]) -> tuple[float, float]:
        """The index of some cells, and how far its slopes in the shares let it be from the truth at level alpha.

        The variance of a share grows with it. Where it is observed too high by chance, that of the log is taken too
        small: it is increased by its own error.
        """
        import numpy as np

        from mlgate.stats.special import ndtri

        p, q = (shares[cells] for shares in self._smoothed)
        wider = 1 + 1.5 / np.sqrt(np.minimum(self.counts.x, self.counts.y)[cells] + 1)
        variance = 0.0
        for share, ratio, rows in ((p, p / q, self.counts.n), (q, q / p, self.counts.m)):
            slopes = np.log(ratio) + 1 - 1 / ratio
            variance += float((share * wider * slopes**2).sum() - (share * slopes).sum() ** 2) / rows
        return float(self.per_cell(p, q).sum()), -float(ndtri(alpha)) * math.sqrt(max(variance, 0.0))

    def _at_worst(self, alpha: float, rare: ndarray[Any, Any]) -> float | None:
        """The most that rare cells add within exact bounds of their shares; None where it may be infinite."""
        import numpy as np

        each = alpha / (2 * len(rare))
        low, high = (
            [
                np.array([bound(int(count), rows, each) for count in counts[rare]])
                for counts, rows in ((self.counts.x, self.counts.n), (self.counts.y, self.counts.m))
            ]
            for bound in (clopper_pearson_lower, clopper_pearson_upper)
        )
        if min(low[0].min(), low[1].min()) == 0:
            return None
        corners = np.maximum(self.per_cell(low[0], high[1]), self.per_cell(high[0], low[1]))
        return float(corners.sum())

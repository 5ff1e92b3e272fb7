"""Melded bounds of a quantity made of shares of rows in units, which units tie to each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from mlgate.stats.cells import PLAIN, delta_slopes
from mlgate.stats.cluster_cells import UnitTable
from mlgate.stats.clusters import ClusteredShare
from mlgate.stats.melded import Side, melded_bound

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mlgate.stats.cells import CellMetric

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ClusteredMelded:
    """A formula of shares: cells 2i and 2i+1 of `table` are the hits and misses of share i.

    Every share enters with its effective rows. That a unit moves several shares together is not in these: all are
    divided by how many times the variance between units is what shares apart would have.
    """

    table: UnitTable
    shares: tuple[ClusteredShare, ...]
    increasing: Sequence[bool]
    formula: Callable[..., Floats]
    """Of the shares and, where it enters, of the prevalence, arrays over draws."""
    prevalence: ClusteredShare | None = None
    """Of the first share's rows among all."""

    def lower(self, alpha: float) -> float | None:
        """The lower bound at one-sided level alpha; None where a share has too few units."""
        return self._bound("lower", alpha)

    def upper(self, alpha: float) -> float | None:
        """The upper bound at one-sided level alpha; None where a share has too few units."""
        return self._bound("upper", alpha)

    def _bound(self, side: Side, alpha: float) -> float | None:
        import numpy as np

        found = [self._effective(share, alpha) for share in self.shares]
        prevalence = None if self.prevalence is None else self._effective(self.prevalence, alpha)
        if None in found or (self.prevalence is not None and prevalence is None):
            return None
        shares = [pair for pair in found if pair is not None]
        with np.errstate(divide="ignore", invalid="ignore"):
            return melded_bound(self.formula, shares, self.increasing, prevalence, alpha, side)

    def _effective(self, share: ClusteredShare, alpha: float) -> tuple[float, float] | None:
        rows = share.rows_at(alpha)
        if rows is None:
            return None
        hits = share.value * rows / self.together
        return hits, rows / self.together - hits

    @cached_property
    def together(self) -> float:
        """How many times the variance of shares apart the formula has between units, at least 1."""
        import numpy as np

        cells = self.table.counts
        metric: CellMetric = self._of_cells
        with np.errstate(divide="ignore", invalid="ignore"):
            slopes = np.divide(delta_slopes(cells, metric, PLAIN), cells, out=np.zeros(len(cells)), where=cells > 0)
        apart, rest = 0.0, slopes.copy()
        for at, share in enumerate(self.shares):
            own = np.zeros(len(cells))
            turn = self._turn(at, slopes)
            own[2 * at : 2 * at + 2] = turn * (1 - share.value), -turn * share.value
            apart += self.table.variance(own)
            rest -= own
        apart += self.table.variance(rest) if self.prevalence is not None else 0.0
        return max(self.table.variance(slopes) / apart, 1.0) if apart > 0 else 1.0

    def _turn(self, at: int, slopes: Floats) -> float:
        """How much the formula moves as a row of a share turns from a miss to a hit; 0 where it has only one sort."""
        both = self.table.counts[2 * at : 2 * at + 2]
        return float(slopes[2 * at] - slopes[2 * at + 1]) if both.all() else 0.0

    def _of_cells(self, cells: Floats) -> Floats:
        rows = [cells[:, 2 * at] + cells[:, 2 * at + 1] for at in range(len(self.shares))]
        shares = [cells[:, 2 * at] / rows[at] for at in range(len(self.shares))]
        return self.formula(*shares, *([rows[0] / sum(rows)] if self.prevalence is not None else []))

"""Bounds of a metric of joint counts whose rows belong together: the delta method with the covariance between units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, sqrt
from typing import TYPE_CHECKING

from mlgate.stats.bounds import EitherSide, Wider
from mlgate.stats.cells import PLAIN, GuardedBounds, Scale, delta_slopes
from mlgate.stats.clusters import LEAST_UNITS
from mlgate.stats.means import t_quantile
from mlgate.stats.share import require_level

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mlgate.stats.cells import CellMetric

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class UnitTable:
    """Joint counts of rows in units: each cell's rows, and for each two cells Σ over units of the product of theirs."""

    units: int
    counts: Floats
    products: Floats

    def __post_init__(self) -> None:
        import numpy as np

        if self.products.shape != (len(self.counts),) * 2 or not np.isfinite(self.products).all():
            raise ValueError(f"{len(self.counts)} cells have as many squared products, all finite")
        if self.units < 1 or (np.diag(self.products) < self.counts).any():
            raise ValueError("the squared counts of whole numbers are not less than the counts")

    @property
    def rows(self) -> float:
        """All rows."""
        return float(self.counts.sum())

    def variance(self, slopes: Floats) -> float:
        """Of the sum of slope * count, between units: G/(G-1) (Σ over units of its square, less the mean's part)."""
        if self.units < 2:
            return 0.0
        total = float(slopes @ self.counts)
        squares = float(slopes @ self.products @ slopes)
        return max(squares - total**2 / self.units, 0.0) * self.units / (self.units - 1)

    def alone(self, slopes: Floats) -> float:
        """The same variance were every row a unit of its own."""
        return float((slopes**2 * self.counts).sum()) - float(slopes @ self.counts) ** 2 / self.rows


@dataclass(frozen=True)
class ClusteredCells(EitherSide):
    """A value and its standard error on `scale` between units; bounds by t with G-1 degrees of freedom."""

    value: float
    standard_error: float | None
    scale: Scale
    units: int

    def _bound(self, sign: int, alpha: float) -> float | None:
        require_level(alpha)
        score, error = self.scale.forward(self.value), self.standard_error
        if score is None or not error or not isfinite(error) or self.units < LEAST_UNITS:
            return None
        return self.scale.backward(score + sign * t_quantile(self.units - 1, alpha) * error)


def design_effect(table: UnitTable, metric: CellMetric, scale: Scale, added: Floats) -> float:
    """How many times the variance of independent rows the metric has between units, at least 1.

    Where the observed value is at an end of its range nothing tells: then a unit counts as one row.
    """
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(metric(table.counts[np.newaxis, :])[0])
    if not isfinite(value) or scale.forward(value) is None:
        return table.rows / table.units
    slopes = _per_row(table.counts + added, metric, scale)
    alone = table.alone(slopes)
    return max(table.variance(slopes) / alone, 1.0) if alone > 0 else table.rows / table.units


def clustered_bounds(
    table: UnitTable, metric: CellMetric, scale: Scale, worse: Sequence[float], better: Sequence[float], units: int
) -> GuardedBounds | None:
    """Bounds as `guarded_bounds` gives them for independent rows, with the covariance between units and t.

    The rows added to guard small cells weigh as much as the design effect says; `units` are those that count, for
    the degrees of freedom. None where the metric is not defined.
    """
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(metric(table.counts[np.newaxis, :])[0])
        if not isfinite(value):
            return None
        ends = []
        for each in (worse, better):
            added = np.asarray(each, dtype=np.float64)
            effect = design_effect(table, metric, scale, added)
            moved = table.counts + effect * added
            error = _standard_error(table, moved, effect**2 * added, metric, scale)
            ends.append(ClusteredCells(float(metric(moved[np.newaxis, :])[0]), error, scale, units))
    return GuardedBounds(value, ends[0], ends[1])


def clustered_difference(
    table: UnitTable,
    metric: CellMetric,
    places: Sequence[Sequence[int]],
    cells: int,
    guards: tuple[Sequence[float], Sequence[float]],
    units: int,
    relative: bool,
) -> Wider | None:
    """Bounds of how much greater the metric of `cells` cells is for the first model, whose cell places[0][i] a joint
    cell is, than for the second, places[1][i]. `guards` are rows that the one and the other gets wrong. With `relative`
    it is the difference of logs. None where it is not defined.
    """
    import numpy as np

    members = [np.eye(cells)[list(own)] for own in places]

    def difference(joint: Floats) -> Floats:
        new, old = (metric(joint @ member) for member in members)
        return np.asarray(np.log(new) - np.log(old) if relative else new - old)

    ends = [clustered_bounds(table, difference, PLAIN, *pair, units) for pair in (guards, guards[::-1])]
    found = [end for end in ends if end is not None]
    return Wider(found[0], found[1]) if len(found) == 2 else None


def _standard_error(table: UnitTable, moved: Floats, added: Floats, metric: CellMetric, scale: Scale) -> float | None:
    """Between units, and not below that of independent rows; `added` is what the guard's rows contribute."""
    slopes = _per_row(moved, metric, scale)
    guard = float((slopes**2 * added).sum())
    variance = max(table.variance(slopes), table.alone(slopes)) + guard
    return sqrt(variance) if isfinite(variance) and variance > 1e-20 else None


def _per_row(cells: Floats, metric: CellMetric, scale: Scale = PLAIN) -> Floats:
    """How much the metric moves with one more row of each cell; 0 for cells without rows."""
    import numpy as np

    slopes = delta_slopes(cells, metric, scale)
    return np.divide(slopes, cells, out=np.zeros(len(cells)), where=cells > 0)

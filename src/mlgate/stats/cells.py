"""Bounds of a metric of joint counts (F-beta, macro F1, multiclass kappa, MCC): its multinomial standard error by the
delta method, on a scale where it is near normal, guarded by half a row so that small cells cannot break it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, inf, isfinite, log, sqrt
from typing import TYPE_CHECKING

from mlgate.stats.bounds import Bounds
from mlgate.stats.share import require_level

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    CellMetric = Callable[[Floats], Floats]

_DELTA_CHUNK = 256


@dataclass(frozen=True)
class Scale:
    """The open range a metric lives in; bounds are symmetric on its logit, or as they are where it has no
    ends.
    """

    low: float
    high: float

    def forward(self, value: float) -> float | None:
        """The value on the logit of the range; None at its ends and outside."""
        if self is PLAIN:
            return value if isfinite(value) else None
        if not self.low < value < self.high:
            return None
        return log(value - self.low) - log(self.high - value)

    def backward(self, score: float) -> float:
        """The value whose `forward` is `score`."""
        if self is PLAIN:
            return score
        share = 1 / (1 + exp(-score)) if score > -700 else 0.0
        return self.low + (self.high - self.low) * share


LOGIT = Scale(0.0, 1.0)
"""F-beta, macro and weighted F1, precision."""
FISHER = Scale(-1.0, 1.0)
"""Kappa, MCC: twice Fisher's z."""
PLAIN = Scale(-inf, inf)
"""Differences: no transform."""


@dataclass(frozen=True)
class CellBounds:
    """A value with the standard error it has on `scale`; bounds at any level from the same draws."""

    value: float
    standard_error: float | None
    scale: Scale

    def lower(self, alpha: float) -> float | None:
        """The one-sided lower bound at level `alpha`, or None."""
        return scaled_bounds(self.value, self.standard_error, alpha, self.scale)[0]

    def upper(self, alpha: float) -> float | None:
        """The one-sided upper bound at level `alpha`, or None."""
        return scaled_bounds(self.value, self.standard_error, alpha, self.scale)[1]


@dataclass(frozen=True)
class GuardedBounds:
    """A value with a lower bound from `worse` cells and an upper bound from `better` ones."""

    value: float
    worse: Bounds
    better: Bounds

    def lower(self, alpha: float) -> float | None:
        """The one-sided lower bound at level `alpha`, never above the value; or None."""
        bound = self.worse.lower(alpha)
        return None if bound is None else min(bound, self.value)

    def upper(self, alpha: float) -> float | None:
        """The one-sided upper bound at level `alpha`, never below the value; or None."""
        bound = self.better.upper(alpha)
        return None if bound is None else max(bound, self.value)


def guarded_bounds(
    counts: Floats | Sequence[float],
    metric: CellMetric,
    scale: Scale,
    worse: Floats | Sequence[float],
    better: Floats | Sequence[float],
) -> GuardedBounds:
    """Bounds that small and empty cells cannot break: the lower one from counts + `worse` (half a row of each
    error the metric looks at), the upper one from counts + `better` (half a row of each success).

    Standard errors by the delta method, so there is no seed. Where the value is undefined there are none.
    """
    import numpy as np

    cells = _require_counts(counts)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(metric(cells[np.newaxis, :])[0])
        if not isfinite(value):
            none = CellBounds(value, None, scale)
            return GuardedBounds(value, none, none)
        ends = []
        for added in (worse, better):
            moved = cells + _require_added(added, cells)
            ends.append(CellBounds(float(metric(moved[np.newaxis, :])[0]), delta_se(moved, metric, scale), scale))
    return GuardedBounds(value, ends[0], ends[1])


def half_rows(classes: int, each: float = 0.5) -> tuple[list[float], list[float]]:
    """(worse, better) for `guarded_bounds` of a label x prediction table in row order: `each` row missed
    and wrongly given per class, and `each` right. 0.5 for macro averages, 0.5 / classes for kappa, MCC and
    weighted averages, where classes are pooled.
    """
    if classes < 2 or not (isfinite(each) and each > 0):
        raise ValueError(f"at least two classes and a positive part of a row, not {classes} and {each}")
    right = [i == j for i in range(classes) for j in range(classes)]
    worse = [0.0 if on else each / (classes - 1) for on in right]
    return worse, [each if on else 0.0 for on in right]


def delta_se(cells: Floats, metric: CellMetric, scale: Scale = PLAIN, squares: Floats | None = None) -> float | None:
    """The multinomial standard error of `metric` on `scale` by the delta method with numeric derivatives.

    Cells may be fractional; under sampling weights they are sums of weights, and `squares` those of squared weights.
    None where it is 0, or the metric is undefined or at an end of the scale.
    """
    slopes = delta_slopes(cells, metric, scale)
    entering = cells > 0
    spread = cells if squares is None else squares
    square = float((slopes[entering] ** 2 * spread[entering] / cells[entering] ** 2).sum())
    variance = square - float(slopes.sum()) ** 2 * float(spread.sum()) / float(cells.sum()) ** 2
    return sqrt(variance) if isfinite(variance) and variance > 1e-20 else None


def delta_slopes(cells: Floats, metric: CellMetric, scale: Scale = PLAIN) -> Floats:
    """How much `metric` on `scale` moves with the log of each cell; 0 for cells without rows."""
    import numpy as np

    entering = np.flatnonzero(cells)
    step, slopes = 1e-4, np.zeros(len(cells))
    for start in range(0, len(entering), _DELTA_CHUNK):
        index = entering[start : start + _DELTA_CHUNK]
        moved = np.zeros((len(index), len(cells)))
        moved[np.arange(len(index)), index] = step * cells[index]
        scores = [_scores(metric(cells + sign * moved), scale) for sign in (1, -1)]
        slopes[index] = (scores[0] - scores[1]) / (2 * step)
    return slopes


def _scores(values: Floats, scale: Scale) -> Floats:
    import numpy as np

    if scale is PLAIN:
        return values
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log(values - scale.low) - np.log(scale.high - values))


def _require_added(added: Floats | Sequence[float], cells: Floats) -> Floats:
    import numpy as np

    rows = np.asarray(added, dtype=np.float64)
    if rows.shape != cells.shape or not np.isfinite(rows).all() or (rows < 0).any():
        raise ValueError("rows to add must be finite and not negative, one a cell")
    return rows


def scaled_bounds(
    value: float, standard_error: float | None, alpha: float, scale: Scale
) -> tuple[float | None, float | None]:
    """(lower, upper), each at one-sided level `alpha`, symmetric on `scale`; Nones without a usable
    standard error.
    """
    from mlgate.stats.special import ndtri

    require_level(alpha)
    score = scale.forward(value)
    if score is None or standard_error is None or not (isfinite(standard_error) and standard_error > 0):
        return None, None
    half = float(ndtri(1 - alpha)) * standard_error
    return scale.backward(score - half), scale.backward(score + half)


def _require_counts(counts: Floats | Sequence[float]) -> Floats:
    import numpy as np

    cells = np.asarray(counts, dtype=np.float64)
    if cells.ndim != 1 or not np.isfinite(cells).all() or (cells < 0).any() or (cells != np.floor(cells)).any():
        raise ValueError("counts must be one row of whole, finite, non-negative numbers")
    if cells.sum() <= 0:
        raise ValueError("counts must not all be zero")
    return cells

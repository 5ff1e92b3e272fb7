"""Bounds of a metric of joint counts (F-beta, macro F1, multiclass kappa, MCC): its standard error from
multinomial draws of the cells, on a scale where it is near normal. Approximate: only where no cell that
enters is small.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, inf, isfinite, log, sqrt
from typing import TYPE_CHECKING

from mlgate.stats.share import require_level

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    CellMetric = Callable[[Floats], Floats]

LEAST_ROWS = 10
"""A cell that enters needs this many rows before `cell_bounds` are given; `guarded_bounds` need none."""
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


def cell_bounds(
    counts: Floats | Sequence[float],
    metric: CellMetric,
    scale: Scale = LOGIT,
    *,
    seed: int = 0,
    draws: int = 2000,
) -> CellBounds:
    """Bounds of `metric` at `counts` (cells,), whole rows of one sample; `metric` maps (draws, cells) to
    (draws,).

    The caller looks at `smallest_cell` first. Without a usable standard error both bounds are None.
    """
    import numpy as np

    cells = _require_counts(counts)
    value = float(metric(cells[np.newaxis, :])[0])
    return CellBounds(value, multinomial_se(cells, metric, seed, draws, scale), scale)


@dataclass(frozen=True)
class GuardedBounds:
    """A value with a lower bound from `worse` cells and an upper bound from `better` ones."""

    value: float
    worse: CellBounds
    better: CellBounds

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
            ends.append(
                CellBounds(float(metric(moved[np.newaxis, :])[0]), delta_se(moved, metric, scale), scale)
            )
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


def delta_se(cells: Floats, metric: CellMetric, scale: Scale = PLAIN) -> float | None:
    """The multinomial standard error of `metric` on `scale` by the delta method with numeric derivatives:
    what `multinomial_se` tends to with large counts. Cells may be fractional; None as there.
    """
    import numpy as np

    entering = np.flatnonzero(cells)
    step, mean, square = 1e-4, 0.0, 0.0
    for start in range(0, len(entering), _DELTA_CHUNK):
        index = entering[start : start + _DELTA_CHUNK]
        moved = np.zeros((len(index), len(cells)))
        moved[np.arange(len(index)), index] = step * cells[index]
        scores = [_scores(metric(cells + sign * moved), scale) for sign in (1, -1)]
        slopes = (scores[0] - scores[1]) / (2 * step)
        mean += float(slopes.sum())
        square += float((slopes**2 / cells[index]).sum())
    variance = square - mean**2 / float(cells.sum())
    return sqrt(variance) if isfinite(variance) and variance > 1e-20 else None


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


def multinomial_se(
    counts: Floats | Sequence[float],
    metric: CellMetric,
    seed: int = 0,
    draws: int = 2000,
    scale: Scale = PLAIN,
) -> float | None:
    """The standard deviation of `metric` on `scale` over seeded multinomial draws of the cells with the
    observed shares; None where it is 0, where the metric is undefined or where any draw is at an end of the
    scale.
    """
    import numpy as np

    cells = _require_counts(counts)
    if draws < 2:
        raise ValueError(f"at least two draws are needed, not {draws}")
    rows = int(cells.sum())
    # RandomState's streams are frozen across numpy versions, Generator's are not
    drawn = np.random.RandomState(seed).multinomial(rows, cells / cells.sum(), size=draws)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.asarray(metric(drawn.astype(np.float64)), dtype=np.float64)
        if values.shape != (draws,):
            raise ValueError(f"the metric must give one value a draw, not shape {values.shape}")
        values = _scores(values, scale)
    if not np.isfinite(values).all():
        return None
    spread = float(values.std(ddof=1))
    return spread if isfinite(spread) and spread > 1e-12 * max(1.0, float(np.abs(values).max())) else None


def logit_bounds(value: float, se_on_logit: float | None, alpha: float) -> tuple[float | None, float | None]:
    """(lower, upper) in (0, 1), each at one-sided level `alpha`, symmetric on the logit."""
    return scaled_bounds(value, se_on_logit, alpha, LOGIT)


def fisher_z_bounds(value: float, se_on_z: float | None, alpha: float) -> tuple[float | None, float | None]:
    """(lower, upper) in (-1, 1), each at one-sided level `alpha`, symmetric on Fisher's z = artanh(value)."""
    return scaled_bounds(value, None if se_on_z is None else 2 * se_on_z, alpha, FISHER)


def scaled_bounds(
    value: float, standard_error: float | None, alpha: float, scale: Scale
) -> tuple[float | None, float | None]:
    """(lower, upper), each at one-sided level `alpha`, symmetric on `scale`; Nones without a usable
    standard error.
    """
    from scipy.special import ndtri

    require_level(alpha)
    score = scale.forward(value)
    if score is None or standard_error is None or not (isfinite(standard_error) and standard_error > 0):
        return None, None
    half = float(ndtri(1 - alpha)) * standard_error
    return scale.backward(score - half), scale.backward(score + half)


def smallest_cell(counts: Floats | Sequence[float], entering: Mapping[str, Iterable[int]]) -> tuple[str, int]:
    """(name, rows) of the smallest cell that enters a metric; `entering` names each as indices whose rows
    add up.

    Below `LEAST_ROWS` the answer is INCONCLUSIVE and names that cell.
    """
    cells = _require_counts(counts)
    if not entering:
        raise ValueError("a metric needs at least one cell")
    rows = {name: int(sum(cells[index] for index in indices)) for name, indices in entering.items()}
    return min(rows.items(), key=lambda named: named[1])


def class_cells(classes: Sequence[str]) -> dict[str, list[int]]:
    """For `smallest_cell`: per class right, missed and wrongly given rows, of a label x prediction table in
    row order.
    """
    k = len(classes)
    cells: dict[str, list[int]] = {}
    for i, name in enumerate(classes):
        others = [j for j in range(k) if j != i]
        cells[f"label {name}, predicted {name}"] = [i * k + i]
        cells[f"label {name}, predicted another"] = [i * k + j for j in others]
        cells[f"predicted {name}, label another"] = [j * k + i for j in others]
    return cells


def _require_counts(counts: Floats | Sequence[float]) -> Floats:
    import numpy as np

    cells = np.asarray(counts, dtype=np.float64)
    if (
        cells.ndim != 1
        or not np.isfinite(cells).all()
        or (cells < 0).any()
        or (cells != np.floor(cells)).any()
    ):
        raise ValueError("counts must be one row of whole, finite, non-negative numbers")
    if cells.sum() <= 0:
        raise ValueError("counts must not all be zero")
    return cells

"""Bounds of a smooth function of several sums over rows, guarded by parts of a row against small sums."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite, sqrt
from typing import TYPE_CHECKING

from mlgate.stats.cells import CellBounds, GuardedBounds, Scale

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Formula = Callable[["Floats"], "Floats"]
"""From totals, a row of them a case, to the metric of each."""
Added = Sequence[tuple[float, "Floats"]]
"""Rows to add before a bound is taken: (part of a row, its values)."""


def bounds_of_sums(
    n: int, totals: Floats, centred: Floats, formula: Formula, scale: Scale, worse: Added, better: Added
) -> GuardedBounds:
    """Bounds of `formula` of the means of k values over n independent rows, by the delta method on `scale`.

    `totals` (k) are the sums and `centred` (k x k) those of products of deviations from the means. The lower bound is
    taken with the rows `worse` added, the upper one with `better`. No bounds where the formula is undefined.
    """
    import numpy as np

    value = float(formula(totals[np.newaxis, :])[0])
    ends = [_end(*with_rows(n, totals, centred, added), formula, scale) for added in (worse, better)]
    return GuardedBounds(value, *ends)


def with_rows(n: int, totals: Floats, centred: Floats, added: Added) -> tuple[float, Floats, Floats]:
    """(rows, sums, sums of products of deviations) once parts of rows are added."""
    import numpy as np

    rows = n + sum(part for part, _ in added)
    sums = totals + sum(part * values for part, values in added)
    mean = sums / rows
    moved = totals / n - mean
    products = centred + n * np.outer(moved, moved)
    for part, values in added:
        products = products + part * np.outer(values - mean, values - mean)
    return rows, sums, products


def _end(rows: float, sums: Floats, products: Floats, formula: Formula, scale: Scale) -> CellBounds:
    """The value at one end with its standard error; a sample's sums vary as the products of deviations say."""
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(formula(sums[np.newaxis, :])[0])
        slopes = _slopes(sums, formula, scale)
    variance = float(slopes @ products @ slopes) * rows / (rows - 1)
    known = isfinite(value) and isfinite(variance) and variance > 1e-20
    return CellBounds(value, sqrt(variance) if known else None, scale)


def _slopes(sums: Floats, formula: Formula, scale: Scale) -> Floats:
    """The derivatives of the formula on its scale; by differences, and 0 for a sum of nothing, which does not vary."""
    import numpy as np

    at = np.flatnonzero(sums)
    step = 1e-5 * np.abs(sums[at])
    moved = np.zeros((len(at), len(sums)))
    moved[np.arange(len(at)), at] = step
    ends = [np.array([_scaled(value, scale) for value in formula(sums + sign * moved)]) for sign in (1, -1)]
    slopes = np.zeros(len(sums))
    slopes[at] = (ends[0] - ends[1]) / (2 * step)
    return slopes


def _scaled(value: float, scale: Scale) -> float:
    found = scale.forward(float(value))
    return float("nan") if found is None else found

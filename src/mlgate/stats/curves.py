"""Metrics of a ranking: average precision, KS, precision, recall and lift at k.

A ranking is two arrays of counts of equal length, positives and negatives, with one entry per distinct score (or bin of
scores), from the highest score to the lowest. `k` is a share of the rows (0 < k < 1, rounded up to whole rows) or a
number of rows (>= 1). Where the cut divides rows of equal scores, the value is its expectation over random orders of
these rows.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Counts = NDArray[np.int64]


def average_precision(positives: ArrayLike, negatives: ArrayLike) -> float:
    """The sum over thresholds of precision times the increase of recall, in [0, 1], as scikit-learn defines it."""
    ranking = checked_ranking(positives, negatives)
    _require_rows(positives=int(ranking[0].sum()))
    return float(average_precisions(*ranking))


def ks_statistic(positives: ArrayLike, negatives: ArrayLike) -> float:
    """The largest distance between the score distributions of both classes, max |TPR - FPR|, in [0, 1]."""
    ranking = checked_ranking(positives, negatives)
    _require_rows(positives=int(ranking[0].sum()), negatives=int(ranking[1].sum()))
    return float(ks_statistics(*ranking))


def rows_at(k: float | Fraction, rows: int) -> int:
    """The number of top rows that `k` means: ceil(k * rows) for 0 < k < 1, else k. ValueError if k does not fit."""
    if not 0 < k < math.inf:
        raise ValueError(f"k must be positive and finite, not {k!r}")
    exact = k if isinstance(k, Fraction) else Fraction(repr(float(k)))
    count = exact * rows if exact < 1 else exact
    if (exact >= 1 and count.denominator != 1) or count > rows or not rows:
        raise ValueError(f"k must be a share of the rows below 1, or a whole number from 1 to {rows}, not {k}")
    return math.ceil(count)


def hits_at_k(positives: ArrayLike, negatives: ArrayLike, k: float | Fraction) -> Fraction:
    """The exact expected number of positives among the top rows."""
    positive, negative = checked_ranking(positives, negatives)
    total = positive + negative
    left = rows_at(k, int(total.sum()))
    ends = total.cumsum()
    cut = int(ends.searchsorted(left))
    above = int(positive[:cut].sum())
    return above + Fraction((left - int(ends[cut] - total[cut])) * int(positive[cut]), int(total[cut]))


def precision_at_k(positives: ArrayLike, negatives: ArrayLike, k: float | Fraction) -> Fraction:
    """The share of positives among the top rows, in [0, 1]."""
    return hits_at_k(positives, negatives, k) / rows_at(k, rows_in(positives, negatives))


def recall_at_k(positives: ArrayLike, negatives: ArrayLike, k: float | Fraction) -> Fraction:
    """The share of all positives that are among the top rows, in [0, 1]."""
    total = int(checked_ranking(positives, negatives)[0].sum())
    _require_rows(positives=total)
    return hits_at_k(positives, negatives, k) / total


def lift_at_k(positives: ArrayLike, negatives: ArrayLike, k: float | Fraction) -> Fraction:
    """Precision at k divided by the share of positives in all rows; 0 or more, on average 1 for a random order."""
    rows = rows_in(positives, negatives)
    return recall_at_k(positives, negatives, k) * rows / rows_at(k, rows)


def average_precisions(positive: Counts, negative: Counts) -> NDArray[np.float64]:
    """Average precision of each ranking along the last axis, unchecked."""
    import numpy as np

    caught = positive.cumsum(axis=-1)
    precision = caught / np.maximum(caught + negative.cumsum(axis=-1), 1)
    sums: NDArray[np.float64] = (positive * precision).sum(axis=-1) / caught[..., -1]
    return sums


def ks_statistics(positive: Counts, negative: Counts) -> NDArray[np.float64]:
    """KS of each ranking along the last axis, unchecked."""
    caught = positive.cumsum(axis=-1) / positive.sum(axis=-1, keepdims=True)
    alarms = negative.cumsum(axis=-1) / negative.sum(axis=-1, keepdims=True)
    distance: NDArray[np.float64] = abs(caught - alarms).max(axis=-1)
    return distance


def recalls(positive: Counts, negative: Counts, left: int) -> NDArray[np.float64]:
    """Expected recall among the top `left` rows of each ranking along the last axis, unchecked."""
    import numpy as np

    total = positive + negative
    taken = np.clip(left - (total.cumsum(axis=-1) - total), 0, total) / np.maximum(total, 1)
    recall: NDArray[np.float64] = (positive * taken).sum(axis=-1) / positive.sum(axis=-1)
    return recall


def checked_ranking(positives: ArrayLike, negatives: ArrayLike) -> tuple[Counts, Counts]:
    """Both as arrays of whole numbers. ValueError for other shapes, for no entries, and for other values."""
    import numpy as np

    arrays = np.asarray(positives), np.asarray(negatives)
    if arrays[0].ndim != 1 or arrays[0].shape != arrays[1].shape or not arrays[0].size:
        raise ValueError("positives and negatives must be two arrays of counts of equal length, not empty")
    for counts in arrays:
        if counts.dtype.kind not in "iuf" or not np.isfinite(counts).all() or (counts < 0).any():
            raise ValueError("counts must be finite numbers, 0 or more")
        if (counts != counts.astype(np.int64)).any():
            raise ValueError("counts must be whole numbers")
    positive, negative = (counts.astype(np.int64) for counts in arrays)
    return positive, negative


def rows_in(positives: ArrayLike, negatives: ArrayLike) -> int:
    """The number of rows of a ranking."""
    return sum(int(counts.sum()) for counts in checked_ranking(positives, negatives))


def _require_rows(**classes: int) -> None:
    for name, rows in classes.items():
        if not rows:
            raise ValueError(f"no {name}: the value is 0/0")

"""Exact sums of doubled mid-rank placements of two classes of scores, from sorted arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Scores = NDArray[np.float64]
    Ranks = NDArray[np.int64]

MOST_ROWS = 1 << 28
"""The largest number of rows whose squared placements can be summed in 64 bits."""


def placement_sums(positives: Scores, negatives: Scores) -> tuple[int, int, int, int]:
    """(Σp, Σp²) over positives, then (Σq, Σq²) over negatives, of their doubled placements. Sorts both arrays in place.

    p is twice the number of negatives below a positive plus the number tied with it; q is twice the number of positives
    below a negative plus the number tied with it. Only the rarer class is looked up in the other one: how often each
    place was found gives the placements of the other class. ValueError for more than `MOST_ROWS` rows.
    """
    if len(positives) + len(negatives) > MOST_ROWS:
        raise ValueError(f"placements can be summed for at most {MOST_ROWS} rows")
    positives.sort()
    negatives.sort()
    if len(positives) <= len(negatives):
        below, not_above = _doubled(positives, negatives)
    else:
        not_above, below = _doubled(negatives, positives)
    return int(below.sum()), exact_dot(below, below), int(not_above.sum()), exact_dot(not_above, not_above)


def _doubled(few: Scores, many: Scores) -> tuple[Ranks, Ranks]:
    """For each value of `few`, how many of `many` are below it plus how many are at most it; then the other way round.

    The second array has, for each value of `many`, how many of `few` are at most it plus how many are below it.
    """
    import numpy as np

    left, right = np.searchsorted(many, few, "left"), np.searchsorted(many, few, "right")
    found = np.bincount(left, minlength=len(many) + 1)
    found += np.bincount(right, minlength=len(many) + 1)
    left += right
    return left, np.cumsum(found[:-1], out=found[:-1])


def exact_dot(one: Ranks, other: Ranks) -> int:
    """The exact sum of products of whole numbers from 0 to 2**32, also where 64 bits would overflow."""
    import numpy as np

    (high, low), (other_high, other_low) = ((ranks >> 16, ranks & 0xFFFF) for ranks in (one, other))
    middle = int(np.dot(high, other_low)) + int(np.dot(low, other_high))
    return (int(np.dot(high, other_high)) << 32) + (middle << 16) + int(np.dot(low, other_low))

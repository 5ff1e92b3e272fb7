"""Sums of doubled mid-rank placements of two classes of scores, exact, from sorted arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Scores = NDArray[np.float64]
    Ranks = NDArray[np.int64]

MOST_ROWS = 1 << 28
"""Rows whose squared placements are summed within 64 bits."""


def placement_sums(positives: Scores, negatives: Scores) -> tuple[int, int, int, int]:
    """(Σ, Σ²) over positives of twice the negatives below plus those tied, then of the same over negatives.

    Only the rarer class is looked up in the other one; how often each place was found tells the rest.
    """
    if len(positives) + len(negatives) > MOST_ROWS:
        raise ValueError(f"placements are summed of at most {MOST_ROWS} rows")
    positives.sort()
    negatives.sort()
    if len(positives) <= len(negatives):
        below, not_above = _doubled(positives, negatives)
    else:
        not_above, below = _doubled(negatives, positives)
    return int(below.sum()), exact_dot(below, below), int(not_above.sum()), exact_dot(not_above, not_above)


def _doubled(few: Scores, many: Scores) -> tuple[Ranks, Ranks]:
    """For each of few how many of many are below it and at most it, added; and the same for each of many."""
    import numpy as np

    left, right = np.searchsorted(many, few, "left"), np.searchsorted(many, few, "right")
    found = np.bincount(left, minlength=len(many) + 1)
    found += np.bincount(right, minlength=len(many) + 1)
    left += right
    return left, np.cumsum(found[:-1], out=found[:-1])


def exact_dot(one: Ranks, other: Ranks) -> int:
    """The sum of products of whole numbers from 0 to 2**32, exact where 64 bits overflow."""
    import numpy as np

    (high, low), (other_high, other_low) = ((ranks >> 16, ranks & 0xFFFF) for ranks in (one, other))
    middle = int(np.dot(high, other_low)) + int(np.dot(low, other_high))
    return (int(np.dot(high, other_high)) << 32) + (middle << 16) + int(np.dot(low, other_low))

"""Bounds of metrics of a ranking of rows in units, by a jackknife that leaves out one fold of units at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import TYPE_CHECKING

from mlgate.stats.ranks import LogitBounds

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]
    Value = Callable[[Counts, Counts], float]

Fold = tuple[Sequence[float], Sequence[int], Sequence[int]]
"""A fold's scores from high to low, with the numbers of positives and negatives at each score."""
LEAST_FOLDS = 10


@dataclass(frozen=True)
class Folded:
    """The rankings of all folds over their common scores: arrays of shape (folds, scores)."""

    positives: Counts
    negatives: Counts

    @classmethod
    def of(cls, folds: Sequence[Fold]) -> Folded:
        """The rankings of folds that each have scores of their own."""
        import numpy as np

        every = np.unique(np.concatenate([np.asarray(scores, dtype=np.float64) for scores, *_ in folds]))[::-1]
        found = np.zeros((2, len(folds), len(every)), dtype=np.int64)
        for at, (scores, *both) in enumerate(folds):
            places = len(every) - 1 - np.searchsorted(every[::-1], scores)
            for side, counts in enumerate(both):
                np.add.at(found[side, at], places, np.asarray(counts, dtype=np.int64))
        return cls(found[0], found[1])

    def bounds(self, value: Value, units: int) -> LogitBounds | None:
        """Bounds of a value in (0, 1) on the logit, by t; degrees of freedom are min(folds with rows, `units`) - 1.

        None below `LEAST_FOLDS` folds with rows, and where the value without some fold is undefined, 0 or 1.
        """
        rows = (self.positives + self.negatives).sum(axis=1)
        whole = self._logit(value, self.positives.sum(axis=0), self.negatives.sum(axis=0))
        kept = [at for at in range(len(rows)) if rows[at]]
        left = [self._without(value, at) for at in kept]
        known = [each for each in left if each is not None]
        if whole is None or len(known) < len(left) or len(kept) < LEAST_FOLDS:
            return None
        shares = [float(rows[at] / rows.sum()) for at in kept]
        found = value(self.positives.sum(axis=0), self.negatives.sum(axis=0))
        return LogitBounds(found, group_jackknife(whole, known, shares), min(len(kept), units) - 1)

    def _without(self, value: Value, at: int) -> float | None:
        positives, negatives = (side.sum(axis=0) - side[at] for side in (self.positives, self.negatives))
        return self._logit(value, positives, negatives)

    @staticmethod
    def _logit(value: Value, positives: Counts, negatives: Counts) -> float | None:
        if not positives.sum() or not negatives.sum():
            return None
        found = value(positives, negatives)
        return log(found) - log(1 - found) if 0 < found < 1 else None


def group_jackknife(whole: float, left_out: Sequence[float], shares: Sequence[float]) -> float:
    """The jackknife standard error of a value, from its value without each of two or more groups.

    `whole` is the value of all rows; `left_out` are those without one group each; `shares` are the groups' shares of
    the rows, in (0, 1). The delete-m jackknife for unequal groups (Busing, Meijer & van der Leeden 1999, Statistics and
    Computing 9:3).
    """
    j = len(left_out)
    if j < 2 or j != len(shares) or not all(0 < share < 1 for share in shares):
        raise ValueError(f"a jackknife requires two groups or more, each with its share of the rows, not {j}: {shares}")
    centre = j * whole - sum((1 - share) * each for share, each in zip(shares, left_out))
    squares = 0.0
    for share, each in zip(shares, left_out):
        pseudo = whole / share - (1 / share - 1) * each
        squares += (pseudo - centre) ** 2 / (1 / share - 1)
    return sqrt(squares / j)

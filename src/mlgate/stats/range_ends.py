"""Bounds of metrics of scores whose observed value is an end of their range, where no spread can be estimated.

They come from the rows that a sample of this size may have missed, so they hold for every distribution of the scores.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from mlgate.stats.share import clopper_pearson_lower, clopper_pearson_upper, missed_share


@dataclass(frozen=True)
class PerfectRanking:
    """Bounds of an average precision of 1: every positive has a higher score than every negative.

    The cut is the lowest score of a positive. Three shares are bounded, each at a third of the level: the positives
    below the cut, the negatives above it, which at worst rank first, and the prevalence.
    """

    positives: int
    negatives: int

    def lower(self, alpha: float) -> float:
        """The lower bound at one-sided level alpha."""
        below, above = missed_share(self.positives, alpha / 3), missed_share(self.negatives, alpha / 3)
        prevalence = clopper_pearson_lower(self.positives, self.positives + self.negatives, alpha / 3)
        ahead, caught = above * (1 - prevalence) / prevalence, 1 - below
        # The integral of the precision u / (u + ahead) over the recall u, from 0 to `caught`.
        return max(caught - ahead * math.log1p(caught / ahead), 0.0)

    def upper(self, _alpha: float) -> float:
        """The end of the range."""
        return 1.0


@dataclass(frozen=True)
class PerfectSkill:
    """Bounds of a Brier skill of 1: the score of every row is its outcome, and `positives` of `rows` are positive.

    Three shares are bounded, each at a third of the level: the rows with an error, which is at most 1, and both ends of
    the prevalence.
    """

    positives: int
    rows: int

    def lower(self, alpha: float) -> float:
        """The lower bound at one-sided level alpha; it may be negative."""
        ends = (bound(self.positives, self.rows, alpha / 3) for bound in (clopper_pearson_lower, clopper_pearson_upper))
        return 1 - missed_share(self.rows, alpha / 3) / min(share * (1 - share) for share in ends)

    def upper(self, _alpha: float) -> float:
        """The end of the range."""
        return 1.0


@dataclass(frozen=True)
class AllOrNone:
    """Bounds of a recall of 1 or 0 among the top rows, times a factor.

    One half of the level is for the cut: so many fewer rows (for a lower bound), or more, are taken that they are
    surely within the share of rows that `top` means, or surely hold it. The other half is for the positives among them.
    """

    value: int
    positives: int
    rows: int
    top: int
    hits: Callable[[int], Fraction]
    """The expected number of positives among so many top rows."""
    factor: float = 1.0

    def lower(self, alpha: float) -> float:
        """The lower bound at one-sided level alpha; 0 for a recall of 0."""
        fewer = _last(lambda taken: clopper_pearson_upper(taken - 1, self.rows, alpha / 2) <= self._share, self.top)
        if not self.value or not fewer:
            return 0.0
        return self.factor * clopper_pearson_lower(math.floor(self.hits(fewer)), self.positives, alpha / 2)

    def upper(self, alpha: float) -> float:
        """The upper bound at one-sided level alpha; the factor for a recall of 1."""
        if self.value:
            return self.factor
        enough = 1 + _last(lambda taken: clopper_pearson_lower(taken, self.rows, alpha / 2) < self._share, self.rows)
        hits = self.positives if enough > self.rows else math.ceil(self.hits(enough))
        return self.factor * clopper_pearson_upper(hits, self.positives, alpha / 2)

    @property
    def _share(self) -> float:
        return self.top / self.rows


def _last(holds: Callable[[int], bool], most: int) -> int:
    """The largest number from 1 to `most` for which a condition holds that holds up to some number; 0 for none."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low

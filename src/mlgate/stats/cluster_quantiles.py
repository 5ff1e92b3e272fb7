"""Quantiles of rows in units: binomial ranks of as many rows as are independent, carried over (Woodruff 1952)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from mlgate.stats.clusters import ClusteredShare
from mlgate.stats.quantiles import lower_rank, upper_rank


@dataclass(frozen=True)
class ClusteredQuantile:
    """The q-quantile of n rows, from the share of rows at or below it and how that differs between units.

    Woodruff (JASA 47:635) turns bounds of the share into bounds of the quantile; the share's are those of effective
    rows, so that units of one row give the order statistics of independent rows.
    """

    below: ClusteredShare
    """Of rows at or below the observed quantile."""
    q: Fraction

    def lower(self, alpha: float) -> int | None:
        """The 1-based rank of the lower bound at one-sided level alpha; None where there is no such rank."""
        rows = self._effective(alpha)
        rank = lower_rank(rows, self.q, alpha) if rows else None
        return None if rank is None else max(floor(rank * self._scale(rows)), 1)

    def upper(self, alpha: float) -> int | None:
        """The 1-based rank of the upper bound at one-sided level alpha; None where there is no such rank."""
        rows = self._effective(alpha)
        rank = upper_rank(rows, self.q, alpha) if rows else None
        return None if rank is None else min(ceil(rank * self._scale(rows)), int(self.below.sums.x))

    def _effective(self, alpha: float) -> int:
        found = self.below.rows_at(alpha)
        return 0 if found is None else floor(found)

    def _scale(self, rows: int) -> Fraction:
        return Fraction(self.below.sums.x) / rows

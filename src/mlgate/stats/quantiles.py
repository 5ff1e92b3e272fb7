"""Distribution-free bounds of a quantile: order statistics whose ranks follow from the binomial distribution.

The estimate is the inverse of the empirical distribution function, numpy's `inverted_cdf`: the value at rank ceil(n*q).
Where n*q is whole, any value up to that at the next rank is a quantile too. `middle_ranks` gives both ranks; the mean
of their values is the usual median (numpy's `averaged_inverted_cdf`, scikit-learn's `median_absolute_error`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from mlgate.stats.clusters import ClusteredShare
from mlgate.stats.share import require_level


def estimate_rank(n: int, q: float | Fraction) -> int:
    """The 1-based rank ceil(n*q) of the estimate. A float q is read as the decimal that it is printed as."""
    return math.ceil(n * _checked(n, q))


def middle_ranks(n: int, q: float | Fraction) -> tuple[int, int]:
    """The first and the last rank whose value is a q-quantile of the sample: equal unless n*q is whole."""
    rank = estimate_rank(n, q)
    return rank, min(rank + (rank == n * _exact(q)), n)


def lower_rank(n: int, q: float | Fraction, alpha: float) -> int | None:
    """The largest 1-based rank whose value exceeds the true q-quantile with probability at most alpha, or None.

    P(X_(r) > quantile) <= P(Binomial(n, q) <= r - 1), also with ties and discrete values.
    """
    from mlgate.stats.special import betaincc

    _checked(n, q)
    require_level(alpha)
    p = float(q)
    # P(Binomial(n, q) <= r - 1) is the complement of the incomplete beta function at (r, n - r + 1).
    return _last(n, lambda rank: bool(betaincc(rank, n - rank + 1, p) <= alpha)) or None


def upper_rank(n: int, q: float | Fraction, alpha: float) -> int | None:
    """The smallest 1-based rank whose value is below the true q-quantile with probability at most alpha, or None.

    P(X_(r) < quantile) <= P(Binomial(n, q) >= r). For q = .95 and alpha = .05 such a rank exists from n = 59 on.
    """
    from mlgate.stats.special import betainc

    _checked(n, q)
    require_level(alpha)
    p = float(q)
    rank = _last(n, lambda rank: bool(betainc(rank, n - rank + 1, p) > alpha)) + 1
    return rank if rank <= n else None


@dataclass(frozen=True)
class ClusteredQuantile:
    """The q-quantile of rows in units, with bounds as ranks (Woodruff 1952, JASA 47:635).

    Woodruff turns bounds of the share of rows at or below the quantile into bounds of the quantile. Here the ranks are
    those of that many effective rows, scaled to all rows. Units of one row give the ranks of independent rows.
    """

    below: ClusteredShare
    """The share of rows at or below the observed quantile."""
    q: Fraction

    def lower(self, alpha: float) -> int | None:
        """The 1-based rank of the lower bound at one-sided level alpha; None where no rank is a bound."""
        rows = self._effective(alpha)
        rank = lower_rank(rows, self.q, alpha) if rows else None
        return None if rank is None else max(math.floor(rank * self._scale(rows)), 1)

    def upper(self, alpha: float) -> int | None:
        """The 1-based rank of the upper bound at one-sided level alpha; None where no rank is a bound."""
        rows = self._effective(alpha)
        rank = upper_rank(rows, self.q, alpha) if rows else None
        return None if rank is None else min(math.ceil(rank * self._scale(rows)), int(self.below.sums.x))

    def _effective(self, alpha: float) -> int:
        found = self.below.rows_at(alpha)
        return 0 if found is None else math.floor(found)

    def _scale(self, rows: int) -> Fraction:
        return Fraction(self.below.sums.x) / rows


def _last(n: int, holds: Callable[[int], bool]) -> int:
    """The last of 1..n for which `holds`, a condition that is true up to some rank and false after it; 0 for none."""
    low, high = 0, n
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


def _exact(q: float | Fraction) -> Fraction:
    return q if isinstance(q, Fraction) else Fraction(repr(float(q)))


def _checked(n: int, q: float | Fraction) -> Fraction:
    if n < 1 or not 0 < q < 1:
        raise ValueError(f"a quantile requires n >= 1 rows and 0 < q < 1, not n={n}, q={q!r}")
    return _exact(q)

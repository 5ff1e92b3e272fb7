"""Distribution-free bounds of a quantile: ranks of order statistics by the binomial distribution.

The estimate is the inverse of the empirical distribution, numpy's `inverted_cdf`: the value at rank
ceil(n*q). Where n*q is whole, any value up to the next rank would do; `middle_ranks` gives both, and the
mean of their values is the ordinary median (numpy's `averaged_inverted_cdf`, scikit-learn's
`median_absolute_error`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from mlgate.stats.share import require_level


def estimate_rank(n: int, q: float | Fraction) -> int:
    """The 1-based rank ceil(n*q) of the estimate; a float q is read as the decimal that prints it."""
    return math.ceil(n * _checked(n, q))


def middle_ranks(n: int, q: float | Fraction) -> tuple[int, int]:
    """The estimate's rank and the last rank that is as good: equal unless n*q is whole."""
    rank = estimate_rank(n, q)
    return rank, min(rank + (rank == n * _exact(q)), n)


def lower_rank(n: int, q: float | Fraction, alpha: float) -> int | None:
    """The greatest 1-based rank whose value exceeds the true q-quantile with chance at most alpha, or None.

    P(X_(r) > quantile) <= P(Binomial(n, q) <= r - 1), for ties and discrete values too.
    """
    from mlgate.stats.special import betaincc

    _checked(n, q)
    require_level(alpha)
    p = float(q)
    # P(Binomial(n, q) <= r - 1) is the complement of the incomplete beta function at (r, n - r + 1).
    return _last(n, lambda rank: bool(betaincc(rank, n - rank + 1, p) <= alpha)) or None


def upper_rank(n: int, q: float | Fraction, alpha: float) -> int | None:
    """The least 1-based rank whose value is below the true q-quantile with chance at most alpha, or None.

    P(X_(r) < quantile) <= P(Binomial(n, q) >= r); for q = .95 and alpha = .05 it exists from n = 59.
    """
    from mlgate.stats.special import betainc

    _checked(n, q)
    require_level(alpha)
    p = float(q)
    rank = _last(n, lambda rank: bool(betainc(rank, n - rank + 1, p) > alpha)) + 1
    return rank if rank <= n else None


def _last(n: int, holds: Callable[[int], bool]) -> int:
    """The last of 1..n for which a condition holds that holds up to some rank and not after; 0 for none."""
    low, high = 0, n
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


def _exact(q: float | Fraction) -> Fraction:
    return q if isinstance(q, Fraction) else Fraction(repr(float(q)))


def _checked(n: int, q: float | Fraction) -> Fraction:
    if n < 1 or not 0 < q < 1:
        raise ValueError(f"a quantile needs n >= 1 rows and 0 < q < 1, not n={n}, q={q!r}")
    return _exact(q)

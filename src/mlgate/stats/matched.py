"""Two shares of the same rows: the exact sign test of discordant rows, melded with the share of discordant rows.

Fay & Lumbard 2021 (Statist. Med. 40:1147). The bounds agree with the exact McNemar test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import expm1, log, sqrt
from typing import TYPE_CHECKING

from mlgate.stats.share import counted, require_counts, require_level
from mlgate.stats.weights import kish

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WeightSums = tuple[float, float]
_NODES = 257
_REACH = 8.5
_EXACT = 1e-12


@dataclass(frozen=True)
class MatchedShares:
    """new - old share of the same n rows, from the rows that only one model gets right.

    The numbers of rows may be fractional (effective rows). Two shares are drawn from the Beta distributions of their
    Clopper-Pearson bounds: the share of discordant rows, and the share of these that the new model gets right. The
    bound is the quantile of the difference that they make.
    """

    n: float
    only_new: float
    only_old: float

    def __post_init__(self) -> None:
        require_counts(self.only_new + self.only_old, self.n * (1 + 1e-12))
        if min(self.only_new, self.only_old) < 0:
            raise ValueError(f"discordant rows must not be negative: {self.only_new}, {self.only_old}")

    @property
    def exact(self) -> Fraction:
        """The observed difference, in [-1, 1]."""
        return Fraction(self.only_new - self.only_old) / Fraction(self.n)

    @property
    def value(self) -> float:
        """The observed difference, in [-1, 1]."""
        return float(self.exact)

    def lower(self, alpha: float) -> float:
        """The lower bound of the true difference at one-sided level alpha."""
        return min(-_upper(self.n, self.only_old, self.only_new, alpha), self.value)

    def upper(self, alpha: float) -> float:
        """The upper bound of the true difference at one-sided level alpha."""
        return max(_upper(self.n, self.only_new, self.only_old, alpha), self.value)

    def shows(self, least: float, alpha: float) -> bool:
        """Whether the lower bound is at least `least`, with a tenth of the work of computing the bound."""
        require_level(alpha)
        return _exceeds(self.n, self.only_old, self.only_new, -least) <= alpha


@dataclass(frozen=True)
class MatchedRatio:
    """new / old - 1 of two shares of the same rows, from the rows that both models, only new or only old get right.

    Bounds are by the delta method on the log. Half a row is added that only the new model gets right, and half a row
    that only the old one does.
    """

    both: float
    only_new: float
    only_old: float

    @property
    def value(self) -> float:
        """The observed relative difference; ValueError where the old share is 0."""
        if not self.both + self.only_old:
            raise ValueError("a ratio to a share of 0 is undefined")
        return (self.both + self.only_new) / (self.both + self.only_old) - 1

    def lower(self, alpha: float) -> float:
        """The lower bound of the true relative difference at one-sided level alpha."""
        return expm1(self._log(-1, alpha))

    def upper(self, alpha: float) -> float:
        """The upper bound of the true relative difference at one-sided level alpha."""
        return expm1(self._log(1, alpha))

    def _log(self, sign: int, alpha: float) -> float:
        from mlgate.stats.special import ndtri

        require_level(alpha)
        new, old = self.both + self.only_new + 0.5, self.both + self.only_old + 0.5
        error = sqrt((self.only_new + self.only_old + 1) / (new * old))
        return log(new / old) - sign * float(ndtri(alpha)) * error


def effective_rows(n: int, agree: WeightSums, only_new: WeightSums, only_old: WeightSums) -> float:
    """The number of unweighted rows with the same variance of the difference as these n weighted rows.

    `agree`, `only_new` and `only_old` are (Σw, Σw²) of the rows on which both models agree, and of those that only one
    gets right. The result is at most Kish's effective sample size, and n.
    """
    weights, squares = zip(agree, only_new, only_old)
    total = sum(weights)
    most = min(kish(total, sum(squares)), float(n))
    won, lost = weights[1] / total, weights[2] / total
    gain = won - lost
    variance = sum((sign - gain) ** 2 * square for sign, square in zip((0, 1, -1), squares)) / total**2
    spread = won + lost - gain**2
    if n < 2 or not variance or spread <= 0:
        return most
    return min(spread / (variance * n / (n - 1)), most)


def mcnemar(only_new: int, only_old: int) -> float:
    """The two-sided p value of McNemar's exact test of equal shares: for reports, not for decisions."""
    from mlgate.stats.special import bdtr

    if only_new < 0 or only_old < 0:
        raise ValueError(f"discordant rows must not be negative: {only_new}, {only_old}")
    return min(2 * float(bdtr(min(only_new, only_old), only_new + only_old, 0.5)), 1.0)


@lru_cache(4096)
def _upper(n: float, won: float, lost: float, alpha: float) -> float:
    """The largest difference that is not refuted: the melded difference exceeds it with probability alpha."""
    require_level(alpha)
    if min(won + lost, n) == n and lost == 0:
        return 1.0
    return _crossing(lambda d: alpha - _exceeds(n, won, lost, d), -1.0, 1.0)


def _exceeds(n: float, won: float, lost: float, d: float) -> float:
    """P(the melded difference > d), which decreases with d."""
    from mlgate.stats.special import betainc, betaincc

    won, lost, rest = counted(won, lost, max(n - won - lost, 0.0))
    n, differ = won + lost + rest, won + lost
    share, weight = _share_nodes(won, lost)
    gain = 2 * share - 1  # per discordant row: 1 where all are won, -1 where all are lost
    if d >= 0:  # more discordant rows increase a gain
        up = gain > d
        found = (betaincc(differ + 1, n - differ, d / gain[up]) if n > differ else 1.0) * weight[up]
    else:  # and worsen a loss, so the smallest loss has the fewest of them
        found = weight * 1.0
        down = gain < d
        found[down] *= betainc(differ, n - differ + 1, d / gain[down]) if differ else 1.0
    return float(found.sum())


def _crossing(function: Callable[[float], float], low: float, high: float) -> float:
    """The root of an increasing function, by the Illinois method, with a bisection in every third step."""
    below, above = function(low), function(high)
    for turn in range(100):
        if high - low <= _EXACT or below >= 0 or above <= 0:
            break
        middle = low - below * (high - low) / (above - below) if turn % 3 else (low + high) / 2
        found = function(middle)
        if found <= 0:
            low, below, above = middle, found, above / 2
        else:
            high, above, below = middle, found, below / 2
    return low if below >= 0 or above > 0 else high


@lru_cache(1024)
def _share_nodes(won: float, lost: float) -> tuple[Floats, Floats]:
    """Quantiles of the share that is won, at the nodes of a normal quadrature, with weights; 1 where none is lost."""
    import numpy as np

    from mlgate.stats.special import betaincinv, ndtr

    z = np.linspace(-_REACH, _REACH, _NODES)
    weight = np.exp(-(z**2) / 2)
    weight /= weight.sum()
    if not lost:
        return np.ones_like(z), weight
    return betaincinv(won + 1, lost, ndtr(z)), weight

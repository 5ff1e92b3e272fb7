"""The ratio of two independent shares by melding, and of two positive independent estimates by MOVER on the log.

Fay, Proschan & Brittain 2015; Zou & Donner 2008 (Statist. Med. 27:1693).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import exp, hypot, isfinite, log, pi, sqrt
from typing import TYPE_CHECKING

from mlgate.stats.bounds import Bounds
from mlgate.stats.difference import ShareBounds, TwoShares
from mlgate.stats.share import clopper_pearson_lower, counted, require_level

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_NODES = 97
"""Nodes of the quadrature: the relative error of the ratio is below 2e-7 at levels from 1e-6 to 0.5."""
_REACH = 8.5
_EXACT = 1e-11
_TABLE = 600
_NO_ROW = 0.5
"""Fewer effective rows than this count as none, which widens the bound; Beta quantiles of them may be below any float.
"""


@dataclass(frozen=True)
class ShareRatio(TwoShares):
    """a / b of two independent shares: its bound is the quantile of the ratio of two Beta variables.

    These are the Beta distributions of the shares' Clopper-Pearson bounds. A lower bound exists even where the observed
    ratio does not.
    """

    @property
    def exact(self) -> Fraction:
        """The exact ratio of the given counts; ValueError where b is 0."""
        if self.b.successes == 0:
            raise ValueError(f"a ratio to a share of 0/{self.b.trials} is undefined")
        return self.a.exact / self.b.exact

    def lower(self, alpha: float) -> float:
        """The lower bound of the true ratio at one-sided level alpha; 0 where a is 0."""
        require_level(alpha)
        return _melded_lower(self.a, self.b, alpha)

    def upper(self, alpha: float) -> float | None:
        """The upper bound of the true ratio at one-sided level alpha; None where b is 0."""
        require_level(alpha)
        inverse = _melded_lower(self.b, self.a, alpha)
        return 1 / inverse if inverse > 1e-300 else None


@dataclass(frozen=True)
class MoverRatio:
    """a / b of two independent, positive estimates, by MOVER on their logs.

    A bound is None where one of the two bounds it is computed from is None. Where the lower bound of a is not positive,
    the lower bound of the ratio is 0. Where the lower bound of b is not positive, the ratio has no upper bound.
    """

    value_a: float
    bounds_a: Bounds
    value_b: float
    bounds_b: Bounds

    def __post_init__(self) -> None:
        if not (0 < self.value_a < float("inf") and 0 < self.value_b < float("inf")):
            raise ValueError(f"a ratio on the log requires positive values, not {self.value_a} and {self.value_b}")

    @property
    def value(self) -> float:
        """The observed ratio."""
        return self.value_a / self.value_b

    def lower(self, alpha: float) -> float | None:
        """The lower bound of the true ratio at one-sided level alpha."""
        require_level(alpha)
        return _log_lower(self.value_a, self.bounds_a.lower(alpha), self.value_b, self.bounds_b.upper(alpha))

    def upper(self, alpha: float) -> float | None:
        """The upper bound of the true ratio at one-sided level alpha."""
        require_level(alpha)
        inverse = _log_lower(self.value_b, self.bounds_b.lower(alpha), self.value_a, self.bounds_a.upper(alpha))
        return 1 / inverse if inverse else None


def mover_ratio(value_a: float, bounds_a: Bounds, value_b: float, bounds_b: Bounds) -> MoverRatio:
    """The ratio a / b of two independent, positive estimates, with bounds by MOVER on the log."""
    return MoverRatio(value_a, bounds_a, value_b, bounds_b)


def _log_lower(high: float, low: float | None, under: float, upper: float | None) -> float | None:
    if low is None or upper is None or not (isfinite(low) and isfinite(upper)):
        return None
    if low <= 0:
        return 0.0
    reach = hypot(max(log(high / low), 0.0), max(log(upper / under), 0.0) if upper > 0 else 0.0)
    return high / under * exp(-reach)


def _melded_lower(a: ShareBounds, b: ShareBounds, alpha: float) -> float:
    """The alpha quantile of A / B, A ~ Beta(s, f + 1) of a and B ~ Beta(s + 1, f) of b."""
    from mlgate.stats.special import ndtri

    (hits, misses), (others, rest) = (counted(of.successes, of.trials - of.successes) for of in (a, b))
    if hits < _NO_ROW:
        return 0.0
    if rest < _NO_ROW:  # B is 1, which is its largest value
        return clopper_pearson_lower(a.successes, a.trials, alpha)
    above, below = (hits, misses + 1), (others + 1, rest)
    spread = sqrt(_log_variance(*above) + _log_variance(*below))
    centre = log(above[0] / sum(above)) - log(below[0] / sum(below)) + spread * float(ndtri(alpha))
    return exp(_root(_probit_of_ratio(above, below, alpha), centre, spread))


def _probit_of_ratio(above: tuple[float, float], below: tuple[float, float], alpha: float) -> Callable[[float], float]:
    """The function from log r to probit(P(A <= r B)) - probit(alpha), which is nearly linear.

    The quadrature is over the normal score of the narrower variable, so that the distribution function of the other is
    smooth between nodes.
    """
    from mlgate.stats.special import ndtr, ndtri

    weights = _normal_nodes()[1]
    outer_is_below = _log_variance(*below) <= _log_variance(*above)
    nodes = _quantiles(*(below if outer_is_below else above))
    other, sign = (_Scores.of(*above), 1) if outer_is_below else (_Scores.of(*below), -1)
    wanted = float(ndtri(alpha))

    def distance(log_ratio: float) -> float:
        share = float(weights @ ndtr(sign * other.at(nodes + sign * log_ratio)))
        return float(ndtri(min(max(share, 1e-300), 1 - 1e-16))) - wanted

    return distance


@dataclass(frozen=True)
class _Scores:
    """The normal score of a Beta distribution function, interpolated by cubics in the logit of the share.

    The values and slopes at the nodes are exact, and the logit is smooth at both ends. A group is compared with many
    others, and the exact function takes ten times as long.
    """

    logits: Floats
    scores: Floats
    slopes: Floats

    @classmethod
    @lru_cache(maxsize=1024)
    def of(cls, a: float, b: float) -> _Scores:
        """The table of Beta(a, b)."""
        import numpy as np

        from mlgate.stats.special import betaincinv, betaln, ndtr

        scores = np.linspace(-_REACH, _REACH, _TABLE)
        lower = scores < 0
        near = np.maximum(betaincinv(np.where(lower, a, b), np.where(lower, b, a), ndtr(-np.abs(scores))), 1e-300)
        log_near, log_far = np.log(near), np.log1p(-near)
        logs = np.where(lower, log_near, log_far), np.where(lower, log_far, log_near)
        slopes = np.exp(a * logs[0] + b * logs[1] - betaln(a, b) + scores**2 / 2) * sqrt(2 * pi)
        return cls(logs[0] - logs[1], scores, slopes)

    def at(self, log_shares: Floats) -> Floats:
        """The scores of shares that are given by their logs; shares of 1 and more have the largest score."""
        import numpy as np

        logs = np.minimum(log_shares, -1e-300)
        logits = np.minimum(np.maximum(logs - np.log(-np.expm1(logs)), self.logits[0]), self.logits[-1])
        at = np.maximum(self.logits.searchsorted(logits) - 1, 0)
        width = self.logits[at + 1] - self.logits[at]
        t = (logits - self.logits[at]) / width
        low, rise = self.scores[at], self.scores[at + 1] - self.scores[at]
        first, last = self.slopes[at] * width - rise, rise - self.slopes[at + 1] * width
        return np.asarray(low + t * rise + t * (1 - t) * ((1 - t) * first + t * last))


@lru_cache(maxsize=1024)
def _quantiles(a: float, b: float) -> Floats:
    """The logs of the Beta quantiles at the nodes; cached, because a group is compared with many others."""
    import numpy as np

    from mlgate.stats.special import betaincinv, ndtr

    return np.asarray(np.log(np.maximum(betaincinv(a, b, ndtr(_normal_nodes()[0])), 1e-300)))


@lru_cache(maxsize=1)
def _normal_nodes() -> tuple[Floats, Floats]:
    """Normal scores and their quadrature weights, by the trapezoidal rule, which is spectrally accurate here."""
    import numpy as np

    scores = np.linspace(-_REACH, _REACH, _NODES)
    weights = np.exp(-(scores**2) / 2)
    return scores, weights / weights.sum()


def _log_variance(a: float, b: float) -> float:
    """The approximate variance of log Beta(a, b)."""
    return b / (a * (a + b))


def _root(increasing: Callable[[float], float], centre: float, spread: float) -> float:
    """The root of a nearly linear function with a slope of about 1 / spread, by two or three secant steps."""
    at, was = centre, increasing(centre)
    step = -was * spread
    for _ in range(8):
        if abs(was) <= _EXACT or abs(step) <= _EXACT:
            return at + step
        found = increasing(at + step)
        if abs(step) > 8 * spread or found == was:
            break
        at, was, step = at + step, found, -found * step / (found - was)
    return _bracketed(increasing, centre, spread)


def _bracketed(increasing: Callable[[float], float], centre: float, step: float) -> float:
    """The root of an increasing function by false position (Illinois), approached from below."""
    low, high = centre - step, centre + step
    while (at_low := increasing(low)) > 0:
        low, step = low - step, 2 * step
    while (at_high := increasing(high)) < 0:
        high, step = high + step, 2 * step
    last = 0
    for _ in range(200):
        if high - low <= _EXACT or at_low == at_high:
            break
        middle = min(max(high - at_high * (high - low) / (at_high - at_low), low), high)
        at_middle = increasing(middle)
        if abs(at_middle) <= _EXACT:
            return middle
        side = 1 if at_middle > 0 else -1
        if side > 0:
            high, at_high, at_low = middle, at_middle, at_low / 2 if last == side else at_low
        else:
            low, at_low, at_high = middle, at_middle, at_high / 2 if last == side else at_high
        last = side
    return low

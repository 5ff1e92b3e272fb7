"""Calibration error over fixed bins of the score, with bounds by the noncentral chi-square distribution."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mlgate.stats.means import require_finite
from mlgate.stats.noncentral import noncentrality
from mlgate.stats.share import require_level


@dataclass(frozen=True)
class Bin:
    """One bin of scores in [0, 1]: its rows, and their sums of 0/1 outcomes, of scores and of squared scores.

    Its scores are from `low` to `high`; a bin may be without rows.
    """

    n: int
    outcomes: float
    scores: float
    squared_scores: float
    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        require_finite(outcomes=self.outcomes, scores=self.scores, squared_scores=self.squared_scores)
        slack = 1e-9 * self.n
        if not (self.n >= 0 and 0 <= self.outcomes <= self.n and -slack <= self.scores <= self.n + slack):
            raise ValueError(f"sums of outcomes and scores of a bin must be in 0..n: {self}")
        if not self.scores**2 - slack * self.n <= self.n * self.squared_scores <= self.n * (self.scores + slack):
            raise ValueError(f"squared scores of a bin do not fit its scores: {self}")

    @property
    def gap(self) -> float:
        """Mean outcome minus mean score, in [-1, 1]."""
        return (self.outcomes - self.scores) / self.n

    def unseen_square(self, mass: float) -> float:
        """What further rows would add to the sum of squared gaps if `mass` of them, all quite wrong, were in this bin.

        Of n rows, none is from a part of the population that has `-ln(p)` of n rows, with probability p.
        """
        return (mass * max(self.high, 1 - self.low)) ** 2 / (self.n + mass)

    @property
    def row_variance(self) -> float:
        """The variance of outcome - score of one row, if the gap is the same for every score of the bin.

        Then the variance of an outcome is r(1-r) at its own rate r, which is on average rate(1-rate) minus the variance
        of the scores. The observed rate is shrunk towards the mean score by two rows, so that a bin without positives
        has a variance too.
        """
        score = self.scores / self.n
        rate = (self.outcomes + 2 * score) / (self.n + 2)
        spread = max(self.squared_scores / self.n - score**2, 0.0)
        return max(rate * (1 - rate) - spread, 0.0)


@dataclass(frozen=True)
class CalibrationError:
    """Calibration error of n rows over fixed bins: ECE (the weighted mean of |gap|) and the root mean square gap.

    `noise` is the expected mean square of a calibrated model. The mean square is about `scale` times a noncentral
    chi-square with `degrees` degrees of freedom. The bounds are those of the true RMS error, which is never less than
    the true ECE over the same bins. `bins` are all of them, with and without rows.
    """

    n: int
    ece: float
    rms: float
    noise: float
    scale: float
    degrees: float
    bins: tuple[Bin, ...]

    @classmethod
    def from_bins(cls, bins: Sequence[Bin]) -> CalibrationError:
        """The error over bins with fixed edges, also those without rows. ValueError where none has rows."""
        filled = [b for b in bins if b.n]
        n = sum(b.n for b in filled)
        if not n:
            raise ValueError("calibration needs at least one row")
        square = sum(b.n * b.gap**2 for b in filled) / n
        noise = sum(b.row_variance for b in filled) / n
        scale = _scale(filled, n, square)
        ece = sum(b.n * abs(b.gap) for b in filled) / n
        return cls(n, ece, math.sqrt(square), noise, scale, noise / scale if scale and noise else 0.0, tuple(bins))

    @property
    def debiased(self) -> float:
        """The RMS error with the noise subtracted from its square; 0 where the noise is larger."""
        return math.sqrt(max(self.rms**2 - self.noise, 0.0))

    def lower(self, alpha: float) -> float:
        """The lower bound of the true RMS error at one-sided level alpha."""
        require_level(alpha)
        if self.scale == 0:
            return 0.0
        return math.sqrt(self.scale * noncentrality(self.rms**2 / self.scale, self.degrees, 1 - alpha))

    def upper(self, alpha: float) -> float:
        """The upper bound of the true RMS error, and so of ECE, at one-sided level alpha.

        It is at least the bound for the median error of a calibrated model. So data that look better than calibrated
        by chance have no tighter bound (power-constrained limit, Cowan et al. 2011). It also allows for wrong rows that
        are too rare to be in the sample, in the bin where they matter most: as many as would be missed with probability
        2 alpha. The whole alpha would double the bound of a calibrated model with a few hundred rows.
        """
        from mlgate.stats.special import chdtri

        require_level(alpha)
        mass = -math.log(min(2 * alpha, 0.5))
        unseen = max(each.unseen_square(mass) for each in self.bins) / self.n
        square = self.debiased**2 + unseen
        if self.scale:
            observed = max(self.rms**2 / self.scale, float(chdtri(self.degrees, 0.5)))
            square = max(square, self.scale * noncentrality(observed, self.degrees, alpha))
        return min(math.sqrt(square), 1.0)


def _scale(bins: Sequence[Bin], n: int, square: float) -> float:
    """The factor that gives the noncentral chi-square the variance of the mean square.

    Without gaps it is sum(s^4) / (n sum(s^2)) of the row variances s^2. Large gaps in noisy bins vary more, and vary
    with the bins' shares of the rows. The larger factor is used.
    """
    total = sum(b.row_variance for b in bins)
    if total == 0:
        return 0.0
    scale = sum(b.row_variance**2 for b in bins) / (n * total)
    if square == 0:
        return scale
    shares = (sum(b.n * b.gap**4 for b in bins) / n - square**2) / 4
    return max(scale, (sum(b.n * b.row_variance * b.gap**2 for b in bins) / n + shares) / (n * square))

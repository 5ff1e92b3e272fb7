"""Two models on the same rows: paired shares (Tango), means, AUCs (DeLong) and metrics of joint counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import expm1, log, sqrt
from typing import TYPE_CHECKING

from mlgate.stats.bounds import EitherSide, LessOne
from mlgate.stats.cells import PLAIN, CellBounds, delta_se
from mlgate.stats.means import SampleMean
from mlgate.stats.ranks import RocAuc, bisect
from mlgate.stats.share import require_level

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mlgate.stats.cells import CellMetric

    Floats = NDArray[np.float64]

LEAST_CLASS = 20
"""Rows of each class below which the paired AUC has no bounds."""
Sums = tuple[Fraction, Fraction, Fraction]


@dataclass(frozen=True)
class PairedShares:
    """new - old share on the same n rows, from the rows only one of them has right; Tango's score bounds
    (1998, Statist. Med. 17:891).
    """

    n: int
    only_new: int
    only_old: int

    def __post_init__(self) -> None:
        if self.n < 1 or min(self.only_new, self.only_old) < 0 or self.only_new + self.only_old > self.n:
            raise ValueError(f"{self.only_new} and {self.only_old} discordant rows do not fit in {self.n}")

    @property
    def exact(self) -> Fraction:
        """The observed difference, in [-1, 1]."""
        return Fraction(self.only_new - self.only_old, self.n)

    @property
    def value(self) -> float:
        """The observed difference, in [-1, 1]."""
        return float(self.exact)

    def lower(self, alpha: float) -> float:
        """The lower bound of the true difference at one-sided level alpha."""
        return -PairedShares(self.n, self.only_old, self.only_new).upper(alpha)

    def upper(self, alpha: float) -> float:
        """The upper bound of the true difference: the greatest one within z of its own standard errors."""
        from mlgate.stats.special import ndtri

        require_level(alpha)
        z, seen = -float(ndtri(alpha)), self.only_new - self.only_old
        if seen == self.n:
            return 1.0

        def outside(d: float) -> float:
            return self.n * d - seen - z * sqrt(self.n * max(2 * self._only_old_at(d) + d * (1 - d), 0.0))

        return bisect(outside, self.value, 1.0)

    def _only_old_at(self, d: float) -> float:
        """The likeliest probability of "only old right" if the difference is d."""
        a = 2 * self.n
        b = -self.only_new - self.only_old + (2 * self.n - self.only_new + self.only_old) * d
        c = -self.only_old * d * (1 - d)
        root = sqrt(max(b * b - 4 * a * c, 0.0))
        if b <= 0:
            return (root - b) / (2 * a)
        return -2 * c / (root + b)  # the same root without cancellation


def mcnemar(only_new: int, only_old: int, mid_p: bool = False) -> float:
    """The two-sided exact p value of equal shares, or its mid-p (Fagerland et al. 2013): to report, not to decide."""
    from mlgate.stats.special import bdtr

    if only_new < 0 or only_old < 0:
        raise ValueError(f"discordant rows must not be negative: {only_new}, {only_old}")
    fewer, both = min(only_new, only_old), only_new + only_old
    tail = float(bdtr(fewer, both, 0.5))
    if mid_p:
        return tail + (float(bdtr(fewer - 1, both, 0.5)) if fewer else 0.0)
    return min(2 * tail, 1.0)


def paired_mean(n: int, first: Fraction, second: Fraction, third: Fraction | None = None) -> SampleMean:
    """The mean of n differences new - old from their exact sums; Hall's bounds, or the t interval without the cubes."""
    if third is not None:
        return SampleMean.from_sums(n, first, second, third)
    mean = SampleMean.from_sums(n, first, second, Fraction(0))
    return SampleMean(n, mean.mean, mean.variance, 0.0)


def paired_mean_of_sums(n: int, new: Sums, old: Sums, cross: Sums) -> SampleMean:
    """The same from each one's sums of x, x² and x³ and the cross sums of (new*old, new²*old, new*old²)."""
    return paired_mean(
        n,
        new[0] - old[0],
        new[1] - 2 * cross[0] + old[1],
        new[2] - 3 * cross[1] + 3 * cross[2] - old[2],
    )


@dataclass(frozen=True)
class PairedAuc:
    """new - old ROC AUC on the same rows (DeLong, DeLong & Clarke-Pearson 1988); approximate.

    `s10_cross` sums, over positives, the product of both models' doubled placements; `s01_cross` over negatives. No
    bounds where a class has fewer than `LEAST_CLASS` rows, an AUC is 0 or 1, or nothing varies.
    """

    new: RocAuc
    old: RocAuc
    s10_cross: int
    s01_cross: int

    def __post_init__(self) -> None:
        if (self.new.m, self.new.n) != (self.old.m, self.old.n):
            raise ValueError("paired AUCs have the same positives and negatives")
        spreads = [self._spreads(self.new, self.new), self._spreads(self.old, self.old)]
        products = [a * b for a, b in zip(*spreads)]
        if any(cross**2 > product for cross, product in zip(self._spreads(self.new, self.old), products)):
            raise ValueError("cross sums of placements do not fit their squares")

    @property
    def exact(self) -> Fraction:
        """The exact difference, in [-1, 1]."""
        return self.new.value - self.old.value

    @property
    def value(self) -> float:
        """The observed difference, in [-1, 1]."""
        return float(self.exact)

    @property
    def variance(self) -> Fraction | None:
        """DeLong's variance of the difference, exact; None where a class has one row."""
        m, n = self.new.m, self.new.n
        if m < 2 or n < 2 or self.new.variance is None or self.old.variance is None:
            return None
        positives, negatives = self._spreads(self.new, self.old)
        covariance = positives / (m * (m - 1) * 4 * n**2) + negatives / (n * (n - 1) * 4 * m**2)
        return self.new.variance + self.old.variance - 2 * covariance

    @property
    def correlation(self) -> float:
        """Of both areas' estimates, 0 where either does not vary."""
        of_new, of_old = float(self.new.variance or 0), float(self.old.variance or 0)
        if not of_new * of_old or self.variance is None:
            return 0.0
        return (of_new + of_old - float(self.variance)) / (2 * sqrt(of_new * of_old))

    def lower(self, alpha: float) -> float | None:
        """The lower bound of the true difference at one-sided level alpha."""
        reach = self._reach(self.new, self.old, alpha)
        return None if reach is None else max(self.value - reach, -1.0)

    def upper(self, alpha: float) -> float | None:
        """The upper bound of the true difference at one-sided level alpha."""
        reach = self._reach(self.old, self.new, alpha)
        return None if reach is None else min(self.value + reach, 1.0)

    def ratio(self, slope: float, shift: float) -> AucRatio:
        """Both `slope` * AUC + `shift`, new / old - 1."""
        return AucRatio(self, slope, shift)

    def bounded(self, alpha: float) -> bool:
        """Whether there are bounds at a level."""
        require_level(alpha)
        degenerate = any(auc.value in (0, 1) for auc in (self.new, self.old))
        return min(self.new.m, self.new.n) >= LEAST_CLASS and not degenerate and bool(self.variance)

    def _reach(self, high: RocAuc, low: RocAuc, alpha: float) -> float | None:
        """The wider of DeLong's, and how far each may be off by its own bounds (which near 0 and 1 are not even)."""
        from mlgate.stats.special import ndtri

        if not self.bounded(alpha):
            return None
        off = float(high.value) - high.lower(alpha), low.upper(alpha) - float(low.value)
        delong = -float(ndtri(alpha)) * sqrt(self.variance or 0)
        return max(delong, correlated(*off, self.correlation))

    def _spreads(self, a: RocAuc, b: RocAuc) -> tuple[Fraction, Fraction]:
        """Sums of products of deviations from the mean placement: over positives, over negatives."""
        if a is b:
            return a.s10_squares - Fraction(a.s10**2, a.m), a.s01_squares - Fraction(a.s01**2, a.n)
        return self.s10_cross - Fraction(a.s10 * b.s10, a.m), self.s01_cross - Fraction(a.s01 * b.s01, a.n)


@dataclass(frozen=True)
class AucRatio(EitherSide):
    """new / old - 1 of two areas (or Ginis) of the same rows, on the log; bounds as those of the difference."""

    areas: PairedAuc
    slope: float
    shift: float

    def _bound(self, sign: int, alpha: float) -> float | None:
        from mlgate.stats.special import ndtri

        new, old = self._shown(float(self.areas.new.value)), self._shown(float(self.areas.old.value))
        if not self.areas.bounded(alpha) or min(new, old) <= 0:
            return None
        high, low = (self.areas.new, self.areas.old) if sign < 0 else (self.areas.old, self.areas.new)
        worst = self._shown(high.lower(alpha))
        if worst <= 0:
            return None if sign > 0 else -1.0
        off = (
            log(self._shown(float(high.value)) / worst),
            log(self._shown(low.upper(alpha)) / self._shown(float(low.value))),
        )
        of_new, of_old = (
            self.slope * sqrt(auc.variance or 0) / at for auc, at in ((self.areas.new, new), (self.areas.old, old))
        )
        delong = -float(ndtri(alpha)) * correlated(of_new, of_old, self.areas.correlation)
        return expm1(log(new / old) + sign * max(delong, correlated(*off, self.areas.correlation)))

    def _shown(self, area: float) -> float:
        return self.slope * area + self.shift


def correlated(one: float, other: float, correlation: float) -> float:
    """The length of the difference of two that move together (Zou & Donner 2008, with correlation)."""
    return sqrt(max(one**2 + other**2 - 2 * correlation * one * other, 0.0))


def paired_cells(
    counts: Floats | Sequence[float],
    classes: int,
    metric: CellMetric,
    squares: Floats | Sequence[float] | None = None,
) -> CellBounds:
    """new - old `metric` from the joint table label x old x new in row order (classes**3 whole counts).

    `metric` maps label x prediction tables (draws, classes**2) to (draws,). The standard error is the delta method's
    with half a row in each discordant cell of two classes, as many rows a label in more. Under sampling weights
    `counts` are sums of weights and `squares` sums of squared ones.
    """
    cells, half = _joint(counts, classes, squares)

    def difference(tables: Floats) -> Floats:
        new, old = _margins(tables, classes)
        return metric(new) - metric(old)

    return _cell_bounds(cells, half, difference, squares, moved=False)


def paired_cells_ratio(
    counts: Floats | Sequence[float],
    classes: int,
    metric: CellMetric,
    squares: Floats | Sequence[float] | None = None,
) -> LessOne:
    """new / old - 1 of the same; the delta method on the log of the ratio, with the same half rows."""
    import numpy as np

    cells, half = _joint(counts, classes, squares)

    def log_ratio(tables: Floats) -> Floats:
        new, old = _margins(tables, classes)
        return np.asarray(np.log(metric(new)) - np.log(metric(old)))

    return LessOne(_cell_bounds(cells, half, log_ratio, squares, moved=True))


def _joint(counts: Floats | Sequence[float], classes: int, squares: object) -> tuple[Floats, Floats]:
    """The joint table, and what half a row in each discordant cell adds to it."""
    import numpy as np

    joint = np.asarray(counts, dtype=np.float64)
    sound = joint.ndim == 1 and np.isfinite(joint).all() and (joint >= 0).all()
    whole = sound and (squares is not None or (joint == np.floor(joint)).all())
    if classes < 2 or not whole or len(joint) != classes**3 or not joint.sum():
        raise ValueError(f"a joint table of {classes} classes has {classes}**3 whole counts, not all zero")
    return joint, np.tile(1 - np.eye(classes).ravel(), classes) / (classes * (classes - 1))


def _margins(tables: Floats, classes: int) -> tuple[Floats, Floats]:
    """The label x prediction tables of the new and of the old model."""
    joint = tables.reshape(-1, classes, classes, classes)
    return joint.sum(axis=2).reshape(len(tables), -1), joint.sum(axis=3).reshape(len(tables), -1)


def _cell_bounds(
    cells: Floats, half: Floats, metric: CellMetric, squares: Floats | Sequence[float] | None, *, moved: bool
) -> CellBounds:
    import numpy as np

    spread = None if squares is None else np.asarray(squares, dtype=np.float64)
    weight = 1.0 if spread is None else float(spread.sum() / cells.sum())
    added = cells + weight * half
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(metric((added if moved else cells)[np.newaxis, :])[0])
        error = delta_se(added, metric, PLAIN, None if spread is None else spread + weight**2 * half)
    return CellBounds(value, error, PLAIN)

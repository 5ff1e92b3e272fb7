"""Bounds of metrics of a ranking; rankings and `k` are defined in `curves`.

They use a seeded bootstrap of all rows, drawn over bins so that its cost does not grow with the rows. The sizes of the
classes vary between draws, because the true value is the one at the prevalence of the population. Stratified draws
leave that variance out (measured: bounds miss 15 % instead of 5 %).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from mlgate.stats.curves import (
    average_precision,
    average_precisions,
    checked_ranking,
    hits_at_k,
    ks_statistic,
    ks_statistics,
    recall_at_k,
    recalls,
    rows_at,
    rows_in,
)
from mlgate.stats.range_ends import AllOrNone, PerfectRanking
from mlgate.stats.ranks import LogitBounds
from mlgate.stats.share import clopper_pearson_lower, clopper_pearson_upper, require_level

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Counts = NDArray[np.int64]
    Statistic = Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.float64]]

LEAST_ROWS = 10
"""With fewer rows in a class there is no bootstrap bound, because its coverage was not measured."""
MOST_BINS = 2048
REPLICATES = 1000


@dataclass(frozen=True)
class PrecisionBounds:
    """Bounds of precision among the top rows: the wider of Clopper-Pearson's and the bootstrap's.

    Clopper-Pearson alone treats the cut as fixed, and misses 11 % instead of 5 %. It is used alone where no row or
    every row is a hit. A fractional number of expected hits is rounded outward.
    """

    hits: Fraction
    rows: int
    resampled: LogitBounds

    def lower(self, alpha: float) -> float | None:
        """The lower bound at one-sided level alpha."""
        return self._wider(clopper_pearson_lower(math.floor(self.hits), self.rows, alpha), -1, alpha)

    def upper(self, alpha: float) -> float | None:
        """The upper bound at one-sided level alpha."""
        return self._wider(clopper_pearson_upper(math.ceil(self.hits), self.rows, alpha), 1, alpha)

    def _wider(self, exact: float, sign: int, alpha: float) -> float | None:
        if self.hits in (0, self.rows):
            return exact
        bound = self.resampled.bound(sign, alpha)
        return None if bound is None else sign * max(sign * exact, sign * bound)


@dataclass(frozen=True)
class KsBounds:
    """Bounds of KS: the lower one from two shares at a threshold chosen on other rows, the upper one by the bootstrap.

    `caught` of `positives` and `alarms` of `negatives` are on the chosen side of the threshold.
    """

    caught: int
    positives: int
    alarms: int
    negatives: int
    above: LogitBounds

    def lower(self, alpha: float) -> float | None:
        """The lower bound by MOVER (Zou & Donner 2008) from Clopper-Pearson bounds of both shares; at least 0.

        None where a class has no rows.
        """
        require_level(alpha)
        if not self.positives or not self.negatives:
            return None
        caught, alarms = self.caught / self.positives, self.alarms / self.negatives
        less = caught - clopper_pearson_lower(self.caught, self.positives, alpha)
        more = clopper_pearson_upper(self.alarms, self.negatives, alpha) - alarms
        return max(caught - alarms - math.hypot(less, more), 0.0)

    def upper(self, alpha: float) -> float | None:
        """The upper bound at one-sided level alpha; the end of the range where no negative is among the positives."""
        return 1.0 if self.above.value == 1 else self.above.upper(alpha)


def average_precision_bounds(positives: ArrayLike, negatives: ArrayLike, seed: int = 0) -> LogitBounds | PerfectRanking:
    """Bounds of the average precision in the population that the rows are drawn from, at its own prevalence."""
    value = average_precision(positives, negatives)
    positive, negative = (int(counts.sum()) for counts in checked_ranking(positives, negatives))
    if value == 1 and negative:
        return PerfectRanking(positive, negative)
    return _bootstrap(positives, negatives, value, average_precisions, seed, of_logits=True)


def recall_at_k_bounds(
    positives: ArrayLike, negatives: ArrayLike, k: float | Fraction, seed: int = 0
) -> LogitBounds | AllOrNone:
    """Bounds of the recall among the top k rows, as a share of all rows."""
    value, every = recall_at_k(positives, negatives, k), rows_in(positives, negatives)
    rows = rows_at(k, every)
    if value in (0, 1):
        positive = int(checked_ranking(positives, negatives)[0].sum())
        return AllOrNone(int(value), positive, every, rows, lambda taken: hits_at_k(positives, negatives, taken))

    def statistic(positive: Counts, negative: Counts) -> NDArray[np.float64]:
        return recalls(positive, negative, rows)

    return _bootstrap(positives, negatives, float(value), statistic, seed)


def lift_at_k_bounds(
    positives: ArrayLike, negatives: ArrayLike, k: float | Fraction, seed: int = 0
) -> LogitBounds | AllOrNone:
    """Bounds of the lift: those of the recall, times rows / k; `value` is the recall."""
    rows = rows_in(positives, negatives)
    recall = recall_at_k_bounds(positives, negatives, k, seed)
    return replace(recall, factor=rows / rows_at(k, rows))


def precision_at_k_bounds(
    positives: ArrayLike, negatives: ArrayLike, k: float | Fraction, seed: int = 0
) -> PrecisionBounds:
    """Bounds of the precision among the top k rows, as a share of all rows."""
    hits = hits_at_k(positives, negatives, k)
    rows = rows_at(k, rows_in(positives, negatives))

    def statistic(positive: Counts, negative: Counts) -> NDArray[np.float64]:
        found: NDArray[np.float64] = recalls(positive, negative, rows) * positive.sum(axis=-1) / rows
        return found

    return PrecisionBounds(hits, rows, _bootstrap(positives, negatives, float(hits / rows), statistic, seed))


def ks_bounds(
    positives: ArrayLike,
    negatives: ArrayLike,
    half_positives: ArrayLike,
    half_negatives: ArrayLike,
    seed: int = 0,
) -> KsBounds:
    """Bounds of KS, from the counts of all rows and of one half of the rows, both over the same scores.

    The half chooses the threshold and its side. The other rows test it. ValueError where the half has more rows than
    all.
    """
    positive, negative = checked_ranking(positives, negatives)
    chooser = checked_ranking(half_positives, half_negatives)
    rest = positive - chooser[0], negative - chooser[1]
    if min(rest[0].min(), rest[1].min()) < 0:
        raise ValueError("a half has more rows than all rows together")
    above = _bootstrap(positive, negative, ks_statistic(positive, negative), ks_statistics, seed)
    if not chooser[0].sum() or not chooser[1].sum():
        return KsBounds(0, 0, 0, 0, above)
    distances = chooser[0].cumsum() / chooser[0].sum() - chooser[1].cumsum() / chooser[1].sum()
    cut = int(abs(distances).argmax()) + 1
    side = slice(None, cut) if distances[cut - 1] >= 0 else slice(cut, None)
    sums = [(int(counts[side].sum()), int(counts.sum())) for counts in rest]
    return KsBounds(*sums[0], *sums[1], above)


def _bootstrap(
    positives: ArrayLike,
    negatives: ArrayLike,
    value: float,
    statistic: Statistic,
    seed: int,
    of_logits: bool = False,
) -> LogitBounds:
    """Bounds from the spread of a statistic over multinomial draws of all rows; the sizes of the classes vary too.

    The standard error on the logit is that of the draws' logits if `of_logits`, else that of the draws by the delta
    method. The bias is what drawing a row several times adds: average precision counts each positive in its own
    precision, and a row that was drawn twice counts there twice.
    """
    import numpy as np

    positive, negative = _collapsed(*checked_ranking(positives, negatives))
    least = min(int(positive.sum()), int(negative.sum()))
    if least < LEAST_ROWS or not 0 < value < 1:
        return LogitBounds(value, None)
    draws = _draws(positive, negative, statistic, seed)
    before, after = _clipped_logits(np.array([float(statistic(positive, negative)), draws.mean()]))
    spread = _clipped_logits(draws) if of_logits else draws / (value * (1 - value))
    error = float(spread.std(ddof=1))
    return LogitBounds(value, error, least - 1, bias=float(after - before))


def _draws(positive: Counts, negative: Counts, statistic: Statistic, seed: int) -> NDArray[np.float64]:
    import numpy as np

    generator = np.random.default_rng(seed)
    counts = np.concatenate([positive, negative])
    rows, bins, values = int(counts.sum()), len(positive), []
    for _ in range(REPLICATES // 50):  # in parts, for memory
        drawn = generator.multinomial(rows, counts / rows, size=50)
        both = drawn[(drawn[:, :bins].sum(axis=1) > 0) & (drawn[:, bins:].sum(axis=1) > 0)]
        values.append(statistic(both[:, :bins], both[:, bins:]))
    return np.concatenate(values)


def _clipped_logits(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logits of values kept at least 1e-9 from 0 and 1; draws at 0 or 1 so widen the bounds, as they should."""
    from mlgate.stats.special import logit

    clipped: NDArray[np.float64] = logit(values.clip(1e-9, 1 - 1e-9))
    return clipped


def _collapsed(positive: Counts, negative: Counts) -> tuple[Counts, Counts]:
    """Neighbouring bins merged into at most MOST_BINS, with about equal sums of both classes' shares."""
    import numpy as np

    filled = positive + negative > 0
    positive, negative = positive[filled], negative[filled]
    if len(positive) <= MOST_BINS:
        return positive, negative
    shares = positive / max(positive.sum(), 1) + negative / max(negative.sum(), 1)
    group = (shares.cumsum() / shares.sum() * MOST_BINS * (1 - 1e-12)).astype(np.int64).clip(0, MOST_BINS - 1)
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    return np.add.reduceat(positive, starts), np.add.reduceat(negative, starts)

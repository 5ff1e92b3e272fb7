"""Populations of scores: ROC AUC, values read off a ranking, quantiles."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr

from mlgate.evidence.questions.order import OrderOf
from mlgate.evidence.questions.placements import PlacementsOf
from mlgate.evidence.questions.ranked_scores import RankingOf
from mlgate.metrics.kinds.above_median import Scored
from mlgate.metrics.kinds.curve import CurveStats
from mlgate.metrics.metric import Metric
from mlgate.stats.quantiles import lower_rank, middle_ranks, upper_rank

from .base import OPTIONS, question
from .sums import chunks

LEVELS = 400


@dataclass(frozen=True)
class Binormal:
    """Normal scores, those of the positives higher by `distance`; put into `levels` equally likely ones, 0 for none.

    A share `last` of the positives scores below all other rows.
    """

    name: str
    prevalence: float
    distance: float
    n: int
    levels: int = LEVELS
    last: float = 0.0
    weighted: bool = False

    def shares(self) -> tuple[np.ndarray, np.ndarray]:
        """The population's shares of positives and of negatives at each level, from high to low."""
        cuts = np.linspace(-4, 4 + self.distance, self.levels - 1)[::-1]
        above = [np.concatenate([[0.0], ndtr(mean - cuts), [1.0]]) for mean in (self.distance, 0.0)]
        positive, negative = (np.append(np.diff(tail), 0.0) for tail in above)
        positive *= 1 - self.last
        positive[-1] = self.last
        return self.prevalence * positive, (1 - self.prevalence) * negative

    def truth(self, metric: Metric) -> float:
        """The metric of a large population."""
        positive, negative = (np.round(shares * 10**12).astype(np.int64) for shares in self.shares())
        kept = positive + negative > 0
        return metric.kind.estimate(question(metric), self._stats(metric, positive[kept], negative[kept])).value

    def draws(self, metric: Metric, random: np.random.Generator, runs: int) -> Iterator[tuple[Any, int]]:
        """Multinomial samples of the levels."""
        shares = np.concatenate(self.shares())
        for _ in range(runs):
            drawn = random.multinomial(self.n, shares / shares.sum())
            positive, negative = np.split(drawn, 2)
            kept = positive + negative > 0
            yield self._stats(metric, positive[kept], negative[kept]), 1

    def _stats(self, metric: Metric, positive: np.ndarray, negative: np.ndarray) -> Any:
        if metric.name in ("roc_auc", "gini"):
            return placed(positive, negative)
        scores = tuple(map(float, -np.arange(len(positive))))
        return CurveStats(RankingOf((), scores, tuple(map(int, positive)), tuple(map(int, negative))))


@dataclass(frozen=True)
class GroupOfAll:
    """A group of normal scores, `share` of n rows, `distance` above the rest; the rate above the median of all.

    With `apart` the rest are two heaps, so far below and above 0, of which few score near the median.
    """

    name: str
    share: float
    distance: float
    n: int
    apart: float = 0.0
    weighted: bool = False

    def truth(self, metric: Metric) -> float:
        """The group's share above the population's median."""
        low, high = -9.0, 9.0 + self.distance
        for _ in range(80):
            middle = (low + high) / 2
            rest = (
                (ndtr(2 * (self.apart - middle)) + ndtr(2 * (-self.apart - middle))) / 2
                if self.apart
                else ndtr(-middle)
            )
            above = self.share * ndtr(self.distance - middle) + (1 - self.share) * rest
            low, high = (middle, high) if above > 0.5 else (low, middle)
        return float(ndtr(self.distance - middle))

    def draws(self, metric: Metric, random: np.random.Generator, runs: int) -> Iterator[tuple[Any, int]]:
        """Samples of n rows; the group's own number is drawn too."""
        alphas = (question(metric).alphas[0] / 2,)
        first, last = middle_ranks(self.n, 0.5)
        low, high = lower_rank(self.n, 0.5, alphas[0]), upper_rank(self.n, 0.5, alphas[0])
        assert low is not None
        assert high is not None
        for _ in range(runs):
            mine = random.binomial(self.n, self.share)
            scores = random.standard_normal(self.n)
            if self.apart:
                scores = scores / 2 + random.choice([-self.apart, self.apart], self.n)
                scores[:mine] = random.standard_normal(mine)
            scores[:mine] += self.distance
            ordered = np.sort(scores)
            ends = float(ordered[low - 1]), float(ordered[high - 1])
            median = float(ordered[first - 1] + ordered[last - 1]) / 2
            above = {cut: int((scores[:mine] > cut).sum()) for cut in (median, *ends)}
            yield Scored(mine, median, above, ((alphas[0], *ends),)), 1


def placed(positive: np.ndarray, negative: np.ndarray) -> PlacementsOf:
    """The placements of so many positives and negatives at each score, from high to low."""
    p, n = positive.astype(object), negative.astype(object)
    below = 2 * (n.sum() - n.cumsum()) + n
    above = 2 * (p.cumsum() - p) + p
    sums = ((p * below).sum(), (p * below**2).sum(), (n * above).sum(), (n * above**2).sum())
    return PlacementsOf((), int(p.sum()), int(n.sum()), *map(int, sums))


@dataclass(frozen=True)
class Ordered:
    """Numbers by their quantile function."""

    name: str
    inverse: Callable[[Any], Any]
    n: int
    weighted: bool = False

    def truth(self, metric: Metric) -> float:
        """The quantile."""
        return float(self.inverse(self._quantile(metric)))

    def draws(self, metric: Metric, random: np.random.Generator, runs: int) -> Iterator[tuple[Any, int]]:
        """Samples of n, as the order statistics that are asked for."""
        q = self._quantile(metric)
        first, last = middle_ranks(self.n, q)
        low, high = lower_rank(self.n, q, 0.05), upper_rank(self.n, q, 0.05)
        for part in chunks(runs):
            for row in np.sort(self.inverse(random.random((part, self.n))), axis=1):
                value, middle = float(row[first - 1]), float(row[[first - 1, last - 1]].mean())
                ends = tuple(None if rank is None else float(row[rank - 1]) for rank in (low, high))
                yield OrderOf((), self.n, value, middle, ((0.05, *ends),)), 1

    def _quantile(self, metric: Metric) -> float:
        return 0.5 if metric.name == "median_absolute_error" else float(OPTIONS.quantile or 0.5)


RANKED = (
    Binormal("binormal AUC 0.76, 50 of 100", 0.5, 1.0, 100),
    Binormal("binormal AUC 0.92, prevalence 5 %, n=200", 0.05, 2.0, 200),
    Binormal("binormal AUC 0.76, prevalence 20 %, n=1000", 0.2, 1.0, 1000),
    Binormal("binormal AUC 0.5, prevalence 30 %, n=60", 0.3, 0.0, 60),
    Binormal("binormal AUC 0.98, prevalence 30 %, n=100", 0.3, 3.0, 100),
    Binormal("five levels of score, AUC 0.75, prevalence 40 %, n=100", 0.4, 1.0, 100, levels=5),
    Binormal("0.7 % of 100 positives rank last, the rest first, n=5100", 100 / 5100, 9.0, 5100, last=0.007),
    Binormal("2 % of 50 positives rank last, AUC 0.98 else, n=1050", 50 / 1050, 3.0, 1050, last=0.02),
    Binormal("3 % of 100 positives rank last, AUC 0.92 else, n=1100", 100 / 1100, 2.0, 1100, last=0.03),
)
CURVES = (
    Binormal("binormal AUC 0.92, prevalence 5 %, n=400", 0.05, 2.0, 400),
    Binormal("binormal AUC 0.76, prevalence 20 %, n=1000", 0.2, 1.0, 1000),
    Binormal("binormal AUC 0.76, 50 of 100", 0.5, 1.0, 100),
    Binormal("binormal AUC 0.98, prevalence 30 %, n=300", 0.3, 3.0, 300),
    Binormal("five levels of score, AUC 0.75, prevalence 40 %, n=200", 0.4, 1.0, 200, levels=5),
)
ORDERED = (
    Ordered("exponential quantile, n=100", lambda u: -np.log1p(-u), 100),
    Ordered("exponential quantile, n=30", lambda u: -np.log1p(-u), 30),
    Ordered("Pareto of index 1, n=500", lambda u: 1 / (1 - u), 500),
    Ordered("whole numbers from 0 to 6, n=200", lambda u: np.floor(7 * u), 200),
)
GROUPS = (
    GroupOfAll("a tenth of 200 rows, as the rest", 0.1, 0.0, 200),
    GroupOfAll("a tenth of 200 rows, 2 above the rest", 0.1, 2.0, 200),
    GroupOfAll("half of 200 rows, 0.5 above the rest", 0.5, 0.5, 200),
    GroupOfAll("half of 200 rows, 2 above the rest", 0.5, 2.0, 200),
    GroupOfAll("four fifths of 1,000 rows, 1 above the rest", 0.8, 1.0, 1000),
    GroupOfAll("a fiftieth of 2,000 rows, 1 above the rest", 0.02, 1.0, 2000),
    GroupOfAll("a tenth of 400 rows between two heaps", 0.1, 0.0, 400, 2.0),
    GroupOfAll("three tenths of 400 rows between two heaps", 0.3, 0.0, 400, 2.0),
)

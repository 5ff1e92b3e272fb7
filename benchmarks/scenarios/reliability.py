"""Populations of probabilities and outcomes for what is read off their recalibration, and for the Brier skill."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit, logit, ndtri

from mlgate.evidence.questions.ranked_scores import RankingOf
from mlgate.metrics.kinds.curve import CurveStats
from mlgate.metrics.metric import Metric
from mlgate.stats.reliability import calibration_intercept, calibration_slope

from .sums import EXPLAINED, chunks, sums_of

FINE = 200_000


@dataclass(frozen=True)
class Recalibrated:
    """Scores whose logits are normal, and outcomes of a given rate at each score."""

    name: str
    mean: float
    spread: float
    rate: Callable[[Any], Any]
    n: int
    weighted: bool = False

    def truth(self, metric: Metric) -> float:
        """The coefficient or skill of a fine grid of the population."""
        score = self._scores((np.arange(FINE) + 0.5) / FINE)
        rate = self.rate(score)
        if metric.name == "brier_skill":
            error = (rate * (1 - score) ** 2 + (1 - rate) * score**2).mean()
            return float(1 - error / (rate.mean() * (1 - rate.mean())))
        fit = calibration_slope if metric.name == "calibration_slope" else calibration_intercept
        return fit(score, rate, 1 - rate).value

    def draws(self, metric: Metric, random: np.random.Generator, runs: int) -> Iterator[tuple[Any, int]]:
        """Samples of n."""
        for part in chunks(runs):
            for score in self._scores(random.random((part, self.n))):
                hit = (random.random(self.n) < self.rate(score)).astype(int)
                if metric.name == "brier_skill":
                    yield sums_of(EXPLAINED, (hit - score) ** 2, hit.astype(float)), 1
                else:
                    each = (tuple(map(int, hit)), tuple(map(int, 1 - hit)))
                    yield CurveStats(RankingOf((), tuple(map(float, score)), *each)), 1

    def _scores(self, uniform: Any) -> Any:
        return expit(self.mean + self.spread * ndtri(uniform))


def _wavy(score: Any) -> Any:
    return np.clip(score + 0.15 * np.sin(6 * score), 0.02, 0.98)


RECALIBRATED = (
    Recalibrated("calibrated, prevalence 50 %, n=200", 0, 1.5, lambda p: p, 200),
    Recalibrated("calibrated, prevalence 5 %, n=200", -3.6, 1.2, lambda p: p, 200),
    Recalibrated("calibrated, prevalence 5 %, n=1000", -3.6, 1.2, lambda p: p, 1000),
    Recalibrated("overconfident, prevalence 50 %, n=200", 0, 2, lambda p: expit(0.6 * logit(p)), 200),
    Recalibrated("timid, prevalence 20 %, n=200", -1.2, 0.5, lambda p: expit(0.3 + 1.6 * logit(p)), 200),
    Recalibrated("no logistic relation, n=200", -0.7, 1.5, _wavy, 200),
    Recalibrated("no logistic relation, n=2000", -0.7, 1.5, _wavy, 2000),
)

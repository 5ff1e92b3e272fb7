"""Two models on the same rows: populations of joint decisions, losses and scores, with the true difference."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Protocol

import numpy as np
from scipy.special import ndtr

from mlgate.evidence.questions.placements import Beside, PlacementsOf
from mlgate.metrics.confusion import Confusion
from mlgate.metrics.kinds.mean import Numbers
from mlgate.metrics.metric import Metric, Pair, Undefined
from mlgate.metrics.registry import metrics
from mlgate.metrics.sums import Summed
from mlgate.metrics.tallies import Tally

from .base import Result, question
from .sums import MEAN, chunks, sums_of
from .units import UnitScores, placements

WHOLE = 10**6


class PairScenario(Protocol):
    """A named population of two models, and sample size."""

    name: str
    weighted: bool

    def truth(self, metric: Metric, relative: bool) -> float:
        """The difference in the population."""
        ...

    def draws(self, metric: Metric, random: np.random.Generator, runs: int) -> Iterator[tuple[Any, int]]:
        """Samples as the comparison's statistics, each with how often it was drawn."""
        ...


RATIOS = Summed(((("a",), ("c",)), (("b",), ("c",))))
EXPLAINED = Summed(((("a",), ("c",), ("c", "c")), (("b",), ("c",), ("c", "c"))))
VALUES = Summed(((("a",),), (("b",),)))
"""Of both models' values, and the label that they share."""


def asked(metric: Metric, weighted: bool, relative: bool) -> Pair:
    """The question about both models; comparisons look only at its options and weight."""
    found = question(metric, weighted)
    return Pair(found, found, relative)


@dataclass(frozen=True)
class Decisions:
    """Classes decided by both models: how often the old one is right, and how often the new one mends or breaks it."""

    name: str
    shares: tuple[float, ...]
    """Of the classes, the positive one first."""
    right: tuple[float, ...]
    """The old model's, by class."""
    mends: float
    breaks: float
    n: int
    spread: float = 0.0
    """Of the log of sampling weights."""

    @property
    def weighted(self) -> bool:
        """Whether rows have sampling weights."""
        return self.spread > 0

    @property
    def cells(self) -> dict[tuple[str, str, str], float]:
        """The population, by (label, new, old); errors go to the other classes alike."""
        names, found = [str(at + 1) for at in range(len(self.shares))], {}
        k = len(names)
        for label, share, right in zip(names, self.shares, self.right, strict=True):
            for old in names:
                of_old = share * (right if old == label else (1 - right) / (k - 1))
                for new in names:
                    moves = self.breaks / (k - 1) if old == label else self.mends * (new == label)
                    stays = 1 - self.breaks if old == label else 1 - self.mends
                    found[label, new, old] = of_old * (stays if new == old else moves)
        return {cell: share for cell, share in found.items() if share}

    def truth(self, metric: Metric, relative: bool) -> float:
        """The difference in a population of a million rows."""
        whole = {cell: _whole(round(share * WHOLE)) for cell, share in self.cells.items()}
        return _difference(metric, self._joint(whole), relative, False).value

    def draws(self, metric: Metric, random: np.random.Generator, runs: int) -> Iterator[tuple[Any, int]]:
        """Multinomial samples; equal ones together, and with weights each for itself."""
        cells, shares = list(self.cells), np.array(list(self.cells.values()))
        drawn = random.multinomial(self.n, shares / shares.sum(), size=runs)
        if not self.weighted:
            for counts, times in zip(*np.unique(drawn, axis=0, return_counts=True)):
                yield self._joint({cell: _whole(int(n)) for cell, n in zip(cells, counts)}), int(times)
            return
        for counts in drawn:
            yield self._joint({cell: self._weighed(int(n), random) for cell, n in zip(cells, counts)}), 1

    def _weighed(self, n: int, random: np.random.Generator) -> Tally:
        weights = random.lognormal(0, self.spread, n)
        return Tally(n, Fraction(float(weights.sum())), Fraction(float((weights**2).sum())))

    def _joint(self, cells: dict[tuple[str, str, str], Tally]) -> Confusion:
        classes = tuple(str(at + 1) for at in range(len(self.shares)))
        filled: dict[tuple[str, ...], Tally] = {cell: tally for cell, tally in cells.items() if tally.n}
        return Confusion(filled, self.weighted, None, classes, "1")


def _whole(n: int) -> Tally:
    return Tally(n, Fraction(n), Fraction(n))


@dataclass(frozen=True)
class Losses:
    """Labels and both models' errors, drawn together."""

    name: str
    draw: Callable[[np.random.Generator, tuple[int, int]], tuple[np.ndarray, np.ndarray, np.ndarray]]
    n: int
    weighted: bool = False

    def truth(self, metric: Metric, relative: bool) -> float:
        """The difference in a sample of millions."""
        label, new, old = (values[0] for values in self.draw(np.random.default_rng(0), (1, 4_000_000)))
        spread = {"r2": label.var(), "wape": np.abs(label).mean()}.get(metric.name, 1.0)
        ours, theirs = (self._loss(metric, errors).mean() / spread for errors in (new, old))
        if metric.name == "rmse":
            ours, theirs = np.sqrt(ours), np.sqrt(theirs)
        if metric.name == "r2":
            return float(theirs - ours)
        return float(ours / theirs - 1 if relative else ours - theirs)

    def draws(self, metric: Metric, random: np.random.Generator, runs: int) -> Iterator[tuple[Any, int]]:
        """Samples of n."""
        for part in chunks(runs):
            for label, new, old in zip(*self.draw(random, (part, self.n))):
                yield self._stats(metric, label, self._loss(metric, new), self._loss(metric, old)), 1

    def _loss(self, metric: Metric, errors: np.ndarray) -> np.ndarray:
        found: np.ndarray = errors**2 if metric.name in ("rmse", "mse", "r2") else np.abs(errors)
        return found

    def _stats(self, metric: Metric, label: np.ndarray, new: np.ndarray, old: np.ndarray) -> Any:
        if metric.name == "wape":
            return sums_of(RATIOS, new, np.abs(label), old)
        if metric.name == "r2":
            return sums_of(EXPLAINED, new, label, old)
        return Numbers(sums_of(MEAN, new - old), sums_of(VALUES, new, old))


@dataclass(frozen=True)
class Scores:
    """Normal scores of two models that are correlated; those of the positives are higher by a distance each."""

    name: str
    prevalence: float
    distances: tuple[float, float]
    correlation: float
    n: int
    weighted: bool = False

    def truth(self, metric: Metric, relative: bool) -> float:
        """The difference of both areas, Φ(distance / √2)."""
        new, old = (float(ndtr(distance / np.sqrt(2))) for distance in self.distances)
        if metric.name == "gini":
            new, old = 2 * new - 1, 2 * old - 1
        return new / old - 1 if relative else new - old

    def draws(self, metric: Metric, random: np.random.Generator, runs: int) -> Iterator[tuple[Any, int]]:
        """Samples of n rows; classes as they fall."""
        for _ in range(runs):
            hit = random.random(self.n) < self.prevalence
            shared, own = random.normal(size=self.n), random.normal(size=(2, self.n))
            noise = np.sqrt(self.correlation) * shared + np.sqrt(1 - self.correlation) * own
            placed = [_placed(hit, noise[at] + self.distances[at] * hit) for at in (0, 1)]
            crosses = [int((placed[0][at] * placed[1][at]).sum()) for at in (0, 1)]
            new, old = (_placements(*of) for of in placed)
            yield replace(new, beside=Beside(old, *crosses)), 1


@dataclass(frozen=True)
class ScoresInUnits:
    """The same of rows in units, whose scores correlate within a unit too."""

    name: str
    of: UnitScores
    distances: tuple[float, float]
    correlation: float
    weighted: bool = False

    def truth(self, metric: Metric, relative: bool) -> float:
        """The difference of both areas, as of independent rows."""
        return Scores(self.name, self.of.prevalence, self.distances, self.correlation, 0).truth(metric, relative)

    def draws(self, metric: Metric, random: np.random.Generator, runs: int) -> Iterator[tuple[Any, int]]:
        """Samples of units."""
        for _ in range(runs):
            unit, hit = self.of.labels(random)
            shared, *own = (self.of.noise(random, unit) for _ in range(3))
            noise = [np.sqrt(self.correlation) * shared + np.sqrt(1 - self.correlation) * each for each in own]
            if 1 < hit.sum() < len(unit) - 1:
                yield placements(unit, hit, *(each + far * hit for each, far in zip(noise, self.distances))), 1


def _placed(hit: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Doubled placements of untied scores, of positives and of negatives."""
    up, down = np.sort(score[hit]), np.sort(score[~hit])
    return 2 * np.searchsorted(down, score[hit]), 2 * (len(up) - np.searchsorted(up, score[~hit]))


def _placements(below: np.ndarray, above: np.ndarray) -> PlacementsOf:
    sums = (below.sum(), (below**2).sum(), above.sum(), (above**2).sum())
    return PlacementsOf((), len(below), len(above), *map(int, sums))


def _difference(metric: Metric, stats: Any, relative: bool, weighted: bool) -> Any:
    return metric.kind.estimate(asked(metric, weighted, relative), stats)


def simulate(name: str, metric: Metric, scenario: PairScenario, runs: int, seed: int, relative: bool = False) -> Result:
    """The misses of one comparison in one scenario, at 5 % a side."""
    truth, lower, upper, without = scenario.truth(metric, relative), 0, 0, 0
    tie = 1e-12 * max(abs(truth), 1e-3)
    for stats, times in scenario.draws(metric, np.random.default_rng(seed), runs):
        try:
            found = _difference(metric, stats, relative, scenario.weighted)
        except Undefined:
            without += times
            continue
        low, high = found.lower(0.05), found.upper(0.05)
        lower += times * (low is not None and low > truth + tie)
        upper += times * (high is not None and high < truth - tie)
        without += times * (low is None or high is None)
    return Result(name, scenario.name, runs, lower, upper, without)


def _errors(of_new: float, of_old: float, heavy: bool = False) -> Any:
    def draw(random: np.random.Generator, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        one = (lambda: random.laplace(0, 1, size)) if heavy else (lambda: random.normal(0, 1, size))
        shared, label = one(), random.exponential(1, size) if heavy else random.normal(0, 2, size)
        new, old = (scale * (0.8 * shared + 0.6 * one()) for scale in (of_new, of_old))
        return label, new, old

    return draw


TWO = (
    Decisions("equal models, prevalence 50 %, n=60", (0.5, 0.5), (0.8, 0.8), 0.4, 0.1, 60),
    Decisions("prevalence 5 %, n=200", (0.05, 0.95), (0.8, 0.9), 0.3, 0.05, 200),
    Decisions("prevalence 5 %, n=200, few differ", (0.05, 0.95), (0.6, 0.97), 0.1, 0.01, 200),
    Decisions("prevalence 20 %, n=1000", (0.2, 0.8), (0.7, 0.9), 0.2, 0.05, 1000),
    Decisions("prevalence 30 %, n=500, much better", (0.3, 0.7), (0.7, 0.8), 0.6, 0.02, 500),
    Decisions("prevalence 20 %, n=100, near perfect", (0.2, 0.8), (0.97, 0.98), 0.5, 0.01, 100),
)
SURVEY = (
    Decisions("weights of spread 0.7, n=300", (0.3, 0.7), (0.8, 0.85), 0.3, 0.08, 300, spread=0.7),
    Decisions("weights of spread 0.7, few differ, n=500", (0.3, 0.7), (0.9, 0.9), 0.1, 0.02, 500, spread=0.7),
)
MANY = (
    Decisions("3 classes, n=100", (0.4, 0.35, 0.25), (0.8, 0.7, 0.75), 0.3, 0.1, 100),
    Decisions("3 classes 80/15/5 %, n=500", (0.8, 0.15, 0.05), (0.9, 0.7, 0.6), 0.2, 0.05, 500),
    Decisions("5 classes, n=1000", (0.4, 0.3, 0.15, 0.1, 0.05), (0.9, 0.85, 0.8, 0.75, 0.7), 0.2, 0.05, 1000),
)
LOSSES = (
    Losses("normal errors, equal models, n=50", _errors(1.0, 1.0), 50),
    Losses("normal errors, 10 % better, n=200", _errors(0.9, 1.0), 200),
    Losses("Laplace errors, 10 % better, n=200", _errors(0.9, 1.0, heavy=True), 200),
    Losses("Laplace errors, 30 % better, n=100", _errors(0.7, 1.0, heavy=True), 100),
)
SCORES = (
    Scores("AUC 0.76 and 0.76, n=200", 0.3, (1.0, 1.0), 0.7, 200),
    Scores("AUC 0.92 and 0.90, prevalence 5 %, n=1000", 0.05, (2.0, 1.8), 0.8, 1000),
    Scores("AUC 0.98 and 0.96, prevalence 20 %, n=200", 0.2, (3.0, 2.5), 0.6, 200),
)
SCORES_IN_UNITS = tuple(
    ScoresInUnits(f"in units: {name}", UnitScores(name, prevalence, 0.0, units, **more), distances, correlation)
    for name, prevalence, units, distances, correlation, more in (
        ("50 of 10 rows, icc .1, AUC 0.76 and 0.76", 0.5, 50, (1.0, 1.0), 0.7, {}),
        ("100 of 1 to 40 rows, icc .1, AUC 0.76 and 0.71", 0.4, 100, (1.0, 0.8), 0.7, {"unequal": True}),
        ("100 of 10 rows, icc .1, one label a unit, AUC 0.76 and 0.71", 0.4, 100, (1.0, 0.8), 0.7, {"of_label": 1}),
        ("60 of 10 rows, icc .3, one label a unit, AUC 0.76", 0.5, 60, (1.0, 1.0), 0.7, {"icc": 0.3, "of_label": 1}),
        ("300 of 10 rows, icc .1, prevalence 5 %, AUC 0.92 and 0.90", 0.05, 300, (2.0, 1.8), 0.8, {}),
        ("100 of 10 rows, icc .1, AUC 0.98 and 0.96", 0.3, 100, (3.0, 2.5), 0.6, {}),
    )
)
GRID: tuple[tuple[str, str, tuple[PairScenario, ...]], ...] = (
    *(("binary", name, (*TWO, *SURVEY)) for name in ("accuracy", "recall", "precision", "f1", "balanced_accuracy")),
    *(("binary", name, TWO) for name in ("matthews_corrcoef", "fbeta", "expected_cost")),
    *(("multiclass", name, MANY) for name in ("accuracy", "balanced_accuracy", "matthews_corrcoef", "cohen_kappa")),
    *(("regression", name, LOSSES) for name in ("mae", "mse", "rmse", "wape", "r2")),
    ("binary", "roc_auc", (*SCORES, *SCORES_IN_UNITS)),
)


def entry_of(task: str, name: str) -> Metric:
    """The entry of a metric for a task, of all classes."""
    (found,) = [metric for metric in metrics()[name] if task in metric.tasks and metric.average is None]
    return found

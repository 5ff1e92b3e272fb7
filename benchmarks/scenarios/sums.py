"""Populations of numbers: means, ratios of sums, R² and calibration."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from mlgate.metrics.kinds.calibration import BinnedStats
from mlgate.metrics.kinds.mean import Mean, Numbers
from mlgate.metrics.metric import Metric
from mlgate.metrics.sums import Exponents, Summed, Sums, Within
from mlgate.stats.calibration import Bin

Sampler = Callable[[np.random.Generator, tuple[int, int]], Any]
CHUNK = 500


def chunks(runs: int) -> Iterator[int]:
    """Runs in parts, for memory."""
    for start in range(0, runs, CHUNK):
        yield min(CHUNK, runs - start)


MEAN = Summed(((("a",),),), 3)
RATIO = Summed(((("a",), ("b",)),))
EXPLAINED = Summed(((("a",), ("b",), ("b", "b")),))
"""Of a squared error and a label."""


def sums_of(summed: Summed, *values: np.ndarray, unit: np.ndarray | None = None) -> Sums:
    """The statistics of one sample, as the evidence gives them: of values in the order in which they are named."""
    pivots = [float(value.mean()) for value in values]
    moved = dict(zip(summed.values, (value - pivot for value, pivot in zip(values, pivots)), strict=True))
    rows = [np.prod([moved[value] for value in part], axis=0) for part in summed.parts] + [np.ones(len(values[0]))]
    exact = tuple(map(Fraction, pivots))
    reaches = tuple(Fraction(float(np.abs(value).max())) for value in moved.values())
    n = len(values[0])
    of_rows = Within(n, n, _totals(summed, np.stack(rows)), exact, reaches)
    if unit is None:
        return Sums(summed, of_rows)
    units = np.stack([np.bincount(unit, row) for row in rows])
    return Sums(summed, of_rows, Within(n, units.shape[1], _totals(summed, units), exact, reaches))


def numbers_of(values: np.ndarray, unit: np.ndarray | None = None) -> Numbers:
    """The statistics of a mean."""
    return Numbers(sums_of(MEAN, values, unit=unit))


def _totals(summed: Summed, parts: np.ndarray) -> dict[Exponents, Fraction]:
    """The sums of all products of parts; those of two by a product of matrices."""
    squares = parts @ parts.T
    found = {}
    for powers in summed.monomials:
        at = [place for place, power in enumerate(powers) for _ in range(power)]
        total = squares[at[0], at[1]] if len(at) == 2 else np.prod(parts[at], axis=0).sum()
        found[powers] = Fraction(float(total))
    return found


@dataclass(frozen=True)
class Values:
    """Numbers with a known mean; for a root mean square, of its square."""

    name: str
    sample: Sampler
    mean: float
    n: int
    spread: float = 0.0
    """Of the log of sampling weights; 0 for none."""

    @property
    def weighted(self) -> bool:
        """Whether rows have sampling weights."""
        return self.spread > 0

    def truth(self, metric: Metric) -> float:
        """The mean, or its root."""
        rooted = isinstance(metric.kind, Mean) and metric.kind.root
        return math.sqrt(self.mean) if rooted else self.mean

    def draws(self, metric: Metric, random: np.random.Generator, runs: int) -> Iterator[tuple[Any, int]]:
        """Samples of n."""
        for part in chunks(runs):
            for row in self.sample(random, (part, self.n)):
                if not self.weighted:
                    yield numbers_of(row), 1
                    continue
                weights = random.lognormal(0, self.spread, self.n)
                yield Numbers(sums_of(RATIO, row * weights, weights)), 1


@dataclass(frozen=True)
class Errors:
    """Labels and errors: for a ratio of sums (WAPE) or R²."""

    name: str
    labels: Sampler
    errors: Sampler
    n: int
    ratio: float
    """E|error| / E|label|."""
    explained: float
    """1 - E error² / var(label)."""
    weighted: bool = False

    def truth(self, metric: Metric) -> float:
        """WAPE or R²."""
        return self.explained if metric.name == "r2" else self.ratio

    def draws(self, metric: Metric, random: np.random.Generator, runs: int) -> Iterator[tuple[Any, int]]:
        """Samples of n."""
        for part in chunks(runs):
            pairs = zip(self.labels(random, (part, self.n)), self.errors(random, (part, self.n)))
            for y, e in pairs:
                if metric.name == "r2":
                    yield sums_of(EXPLAINED, e * e, y), 1
                else:
                    yield sums_of(RATIO, np.abs(e), np.abs(y)), 1


@dataclass(frozen=True)
class Binned:
    """Probabilities and outcomes whose rate is the probability plus `gap` of it."""

    name: str
    scores: Sampler
    gap: Callable[[np.ndarray], np.ndarray]
    n: int
    bins: int = 15
    weighted: bool = False

    def truth(self, metric: Metric) -> float:
        """The root mean square of the bins' gaps, from a fine sample of the scores."""
        score = np.sort(self.scores(np.random.default_rng(0), (1, 4_000_000))[0])
        gap = np.clip(score + self.gap(score), 0, 1) - score
        at = np.minimum((score * self.bins).astype(int), self.bins - 1)
        rows, gaps = np.bincount(at, minlength=self.bins), np.bincount(at, gap, self.bins)
        return math.sqrt(float((gaps**2 / np.maximum(rows, 1)).sum() / len(score)))

    def draws(self, metric: Metric, random: np.random.Generator, runs: int) -> Iterator[tuple[Any, int]]:
        """Samples of n."""
        for part in chunks(runs):
            for score in self.scores(random, (part, self.n)):
                hit = random.random(self.n) < np.clip(score + self.gap(score), 0, 1)
                at = np.minimum((score * self.bins).astype(int), self.bins - 1)
                sums = [np.bincount(at, value, self.bins) for value in (None, hit, score, score**2)]
                edges = np.linspace(0, 1, self.bins + 1)
                every = [Bin(int(n), *map(float, rest)) for n, *rest in zip(*sums, edges[:-1], edges[1:])]
                yield BinnedStats(tuple(every)), 1


def with_wrong_bin(name: str, share: float, score: float, scores: Sampler, n: int) -> Binned:
    """A calibrated model, but for a small share of rows with one score, all of which are wrong."""
    gap = -score if score > 0.5 else 1 - score
    return Binned(name, with_rare(share, score, scores), lambda p: np.where(p == score, gap, 0), n)


def _zero_inflated(random: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    return (random.random(size) < 0.05) * random.exponential(1, size)


def _log_loss(random: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    p = random.beta(0.8, 3, size)
    return -np.log(np.where(random.random(size) < p, p, 1 - p))


def brier_of(a: float, b: float) -> Sampler:
    """Squared errors of calibrated probabilities, Beta(a, b) distributed; their mean is ab / ((a + b)(a + b + 1))."""

    def sample(random: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
        p = random.beta(a, b, size)
        return ((random.random(size) < p) - p) ** 2

    return sample


def with_rare(share: float, value: float, usual: Sampler) -> Sampler:
    """Usual numbers, but for a small share of rows that have one large value."""
    return lambda random, size: np.where(random.random(size) < share, value, usual(random, size))


def small(random: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """Uniform numbers up to 0.04; their mean is 0.02."""
    return 0.04 * random.random(size)


def rare(share: float, n: int, value: float = 1.0, name: str = "") -> Values:
    """Small numbers, but for a small share of rows."""
    shown = name or f"{100 * share:g} % of rows at the end of the range, n={n}"
    return Values(shown, with_rare(share, value, small), 0.02 * (1 - share) + share * value, n)


def _entropy(a: float, b: float) -> float:
    """The mean of a calibrated probability's log loss, Beta(a, b) distributed."""
    from scipy.special import digamma

    each = a / (a + b) * (digamma(a + 1) - digamma(a + b + 1)), b / (a + b) * (digamma(b + 1) - digamma(a + b + 1))
    return -float(sum(each))


SKEWED = (
    Values("exponential, n=30", lambda r, s: r.exponential(1, s), 1.0, 30),
    Values("exponential, n=200", lambda r, s: r.exponential(1, s), 1.0, 200),
    Values("half-normal, n=100", lambda r, s: np.abs(r.normal(0, 1, s)), math.sqrt(2 / math.pi), 100),
    Values("squared normal, n=200", lambda r, s: r.normal(0, 1, s) ** 2, 1.0, 200),
    Values("log-normal of sigma 1, n=200", lambda r, s: r.lognormal(0, 1, s), math.exp(0.5), 200),
    Values("95 % zeros, n=200", _zero_inflated, 0.05, 200),
)
BOUNDED = (
    Values("normal, n=20", lambda r, s: r.normal(1, 1, s), 1.0, 20),
    Values("uniform, n=50", lambda r, s: r.random(s), 0.5, 50),
    Values("exponential, n=100", lambda r, s: r.exponential(1, s), 1.0, 100),
)
LOG_LOSS = (
    Values("log loss of Beta(0.8, 3), n=100", _log_loss, _entropy(0.8, 3), 100),
    Values("log loss of Beta(0.8, 3), n=1000", _log_loss, _entropy(0.8, 3), 1000),
)
BRIER = (
    Values("Brier of Beta(0.5, 2), n=60", brier_of(0.5, 2), 0.5 * 2 / (2.5 * 3.5), 60),
    Values("Brier of Beta(0.5, 2), n=500", brier_of(0.5, 2), 0.5 * 2 / (2.5 * 3.5), 500),
    Values("Brier at prevalence 1 %, n=200", brier_of(0.05, 4.95), 0.05 * 4.95 / (5 * 6), 200),
    Values("Brier at prevalence 1 %, n=10", brier_of(0.05, 4.95), 0.05 * 4.95 / (5 * 6), 10),
    rare(0.001, 1000),
    rare(0.01, 250),
    rare(0.2, 10),
)
WITHIN_TWO = (
    Values("twice Beta(0.3, 3), n=60", lambda r, s: 2 * r.beta(0.3, 3, s), 2 * 0.3 / 3.3, 60),
    Values("twice Beta(2, 2), n=20", lambda r, s: 2 * r.beta(2, 2, s), 1.0, 20),
    rare(0.003, 500, 2.0),
)
HEAVY = (
    Values("very heavy tails: log-normal of sigma 2, n=500", lambda r, s: r.lognormal(0, 2, s), math.exp(2), 500),
    Values("very heavy tails: Pareto of index 1.5, n=500", lambda r, s: r.pareto(1.5, s), 2.0, 500),
    Values("very heavy tails: log-normal of sigma 1.5, n=20", lambda r, s: r.lognormal(0, 1.5, s), math.exp(1.125), 20),
    rare(0.003, 500, name="very heavy tails: 0.3 % of rows err by 1, the rest by 0.02, n=500"),
)
WEIGHTED_VALUES = (
    Values("exponential, weights of spread 0.7, n=200", lambda r, s: r.exponential(1, s), 1.0, 200, 0.7),
    Values("normal, weights of spread 0.7, n=100", lambda r, s: r.normal(1, 1, s), 1.0, 100, 0.7),
)
ERRORS = (
    Errors("normal labels and errors, n=50", lambda r, s: r.normal(0, 1, s), lambda r, s: r.normal(0, 0.5, s), 50,
           0.5, 0.75),
    Errors("normal labels and errors, n=300", lambda r, s: r.normal(0, 1, s), lambda r, s: r.normal(0, 0.5, s), 300,
           0.5, 0.75),
    Errors("demand: exponential labels, Laplace errors, n=200", lambda r, s: r.exponential(1, s),
           lambda r, s: r.laplace(0, 0.3, s), 200, 0.3, 1 - 2 * 0.09),
    Errors("very heavy tails: log-normal labels of sigma 1, t errors of 3 degrees, n=300",
           lambda r, s: r.lognormal(0, 1, s), lambda r, s: 0.4 * r.standard_t(3, s), 300,
           0.4 * 2 * math.sqrt(3) / math.pi / math.exp(0.5), 1 - 0.16 * 3 / ((math.e - 1) * math.e)),
)  # fmt: skip
CALIBRATION = (
    Binned("calibrated, n=500", lambda r, s: r.beta(1, 3, s), lambda p: 0 * p, 500),
    Binned("gap 0.05, n=500", lambda r, s: r.random(s), lambda p: 0.05 * np.sin(6 * p), 500),
    Binned("overconfident, n=200", lambda r, s: r.beta(2, 2, s), lambda p: 0.3 * (0.5 - p), 200),
    Binned("overconfident, n=3000", lambda r, s: r.beta(0.7, 2, s), lambda p: 0.2 * (0.3 - p), 3000),
    Binned("prevalence 5 %, n=1000", lambda r, s: r.beta(0.5, 9.5, s), lambda p: 0.3 * p, 1000),
    with_wrong_bin("0.2 % wrong in a bin of their own, n=1000", 0.002, 0.97, lambda r, s: r.beta(1, 20, s), 1000),
)

"""Populations of label and prediction, and of hits: what metrics of decided classes are drawn from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from mlgate.metrics.confusion import Confusion
from mlgate.metrics.kinds.share import HitShare
from mlgate.metrics.metric import Metric
from mlgate.metrics.tallies import Tallies, Tally

from .base import question

Pair = tuple[str, str]
POPULATION = 10**6


@dataclass(frozen=True)
class Matrix:
    """Rows of a population by (label, prediction), of which `n` are drawn; class "1" is the positive one.

    `spread` is the standard deviation of the log of sampling weights, 0 for none; `selected` multiplies the
    weights of some cells, as where the sample has too few of these.
    """

    name: str
    cells: Mapping[Pair, float]
    n: int
    spread: float = 0.0
    selected: Mapping[Pair, int] | None = None

    @property
    def weighted(self) -> bool:
        """Whether rows have sampling weights."""
        return self.spread > 0

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes, in order."""
        return tuple(sorted({label for label, _ in self.cells}))

    def truth(self, metric: Metric) -> float:
        """The metric of the whole population, weights included."""
        factor = self.selected or {}
        whole = {pair: _whole(round(share * POPULATION * factor.get(pair, 1))) for pair, share in self.cells.items()}
        return metric.kind.estimate(question(metric), self._stats(metric, whole, weighted=False)).value

    def draws(self, metric: Metric, random: np.random.Generator, runs: int) -> Iterator[tuple[Any, int]]:
        """Multinomial samples; equal ones together, and with weights each for itself."""
        pairs, shares = list(self.cells), np.array(list(self.cells.values()))
        drawn = random.multinomial(self.n, shares / shares.sum(), size=runs)
        if not self.weighted:
            for counts, times in zip(*np.unique(drawn, axis=0, return_counts=True)):
                cells = {pair: _whole(int(n)) for pair, n in zip(pairs, counts)}
                yield self._stats(metric, cells, weighted=False), int(times)
            return
        for counts in drawn:
            cells = {pair: self._weighed(pair, int(n), random) for pair, n in zip(pairs, counts)}
            yield self._stats(metric, cells, weighted=True), 1

    def _weighed(self, pair: Pair, n: int, random: np.random.Generator) -> Tally:
        weights = random.lognormal(0, self.spread, n) * (self.selected or {}).get(pair, 1)
        return Tally(n, Fraction(float(weights.sum())), Fraction(float((weights**2).sum())))

    def _stats(self, metric: Metric, cells: Mapping[Pair, Tally], *, weighted: bool) -> Tallies:
        filled = {pair: tally for pair, tally in cells.items() if tally.n}
        found = Confusion(filled, weighted, None, self.classes, "1")
        if not isinstance(metric.kind, HitShare):
            return found
        right, wrong = (found.named(frozenset({name})) for name in ("right", "wrong"))
        return Tallies({("true",): right, ("false",): wrong}, weighted)


def _whole(n: int) -> Tally:
    return Tally(n, Fraction(n), Fraction(n))


def two(name: str, prevalence: float, tpr: float, tnr: float, n: int, **more: Any) -> Matrix:
    """A population of two classes by its rates."""
    rest = 1 - prevalence
    cells = {
        ("1", "1"): prevalence * tpr,
        ("1", "2"): prevalence * (1 - tpr),
        ("2", "1"): rest * (1 - tnr),
        ("2", "2"): rest * tnr,
    }
    return Matrix(name, cells, n, **more)


def many(name: str, shares: tuple[float, ...], recalls: tuple[float, ...], n: int) -> Matrix:
    """A population of several classes; errors go to the other classes alike."""
    names = [str(at + 1) for at in range(len(shares))]
    cells = {}
    for label, share, recall in zip(names, shares, recalls, strict=True):
        for given in names:
            own = recall if label == given else (1 - recall) / (len(names) - 1)
            cells[label, given] = share * own
    return Matrix(name, cells, n)


TWO = (
    two("prevalence 5 %, n=200", 0.05, 0.8, 0.9, 200),
    two("prevalence 5 %, n=200, strict", 0.05, 0.5, 0.99, 200),
    two("prevalence 5 %, n=200, unskilled", 0.05, 0.1, 0.9, 200),
    two("prevalence 50 %, n=60", 0.5, 0.8, 0.75, 60),
    two("prevalence 30 %, n=25", 0.3, 0.7, 0.8, 25),
    two("prevalence 20 %, n=100, near perfect", 0.2, 0.98, 0.99, 100),
    two("prevalence 20 %, n=1000", 0.2, 0.7, 0.9, 1000),
    two("prevalence 1 %, n=1000", 0.01, 0.8, 0.98, 1000),
    two("prevalence 90 %, n=150", 0.9, 0.9, 0.6, 150),
)
SURVEY = (
    two("weights of spread 0.7, n=60", 0.4, 0.8, 0.75, 60, spread=0.7),
    two("weights of spread 0.7, n=200", 0.3, 0.8, 0.9, 200, spread=0.7),
    two("weights of spread 0.7, prevalence 5 %, n=500", 0.05, 0.8, 0.95, 500, spread=0.7),
    two("weights of spread 1, n=400", 0.3, 0.9, 0.95, 400, spread=1.0),
    two("positives weigh 4 times, n=200", 0.2, 0.75, 0.9, 200, spread=0.3, selected={("1", "1"): 4, ("1", "2"): 4}),
    two("misses weigh 3 times, n=200", 0.3, 0.8, 0.9, 200, spread=0.3, selected={("1", "2"): 3, ("2", "1"): 3}),
)
MANY = (
    many("3 classes, n=60", (0.4, 0.35, 0.25), (0.8, 0.7, 0.75), 60),
    many("3 classes 80/15/5 %, n=200", (0.8, 0.15, 0.05), (0.9, 0.7, 0.6), 200),
    many("3 classes 80/15/5 %, n=1000", (0.8, 0.15, 0.05), (0.95, 0.8, 0.8), 1000),
    many("5 classes, n=150", (0.2,) * 5, (0.9, 0.8, 0.7, 0.6, 0.5), 150),
    many("5 classes, n=1000", (0.4, 0.3, 0.15, 0.1, 0.05), (0.9, 0.85, 0.8, 0.75, 0.7), 1000),
    many("3 classes, near perfect, n=300", (0.5, 0.3, 0.2), (0.98, 0.97, 0.96), 300),
    many("3 classes, unskilled, n=100", (0.5, 0.3, 0.2), (0.34, 0.33, 0.33), 100),
)
MANY_SURVEY = tuple(replace(MANY[at], name=f"weights of spread 0.7, {MANY[at].name}", spread=0.7) for at in (2, 3, 4))

"""Populations of queries whose items are ranked: values between 0 and 1, many of them at the ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from mlgate.metrics.kinds.over_queries import OfQueries
from mlgate.metrics.metric import Metric
from mlgate.metrics.tallies import Tallies, Tally

from .sums import numbers_of

ITEMS, K, POOL = 20, 5, 100_000


@dataclass(frozen=True)
class RankedQueries:
    """Queries of 20 items, each relevant with the query's own chance, whose scores are `skill` higher then.

    Samples are drawn from a pool of queries, whose mean is the truth.
    """

    name: str
    relevant: float
    skill: float
    n: int
    weighted: bool = False

    def truth(self, metric: Metric) -> float:
        """The mean of the pool."""
        return float(pool(metric.name, self.relevant, self.skill).mean())

    def draws(self, metric: Metric, random: np.random.Generator, runs: int) -> Iterator[tuple[Any, int]]:
        """Samples of n."""
        values = pool(metric.name, self.relevant, self.skill)
        for _ in range(runs):
            found = random.choice(values, self.n)
            yield OfQueries(_hits(found) if metric.name == "hit_rate" else numbers_of(found), 0, 0), 1


def _hits(found: np.ndarray) -> Tallies:
    hits = int(found.sum())
    right, wrong = (Tally(n, Fraction(n), Fraction(n)) for n in (hits, len(found) - hits))
    return Tallies({("true",): right, ("false",): wrong}, False)


@cache
def pool(name: str, relevant: float, skill: float) -> np.ndarray:
    """The metric in each query of a pool, at 5 ranks; mrr and map at all."""
    random = np.random.default_rng(0)
    chance = random.beta(4 * relevant, 4 * (1 - relevant), (POOL, 1))
    hit = random.random((POOL, ITEMS)) < chance
    grade = hit * random.integers(1, 4, (POOL, ITEMS))
    order = np.argsort(-(skill * grade + random.normal(size=(POOL, ITEMS))), axis=1)
    return value(name, np.take_along_axis(grade, order, axis=1).astype(float))


def value(name: str, grade: np.ndarray) -> np.ndarray:
    """A ranking metric of every row of grades, in the order of their ranks."""
    ranks = np.arange(1, ITEMS + 1)
    hit = grade > 0
    relevant = np.maximum(hit.sum(axis=1), 1)
    if name == "ndcg":
        worth = np.where(ranks <= K, 1 / np.log2(1 + ranks), 0)
        best = -np.sort(-grade, axis=1) @ worth
        return np.asarray(grade @ worth / np.where(best > 0, best, 1))
    if name == "mrr":
        return np.where(hit.any(axis=1), 1 / (1 + hit.argmax(axis=1)), 0.0)
    if name == "map":
        return np.asarray((hit * hit.cumsum(axis=1) / ranks).sum(axis=1) / relevant)
    found = hit[:, :K].sum(axis=1)
    of = {"precision_at_k": found / K, "recall_at_k": found / relevant, "hit_rate": (found > 0).astype(float)}
    return of[name]


QUERIES = tuple(
    RankedQueries(f"{said}, {n} queries", relevant, skill, n)
    for said, relevant, skill in (
        ("few relevant items, ranked well", 0.1, 2.0),
        ("few relevant items, ranked at random", 0.1, 0.0),
        ("many relevant items, ranked well", 0.4, 1.0),
        ("hardly any relevant items", 0.02, 1.0),
    )
    for n in (100, 500)
)

"""Populations of rows with several classes at once, which hang together within a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from scipy.special import ndtri

from mlgate.metrics.kinds.mean import Mean
from mlgate.metrics.metric import Metric
from mlgate.metrics.sums import Summed

from .sums import chunks, numbers_of, sums_of

LARGE = 2_000_000
PARTS: Mapping[str, Callable[[Any, Any], tuple[Any, Any]]] = {
    "f1": lambda t, p: (2.0 * (t & p), 1.0 * t + p),
    "jaccard": lambda t, p: (1.0 * (t & p), 1.0 * (t | p)),
    "precision": lambda t, p: (1.0 * (t & p), 1.0 * p),
    "recall": lambda t, p: (1.0 * (t & p), 1.0 * t),
}
"""What is right and what counts of a class, from whether a row has it (t) and it is predicted (p)."""
OF_ROWS = ("hamming_loss", "f1", "jaccard")


@dataclass(frozen=True)
class Several:
    """Classes of given shares, right with a given chance; both hang together by `common` of a row's own normal."""

    name: str
    shares: tuple[float, ...]
    right: tuple[float, ...]
    n: int
    common: float = 0.5
    wholly: float = 0.0
    """The share of rows of which every answer is wrong."""
    weighted: bool = False

    def truth(self, metric: Metric) -> float:
        """The metric of a large sample."""
        found = [self._values(metric, *self._rows(np.random.default_rng(at), LARGE // 10)) for at in range(10)]
        if isinstance(metric.kind, Mean):
            return float(np.mean([values[0].mean() for values in found]))
        totals = np.sum([[value.sum() for value in values] for values in found], axis=0)
        return float(np.mean(totals[0::2] / totals[1::2]))

    def draws(self, metric: Metric, random: np.random.Generator, runs: int) -> Iterator[tuple[Any, int]]:
        """Samples of n."""
        for part in chunks(runs):
            for _ in range(part):
                values = self._values(metric, *self._rows(random, self.n))
                yield numbers_of(*values) if isinstance(metric.kind, Mean) else sums_of(_each(len(values)), *values), 1

    def _rows(self, random: np.random.Generator, n: int) -> tuple[Any, Any]:
        """Which classes rows have, and which are predicted."""
        k = len(self.shares)

        def below(chances: Any) -> Any:
            shared = random.normal(size=(n, 1)) * np.sqrt(self.common)
            return shared + random.normal(size=(n, k)) * np.sqrt(1 - self.common) < ndtri(chances)

        has = below(np.array(self.shares))
        right = below(np.array(self.right))
        # What is missed of a class is as much as is wrongly found of it.
        odds = np.array(self.shares) / (1 - np.array(self.shares))
        alarm = random.random((n, k)) < (1 - np.array(self.right)) * np.minimum(odds, 1)
        wrong = random.random((n, 1)) < self.wholly
        return has, np.where(wrong, ~has, np.where(has, right, alarm))

    def _values(self, metric: Metric, has: Any, predicted: Any) -> tuple[Any, ...]:
        if metric.name == "hamming_loss":
            return ((has != predicted).mean(axis=1),)
        right, of = PARTS[metric.name](has, predicted)
        if metric.average == "macro":
            return tuple(value for at in range(has.shape[1]) for value in (right[:, at], of[:, at]))
        if metric.average == "micro":
            return right.sum(axis=1), of.sum(axis=1)
        whole = of.sum(axis=1)
        return (np.where(whole == 0, 1.0, right.sum(axis=1) / np.maximum(whole, 1)),)


@cache
def _each(values: int) -> Summed:
    """Sums of so many values of a row."""
    return Summed((tuple((str(at),) for at in range(values)),))


SEVERAL = (
    Several("4 classes, n=100", (0.5, 0.3, 0.2, 0.1), (0.9, 0.8, 0.8, 0.7), 100),
    Several("4 classes, n=500", (0.5, 0.3, 0.2, 0.1), (0.9, 0.8, 0.8, 0.7), 500),
    Several("3 rare classes, n=500", (0.1, 0.05, 0.03), (0.8, 0.7, 0.6), 500),
    Several("10 classes, n=100", (0.3,) * 5 + (0.1,) * 5, (0.9,) * 5 + (0.6,) * 5, 100),
    Several("10 classes, hanging together, n=500", (0.3,) * 5 + (0.1,) * 5, (0.9,) * 5 + (0.6,) * 5, 500, 0.9),
    Several("4 classes, near perfect, n=100", (0.5, 0.3, 0.2, 0.2), (0.98,) * 4, 100),
    Several("4 classes, near perfect, n=500", (0.5, 0.3, 0.2, 0.2), (0.98,) * 4, 500),
    Several("4 classes, 2 % of rows wholly wrong, n=100", (0.5, 0.3, 0.2, 0.2), (1.0,) * 4, 100, wholly=0.02),
    Several("20 rare classes, n=100", (0.06,) * 20, (0.9,) * 10 + (0.7,) * 10, 100, 0.2),
    Several("3 classes, unskilled, n=100", (0.5, 0.3, 0.2), (0.5, 0.3, 0.2), 100),
)

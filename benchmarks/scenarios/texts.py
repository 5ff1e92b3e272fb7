"""Populations of texts, as the numbers that compare them: errors and words of a row, words in common."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlgate.metrics.kinds.mean import Mean
from mlgate.metrics.metric import Metric

from .sums import RATIO, chunks, numbers_of, sums_of


@dataclass(frozen=True)
class Transcripts:
    """References of a Poisson number of words, of which a row gets a share wrong that differs from row to row."""

    name: str
    words: float
    wrong: float
    alike: float
    """The shares' Beta distribution has this many pseudo-words: the fewer, the more errors come together."""
    n: int
    weighted: bool = False

    def truth(self, metric: Metric) -> float:
        """The share of words that are wrong; of the words in common the mean of a large sample."""
        if isinstance(metric.kind, Mean):
            found = [self._rows(np.random.default_rng(at), 500_000) for at in range(4)]
            return float(np.mean([_in_common(*rows).mean() for rows in found]))
        return self.wrong

    def draws(self, metric: Metric, random: np.random.Generator, runs: int) -> Iterator[tuple[Any, int]]:
        """Samples of n."""
        for part in chunks(runs):
            for _ in range(part):
                errors, words = self._rows(random, self.n)
                if isinstance(metric.kind, Mean):
                    yield numbers_of(_in_common(errors, words)), 1
                else:
                    yield sums_of(RATIO, errors, words), 1

    def _rows(self, random: np.random.Generator, n: int) -> tuple[Any, Any]:
        words = random.poisson(self.words, n) + 1
        share = random.beta(self.wrong * self.alike, (1 - self.wrong) * self.alike, n)
        return random.binomial(words, share).astype(float), words.astype(float)


def _in_common(errors: Any, words: Any) -> Any:
    """F1 of words where every error is a word in place of another."""
    return 1 - errors / words


TRANSCRIPTS = (
    Transcripts("10 words, 10 % wrong, n=100", 10, 0.1, 5, 100),
    Transcripts("20 words, 5 % wrong, n=200", 20, 0.05, 5, 200),
    Transcripts("10 words, 20 % wrong, often all, n=200", 10, 0.2, 0.5, 200),
    Transcripts("20 words, 2 % wrong, n=1000", 20, 0.02, 1, 1000),
    Transcripts("5 words, 30 % wrong, n=60", 5, 0.3, 3, 60),
)

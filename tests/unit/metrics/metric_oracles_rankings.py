"""The oracles of rankings: query by query, by every order that the scores allow, and by scikit-learn where it can."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import permutations

import numpy as np
import sklearn.metrics as sk
from metric_oracles import Oracle
from metric_samples import Sample

from mlgate.metrics.options import Options

Value = Callable[[Sequence[float], Options], float]
"""The metric of one query's grades in the order of their ranks."""
FEW = 5


def _k(options: Options, otherwise: int) -> int:
    return otherwise if options.k is None else int(options.k)


def _hits(grades: Sequence[float], options: Options) -> list[bool]:
    least = options.relevant_from
    return [grade > 0 if least is None else grade >= least for grade in grades]


def _ndcg(grades: Sequence[float], options: Options) -> float:
    def gained(ordered: Sequence[float]) -> float:
        gains = [2**grade - 1 if options.gain == "exponential" else grade for grade in ordered]
        return sum(gain / math.log2(rank + 2) for rank, gain in enumerate(gains[: _k(options, len(gains))]))

    best = gained(sorted(grades, reverse=True))
    return gained(grades) / best if best else 0.0


def _mrr(grades: Sequence[float], options: Options) -> float:
    within = _hits(grades, options)[: _k(options, len(grades))]
    return 1 / (within.index(True) + 1) if any(within) else 0.0


def _map(grades: Sequence[float], options: Options) -> float:
    hits = _hits(grades, options)
    k, relevant = _k(options, len(hits)), sum(hits)
    found = sum(sum(hits[: at + 1]) / (at + 1) for at in range(min(k, len(hits))) if hits[at])
    return found / min(k, relevant) if relevant else 0.0


def _precision(grades: Sequence[float], options: Options) -> float:
    k = _k(options, len(grades))
    return sum(_hits(grades, options)[:k]) / k


def _recall(grades: Sequence[float], options: Options) -> float:
    hits = _hits(grades, options)
    return sum(hits[: _k(options, len(hits))]) / sum(hits) if any(hits) else 0.0


def _hit_rate(grades: Sequence[float], options: Options) -> float:
    return float(any(_hits(grades, options)[: _k(options, len(grades))]))


def _worst(value: Value, scores: np.ndarray, grades: np.ndarray, options: Options) -> float:
    """The least value of all orders by falling score; of many items, with the less relevant first among equals."""
    if len(scores) > FEW:
        return value(list(grades[np.lexsort((grades, -scores))]), options)
    falling = -np.sort(-scores)
    orders = (list(order) for order in permutations(range(len(scores))))
    return min(value(list(grades[order]), options) for order in orders if (scores[order] == falling).all())


def _library(value: Value, scores: np.ndarray, grades: np.ndarray, options: Options) -> float | None:
    """The same by scikit-learn, where it has it and no two scores are equal."""
    if len(set(scores)) < len(scores) or len(scores) < 2:
        return None
    if value is _ndcg and options.gain == "linear" and grades.any():
        return float(sk.ndcg_score([grades], [scores], k=None if options.k is None else int(options.k)))
    hits = _hits(list(grades), options)
    if value is _map and options.k is None and any(hits):
        return float(sk.average_precision_score(hits, scores))
    return None


def of(value: Value) -> Callable[[Sample], float | None]:
    """The mean over queries; None where each query has one value whatever the order of its items."""

    def mean(sample: Sample) -> float | None:
        values, open_ = [], False
        for _, rows in sample.rows.groupby("q"):
            scores, grades = rows["score"].to_numpy(), rows["y"].to_numpy()
            found = _worst(value, scores, grades, sample.options)
            theirs = _library(value, scores, grades, sample.options)
            assert theirs is None or math.isclose(found, theirs, rel_tol=1e-12)
            values.append(found)
            ends = [value(sorted(grades, reverse=best), sample.options) for best in (True, False)]
            open_ = open_ or not math.isclose(*ends, rel_tol=1e-12)
        return float(np.mean(values)) if open_ else None

    return mean


TOP = tuple(Options(k=Fraction(k)) for k in (1, 3, 10))
GRADED = Options(k=Fraction(3), relevant_from=Fraction(3, 2))
ALL = (Options(), *TOP, GRADED)
RANKING: Mapping[str, Oracle] = {
    "ndcg": Oracle(of(_ndcg), "ranking", (Options(), *TOP, Options(k=Fraction(5), gain="exponential"))),
    "mrr": Oracle(of(_mrr), "ranking", ALL),
    "map": Oracle(of(_map), "ranking", ALL),
    "precision_at_k": Oracle(of(_precision), "ranking", (*TOP, GRADED)),
    "recall_at_k": Oracle(of(_recall), "ranking", (*TOP, GRADED)),
    "hit_rate": Oracle(of(_hit_rate), "ranking", (*TOP, GRADED)),
}

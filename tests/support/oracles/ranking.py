"""The oracles of rankings: query by query, by every order that the scores allow; scikit-learn confirms what it can."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import permutations

import numpy as np
import sklearn.metrics as sk

from mlgate.metrics.options import Options
from support.oracles.base import Oracle, Sample, same

Grades = Sequence[float]
OfQuery = Callable[[Grades, Options], float]
"""The metric of one query, from its grades in the order of their ranks."""
FEW = 5
"""Up to so many items, every order is tried."""


def first(options: Options, otherwise: int) -> int:
    """How many ranks count."""
    return otherwise if options.k is None else int(options.k)


def hits(grades: Grades, options: Options) -> list[bool]:
    least = options.relevant_from
    return [grade > 0 if least is None else grade >= least for grade in grades]


def ndcg(grades: Grades, options: Options) -> float:
    def gained(ordered: Grades) -> float:
        gains = [2**grade - 1 if options.gain == "exponential" else grade for grade in ordered]
        return sum(gain / math.log2(rank + 2) for rank, gain in enumerate(gains[: first(options, len(gains))]))

    best = gained(sorted(grades, reverse=True))
    return gained(grades) / best if best else 0.0


def mrr(grades: Grades, options: Options) -> float:
    within = hits(grades, options)[: first(options, len(grades))]
    return 1 / (within.index(True) + 1) if any(within) else 0.0


def mean_average_precision(grades: Grades, options: Options) -> float:
    hit = hits(grades, options)
    k, relevant = first(options, len(hit)), sum(hit)
    found = sum(sum(hit[: at + 1]) / (at + 1) for at in range(min(k, len(hit))) if hit[at])
    return found / min(k, relevant) if relevant else 0.0


def precision_at_k(grades: Grades, options: Options) -> float:
    k = first(options, len(grades))
    return sum(hits(grades, options)[:k]) / k


def recall_at_k(grades: Grades, options: Options) -> float:
    hit = hits(grades, options)
    return sum(hit[: first(options, len(hit))]) / sum(hit) if any(hit) else 0.0


def hit_rate(grades: Grades, options: Options) -> float:
    return float(any(hits(grades, options)[: first(options, len(grades))]))


def worst(of: OfQuery, scores: np.ndarray, grades: np.ndarray, options: Options) -> float:
    """The least value of all orders by falling score; of many items, that with the less relevant first in ties."""
    if len(scores) > FEW:
        return of(list(grades[np.lexsort((grades, -scores))]), options)
    falling = -np.sort(-scores)
    orders = (list(order) for order in permutations(range(len(scores))))
    return min(of(list(grades[order]), options) for order in orders if (scores[order] == falling).all())


def by_library(of: OfQuery, scores: np.ndarray, grades: np.ndarray, options: Options) -> float | None:
    """scikit-learn's value, where it has the metric and no two scores are equal."""
    if len(set(scores)) < len(scores) or len(scores) < 2:
        return None
    if of is ndcg and options.gain != "exponential" and grades.any():
        return float(sk.ndcg_score([grades], [scores], k=None if options.k is None else int(options.k)))
    hit = hits(list(grades), options)
    if of is mean_average_precision and options.k is None and any(hit):
        return float(sk.average_precision_score(hit, scores))
    return None


def of_query(of: OfQuery, scores: np.ndarray, grades: np.ndarray, options: Options) -> float:
    mine, theirs = worst(of, scores, grades, options), by_library(of, scores, grades, options)
    return mine if theirs is None else float(same(mine, theirs))


def over_queries(of: OfQuery) -> Callable[[Sample], float]:
    """The mean over queries."""
    return lambda s: float(
        np.mean([
            of_query(of, rows["score"].to_numpy(), rows["y"].to_numpy(), s.options) for _, rows in s.rows.groupby("q")
        ])
    )  # fmt: skip


def order_matters(of: OfQuery) -> Callable[[Sample], bool]:
    """In some query the best order has another value than the worst; otherwise a ranking is not measured."""
    return lambda s: any(
        not math.isclose(*(of(sorted(rows["y"], reverse=best), s.options) for best in (True, False)), rel_tol=1e-12)
        for _, rows in s.rows.groupby("q")
    )


def oracle(of: OfQuery, options: tuple[Options, ...]) -> Oracle:
    return Oracle(over_queries(of), "ranking", options, order_matters(of))


TOP = tuple(Options(k=Fraction(k)) for k in (1, 3, 10))
GRADED = Options(k=Fraction(3), relevant_from=Fraction(3, 2))
RANKING: Mapping[str, Oracle] = {
    "ndcg": oracle(ndcg, (Options(), *TOP, Options(k=Fraction(5), gain="exponential"))),
    "mrr": oracle(mrr, (Options(), *TOP, GRADED)),
    "map": oracle(mean_average_precision, (Options(), *TOP, GRADED)),
    "precision_at_k": oracle(precision_at_k, (*TOP, GRADED)),
    "recall_at_k": oracle(recall_at_k, (*TOP, GRADED)),
    "hit_rate": oracle(hit_rate, (*TOP, GRADED)),
}

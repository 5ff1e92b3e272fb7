"""Metrics of rankings: a value per query, and its mean over the queries."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mlgate.evidence.dialect import quote
from mlgate.evidence.tables.ranked_queries import QUERIES
from mlgate.metrics.kinds.mean import Mean
from mlgate.metrics.kinds.over_queries import OverQueries
from mlgate.metrics.kinds.share import HitShare
from mlgate.metrics.metric import Better, Interval, Metric
from mlgate.metrics.queries import per_query, usable_queries
from mlgate.metrics.question import UNIT, Question
from mlgate.stats.means import LEAST_ROWS

TASK = ("ranking",)
BINARY = ("k", "relevant_from")
MEANS = "at most 5 % on the grid of 100 and 500 queries with many values at 0 or 1, also where every ranking is perfect"


def _value(formula: str) -> Callable[[Question], str]:
    return lambda question: quote(per_query(question, formula).name)


def _hit(question: Question) -> str:
    return f"{_value('hit_rate')(question)} > 0"


def _state(formula: str) -> Callable[[Question], str]:
    return lambda question: quote(per_query(question, formula, state=True).name)


def _mean(
    name: str, formula: str, oracle: str, doc: str, takes: tuple[str, ...] = BINARY, requires: tuple[str, ...] = ()
) -> Metric:
    kind = OverQueries(Mean(_value(formula), usable_queries, heavy=False, ends=UNIT, least=LEAST_ROWS), _state(formula))
    return Metric(name, TASK, kind, Better.HIGHER, UNIT, oracle, doc, takes, requires, Interval.APPROXIMATE, MEANS,
                  table=QUERIES)  # fmt: skip


METRICS: tuple[Metric, ...] = (
    _mean("ndcg", "ndcg", "sklearn.metrics:ndcg_score",
          "Discounted gain of the ranking divided by that of the best ranking, for the first `k` ranks (Järvelin & "
          "Kekäläinen 2002). The gain is the item's grade, or with `gain: exponential` 2^grade - 1; the discount is "
          "1 / log2(rank + 1). Of equal scores the less relevant item ranks first. A query without a relevant item "
          "counts as 0.",
          ("k", "gain")),
    _mean("mrr", "mrr", "brute force",
          "Mean reciprocal rank: 1 / rank of the first relevant item, or 0 if the first `k` ranks have none "
          "(Voorhees 1999). Of equal scores the less relevant item ranks first."),
    _mean("map", "map", "sklearn.metrics:average_precision_score",
          "Mean average precision: the sum of the precisions at the ranks of relevant items within the first `k`, "
          "divided by the number of relevant items or by `k`, whichever is smaller. Of equal scores the less relevant "
          "item ranks first. A query without a relevant item counts as 0."),
    _mean("precision_at_k", "precision", "brute force",
          "Number of relevant items among a query's first `k`, divided by `k` even if the query has fewer items. Of "
          "equal scores the less relevant item ranks first.", BINARY, ("k",)),
    _mean("recall_at_k", "recall", "brute force",
          "Share of a query's relevant items that are among its first `k`. Of equal scores the less relevant item "
          "ranks first. A query without a relevant item counts as 0.", BINARY, ("k",)),
    Metric("hit_rate", TASK, OverQueries(HitShare(_hit, usable_queries, "queries"), _state("hit_rate")),
           Better.HIGHER, UNIT, "brute force",
           "Share of queries with a relevant item among the first `k`. Of equal scores the less relevant item ranks "
           "first.", BINARY, ("k",), table=QUERIES),
)  # fmt: skip

ALSO_CALLED: Mapping[str, str] = {
    "ndcg": "ndcg_score, ndcg_at_k, normalized_discounted_cumulative_gain, normalised_discounted_cumulative_gain",
    "mrr": "mean_reciprocal_rank, reciprocal_rank",
    "map": "mean_average_precision, map_at_k",
    "hit_rate": "hit_ratio, hit_rate_at_k, hit_at_k, success_at_k",
    "precision_at_k": "p_at_k, precision_at_n",
    "recall_at_k": "r_at_k, recall_at_n",
}
"""What each is called elsewhere: the names that a message or `mlgate explain` understands, and no policy accepts."""

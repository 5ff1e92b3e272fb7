"""Ranking: the items of each query, in an order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlgate.candidate.presented import Candidate
from mlgate.candidate.roles import Predictions
from mlgate.candidate.tasks.task import Misfit, Task
from mlgate.evidence.tables.exposures import EXPOSURES, Exposures
from mlgate.evidence.tables.ranked_queries import QUERIES, Queries
from mlgate.evidence.tables.recipe import Recipe


@dataclass(frozen=True)
class RankingTask(Task):
    """Ranks the items of queries."""

    def problems(self, candidate: Candidate) -> Iterator[Misfit]:
        """Items cannot be rolled up."""
        if candidate.unit and candidate.unit.score:
            yield ("unit", "score"), "`unit.score` rolls rows up, and items of a ranking cannot be rolled up; remove it"
        own, evaluation = candidate.predictions, candidate.evaluation
        if own is not None and own.unretrieved:
            at = ("predictions", "unretrieved")
            if evaluation is None or not evaluation.label or not own.score:
                yield (
                    at,
                    "`unretrieved` requires `score`, and `tables.evaluation` with the grade as its `label`; add them",
                )
            elif own.id:
                yield at, "`unretrieved` joins by `query` and `item`; remove `id`"
            elif own.label:
                yield at, "`unretrieved` takes grades from `tables.evaluation` alone; remove `label` of the predictions"

    def grouped(self, table: str, query: tuple[str, ...]) -> Iterator[tuple[str, Recipe]]:
        """The queries, and the exposure of their items."""
        yield QUERIES, Queries(table, query)
        yield EXPOSURES, Exposures(table, query)

    def unit(self, predictions: Predictions) -> str | None:
        """Items of a query belong together."""
        return predictions.query


TASK = RankingTask(
    requires={"query": "tells which items are ranked together", "item": "identifies what is ranked"},
    refuses={"prediction": "use `score`", "count": "remove it", "weight": "remove it"},
    makes=(QUERIES, EXPOSURES),
)

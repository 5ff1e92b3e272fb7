"""Metrics of a column of any table, for any task: latency, a judge's score, a business figure."""

from __future__ import annotations

from collections.abc import Mapping

from mlgate.evidence.questions.need import Need
from mlgate.metrics.binary import TAILS
from mlgate.metrics.kinds.mean import Mean
from mlgate.metrics.kinds.quantile import Quantile
from mlgate.metrics.kinds.share import HitShare
from mlgate.metrics.labels import complete_column, values_present
from mlgate.metrics.metric import EVERYWHERE, Better, Interval, Metric
from mlgate.metrics.question import Question, as_float

ANY = (float("-inf"), float("inf"))


def _value(question: Question) -> str:
    return question.number("column").number


def _usable(question: Question) -> tuple[Need, ...]:
    return question.usable("column")


def _has_value(question: Question) -> str:
    return question.number("column").equals_any(question.options.equals)


def _complete(question: Question) -> tuple[Need, ...]:
    options = question.options
    present = values_present(
        question.rows,
        question.number("column"),
        options.equals,
        "equals",
        count=question.count,
        may_lack=bool(options.allow_absent),
    )
    return complete_column(question), present


METRICS: tuple[Metric, ...] = (
    Metric("mean", EVERYWHERE, Mean(_value, _usable, heavy=False, signed=True), Better.NEITHER, ANY, "numpy:mean",
           "Mean of a `column`.", ("column", "cap", "table"), ("column",), Interval.NOT_GUARANTEED,
           TAILS),
    Metric("rate", EVERYWHERE, HitShare(_has_value, _complete), Better.NEITHER,
           (0.0, 1.0), "brute force", "Share of rows whose `column` is one of the values in `equals`, compared by the "
           "column's kind: 1 is 1.0 as a number, not as text. A value that no row has is an error, and so is text that "
           "has the same number or truth value in other letters.",
           ("column", "equals", "allow_absent", "table"), ("column", "equals")),
    Metric("quantile", EVERYWHERE, Quantile(_value, ("column",), lambda q: as_float(q.options.quantile, 0.5)),
           Better.NEITHER, ANY, "numpy:quantile",
           "The `quantile` of a `column`: the inverse of its empirical distribution function.",
           ("column", "quantile", "table"), ("column", "quantile")),
)  # fmt: skip

ALSO_CALLED: Mapping[str, str] = {
    "mean": "average, avg",
    "rate": "share, proportion, fraction, percentage",
    "quantile": "percentile, median, p50, p90, p95, p99",
}
"""What each is called elsewhere: the names that a message or `mlgate explain` understands, and no policy accepts."""

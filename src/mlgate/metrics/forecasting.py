"""Metrics of forecasts relative to a seasonal naive forecast that was possible at the same time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from mlgate.evidence.dialect import quote
from mlgate.evidence.guard import Guard
from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.need import Need, Term
from mlgate.evidence.tables.forecast_rows import fault, naive, scale
from mlgate.metrics.binary import RARE, TAILS
from mlgate.metrics.kinds.mean import Mean
from mlgate.metrics.kinds.smooth import ratio_of_sums
from mlgate.metrics.metric import Better, Interval, Metric
from mlgate.metrics.question import Question
from mlgate.values.errors import EvidenceError
from mlgate.values.words import have

TASK = ("forecasting",)
POSITIVE = (0.0, float("inf"))
DEPENDENT = (
    "; with the series as `unit` up to 7 %; without it, bounds from several rows per series miss far more often: 17 % "
    "with 12 origins, 29 % with 12 horizons, 44 % with both"
)


def _season(question: Question) -> int:
    """The rule's season, 1 by default. Raises EvidenceError for a candidate without a history."""
    if "history" not in question.roles:
        raise EvidenceError(
            "the candidate presents no history: add `tables: {history: {path, key, label}}`, with `key` naming the "
            "columns of the series and of the time"
        )
    return question.options.season or 1


def _absolute(question: Question) -> str:
    return f"abs({question.number('label').number} - {question.number('prediction').number})"


def _scaled(question: Question) -> str:
    return f"{_absolute(question)} / {quote(scale(_season(question)))}"


def _of_naive(question: Question) -> str:
    return f"abs({question.number('label').number} - {quote(naive(_season(question)))})"


def _sound(question: Question, column: Callable[[int], str], what: str) -> Guard:
    """The guard that every forecast has a value in a computed column: its scale, or its seasonal naive forecast."""
    found = Term("fault", quote(fault(column(_season(question)))))
    need = Counts(question.rows.table, question.where, question.count, (found,))
    return Guard(need, partial(_refuse_faults, what))


def _refuse_faults(what: str, fact: CountsFact) -> None:
    broken = {cell.values[0]: cell.n for cell in fact.cells if cell.values[0] is not None}
    if broken:
        reasons = sorted(broken.items(), key=lambda entry: -entry[1])
        said = "; ".join(f"{rows}: {reason}" for reason, rows in reasons)
        raise EvidenceError(f"{have(sum(broken.values()), 'forecast', fact.rows)} no {what}. {said}")


def _scale_usable(question: Question) -> tuple[Need, ...]:
    return (*question.usable("label", "prediction"), _sound(question, scale, "scale"))


def _naive_usable(question: Question) -> tuple[Need, ...]:
    return (_sound(question, naive, "seasonal naive forecast"),)


def _both_usable(question: Question) -> tuple[Need, ...]:
    return (*question.usable("label", "prediction"), *_naive_usable(question))


METRICS: tuple[Metric, ...] = (
    Metric("mase", TASK, Mean(_scaled, _scale_usable), Better.LOWER, POSITIVE, "brute force",
           "Mean absolute scaled error: absolute errors divided by the scale of their series. The scale is the mean "
           "absolute error, within the history known at the time, of forecasting each value by the one a `season` "
           "earlier (Hyndman & Koehler 2006).",
           ("season", "cap"), ("season",), Interval.NOT_GUARANTEED, TAILS + DEPENDENT),
    Metric("relative_mae", TASK, ratio_of_sums(_absolute, _of_naive, _both_usable),
           Better.LOWER, POSITIVE, "brute force",
           "Sum of absolute errors divided by that of the seasonal naive forecast for the same rows, which is the last "
           "known value of the same part of the `season`. Below 1 the model is better.", ("season",), ("season",),
           Interval.NOT_GUARANTEED, RARE + "without such rows up to 6 % on the grid" + DEPENDENT),
)  # fmt: skip

ALSO_CALLED: Mapping[str, str] = {
    "mase": "mean_absolute_scaled_error",
    "relative_mae": "rmae, relative_mean_absolute_error, rel_mae",
}
"""What each is called elsewhere: the names that a message or `mlgate explain` understands, and no policy accepts."""

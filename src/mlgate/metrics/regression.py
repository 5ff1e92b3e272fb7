"""Metrics of a predicted number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from mlgate.evidence.dialect import literal
from mlgate.evidence.guard import Guard
from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.need import Need, Term
from mlgate.metrics.binary import BOUNDED, RARE, TAILS
from mlgate.metrics.kinds.mean import Mean
from mlgate.metrics.kinds.quantile import Quantile
from mlgate.metrics.kinds.share import HitShare
from mlgate.metrics.kinds.smooth import explained, ratio_of_sums
from mlgate.metrics.kinds.worst import Worst
from mlgate.metrics.metric import Better, Interval, Metric
from mlgate.metrics.question import ABOVE_ZERO, NOT_NEGATIVE, Question, as_float
from mlgate.values.errors import EvidenceError
from mlgate.values.words import are, counted

HIGHER, LOWER, NEITHER = Better.HIGHER, Better.LOWER, Better.NEITHER
TASK = ("regression",)
NUMBER = ("regression", "forecasting")
POSITIVE, ANY = (0.0, float("inf")), (float("-inf"), float("inf"))
SK = "sklearn.metrics:"


def _label(question: Question) -> str:
    return question.number("label").number


def _prediction(question: Question) -> str:
    return question.number("prediction").number


def _error(question: Question) -> str:
    return f"({_label(question)} - {_prediction(question)})"


def _absolute(question: Question) -> str:
    return f"abs({_error(question)})"


def _squared(question: Question) -> str:
    return f"{_error(question)} * {_error(question)}"


def _signed(question: Question) -> str:
    return f"{_prediction(question)} - {_label(question)}"


def _percentage(question: Question) -> str:
    return f"{_absolute(question)} / abs({_label(question)})"


def _symmetric(question: Question) -> str:
    size = f"(abs({_label(question)}) + abs({_prediction(question)}))"
    return f"case when {size} = 0 then 0.0 else 2 * {_absolute(question)} / {size} end"


def _pinball(question: Question) -> str:
    q = f"cast({literal(repr(as_float(question.options.quantile, 0.5)))} as double)"
    error = _error(question)
    return f"case when {error} >= 0 then {q} * {error} else ({q} - 1) * {error} end"


def _poisson(question: Question) -> str:
    y, p = _label(question), _prediction(question)
    return f"2 * (case when {y} = 0 then {p} else {y} * ln({y} / {p}) - {y} + {p} end)"


def _size(question: Question) -> str:
    return f"abs({_label(question)})"


def _inside(question: Question) -> str:
    y = _label(question)
    return f"{y} >= {question.number('lower').number} and {y} <= {question.number('upper').number}"


def _usable(question: Question) -> tuple[Need, ...]:
    return question.usable("label", "prediction")


def _prediction_usable(question: Question) -> tuple[Need, ...]:
    return question.usable("prediction")


def _no_zero_labels(question: Question) -> tuple[Need, ...]:
    """The guards of a percentage error: every label is a number other than 0."""
    zero = Term.flag("zero", f"{_label(question)} = 0")
    need = Counts(question.rows.table, question.where, question.count, (zero,))
    return (*_usable(question), Guard(need, partial(_refuse_zeros, question.key("label"))))


def _refuse_zeros(key: str, fact: CountsFact) -> None:
    if found := fact.flagged():
        said = f"{counted(found, 'label')} {are(found)} 0, and a percentage of 0 is not defined: use smape or wape"
        raise EvidenceError(said, key)


def _poisson_usable(question: Question) -> tuple[Need, ...]:
    return (*question.usable("label", within=NOT_NEGATIVE), *question.usable("prediction", within=ABOVE_ZERO))


def _width(question: Question) -> str:
    return f"({question.number('upper').number} - {question.number('lower').number})"


def _no_crossing(question: Question) -> tuple[Need, ...]:
    """The guard that no upper end is below the lower one, which would make the mean width smaller, and so better."""
    crossed = Term.flag("crossed", f"{_width(question)} < 0")
    need = Counts(question.rows.table, question.where, question.count, (crossed,))
    return (*question.usable("lower", "upper"), Guard(need, partial(_refuse_crossing, question)))


def _refuse_crossing(question: Question, fact: CountsFact) -> None:
    if found := fact.flagged():
        upper, lower = (question.number(role) for role in ("upper", "lower"))
        ends = "ends below its start" if found == 1 else "end below their start"
        said = f"{counted(found, 'interval')} {ends}: `{upper.name}` < `{lower.name}`; correct the columns"
        raise EvidenceError(said, upper.key, lower.key)


def _interval_usable(question: Question) -> tuple[Need, ...]:
    return question.usable("label", "lower", "upper")


def _mean(
    name: str,
    expression: Callable[[Question], str],
    oracle: str,
    doc: str,
    better: Better = LOWER,
    tasks: tuple[str, ...] = NUMBER,
    **kind: Any,
) -> Metric:
    takes = ("cap",) if better is LOWER else ()
    bounds = POSITIVE if better is LOWER else ANY
    kind = {"guard": _usable, **kind}
    promised = (Interval.APPROXIMATE, BOUNDED) if "ends" in kind else (Interval.NOT_GUARANTEED, TAILS)
    return Metric(name, tasks, Mean(expression, **kind), better, bounds, oracle, doc, takes, (), *promised)


METRICS: tuple[Metric, ...] = (
    _mean("mae", _absolute, SK + "mean_absolute_error", "Mean absolute error."),
    _mean("mse", _squared, SK + "mean_squared_error", "Mean squared error."),
    _mean("rmse", _squared, SK + "root_mean_squared_error", "Root of the mean squared error.", root=True),
    _mean("mape", _percentage, SK + "mean_absolute_percentage_error",
          "Mean of |error| / |label|; not defined if a label is 0.",
          guard=_no_zero_labels),
    _mean("smape", _symmetric, "brute force",
          "Mean of 2|error| / (|label| + |prediction|), in [0, 2]; 0 where both are 0 (Makridakis 1993).",
          ends=(0.0, 2.0)),
    _mean("mean_prediction", _prediction, "numpy:mean", "Mean of the predictions.", NEITHER, heavy=False,
          guard=_prediction_usable),
    _mean("mean_error", _signed, "brute force", "Mean of prediction minus label: the bias.", NEITHER, heavy=False),
    _mean("poisson_deviance", _poisson, SK + "mean_poisson_deviance",
          "Mean Poisson deviance of counts; labels must be 0 or more, predictions above 0.", tasks=TASK,
          guard=_poisson_usable),
    Metric("pinball_loss", NUMBER, Mean(_pinball, _usable), LOWER, POSITIVE, SK + "mean_pinball_loss",
           "Mean pinball loss of a predicted `quantile` (Koenker & Bassett 1978).", ("quantile", "cap"), ("quantile",),
           Interval.NOT_GUARANTEED, TAILS),
    Metric("median_absolute_error", NUMBER, Quantile(_absolute, ("label", "prediction"), lambda _q: 0.5, median=True),
           LOWER, POSITIVE, SK + "median_absolute_error", "Median of the absolute errors."),
    Metric("wape", NUMBER, ratio_of_sums(_absolute, _size, _usable), LOWER, POSITIVE, "brute force",
           "Sum of absolute errors divided by the sum of absolute labels.", (), (), Interval.NOT_GUARANTEED,
           RARE + "without such rows up to 5.5 % on the grid"),
    Metric("r2", TASK, explained(_label, _prediction, _usable), HIGHER, (float("-inf"), 1.0),
           SK + "r2_score", "Share of the label's variance that the prediction explains.", (), (),
           Interval.NOT_GUARANTEED,
           "upper bounds miss up to 8 % instead of 5 % with normal data, 12 % with heavy tails; wape is recommended"),
    Metric("interval_coverage", NUMBER, HitShare(_inside, _interval_usable), NEITHER, (0.0, 1.0),
           "brute force", "Share of labels inside the predicted interval, its ends included.",
           beside=("interval_width", "pinball_loss")),
    _mean("interval_width", _width, "brute force", "Mean width of the predicted interval, upper minus lower end.",
          guard=_no_crossing),
    Metric("max_error", NUMBER, Worst(_absolute, ("label", "prediction")), LOWER, POSITIVE, SK + "max_error",
           "Largest absolute error. No sample bounds that of the population, so it requires `proof: estimate`.", (), (),
           Interval.NONE, "use a rate rule (the share of rows with a larger error) for a demand that must be shown"),
)  # fmt: skip

ALSO_CALLED: Mapping[str, str] = {
    "mae": "mean_absolute_error, neg_mean_absolute_error, l1",
    "mse": "mean_squared_error, neg_mean_squared_error, l2",
    "rmse": "root_mean_squared_error, root_mean_square_error, neg_root_mean_squared_error, rms_error",
    "mape": "mean_absolute_percentage_error, mean_absolute_percent_error",
    "smape": "symmetric_mean_absolute_percentage_error, symmetric_mape",
    "mean_error": "bias, mean_bias_error, mbe, mean_residual",
    "poisson_deviance": "mean_poisson_deviance",
    "pinball_loss": "quantile_loss, mean_pinball_loss",
    "median_absolute_error": "medae, mdae, median_ae",
    "wape": "wmape, weighted_absolute_percentage_error, weighted_mape",
    "r2": "r2_score, r_squared, r_square, coefficient_of_determination",
    "interval_coverage": "coverage, picp, empirical_coverage",
    "interval_width": "mpiw, sharpness, mean_interval_width",
    "max_error": "max_absolute_error, maximum_error, worst_error",
}
"""What each is called elsewhere: the names that a message or `mlgate explain` understands, and no policy accepts."""

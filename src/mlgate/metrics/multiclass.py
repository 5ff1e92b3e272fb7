"""Metrics of three or more classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlgate.evidence.dialect import literal
from mlgate.evidence.questions.need import Need
from mlgate.metrics import binary
from mlgate.metrics.binary import LOG_LOSS, minus_log, never_zero
from mlgate.metrics.kinds.calibration import Calibration
from mlgate.metrics.kinds.mean import Mean
from mlgate.metrics.kinds.melded import MeldedShares
from mlgate.metrics.kinds.sampled import Sampled
from mlgate.metrics.kinds.share import HitShare, Share
from mlgate.metrics.labels import labelled
from mlgate.metrics.metric import Better, Interval, Metric
from mlgate.metrics.question import UNIT, Question, clipped
from mlgate.stats.linearised import FISHER
from mlgate.values.errors import EvidenceError

HIGHER, LOWER = Better.HIGHER, Better.LOWER
TASK = ("multiclass",)
CORRELATION = (-1.0, 1.0)
SK = "sklearn.metrics:"
FEW = "bounds miss up to 7 % instead of 5 %, most often where few rows are wrong"
OWN_CLASS = (
    "precision", "recall", "specificity", "false_positive_rate", "false_negative_rate", "negative_predictive_value",
    "f1", "fbeta", "jaccard", "selection_rate", "prevalence",
)  # fmt: skip


def _given_to_label(question: Question) -> str:
    label = question.label_term.sql
    cases = [f"when {label} = {literal(name)} then {column.number}" for name, column in question.score_columns()]
    return f"case {' '.join(cases)} end"


def _probability(question: Question) -> str:
    return clipped(f"({_given_to_label(question)})")


def _log_loss(question: Question) -> str:
    return minus_log(question, f"({_probability(question)})")


def _scores(question: Question, *, probabilities: bool) -> tuple[Need, ...]:
    scored = (name for name, _ in question.scores)
    return (*question.usable_scores(probabilities=probabilities), labelled(question, scored=scored))


def _probabilities(question: Question) -> tuple[Need, ...]:
    return _scores(question, probabilities=True)


def _finite_logs(question: Question) -> tuple[Need, ...]:
    return (*_probabilities(question), *never_zero(question, f"({_probability(question)})"))


def _rankable(question: Question) -> tuple[Need, ...]:
    guards = _scores(question, probabilities=False)
    k, classes = question.options.k or 1, len(question.scores)
    if k >= classes:
        raise EvidenceError(f"k is {k} of {classes} classes, so every label is among them: choose a smaller `k`")
    return guards


def _in_top_k(question: Question) -> str:
    """SQL for whether fewer than k other classes have at least the score of the label's own class."""
    mine = f"({_given_to_label(question)})"
    rivals = " + ".join(
        f"case when {column.number} >= {mine} then 1 else 0 end" for _, column in question.score_columns()
    )
    return f"({rivals}) <= {int(question.options.k or 1)}"


def _top_score(question: Question) -> str:
    return f"greatest({', '.join(column.number for _, column in question.score_columns())})"


def _top_probability(question: Question) -> str:
    return clipped(_top_score(question))


def _top_right(question: Question) -> str:
    """SQL for the chance that the label is the class drawn from those that share the highest score."""
    top = _top_score(question)
    tied = " + ".join(f"case when {column.number} = {top} then 1 else 0 end" for _, column in question.score_columns())
    return f"case when {_given_to_label(question)} = {top} then cast(1 as double) / ({tied}) else 0.0 end"


def _own_class() -> tuple[Metric, ...]:
    """The metrics of one class: the binary ones, with the rule's `class` as the positive class."""
    chosen = [metric for metric in binary.METRICS if metric.name in OWN_CLASS]
    return tuple(
        Metric(m.name, TASK, m.kind, m.better, m.range, m.oracle, f"{m.doc} Of the rule's `class` against the rest.",
               ("class", *(key for key in m.takes if key != "threshold")),
               ("class", *m.requires), m.interval, m.caveat, average="class")
        for m in chosen
    )  # fmt: skip


def _averaged() -> tuple[Metric, ...]:
    def entry(name: str, average: str, kind: Any, doc: str, interval: Interval, caveat: str = "") -> Metric:
        oracle = f"{SK}{name}_score"
        return Metric(name, TASK, kind, HIGHER, UNIT, oracle, doc, ("average",), ("average",), interval, caveat,
                      average=average)  # fmt: skip

    right, sampled, certain = Share("right"), Interval.APPROXIMATE, Interval.GUARANTEED
    return (
        *(entry(name, "micro", right, "Over all rows together, which equals accuracy.", certain)
          for name in ("precision", "recall", "f1")),
        entry("recall", "macro", MeldedShares(), "Unweighted mean of the classes' recalls.", certain),
        entry("recall", "weighted", right, "Mean of the classes' recalls, weighted by their rows: equal to accuracy.",
              certain),
        entry("precision", "macro", MeldedShares(of="prediction"), "Unweighted mean of the classes' precisions.",
              certain),
        entry("precision", "weighted", Sampled("precision", by_support=True),
              "Mean of the classes' precisions, weighted by their rows.", sampled, FEW),
        entry("f1", "macro", Sampled("f1"), "Unweighted mean of the classes' F1.", sampled, FEW),
        entry("f1", "weighted", Sampled("f1", by_support=True), "Mean of the classes' F1, weighted by their rows.",
              sampled, FEW),
    )  # fmt: skip


def _overall() -> tuple[Metric, ...]:
    top = HitShare(_in_top_k, _rankable)
    return (
        Metric("accuracy", TASK, Share("right"), HIGHER, UNIT, SK + "accuracy_score",
               "Share of rows whose prediction is the label."),
        Metric("balanced_accuracy", TASK, MeldedShares(), HIGHER, UNIT,
               SK + "balanced_accuracy_score", "Unweighted mean of the classes' recalls."),
        Metric("informedness", TASK, MeldedShares(lambda mean, k: (k * mean - 1) / (k - 1), link=FISHER), HIGHER,
               CORRELATION, SK + "balanced_accuracy_score",
               "Balanced accuracy, scaled to 0 for guessing and 1 for a perfect model."),
        Metric("top_k_accuracy", TASK, top, HIGHER, UNIT, "brute force",
               "Share of rows whose label is among the `k` classes with the highest scores. Equal scores count "
               "against the label: it is among them only if it is whichever way ties are broken.", ("k",), ("k",)),
        Metric("cohen_kappa", TASK, Sampled("kappa"), HIGHER, CORRELATION, SK + "cohen_kappa_score",
               "Agreement beyond chance (Cohen 1960).", (), (), Interval.APPROXIMATE, FEW),
        Metric("quadratic_weighted_kappa", TASK, Sampled("quadratic_kappa"), HIGHER, CORRELATION,
               SK + "cohen_kappa_score", "Cohen's kappa with disagreements weighted by the squared distance of the "
               "classes, in the order that the candidate declares (Cohen 1968).", (), (), Interval.APPROXIMATE,
               FEW + "; where 0.4 % of 300 rows are off by four classes, lower bounds miss 23 %"),
        Metric("matthews_corrcoef", TASK, Sampled("matthews"), HIGHER, CORRELATION, SK + "matthews_corrcoef",
               "Correlation of label and prediction over all classes (Gorodkin 2004).", (), (), Interval.APPROXIMATE,
               FEW),
        Metric("log_loss", TASK, Mean(_log_loss, _finite_logs), LOWER, (0.0, float("inf")),
               SK + "log_loss", LOG_LOSS, ("cap",), (),
               Interval.NOT_GUARANTEED, binary.TAILS),
        Metric("calibration_error", TASK, Calibration(_top_right, _top_probability, _probabilities), LOWER,
               UNIT, "brute force", "Root mean square, over bins of equal width, of the share of right predictions "
               "minus the mean score of the most probable class, minus what noise adds. Classes that share the highest "
               "score count as predicted with equal probability.", ("bins",), (),
               Interval.NOT_GUARANTEED,
               binary.POOLED),
    )  # fmt: skip


METRICS: tuple[Metric, ...] = (*_overall(), *_averaged(), *_own_class())

ALSO_CALLED: Mapping[str, str] = {
    "top_k_accuracy": "top_k, top_k_accuracy_score, top_3_accuracy, top_5_accuracy, hits_at_k",
    "quadratic_weighted_kappa": "qwk, weighted_kappa",
}
"""What each is called elsewhere: the names that a message or `mlgate explain` understands, and no policy accepts."""

"""Metrics of two classes, from predicted classes and from scores."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import sqrt
from typing import Any

from mlgate.evidence.dialect import literal
from mlgate.evidence.guard import Guard
from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.need import Need, Term
from mlgate.metrics.kinds.above_median import AboveMedian
from mlgate.metrics.kinds.calibration import Calibration
from mlgate.metrics.kinds.curve import Curve
from mlgate.metrics.kinds.mean import Mean
from mlgate.metrics.kinds.melded import Melded
from mlgate.metrics.kinds.ranked import Ranked
from mlgate.metrics.kinds.reliability import Reliability
from mlgate.metrics.kinds.sampled import FBeta
from mlgate.metrics.kinds.share import Share, ShareScale
from mlgate.metrics.kinds.smooth import explained
from mlgate.metrics.labels import labelled
from mlgate.metrics.metric import Better, Interval, Metric
from mlgate.metrics.options import Options
from mlgate.metrics.question import UNIT, Question, clipped
from mlgate.stats.linearised import FISHER, PLAIN
from mlgate.stats.range_ends import PerfectSkill
from mlgate.values.errors import EvidenceError
from mlgate.values.words import counted

HIGHER, LOWER, NEITHER = Better.HIGHER, Better.LOWER, Better.NEITHER
TASK = ("binary",)
CORRELATION = (-1.0, 1.0)
DECIDED = ("threshold",)
TAILS = (
    "a sample may lack the rare rows that carry such a mean, and then upper bounds miss up to 58 % instead of 5 % "
    "(benchmarks/adversary.md); skewed losses without such rows miss up to 7 %, 20 % under sampling weights; `cap:` "
    "guarantees the bounds"
)
RARE = "a sample may lack the rare rows that carry such a sum, and then bounds miss up to 40 % instead of 5 %; "
POOLED = (
    "all bins share one distribution: lower bounds of a calibrated model miss up to 8 % instead of 5 %, and upper "
    "bounds up to 5.6 %, or 10 % where two or three rows in all are wrong in a bin of their own"
)
RECALIBRATED = "bounds miss up to 5.4 % instead of 5 % with 10 positives in 200 rows; fewer were not measured"
LOG_LOSS = (
    "Mean of -ln(predicted probability of the label). A probability of 0 is an error, or with `cap` counts as the cap."
)
SKILL = (
    "lower bounds, which decide a PASS, miss up to 5 %; upper bounds miss up to 6 % with 100 positives, 8 % with 50 "
    "and 12 % with 10, instead of 5 %"
)
BOUNDED = (
    "at most 5 % on the grid, also with rare rows at the end of the range and with 10 rows; under sampling weights "
    "upper bounds of skewed losses miss up to 8 %"
)


F1_OF_JACCARD = ShareScale(value=lambda jaccard: 2 * jaccard / (1 + jaccard), share=lambda f1: f1 / (2 - f1))


def _balanced(_options: Options) -> Any:
    return lambda tpr, tnr: (tpr + tnr) / 2


def _informedness(_options: Options) -> Any:
    return lambda tpr, tnr: tpr + tnr - 1


def matthews(tpr: Any, tnr: Any, prevalence: Any) -> Any:
    """MCC from the true positive rate, the true negative rate and the prevalence (Matthews 1975)."""
    tp, fn = prevalence * tpr, prevalence * (1 - tpr)
    tn, fp = (1 - prevalence) * tnr, (1 - prevalence) * (1 - tnr)
    return (tp * tn - fp * fn) / ((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)) ** 0.5


def kappa(tpr: Any, tnr: Any, prevalence: Any) -> Any:
    """Cohen's kappa from the true positive rate, the true negative rate and the prevalence (Cohen 1960)."""
    tp, fn = prevalence * tpr, prevalence * (1 - tpr)
    tn, fp = (1 - prevalence) * tnr, (1 - prevalence) * (1 - tnr)
    chance = (tp + fp) * (tp + fn) + (tn + fn) * (tn + fp)
    return (tp + tn - chance) / (1 - chance)


def _costs(options: Options) -> Any:
    cost = dict(options.costs)
    tp, fp, fn, tn = (cost[name] for name in ("tp", "fp", "fn", "tn"))

    def expected(tpr: Any, tnr: Any, prevalence: Any) -> Any:
        exact = isinstance(tpr, Fraction)
        a, b, c, d = (tp, fp, fn, tn) if exact else map(float, (tp, fp, fn, tn))
        return prevalence * (tpr * a + (1 - tpr) * c) + (1 - prevalence) * (tnr * d + (1 - tnr) * b)

    return expected


def _cost_directions(options: Options) -> tuple[bool, bool]:
    cost = dict(options.costs)
    return cost["tp"] >= cost["fn"], cost["tn"] >= cost["fp"]


def _outcome(question: Question) -> str:
    return f"case when {question.is_positive} then 1.0 else 0.0 end"


def _score(question: Question) -> str:
    return clipped(question.score.number)


def _given_to_label(question: Question) -> str:
    score = f"({_score(question)})"
    return f"case when {question.is_positive} then {score} else 1 - {score} end"


def _log_loss(question: Question) -> str:
    return minus_log(question, _given_to_label(question))


def minus_log(question: Question, probability: str) -> str:
    """SQL for minus the logarithm of a probability; for a probability of 0 the rule's `cap`, without one no value."""
    cap = question.options.cap
    least = "null" if cap is None else f"cast({literal(repr(float(cap)))} as double)"
    return f"case when {probability} > 0 then -ln({probability}) else {least} end"


def never_zero(question: Question, probability: str) -> tuple[Guard, ...]:
    """The guard that no label has probability 0, which is an infinite loss; none where the rule has a `cap`."""
    if question.options.cap is not None:
        return ()
    zero = Term("zero", f"case when {probability} > 0 then 'false' else 'true' end")
    return (Guard(Counts(question.rows.table, question.where, question.count, (zero,)), _refuse_zeros),)


def _refuse_zeros(fact: CountsFact) -> None:
    if found := fact.flagged():
        raise EvidenceError(
            f"the label has the probability 0 in {counted(found, 'row')}, so the log loss is infinite; set `cap:`, "
            "which such a row then counts as, or correct the probabilities"
        )


def _brier(question: Question) -> str:
    error = f"({_score(question)} - ({_outcome(question)}))"
    return f"{error} * {error}"


def _all_right(rows: int, totals: tuple[Fraction, ...]) -> PerfectSkill:
    """The bounds of a skill of 1, from the sums of squared errors and of squared distances from the prevalence."""
    variance = min(float(totals[1] / rows), 0.25)
    return PerfectSkill(round(rows * (1 - sqrt(1 - 4 * variance)) / 2), rows)


def _probabilities(question: Question) -> tuple[Need, ...]:
    return (*question.usable("score", within=UNIT), labelled(question))


def _finite_logs(question: Question) -> tuple[Need, ...]:
    return (*_probabilities(question), *never_zero(question, _given_to_label(question)))


def _shares() -> tuple[Metric, ...]:
    def share(name: str, hits: str, of: str, better: Better, counted: str, oracle: str, doc: str) -> Metric:
        return Metric(name, TASK, Share(hits, of, counted), better, UNIT, oracle, doc, DECIDED)

    positive, negative = "rows with label {positive}", "rows with a label other than {positive}"
    chosen, refused = "rows predicted {positive}", "rows not predicted {positive}"
    sk = "sklearn.metrics:"
    return (
        share("accuracy", "right", "", HIGHER, "rows", sk + "accuracy_score",
              "Share of rows whose prediction is the label."),
        share("precision", "tp", "tp+fp", HIGHER, chosen, sk + "precision_score",
              "Of the rows predicted positive, the share that is positive: tp / (tp + fp)."),
        share("recall", "tp", "tp+fn", HIGHER, positive, sk + "recall_score",
              "Of the positive rows, the share predicted positive: tp / (tp + fn); also sensitivity, true positive "
              "rate."),
        share("specificity", "tn", "tn+fp", HIGHER, negative, "brute force",
              "Of the negative rows, the share predicted negative: tn / (tn + fp); also true negative rate."),
        share("false_positive_rate", "fp", "tn+fp", LOWER, negative, "fairlearn.metrics:false_positive_rate",
              "Of the negative rows, the share predicted positive: fp / (tn + fp)."),
        share("false_negative_rate", "fn", "tp+fn", LOWER, positive, "fairlearn.metrics:false_negative_rate",
              "Of the positive rows, the share predicted negative: fn / (tp + fn)."),
        share("negative_predictive_value", "tn", "tn+fn", HIGHER, refused, "brute force",
              "Of the rows predicted negative, the share that is negative: tn / (tn + fn)."),
        share("selection_rate", "tp+fp", "", NEITHER, "rows", "fairlearn.metrics:selection_rate",
              "Share of rows predicted positive."),
        share("prevalence", "tp+fn", "", NEITHER, "rows", "brute force", "Share of rows whose label is positive."),
        share("jaccard", "tp", "tp+fp+fn", HIGHER, "rows that are or are predicted {positive}",
              sk + "jaccard_score", "tp / (tp + fp + fn), the overlap of predicted and actual positives."),
        Metric("f1", TASK, Share("tp", "tp+fp+fn", "rows that are or are predicted {positive}", F1_OF_JACCARD),
               HIGHER, UNIT, sk + "f1_score",
               "Harmonic mean of precision and recall, 2tp / (2tp + fp + fn). Its bounds are exact, by way of Jaccard.",
               DECIDED),
    )  # fmt: skip


def _combined() -> tuple[Metric, ...]:
    sk, costs = "sklearn.metrics:", ("threshold", "costs")
    unbounded = (float("-inf"), float("inf"))
    money = Melded(_costs, increasing=_cost_directions, link=PLAIN, guard=1.0)
    return (
        Metric("balanced_accuracy", TASK, Melded(_balanced, prevalence=False), HIGHER, UNIT,
               sk + "balanced_accuracy_score", "Mean of recall and specificity.", DECIDED),
        Metric("informedness", TASK, Melded(_informedness, prevalence=False, link=FISHER), HIGHER, CORRELATION,
               "brute force", "Recall plus specificity minus 1 (Youden's J): 0 for a guess that ignores the row.",
               DECIDED),
        Metric("matthews_corrcoef", TASK, Melded(lambda _o: matthews, exact=False, link=FISHER), HIGHER, CORRELATION,
               sk + "matthews_corrcoef", "Correlation of label and prediction (Matthews 1975).", DECIDED),
        Metric("cohen_kappa", TASK, Melded(lambda _o: kappa, link=FISHER), HIGHER, CORRELATION,
               sk + "cohen_kappa_score", "Agreement beyond chance (Cohen 1960).", DECIDED),
        Metric("fbeta", TASK, FBeta(), HIGHER, UNIT, sk + "fbeta_score",
               "F-measure that weights recall `beta` times as much as precision (van Rijsbergen 1979).",
               ("threshold", "beta"), ("beta",), Interval.APPROXIMATE,
               "bounds miss up to 6 % instead of 5 %"),
        Metric("expected_cost", TASK, money, LOWER, unbounded, "brute force",
               "Mean cost of a decision under the rule's `costs` of tp, fp, fn and tn.", costs, ("costs",)),
        Metric("expected_value", TASK, money, HIGHER, unbounded, "brute force",
               "Mean value of a decision under the rule's `costs` (here values) of tp, fp, fn and tn.", costs,
               ("costs",)),
    )  # fmt: skip


def _scored() -> tuple[Metric, ...]:
    sk, k = "sklearn.metrics:", ("k",)
    measured = "bounds by the bootstrap miss up to 8 % instead of 5 %"
    ranked = "below 50 rows per class bounds may miss up to 8 % instead of 5 %"
    return (
        Metric("roc_auc", TASK, Ranked(), HIGHER, UNIT, sk + "roc_auc_score",
               "Probability that a random positive row has a higher score than a random negative one; a tie counts one "
               "half.", (), (), Interval.APPROXIMATE,
               ranked),
        Metric("gini", TASK, Ranked(2, -1), HIGHER, CORRELATION, "brute force", "Accuracy ratio: 2 ROC AUC - 1.",
               (), (), Interval.APPROXIMATE, ranked),
        Metric("ks_statistic", TASK, Curve("ks_statistic"), HIGHER, UNIT, "scipy.stats:ks_2samp",
               "Largest distance between the distribution functions of the score in both classes.", (), (),
               Interval.APPROXIMATE,
               "the lower bound uses one half of the rows, at the threshold that the other half chose; the upper bound "
               "is by the bootstrap"),
        Metric("average_precision", TASK, Curve("average_precision"), HIGHER, UNIT, sk + "average_precision_score",
               "Mean over the positive rows of the precision at their ranks, without interpolation.", (), (),
               Interval.APPROXIMATE, measured),
        Metric("lift_at_k", TASK, Curve("lift_at_k"), HIGHER, (0.0, float("inf")), "brute force",
               "Precision among the top `k` (a share below 1, or rows) divided by the prevalence.", k, k,
               Interval.APPROXIMATE, measured),
        Metric("precision_at_k", TASK, Curve("precision_at_k"), HIGHER, UNIT, "brute force",
               "Share of positives among the top `k` (a share below 1, or rows). Where the cut divides rows of equal "
               "scores, it is the expectation over their orders.",
               k, k, Interval.APPROXIMATE, "the wider of exact bounds at the observed cut and a bootstrap"),
        Metric("recall_at_k", TASK, Curve("recall_at_k"), HIGHER, UNIT, "brute force",
               "Share of all positives that are among the top `k` (a share below 1, or rows).", k, k,
               Interval.APPROXIMATE, measured),
        Metric("log_loss", TASK, Mean(_log_loss, _finite_logs), LOWER, (0.0, float("inf")),
               sk + "log_loss", LOG_LOSS, ("cap",), (),
               Interval.NOT_GUARANTEED, TAILS),
        Metric("brier_score", TASK, Mean(_brier, _probabilities, heavy=False, ends=UNIT), LOWER, UNIT,
               sk + "brier_score_loss", "Mean squared difference of probability and outcome (Brier 1950).",
               (), (), Interval.APPROXIMATE, BOUNDED),
        Metric("calibration_error", TASK, Calibration(_outcome, _score, _probabilities), LOWER,
               UNIT, "brute force", "Root mean square, over bins of equal width, of the share of positives minus the "
               "mean score, minus what noise adds. Its upper bound is one of the expected calibration error (ECE) too.",
               ("bins",), (),
               Interval.NOT_GUARANTEED, POOLED),
    )  # fmt: skip


def _recalibrated() -> tuple[Metric, ...]:
    any_number = (float("-inf"), float("inf"))
    return (
        Metric("calibration_slope", TASK, Reliability("slope"), NEITHER, any_number,
               "sklearn.linear_model:LogisticRegression", "Slope of the outcome's log-odds on the logit of the score "
               "(Cox 1958): 1 for a calibrated model, below 1 for scores that are too extreme, above 1 for scores that "
               "are not extreme enough. Scores of exactly 0 or 1 have no logit and are an error.", (), (),
               Interval.APPROXIMATE, RECALIBRATED),
        Metric("calibration_intercept", TASK, Reliability("intercept"), NEITHER, any_number,
               "scipy.optimize:brentq", "Calibration in the large (Van Calster et al. 2019): the constant that must be "
               "added to the logit of every score, at a slope of 1, to predict the observed number of positives. It is "
               "0 for a calibrated model, below 0 where scores are too high.", (), (), Interval.APPROXIMATE,
               RECALIBRATED),
        Metric("brier_skill", TASK, explained(_outcome, _score, _probabilities, _all_right), HIGHER,
               (float("-inf"), 1.0), "sklearn.metrics:r2_score", "1 - Brier score / (prevalence (1 - prevalence)): "
               "the share of the outcome's variance that the score explains; 0 for predicting the prevalence always.",
               (), (), Interval.NOT_GUARANTEED, SKILL),
    )  # fmt: skip


SCORING = Metric(
    "scoring_rate", ("binary", "regression"), AboveMedian(), NEITHER, UNIT, "brute force",
    "Share of rows whose score (a regression's prediction) is above the median of all rows, as New York City's Local "
    "Law 144 defines it (6 RCNY 5-300).",
)  # fmt: skip

METRICS: tuple[Metric, ...] = (SCORING, *_shares(), *_combined(), *_scored(), *_recalibrated())

ALSO_CALLED: Mapping[str, str] = {
    "accuracy": "acc, accuracy_score",
    "precision": "ppv, positive_predictive_value, precision_score",
    "recall": "sensitivity, tpr, true_positive_rate, recall_score, detection_rate",
    "specificity": "tnr, true_negative_rate, selectivity",
    "false_positive_rate": "fpr, fall_out, false_alarm_rate, type_1_error",
    "false_negative_rate": "fnr, miss_rate, type_2_error",
    "negative_predictive_value": "npv",
    "selection_rate": "positive_rate, acceptance_rate, approval_rate, positive_prediction_rate",
    "prevalence": "base_rate",
    "jaccard": "iou, intersection_over_union, jaccard_score, jaccard_index, threat_score, critical_success_index",
    "f1": "f1_score, f_score, f_measure, dice, dice_coefficient",
    "fbeta": "fbeta_score, f_beta, f2, f2_score, f05",
    "balanced_accuracy": "balanced_accuracy_score, bacc, bal_acc",
    "informedness": "youden, youden_j, youden_index, bookmaker_informedness",
    "matthews_corrcoef": "mcc, phi_coefficient, matthews_correlation_coefficient",
    "cohen_kappa": "kappa, cohens_kappa, cohen_kappa_score",
    "expected_cost": "mean_cost, cost",
    "expected_value": "profit, utility",
    "roc_auc": "auc, auroc, auc_roc, roc_auc_score, area_under_curve, c_statistic, c_index, concordance",
    "gini": "somers_d, accuracy_ratio, gini_coefficient",
    "ks_statistic": "ks, kolmogorov_smirnov",
    "average_precision": "pr_auc, prauc, auc_pr, aucpr, auprc, average_precision_score, ap",
    "lift_at_k": "lift",
    "log_loss": "logloss, cross_entropy, binary_cross_entropy, binary_crossentropy, bce, nll, neg_log_loss",
    "brier_score": "brier, brier_score_loss, brier_loss",
    "brier_skill": "brier_skill_score, bss",
    "calibration_error": "ece, expected_calibration_error, rmsce",
}
"""What each is called elsewhere: the names that a message or `mlgate explain` understands, and no policy accepts."""

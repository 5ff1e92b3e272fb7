"""Metrics that combine the classes' own shares: balanced accuracy, MCC, kappa, macro recall, expected cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

from mlgate.estimate import Estimate
from mlgate.evidence.facts import Facts, Group
from mlgate.evidence.needs import Need
from mlgate.metrics.base import Options, Undefined
from mlgate.metrics.confusion import Confusion, Tally, confusion_needs, confusions
from mlgate.metrics.question import Question
from mlgate.stats.melded import melded_bound
from mlgate.stats.weights import kish

Formula = Callable[..., Any]
METHOD = "melded Clopper-Pearson (Fay, Proschan & Brittain 2015)"


@dataclass(frozen=True)
class Melded:
    """A formula of the true positive rate, true negative rate and, where it enters, the prevalence.

    It is evaluated on exact fractions for the value and on arrays for the bounds.
    """

    formula: Callable[[Options], Formula]
    """From the rule's options to f(tpr, tnr, prevalence) or, without prevalence, f(tpr, tnr)."""
    prevalence: bool = True
    increasing: Callable[[Options], tuple[bool, bool]] = lambda _options: (True, True)
    exact: bool = True
    """Whether the formula is rational, so that fractions stay fractions."""
    weighted = True
    method = METHOD

    def needs(self, question: Question) -> Iterable[Need]:
        """The cube of label and prediction."""
        return confusion_needs(question)

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, Confusion]:
        """The confusion matrix of every slice."""
        return confusions(question, facts, one_class=True)

    def estimate(self, question: Question, stats: Confusion) -> Estimate:
        """The formula of the observed rates. Raises Undefined where a class has no rows or the formula is 0/0."""
        cells = {name: stats.named(frozenset({name})) for name in ("tp", "fn", "tn", "fp")}
        positives, negatives = cells["tp"] + cells["fn"], cells["tn"] + cells["fp"]
        for tally, what in ((positives, "with"), (negatives, "without")):
            if not tally.weight:
                raise Undefined(f"there are no rows {what} label `{stats.positive}`")
        formula = self.formula(question.options)
        shares = (cells["tp"].weight / positives.weight, cells["tn"].weight / negatives.weight)
        of_positive = (positives.weight / (positives.weight + negatives.weight),)
        value = _defined(formula, (*shares, *(of_positive if self.prevalence else ())))
        bounds = partial(
            _bound,
            formula,
            [_effective(cells["tp"], cells["fn"], stats), _effective(cells["tn"], cells["fp"], stats)],
            list(self.increasing(question.options)),
            _effective(positives, negatives, stats) if self.prevalence else None,
        )
        exact = value if self.exact and isinstance(value, Fraction) else None
        return Estimate(
            (), float(value), stats.rows, stats.rows, partial(bounds, "lower"), partial(bounds, "upper"), exact
        )


@dataclass(frozen=True)
class MeldedRecalls:
    """A mean over all classes' own recalls, scaled: macro recall, multiclass informedness."""

    scale: Callable[[Any, int], Any]
    weighted = True
    method = METHOD

    def needs(self, question: Question) -> Iterable[Need]:
        """The cube of label and prediction."""
        return confusion_needs(question)

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, Confusion]:
        """The confusion matrix of every slice."""
        return confusions(question, facts, one_class=False)

    def estimate(self, question: Question, stats: Confusion) -> Estimate:
        """The scaled mean recall. Raises Undefined where a class has no rows."""
        k = len(stats.classes)
        pairs = [_own(stats, name) for name in stats.classes]
        recalls = [right.weight / (right.weight + wrong.weight) for right, wrong in pairs]
        value = self.scale(sum(recalls, Fraction(0)) / k, k)
        shares = [_effective(right, wrong, stats) for right, wrong in pairs]
        bounds = partial(_bound, lambda *rates: self.scale(sum(rates) / k, k), shares, [True] * k, None)
        return Estimate(
            (), float(value), stats.rows, stats.rows, partial(bounds, "lower"), partial(bounds, "upper"), value
        )


def _own(stats: Confusion, name: str) -> tuple[Tally, Tally]:
    right = stats.where(lambda label, prediction: label == name == prediction)
    wrong = stats.where(lambda label, prediction: label == name != prediction)
    if not (right + wrong).weight:
        raise Undefined(f"there are no rows with label `{name}`")
    return right, wrong


def _effective(hits: Tally, misses: Tally, stats: Confusion) -> tuple[float, float]:
    """Successes and failures; under sampling weights those of Kish's effective rows of this class."""
    if not stats.weighted:
        return float(hits.n), float(misses.n)
    every = hits + misses
    rows = min(kish(float(every.weight), float(every.weight2)), every.n)
    share = float(hits.weight / every.weight)
    return share * rows, (1 - share) * rows


def _defined(formula: Formula, arguments: Sequence[Fraction]) -> Any:
    try:
        return formula(*arguments)
    except ZeroDivisionError:
        raise Undefined("it is 0/0 here: one class is never predicted, or never occurs") from None


def _bound(
    formula: Formula,
    shares: list[tuple[float, float]],
    increasing: list[bool],
    prevalence: tuple[float, float] | None,
    side: str,
    alpha: float,
) -> float | None:
    return melded_bound(formula, shares, increasing, prevalence, alpha, side)  # type: ignore[arg-type]

"""Metrics that combine the classes' own shares: balanced accuracy, MCC, kappa, macro recall, expected cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from mlgate.metrics.base import Kind, Paired, Undefined
from mlgate.metrics.confusion import Confusion, FromConfusion, Tally
from mlgate.metrics.options import Options
from mlgate.metrics.pairs.cells import PairedCells, in_cells
from mlgate.metrics.question import Question
from mlgate.stats.melded import Side, melded_bound
from mlgate.stats.weights import effective_share
from mlgate.values.estimate import Estimate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mlgate.stats.cells import CellMetric

    Floats = NDArray[np.float64]

Formula = Callable[..., Any]
Pair = tuple[float, float]
METHOD = "melded Clopper-Pearson (Fay, Proschan & Brittain 2015)"


@dataclass(frozen=True)
class Melded(FromConfusion):
    """A formula of the true positive rate, true negative rate and, where it enters, the prevalence.

    It is evaluated on exact fractions for the value and on arrays for the bounds.
    """

    formula: Callable[[Options], Formula]
    """From the rule's options to f(tpr, tnr, prevalence) or, without prevalence, f(tpr, tnr)."""
    prevalence: bool = True
    increasing: Callable[[Options], tuple[bool, bool]] = lambda _options: (True, True)
    exact: bool = True
    """Whether the formula is rational, so that fractions stay fractions."""
    one_class = True
    weighted = True
    method = METHOD

    @property
    def clustered(self) -> Kind:
        """The same with effective rows of each share, and what units do to shares together."""
        from mlgate.metrics.kinds.unit_melded import UnitMelded

        return UnitMelded(self)

    @property
    def paired(self) -> Paired:
        """By the delta method on the joint table."""
        return PairedCells(self)

    def of_tables(self, question: Question, classes: tuple[str, ...], positive: str | None) -> CellMetric:
        """The formula as a function of label x prediction tables."""
        formula = self.formula(question.options)
        tp, fn, tn, fp = (in_cells(frozenset({name}), classes, positive) for name in ("tp", "fn", "tn", "fp"))

        def metric(tables: Floats) -> Floats:
            positives, negatives = tables @ (tp + fn), tables @ (tn + fp)
            shares = [tables @ tp / positives, tables @ tn / negatives]
            of_positive = [positives / (positives + negatives)] if self.prevalence else []
            found: Floats = formula(*shares, *of_positive)
            return found

        return metric

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
        return _estimate(stats, value, bounds, value if self.exact else None)


@dataclass(frozen=True)
class MeldedShares(FromConfusion):
    """The mean over classes of the share of rows predicted right among those labelled so (macro recall) or predicted
    so (macro precision), scaled."""

    scale: Callable[[Any, int], Any] = lambda mean, _classes: mean
    of: Literal["label", "prediction"] = "label"
    one_class = False
    weighted = True
    method = METHOD

    @property
    def clustered(self) -> Kind:
        """The same with effective rows of each share, and what units do to shares together."""
        from mlgate.metrics.kinds.unit_melded import UnitMeldedShares

        return UnitMeldedShares(self)

    @property
    def paired(self) -> Paired:
        """By the delta method on the joint table."""
        return PairedCells(self)

    def of_tables(self, question: Question, classes: tuple[str, ...], positive: str | None) -> CellMetric:
        """The scaled mean share as a function of label x prediction tables."""
        k = len(classes)

        def metric(tables: Floats) -> Floats:
            matrix = tables.reshape(-1, k, k)
            shares = matrix.diagonal(axis1=1, axis2=2) / matrix.sum(axis=2 if self.of == "label" else 1)
            found: Floats = self.scale(shares.mean(axis=1), k)
            return found

        return metric

    def estimate(self, question: Question, stats: Confusion) -> Estimate:
        """The scaled mean share. Raises Undefined where a class has no rows."""
        k = len(stats.classes)
        pairs = [self._own(stats, name) for name in stats.classes]
        shares = [right.weight / (right.weight + wrong.weight) for right, wrong in pairs]
        value = self.scale(sum(shares, Fraction(0)) / k, k)
        effective = [_effective(right, wrong, stats) for right, wrong in pairs]
        bounds = partial(_bound, lambda *drawn: self.scale(sum(drawn) / k, k), effective, [True] * k, None)
        return _estimate(stats, value, bounds, value)

    def _own(self, stats: Confusion, name: str) -> tuple[Tally, Tally]:
        own = 0 if self.of == "label" else 1
        right = stats.where(lambda label, prediction: label == name == prediction)
        wrong = stats.where(lambda *pair: pair[own] == name and pair[0] != pair[1])
        if not (right + wrong).weight:
            said = f"there are no rows with label `{name}`" if own == 0 else f"`{name}` is never predicted: 0/0"
            raise Undefined(said)
        return right, wrong


def _estimate(stats: Confusion, value: Any, bounds: Callable[[Side, float], float | None], exact: Any) -> Estimate:
    return Estimate((), float(value), stats.rows, stats.rows, partial(bounds, "lower"), partial(bounds, "upper"), exact)


def _effective(hits: Tally, misses: Tally, stats: Confusion) -> Pair:
    """Successes and failures; under sampling weights those of Korn and Graubard's effective rows."""
    if not stats.weighted:
        return float(hits.n), float(misses.n)
    right, wrong = (float(hits.weight), float(hits.weight2)), (float(misses.weight), float(misses.weight2))
    share, rows = effective_share(*right, *wrong, hits.n + misses.n)
    return share * rows, (1 - share) * rows


def _defined(formula: Formula, arguments: Sequence[Fraction]) -> Any:
    try:
        return formula(*arguments)
    except ZeroDivisionError:
        raise Undefined("it is 0/0 here: one class is never predicted, or never occurs") from None


def _bound(
    formula: Formula, shares: list[Pair], increasing: list[bool], prevalence: Pair | None, side: Side, alpha: float
) -> float | None:
    import numpy as np

    # A draw at which the formula is 0/0 counts as the worst, without a warning.
    with np.errstate(divide="ignore", invalid="ignore"):
        return melded_bound(formula, shares, increasing, prevalence, alpha, side)

"""Metrics of joint counts without an exact bound: F-beta, macro F1 and precision, multiclass kappa and MCC."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlgate.errors import EvidenceError
from mlgate.estimate import Estimate
from mlgate.evidence.facts import Facts, Group
from mlgate.evidence.needs import Need
from mlgate.metrics.base import Undefined
from mlgate.metrics.confusion import Confusion, confusion_needs, confusions
from mlgate.metrics.question import Question
from mlgate.stats.cells import FISHER, LOGIT, Scale, guarded_bounds, half_rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    CellMetric = Callable[[Floats], Floats]

METHOD = "delta method on the logit (Fisher's z for correlations), at half a row against and half a row for the demand"


@dataclass(frozen=True)
class FBeta:
    """F-beta of the positive class: (1 + b²) tp / ((1 + b²) tp + b² fn + fp)."""

    weighted = False
    method = METHOD

    def needs(self, question: Question) -> Iterable[Need]:
        """The cube of label and prediction."""
        return confusion_needs(question)

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, Confusion]:
        """The confusion matrix of every slice."""
        return confusions(question, facts, one_class=True)

    def estimate(self, question: Question, stats: Confusion) -> Estimate:
        """The exact value, with guarded delta-method bounds."""
        tp, fp, fn, tn = (stats.named(frozenset({name})).n for name in ("tp", "fp", "fn", "tn"))
        beta2 = (question.options.beta or 1) ** 2
        denominator = (1 + beta2) * tp + beta2 * fn + fp
        if not denominator:
            raise Undefined(f"no row is or is predicted `{stats.positive}`: 0/0")
        b = float(beta2)

        def metric(cells: Floats) -> Floats:
            return (1 + b) * cells[:, 0] / ((1 + b) * cells[:, 0] + b * cells[:, 2] + cells[:, 1])

        exact = (1 + beta2) * tp / denominator
        bounds = guarded_bounds([tp, fp, fn, tn], metric, LOGIT, [0, 0.5, 0.5, 0], [0.5, 0, 0, 0])
        return Estimate((), float(exact), stats.rows, stats.rows, bounds.lower, bounds.upper, exact)


@dataclass(frozen=True)
class Sampled:
    """A metric of the whole matrix: "precision" or "f1" averaged over classes, "kappa", "quadratic_kappa", "matthews"."""

    name: str
    by_support: bool = False
    weighted = False
    method = METHOD

    def needs(self, question: Question) -> Iterable[Need]:
        """The cube of label and prediction."""
        return confusion_needs(question)

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, Confusion]:
        """The confusion matrix of every slice."""
        return confusions(question, facts, one_class=False)

    def estimate(self, question: Question, stats: Confusion) -> Estimate:
        """The value, with guarded delta-method bounds."""
        import numpy as np

        if self.name == "quadratic_kappa" and not question.classes:
            raise EvidenceError("quadratic_weighted_kappa needs the order of the classes: declare `classes:`")
        k = len(stats.classes)
        counts = [stats.cells[a, b].n if (a, b) in stats.cells else 0 for a in stats.classes for b in stats.classes]
        formula, scale = FORMULAS[self.name]

        def metric(cells: Floats) -> Floats:
            matrix = cells.reshape(-1, k, k)
            per_class = formula(matrix)
            if per_class.ndim == 1:
                return per_class
            support = matrix.sum(axis=2)
            weights = support / support.sum(axis=1, keepdims=True) if self.by_support else 1 / k
            return np.asarray((per_class * weights).sum(axis=1))

        with np.errstate(divide="ignore", invalid="ignore"):
            value = float(metric(np.asarray([counts], dtype=float))[0])
        if not np.isfinite(value):
            raise Undefined(_why(stats))
        averaged = self.name in ("precision", "f1") and not self.by_support
        bounds = guarded_bounds(counts, metric, scale, *half_rows(k, 0.5 if averaged else 0.5 / k))
        return Estimate(
            (), value, stats.rows, stats.rows, bounds.lower, bounds.upper, no_bound_because="it has no spread here"
        )


def _why(stats: Confusion) -> str:
    for name in stats.classes:
        if not stats.where(lambda label, _p, name=name: label == name).n:  # type: ignore[misc]
            return f"there are no rows with label `{name}`"
        if not stats.where(lambda _l, prediction, name=name: prediction == name).n:  # type: ignore[misc]
            return f"`{name}` is never predicted: 0/0"
    return "it is 0/0 here"


def _precision(matrix: Floats) -> Floats:
    return _diagonal(matrix) / matrix.sum(axis=1)


def _f1(matrix: Floats) -> Floats:
    return 2 * _diagonal(matrix) / (matrix.sum(axis=1) + matrix.sum(axis=2))


def _kappa(matrix: Floats) -> Floats:
    return _agreement(matrix, lambda i, j: (i != j) * 1.0)


def _quadratic_kappa(matrix: Floats) -> Floats:
    return _agreement(matrix, lambda i, j: (i - j) ** 2.0)


def _agreement(matrix: Floats, distance: Callable[[Any, Any], Any]) -> Floats:
    import numpy as np

    k = matrix.shape[1]
    penalty = distance(*np.indices((k, k)))
    expected = matrix.sum(axis=2)[:, :, None] * matrix.sum(axis=1)[:, None, :] / matrix.sum(axis=(1, 2))[:, None, None]
    return np.asarray(1 - (matrix * penalty).sum(axis=(1, 2)) / (expected * penalty).sum(axis=(1, 2)))


def _matthews(matrix: Floats) -> Floats:
    labels, predicted, n = matrix.sum(axis=2), matrix.sum(axis=1), matrix.sum(axis=(1, 2))
    covariance = _diagonal(matrix).sum(axis=1) * n - (labels * predicted).sum(axis=1)
    spread = (n**2 - (labels**2).sum(axis=1)) * (n**2 - (predicted**2).sum(axis=1))
    return covariance / spread**0.5


def _diagonal(matrix: Floats) -> Floats:
    return matrix.diagonal(axis1=1, axis2=2)


FORMULAS: Mapping[str, tuple[CellMetric, Scale]] = {
    "precision": (_precision, LOGIT),
    "f1": (_f1, LOGIT),
    "kappa": (_kappa, FISHER),
    "quadratic_kappa": (_quadratic_kappa, FISHER),
    "matthews": (_matthews, FISHER),
}

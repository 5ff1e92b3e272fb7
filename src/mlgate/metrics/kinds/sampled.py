"""Metrics of the confusion matrix without exact bounds: F-beta, averaged F1, weighted precision, kappa and MCC."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

from mlgate.metrics.confusion import Confusion
from mlgate.metrics.kinds.of_cells import DELTA_IN_UNITS, FromConfusion, Guards, half_rows, in_table
from mlgate.metrics.metric import Undefined
from mlgate.metrics.question import Question
from mlgate.metrics.tallies import CellFormula
from mlgate.metrics.units import Belongs, Place
from mlgate.stats.linearised import FISHER, LOGIT, Link
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Cells = NDArray[Any]

METHOD = "delta method on the logit (Fisher's z for kappa and MCC), with half a row added per mistake or right answer"


@dataclass(frozen=True)
class FBeta(FromConfusion):
    """F-beta of the positive class: (1 + b²) tp / ((1 + b²) tp + b² fn + fp)."""

    one_class = True
    weighted = False
    method = METHOD
    in_units = DELTA_IN_UNITS

    def alone(self, question: Question, stats: Confusion) -> Estimate:
        """The exact value, with bounds by the delta method. Raises Undefined for 0/0."""
        tp, fp, fn = (stats.named(frozenset({name})).n for name in ("tp", "fp", "fn"))
        beta2 = Fraction(question.options.beta or 1) ** 2
        denominator = (1 + beta2) * tp + beta2 * fn + fp
        if not denominator:
            raise Undefined(f"no row is or is predicted `{stats.positive}`: 0/0")
        exact = (1 + beta2) * tp / denominator
        found = Estimate((), float(exact), stats.rows, stats.rows, exact=exact)
        return self.bounded(found, question, stats, LOGIT, self._guards(stats))

    def formula(self, question: Question, stats: Confusion) -> CellFormula:
        """The formula of the numbers of tp, fp, fn and tn."""
        beta2 = float(question.options.beta or 1) ** 2
        sorts = tuple(stats.among(name) for name in ("tp", "fp", "fn", "tn"))
        return CellFormula(partial(_fbeta, beta2), 4, lambda cell: [sort(cell) for sort in sorts].index(True))

    def denominators(self, question: Question, stats: Confusion) -> tuple[Belongs, ...]:
        """The rows that are positive or predicted positive."""
        return (stats.among("tp+fp+fn"),)

    def kinds_of_rows(self, question: Question, stats: Confusion) -> tuple[Belongs, ...]:
        """The true positives, and the mistakes of both kinds."""
        return stats.among("tp"), stats.among("fp+fn")

    def _guards(self, stats: Confusion) -> Guards:
        """Half a row of each mistake, and half a true positive."""
        positive, other = stats.both
        return {(positive, other): 0.5, (other, positive): 0.5}, {(positive, positive): 0.5}


def _fbeta(beta2: float, cells: Cells) -> Cells:
    """F-beta of each row of an array with the columns tp, fp, fn and tn."""
    found: Cells = (1 + beta2) * cells[:, 0] / ((1 + beta2) * cells[:, 0] + beta2 * cells[:, 2] + cells[:, 1])
    return found


@dataclass(frozen=True)
class Sampled(FromConfusion):
    """A metric of the whole confusion matrix, by its name in `FORMULAS`; `by_support` weights classes by their rows."""

    name: str
    by_support: bool = False
    one_class = False
    weighted = False
    method = METHOD
    in_units = DELTA_IN_UNITS

    def alone(self, question: Question, stats: Confusion) -> Estimate:
        """The value, with bounds by the delta method. Raises Undefined for 0/0."""
        if self.name == "quadratic_kappa" and not question.classes:
            raise EvidenceError("quadratic_weighted_kappa requires the order of the classes: declare `classes:`")
        value = self._exactly(stats)
        exact = value if isinstance(value, Fraction) else None
        because = "it has no spread here"
        found = Estimate((), float(value), stats.rows, stats.rows, exact=exact, no_bound_because=because)
        averaged = self.name == "f1" and not self.by_support
        guards = half_rows(stats.classes, 0.5 if averaged else 0.5 / len(stats.classes))
        return self.bounded(found, question, stats, self.link, guards)

    def formula(self, question: Question, stats: Confusion) -> CellFormula:
        """The formula of the table of label by prediction."""
        k = len(stats.classes)
        return CellFormula(partial(self.of_cells, k), k * k, in_table(stats.classes))

    @property
    def link(self) -> Link:
        """The scale of the bounds."""
        return FISHER if self.name in CORRELATIONS else LOGIT

    def of_cells(self, k: int, cells: Cells) -> Cells:
        """The metric of each row of an array of flattened tables, of floats or fractions."""
        import numpy as np

        matrix = cells.reshape(-1, k, k)
        if self.by_support:
            support = _sum(matrix, 2)
            # A class without rows has weight 0, so its own value, which may be 0/0, must not matter.
            absent = (support == 0).astype(int)[:, :, None] * np.eye(k, dtype=int)
            return _sum(FORMULAS[self.name](matrix + absent) * support, 1) / _sum(support, 1)
        found = FORMULAS[self.name](matrix)
        return found if found.ndim == 1 else _sum(found, 1) / k

    def _exactly(self, stats: Confusion) -> Fraction | float:
        import numpy as np

        pairs: list[Place] = [(a, b) for a in stats.classes for b in stats.classes]
        counts = [stats.cells[pair].n if pair in stats.cells else 0 for pair in pairs]
        exact = np.array([[Fraction(count) for count in counts]], dtype=object)
        try:
            return self.of_cells(len(stats.classes), exact)[0]  # type: ignore[no-any-return]
        except ZeroDivisionError:
            raise Undefined(_why(stats, weighted=self.by_support)) from None


def _why(stats: Confusion, *, weighted: bool) -> str:
    for name in stats.classes:
        if not weighted and not stats.where(lambda label, _p, name=name: label == name).n:
            return f"there are no rows with label `{name}`"
        has_rows = stats.where(lambda label, _p, name=name: label == name).n
        if has_rows and not stats.where(lambda _l, prediction, name=name: prediction == name).n:
            return f"`{name}` is never predicted: 0/0"
    return "it is 0/0 here"


def _sum(values: Cells, axis: int) -> Cells:
    """The sum along an axis, of floats or of fractions."""
    import numpy as np

    return np.asarray(values.sum(axis=axis))


def _precision(matrix: Cells) -> Cells:
    found: Cells = _diagonal(matrix) / _sum(matrix, 1)
    return found


def _f1(matrix: Cells) -> Cells:
    found: Cells = 2 * _diagonal(matrix) / (_sum(matrix, 1) + _sum(matrix, 2))
    return found


def _kappa(matrix: Cells) -> Cells:
    return _agreement(matrix, lambda i, j: (i != j).astype(int))


def _quadratic_kappa(matrix: Cells) -> Cells:
    return _agreement(matrix, lambda i, j: (i - j) ** 2)


def _agreement(matrix: Cells, distance: Callable[[Any, Any], Any]) -> Cells:
    import numpy as np

    k = matrix.shape[1]
    penalty = distance(*np.indices((k, k)))
    rows = matrix.sum(axis=(1, 2))
    expected = _sum(matrix, 2)[:, :, None] * _sum(matrix, 1)[:, None, :] / rows[:, None, None]
    return np.asarray(1 - (matrix * penalty).sum(axis=(1, 2)) / (expected * penalty).sum(axis=(1, 2)))


def _matthews(matrix: Cells) -> Cells:
    labels, predicted, n = _sum(matrix, 2), _sum(matrix, 1), matrix.sum(axis=(1, 2))
    covariance = _sum(_diagonal(matrix), 1) * n - _sum(labels * predicted, 1)
    spread = (n**2 - _sum(labels**2, 1)) * (n**2 - _sum(predicted**2, 1))
    found: Cells = covariance / spread**0.5
    return found


def _diagonal(matrix: Cells) -> Cells:
    return matrix.diagonal(axis1=1, axis2=2)


FORMULAS: Mapping[str, Callable[[Cells], Cells]] = {
    "precision": _precision,
    "f1": _f1,
    "kappa": _kappa,
    "quadratic_kappa": _quadratic_kappa,
    "matthews": _matthews,
}
CORRELATIONS = ("kappa", "quadratic_kappa", "matthews")

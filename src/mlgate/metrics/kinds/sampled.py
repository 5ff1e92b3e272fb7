"""Metrics of joint counts without an exact bound: F-beta, averaged F1, weighted precision, multiclass kappa and MCC."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

from mlgate.metrics.base import Kind, Paired, Undefined
from mlgate.metrics.confusion import Confusion, FromConfusion
from mlgate.metrics.pairs.cells import PairedCells, in_cells
from mlgate.metrics.question import Question
from mlgate.stats.cells import FISHER, LOGIT, Scale, guarded_bounds, half_rows
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Estimate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mlgate.stats.cells import CellMetric

    Floats = NDArray[np.float64]
    Cells = NDArray[Any]

METHOD = "delta method on the logit (Fisher's z for correlations), at half a row against and half a row for the demand"


FBETA_GUARD = ([0, 0.5, 0.5, 0], [0.5, 0, 0, 0])
"""Half a row against, and half a row for the demand, of tp, fp, fn and tn."""


def fbeta_of_cells(beta2: float, cells: Floats) -> Floats:
    """F-beta of rows of the cells tp, fp, fn and tn."""
    found: Floats = (1 + beta2) * cells[:, 0] / ((1 + beta2) * cells[:, 0] + beta2 * cells[:, 2] + cells[:, 1])
    return found


@dataclass(frozen=True)
class FBeta(FromConfusion):
    """F-beta of the positive class: (1 + b²) tp / ((1 + b²) tp + b² fn + fp)."""

    one_class = True
    weighted = False
    method = METHOD

    @property
    def clustered(self) -> Kind:
        """The delta method with the covariance between units."""
        from mlgate.metrics.kinds.unit_cells import UnitFBeta

        return UnitFBeta(self)

    @property
    def paired(self) -> Paired:
        """By the delta method on the joint table."""
        return PairedCells(self)

    def of_tables(self, question: Question, classes: tuple[str, ...], positive: str | None) -> CellMetric:
        """F-beta as a function of label x prediction tables."""
        b = float(question.options.beta or 1) ** 2
        tp, fn, fp = (in_cells(frozenset({name}), classes, positive) for name in ("tp", "fn", "fp"))
        every = (1 + b) * tp + b * fn + fp
        return lambda tables: (1 + b) * (tables @ tp) / (tables @ every)

    def estimate(self, question: Question, stats: Confusion) -> Estimate:
        """The exact value, with guarded delta-method bounds."""
        tp, fp, fn, tn = (stats.named(frozenset({name})).n for name in ("tp", "fp", "fn", "tn"))
        beta2 = Fraction(question.options.beta or 1) ** 2
        denominator = (1 + beta2) * tp + beta2 * fn + fp
        if not denominator:
            raise Undefined(f"no row is or is predicted `{stats.positive}`: 0/0")
        exact = (1 + beta2) * tp / denominator
        bounds = guarded_bounds([tp, fp, fn, tn], partial(fbeta_of_cells, float(beta2)), LOGIT, *FBETA_GUARD)
        return Estimate((), float(exact), stats.rows, stats.rows, bounds.lower, bounds.upper, exact)


@dataclass(frozen=True)
class Sampled(FromConfusion):
    """A metric of the whole matrix: "precision", "f1" over classes, "kappa", "quadratic_kappa", "matthews"."""

    name: str
    by_support: bool = False
    one_class = False
    weighted = False
    method = METHOD

    @property
    def clustered(self) -> Kind:
        """The delta method with the covariance between units."""
        from mlgate.metrics.kinds.unit_cells import UnitSampled

        return UnitSampled(self)

    @property
    def paired(self) -> Paired:
        """By the delta method on the joint table."""
        return PairedCells(self)

    def of_tables(self, question: Question, classes: tuple[str, ...], positive: str | None) -> CellMetric:
        """The metric as a function of label x prediction tables."""
        return partial(self.of_cells, len(classes))

    def estimate(self, question: Question, stats: Confusion) -> Estimate:
        """The value, with guarded delta-method bounds. Raises Undefined for 0/0."""
        if self.name == "quadratic_kappa" and not question.classes:
            raise EvidenceError("quadratic_weighted_kappa needs the order of the classes: declare `classes:`")
        k = len(stats.classes)
        counts = [stats.cells[a, b].n if (a, b) in stats.cells else 0 for a in stats.classes for b in stats.classes]
        value = self._exactly(counts, stats)
        bounds = guarded_bounds(counts, partial(self.of_cells, k), self.scale, *self.guard(k))
        return Estimate(
            (),
            float(value),
            stats.rows,
            stats.rows,
            bounds.lower,
            bounds.upper,
            value if isinstance(value, Fraction) else None,
            no_bound_because="it has no spread here",
        )

    @property
    def scale(self) -> Scale:
        """Where the metric is near normal."""
        return FISHER if self.name in CORRELATIONS else LOGIT

    def guard(self, classes: int) -> tuple[list[float], list[float]]:
        """Rows against, and rows for the demand."""
        averaged = self.name == "f1" and not self.by_support
        return half_rows(classes, 0.5 if averaged else 0.5 / classes)

    def of_cells(self, k: int, cells: Cells) -> Cells:
        """The metric of rows of cells, floats or fractions."""
        matrix = cells.reshape(-1, k, k)
        found = FORMULAS[self.name](matrix)
        if found.ndim == 1:
            return found
        if not self.by_support:
            return _sum(found, 1) / k
        support = _sum(matrix, 2)
        return _sum(found * support, 1) / _sum(support, 1)

    def _exactly(self, counts: list[int], stats: Confusion) -> Fraction | float:
        import numpy as np

        exact = np.array([[Fraction(count) for count in counts]], dtype=object)
        try:
            return self.of_cells(len(stats.classes), exact)[0]  # type: ignore[no-any-return]
        except ZeroDivisionError:
            raise Undefined(_why(stats)) from None


def _why(stats: Confusion) -> str:
    for name in stats.classes:
        if not stats.where(lambda label, _p, name=name: label == name).n:  # type: ignore[misc]
            return f"there are no rows with label `{name}`"
        if not stats.where(lambda _l, prediction, name=name: prediction == name).n:  # type: ignore[misc]
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

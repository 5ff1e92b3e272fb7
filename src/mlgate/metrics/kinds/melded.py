"""Metrics that combine independent shares: balanced accuracy, MCC, kappa, macro recall, expected cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from mlgate.metrics.confusion import Confusion
from mlgate.metrics.kinds.of_cells import DELTA_IN_UNITS, FromConfusion, Guards, half_rows, in_table
from mlgate.metrics.metric import Undefined
from mlgate.metrics.options import Options
from mlgate.metrics.question import Question
from mlgate.metrics.tallies import CellFormula, Tally
from mlgate.metrics.units import Belongs, Place
from mlgate.stats.linearised import LOGIT, Link
from mlgate.stats.melded import End, melded_bound
from mlgate.stats.weights import effective_share
from mlgate.values.estimate import Estimate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Formula = Callable[..., Any]
Counted = tuple[float, float]
METHOD = "melded Clopper-Pearson (Fay, Proschan & Brittain 2015)"
CELLS = ("tp", "fn", "tn", "fp")


@dataclass(frozen=True)
class Melded(FromConfusion):
    """A formula of the true positive rate, the true negative rate and, if used, the prevalence.

    It is evaluated with exact fractions for the value, and with arrays for the bounds.
    """

    of: Callable[[Options], Formula]
    """From the rule's parameters to f(tpr, tnr, prevalence) or, without prevalence, f(tpr, tnr)."""
    prevalence: bool = True
    increasing: Callable[[Options], tuple[bool, bool]] = lambda _options: (True, True)
    exact: bool = True
    """Whether the formula is rational, so that fractions give an exact fraction."""
    link: Link = LOGIT
    """The scale of bounds for rows in units."""
    guard: float = 0.5
    """The fraction of a row that is added per class, for rows in units."""
    one_class = True
    weighted = True
    method = METHOD
    in_units = DELTA_IN_UNITS

    def formula(self, question: Question, stats: Confusion) -> CellFormula:
        """The formula of the numbers of tp, fn, tn and fp."""
        shown = self.of(question.options)

        def of(cells: Floats) -> Floats:
            positives, negatives = cells[:, 0] + cells[:, 1], cells[:, 2] + cells[:, 3]
            of_positive = [positives / (positives + negatives)] if self.prevalence else []
            found: Floats = shown(cells[:, 0] / positives, cells[:, 2] / negatives, *of_positive)
            return found

        sorts = tuple(stats.among(name) for name in CELLS)
        return CellFormula(of, 4, lambda cell: [sort(cell) for sort in sorts].index(True))

    def denominators(self, question: Question, stats: Confusion) -> tuple[Belongs, ...]:
        """The rows of each class."""
        return stats.among("tp+fn"), stats.among("tn+fp")

    def kinds_of_rows(self, question: Question, stats: Confusion) -> tuple[Belongs, ...]:
        """The four cells."""
        return tuple(stats.among(name) for name in CELLS)

    def alone(self, question: Question, stats: Confusion) -> Estimate:
        """The formula of the observed rates. Raises Undefined where a class has no rows or the formula is 0/0."""
        cells = {name: stats.named(frozenset({name})) for name in CELLS}
        positives, negatives = cells["tp"] + cells["fn"], cells["tn"] + cells["fp"]
        for tally, what in ((positives, "with"), (negatives, "without")):
            if not tally.weight:
                raise Undefined(f"there are no rows {what} label `{stats.positive}`")
        formula = self.of(question.options)
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
        found = _estimate(stats, value, bounds, value if self.exact else None)
        found = replace(found, fewest=2 * min(positives.n, negatives.n))
        if stats.units is None:
            return found
        return self.bounded(found, question, stats, self.link, self._guards(question, stats))

    def _guards(self, question: Question, stats: Confusion) -> Guards:
        """For each class `guard` of a row: the one that lowers the metric, and the one that raises it."""
        positive, other = stats.both
        cells = ((positive, positive), (positive, other)), ((other, other), (other, positive))
        rising = self.increasing(question.options)
        ends: list[dict[Place, float]] = [
            {pair[up == side]: self.guard for pair, up in zip(cells, rising)} for side in (True, False)
        ]
        return ends[0], ends[1]


@dataclass(frozen=True)
class MeldedShares(FromConfusion):
    """The scaled mean over classes of the share of right rows, of those labelled or predicted as the class.

    Of labelled rows it is macro recall; of predicted rows it is macro precision.
    """

    scale: Callable[[Any, int], Any] = lambda mean, _classes: mean
    of: Literal["label", "prediction"] = "label"
    link: Link = LOGIT
    one_class = False
    weighted = True
    method = METHOD
    in_units = DELTA_IN_UNITS

    def formula(self, question: Question, stats: Confusion) -> CellFormula:
        """The formula of the table of label by prediction."""
        k = len(stats.classes)

        def of(cells: Floats) -> Floats:
            matrix = cells.reshape(-1, k, k)
            shares = matrix.diagonal(axis1=1, axis2=2) / matrix.sum(axis=2 if self.of == "label" else 1)
            found: Floats = self.scale(shares.mean(axis=1), k)
            return found

        return CellFormula(of, k * k, in_table(stats.classes))

    def denominators(self, question: Question, stats: Confusion) -> tuple[Belongs, ...]:
        """For each class, the rows labelled, or predicted, as that class."""
        own = 0 if self.of == "label" else 1
        return tuple(lambda cell, name=name: cell[own] == name for name in stats.classes)

    def kinds_of_rows(self, question: Question, stats: Confusion) -> tuple[Belongs, ...]:
        """The right rows and the wrong rows of each denominator."""
        every = self.denominators(question, stats)
        return tuple(
            lambda cell, of=of, right=right: of(cell) and (cell[0] == cell[1]) == right
            for of in every
            for right in (True, False)
        )

    def alone(self, question: Question, stats: Confusion) -> Estimate:
        """The scaled mean share. Raises Undefined where a class has no rows."""
        k = len(stats.classes)
        pairs = [self._own(stats, name) for name in stats.classes]
        shares = [right.weight / (right.weight + wrong.weight) for right, wrong in pairs]
        value = self.scale(sum(shares, Fraction(0)) / k, k)
        # In an order of their own, because the draws of the first share differ from those of the second.
        effective = sorted(_effective(right, wrong, stats) for right, wrong in pairs)
        bounds = partial(_bound, lambda *drawn: self.scale(sum(drawn) / k, k), effective, [True] * k, None)
        fewest = k * min(right.n + wrong.n for right, wrong in pairs)
        found = replace(_estimate(stats, value, bounds, value), fewest=fewest)
        if stats.units is None:
            return found
        return self.bounded(found, question, stats, self.link, half_rows(stats.classes, 0.5))

    def _own(self, stats: Confusion, name: str) -> tuple[Tally, Tally]:
        own = 0 if self.of == "label" else 1
        right = stats.where(lambda label, prediction: label == name == prediction)
        wrong = stats.where(lambda *pair: pair[own] == name and pair[0] != pair[1])
        if not (right + wrong).weight:
            said = f"there are no rows with label `{name}`" if own == 0 else f"`{name}` is never predicted: 0/0"
            raise Undefined(said)
        return right, wrong


def _estimate(stats: Confusion, value: Any, bounds: Callable[[End, float], float | None], exact: Any) -> Estimate:
    return Estimate((), float(value), stats.rows, stats.rows, partial(bounds, "lower"), partial(bounds, "upper"), exact)


def _effective(hits: Tally, misses: Tally, stats: Confusion) -> Counted:
    """Successes and failures; under sampling weights as numbers of Korn and Graubard's effective rows."""
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
    formula: Formula,
    shares: list[Counted],
    increasing: list[bool],
    prevalence: Counted | None,
    side: End,
    alpha: float,
) -> float | None:
    import numpy as np

    # A draw for which the formula is 0/0 counts as the worst value, without a warning.
    with np.errstate(divide="ignore", invalid="ignore"):
        return melded_bound(formula, shares, increasing, prevalence, alpha, side)

"""Bounds of smooth functions of sums by the delta method: one mechanism for rows, units, pairs and pairs in units.

Each sampling unit contributes the sums of k values. An independent row is a unit of one row. Two models on the same
rows have 2k values. A sampling weight multiplies the values of its row. The variance of a function is that of its
linear approximation, from the units' sums (Cochran 1977, chapter 6).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, inf, isfinite, log, nan, sqrt
from typing import TYPE_CHECKING, Literal, Protocol

from mlgate.stats.bounds import Bounds, EitherSide, Wider
from mlgate.stats.clusters import LEAST_UNITS
from mlgate.stats.means import t_quantile
from mlgate.stats.share import require_level

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]

OfSums = Callable[["Floats"], "Floats"]
"""From an array of shape (n, k), n cases of k sums, to the n values of the metric."""
_CHUNK = 256
_STEP = 1e-5
_LEAST_DEGREES = 2
_NOTHING = 1e-20
"""A variance of counts below this is 0 but for rounding."""


@dataclass(frozen=True)
class Link:
    """The scale on which bounds are symmetric, by the open range of a metric.

    It is the logit for a range with two finite ends, the log for one with one finite end, else the identity.
    """

    low: float
    high: float

    def forward(self, value: float) -> float | None:
        """The value on the scale; None at the ends of the range and outside."""
        if not (isfinite(value) and self.low < value < self.high):
            return None
        up = log(value - self.low) if self.low > -inf else 0.0
        down = log(self.high - value) if self.high < inf else 0.0
        return value if self == PLAIN else up - down

    def backward(self, score: float) -> float | None:
        """The value whose `forward` is `score`; None where it is too large for a double."""
        if self == PLAIN:
            return score
        if abs(score) > 700 and not (self.low > -inf and self.high < inf):
            return self.low if score < 0 and self.low > -inf else self.high if score > 0 and self.high < inf else None
        if self.high == inf:
            return self.low + exp(score)
        if self.low == -inf:
            return self.high - exp(-score)
        share = 1 / (1 + exp(-score)) if score > -700 else 0.0
        return self.low + (self.high - self.low) * share

    def slope(self, value: float) -> float:
        """The derivative of `forward` at a value."""
        if self == PLAIN:
            return 1.0
        return (1 / (value - self.low) if self.low > -inf else 0.0) + (
            1 / (self.high - value) if self.high < inf else 0.0
        )


LOGIT = Link(0.0, 1.0)
"""For F-beta, averaged F1 and averaged precision."""
FISHER = Link(-1.0, 1.0)
"""For kappa and MCC: twice Fisher's z."""
LOG = Link(0.0, inf)
"""For ratios of sums."""
BELOW_ONE = Link(-inf, 1.0)
"""For R²: minus the log of one minus the value."""
PLAIN = Link(-inf, inf)
"""For differences and weighted means: the identity."""


class SmoothFunction(Protocol):
    """A smooth function of k sums, with its gradient."""

    def value(self, sums: Floats) -> float:
        """The value at some sums; NaN where it is not defined."""

    def slopes(self, sums: Floats) -> Floats:
        """The k partial derivatives at some sums."""


@dataclass(frozen=True)
class Added:
    """Fractions of rows that are added before a bound is computed, so that small sums cannot make it too narrow."""

    sums: Floats
    """The k sums of the added rows."""
    products: Floats
    """k x k: their sums of products of two values. Or k: their sums of squares, where every added row has one value."""


@dataclass(frozen=True)
class Totals:
    """The totals of k values over all sampling units, and the covariance of the units' sums."""

    units: int
    sums: Floats
    """The k totals."""
    products: Floats
    """k x k: sums over units of products of deviations from the mean unit. Or k: uncentred sums of squares, where no
    unit has two of the values (independent rows, each in one cell)."""
    of_rows: Totals | None = None
    """The same totals with every row as its own unit; None where the rows are the units."""
    telling: int | None = None
    """The number of units that have rows that count; None for all units."""
    differing: float | None = None
    """The number of units that have any of the rarest rows that count: only these inform the variance."""
    rounding: Floats | None = None
    """For each sum, the standard deviation that rounding alone may cause."""
    weight: float = 1.0
    """Σw² / Σw, the mean sampling weight of a row, itself weighted; an added row weighs this much."""

    @property
    def enough(self) -> bool:
        """Whether there are enough units for bounds: 2 rows, or `LEAST_UNITS` units that have rows that count."""
        if self.of_rows is None and self.telling is None:
            return self.units > 1
        return min(self.units, self.units if self.telling is None else self.telling) >= LEAST_UNITS

    @property
    def degrees(self) -> float:
        """The degrees of freedom of the variance."""
        units = float(self.units if self.telling is None else self.telling)
        return units - 1 if self.differing is None else max(min(units, self.differing) - 1, _LEAST_DEGREES)

    def between(self, slopes: Floats) -> float:
        """The variance between units of the linear combination `slopes` of the totals."""
        if self.units < 2:
            return 0.0
        found = _square(self.products, slopes)
        if self.products.ndim == 1:
            found -= float(slopes @ self.sums) ** 2 / self.units
        return max(found, 0.0) * self.units / (self.units - 1)

    def spread(self, slopes: Floats) -> float:
        """The same, but at least that of independent rows: naming a unit never narrows an interval."""
        own = self.between(slopes)
        return own if self.of_rows is None else max(own, self.of_rows.between(slopes))

    def seen(self, variance: float, slopes: Floats) -> bool:
        """Whether a variance is larger than rounding alone may cause."""
        noise = 0.0 if self.rounding is None else float(abs(slopes) @ self.rounding) ** 2
        return isfinite(variance) and variance > noise

    def effect(self, function: SmoothFunction, link: Link, added: Added) -> float:
        """The design effect by which added rows are multiplied: variance between units over that of independent rows.

        It is at least 1. Where it cannot be estimated (the observed value is at an end of its range, or no observed row
        is like those added), it is the mean number of rows per unit. Without units it is the mean weight of a row.
        """
        if self.of_rows is None:
            return self.weight
        most = self.of_rows.units / self.units
        if link.forward(function.value(self.sums)) is None or not self.sums[added.sums > 0].any():
            return most
        return self._ratio(function.slopes(self.sums + added.sums), most)

    def effective(self, function: SmoothFunction, link: Link, added: Added | None = None) -> float | None:
        """The effective number of rows, rows over design effect; None where the rows are the units."""
        if self.of_rows is None:
            return None
        if added is not None:
            return self.of_rows.units / self.effect(function, link, added)
        return self.of_rows.units / self._ratio(function.slopes(self.sums), self.of_rows.units / self.units)

    def _ratio(self, slopes: Floats, most: float) -> float:
        alone = 0.0 if self.of_rows is None else self.of_rows.between(slopes)
        return max(self.between(slopes) / alone, 1.0) if alone > 0 else most


@dataclass(frozen=True)
class Of:
    """A formula of `size` arguments, each the sum of some of the totals."""

    formula: OfSums
    size: int
    place: Whole
    """For each total, the argument that it is added to; -1 for none."""
    gradient: Callable[[Floats], Floats] | None = None
    """The partial derivatives by the arguments; where left out they are central differences."""

    def arguments(self, sums: Floats) -> Floats:
        """The formula's arguments."""
        import numpy as np

        mine = self.place >= 0
        return np.asarray(np.bincount(self.place[mine], sums[mine], self.size), dtype=np.float64)

    def value(self, sums: Floats) -> float:
        """The value at some sums; NaN where it is not defined."""
        import numpy as np

        with np.errstate(divide="ignore", invalid="ignore"):
            return float(self.formula(self.arguments(sums)[np.newaxis, :])[0])

    def slopes(self, sums: Floats) -> Floats:
        """The partial derivatives by each of the totals."""
        import numpy as np

        found = np.append(self._slopes(self.arguments(sums)), 0.0)
        return np.asarray(found[self.place])

    def _slopes(self, at: Floats) -> Floats:
        import numpy as np

        if self.gradient is not None:
            return self.gradient(at)
        slopes = np.zeros(self.size)
        entering = np.flatnonzero(at)  # a cell without rows does not vary
        with np.errstate(divide="ignore", invalid="ignore"):
            for start in range(0, len(entering), _CHUNK):
                index = entering[start : start + _CHUNK]
                step = _STEP * np.abs(at[index])
                moved = np.zeros((len(index), self.size))
                moved[np.arange(len(index)), index] = step
                slopes[index] = (self.formula(at + moved) - self.formula(at - moved)) / (2 * step)
        return slopes


How = Literal["difference", "log", "ratio"]
"""new - old, log(new / old), or new / old - 1."""


@dataclass(frozen=True)
class Apart:
    """The difference of a metric between the new model and the old one, as a function of both models' totals."""

    new: SmoothFunction
    old: SmoothFunction
    how: How = "difference"

    def value(self, sums: Floats) -> float:
        """The difference; NaN where either value is not defined, or has no log."""
        new, old = self.new.value(sums), self.old.value(sums)
        if self.how == "log":
            return log(new) - log(old) if new > 0 and old > 0 else nan
        if self.how == "ratio":
            return new / old - 1 if old else nan
        return new - old

    def slopes(self, sums: Floats) -> Floats:
        """The partial derivatives of the difference by each of the totals."""
        new, old = self.new.slopes(sums), self.old.slopes(sums)
        if self.how == "log":
            return new / self.new.value(sums) - old / self.old.value(sums)
        if self.how == "ratio":
            below = self.old.value(sums)
            return new / below - old * (self.new.value(sums) / below**2)
        return new - old


@dataclass(frozen=True)
class LinearBounds(EitherSide):
    """A value with bounds that are symmetric on a scale, by Student's t or the normal distribution."""

    value: float
    error: float | None
    """The standard error on the scale; None for no bounds."""
    link: Link
    degrees: float = inf
    """The degrees of freedom; infinity for the normal distribution."""

    def _bound(self, sign: int, alpha: float) -> float | None:
        require_level(alpha)
        score = self.link.forward(self.value)
        if score is None or not self.error:
            return None
        return self.link.backward(score + sign * t_quantile(self.degrees, alpha) * self.error)


@dataclass(frozen=True)
class GuardedBounds:
    """A value with its lower bound from sums that are worse than observed, its upper bound from better ones."""

    value: float
    worse: Bounds
    better: Bounds

    def lower(self, alpha: float) -> float | None:
        """The lower bound at one-sided level `alpha`, never above the value; or None."""
        bound = self.worse.lower(alpha)
        return None if bound is None else min(bound, self.value)

    def upper(self, alpha: float) -> float | None:
        """The upper bound at one-sided level `alpha`, never below the value; or None."""
        bound = self.better.upper(alpha)
        return None if bound is None else max(bound, self.value)


def linearised(
    totals: Totals, function: SmoothFunction, link: Link, worse: Added | None = None, better: Added | None = None
) -> GuardedBounds:
    """Bounds of a function of the sums, symmetric on `link`.

    The lower bound is computed with the rows `worse` added and the upper one with the rows `better`, each multiplied by
    the design effect. There are no bounds below `LEAST_UNITS` units, where the value is not defined, or where its
    variance may be rounding alone.
    """
    value = function.value(totals.sums)
    ends = [_bounds_of_side(totals, function, link, added, moved=True) for added in (worse, better)]
    none = LinearBounds(value, None, link, 1)
    return GuardedBounds(value, *(ends if isfinite(value) else (none, none)))


def compared(totals: Totals, apart: Apart, half: Added | None = None) -> LinearBounds:
    """Bounds of a difference of two models, or of the log of their ratio.

    `half` are fractions of rows on which the models differ. They widen the interval; on the log they also shift it.
    """
    return _bounds_of_side(totals, apart, PLAIN, half, moved=apart.how == "log")


def compared_in_units(totals: Totals, apart: Apart, worse: Added, better: Added) -> Wider:
    """The same for rows in units, where few units may have any difference.

    The new model is worse than the old one on the rows `worse` and better on the rows `better`. Each bound is computed
    with either added, and the wider one is used.
    """
    return Wider(linearised(totals, apart, PLAIN, worse, better), linearised(totals, apart, PLAIN, better, worse))


def _bounds_of_side(
    totals: Totals, function: SmoothFunction, link: Link, added: Added | None, *, moved: bool
) -> LinearBounds:
    """The bounds of one side: the value with some rows added, and its standard error on the scale.

    The value is that with the added rows if `moved`, else the observed one.
    """
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        at, guard = totals.sums, 0.0
        if added is not None:
            weight = totals.effect(function, link, added)
            at = at + weight * added.sums
        value, slopes = function.value(at), function.slopes(at)
        if added is not None:
            guard = weight**2 * _square(added.products, slopes)
        variance = totals.spread(slopes) + guard
        known = totals.enough and link.forward(value) is not None and totals.seen(variance, slopes)
        error = link.slope(value) * sqrt(variance) if known else 0.0
    shown = value if moved else function.value(totals.sums)
    least = _NOTHING if totals.rounding is None else 0.0
    return LinearBounds(shown, error if error**2 > least else None, link, max(totals.degrees, 1))


def _square(products: Floats, slopes: Floats) -> float:
    """The quadratic form of the slopes in the products; values beyond the size of the products count as 0."""
    slopes = slopes[: len(products)]
    return float(slopes**2 @ products) if products.ndim == 1 else float(slopes @ products @ slopes)

"""Logistic recalibration: the logistic regression of the outcome on the logit of its predicted probability."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlgate.stats.bounds import EitherSide
from mlgate.stats.share import require_level

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

_MOST_STEPS = 200
_NEAR = 1e-3
"""With a smaller Newton decrement full steps converge, and rounding hides the differences of the likelihood."""


@dataclass(frozen=True)
class Coefficient(EitherSide):
    """A coefficient of the recalibration with Wald bounds, by the larger of its model-based and robust standard errors.

    The model-based one is too small where the relation is not logistic, the robust one in small samples.
    """

    value: float
    standard_error: float

    def _bound(self, sign: int, alpha: float) -> float | None:
        from mlgate.stats.special import ndtri

        require_level(alpha)
        if not (math.isfinite(self.standard_error) and self.standard_error > 0):
            return None
        return self.value + sign * float(ndtri(1 - alpha)) * self.standard_error


def calibration_slope(scores: ArrayLike, positives: ArrayLike, negatives: ArrayLike) -> Coefficient:
    """The slope b of logit P(positive) = a + b logit(score), by maximum likelihood (Cox 1958); 1 where calibrated.

    The arrays have one entry per distinct score in (0, 1): the score and its numbers of positives and of negatives.
    Raises ValueError where the likelihood has no maximum: a class has no rows, a score separates the classes, or all
    scores are equal.
    """
    import numpy as np

    x, positive, negative = _checked(scores, positives, negatives)
    if not _overlap(x, positive, negative) or not _overlap(x, negative, positive):
        raise ValueError("a score separates all positives from all negatives, or all scores are equal")
    n = positive + negative
    centre = float((n * x).sum() / n.sum())
    width = math.sqrt(float((n * (x - centre) ** 2).sum() / n.sum()))
    design = np.stack([np.ones_like(x), (x - centre) / width])
    found = _fitted(design, np.zeros_like(x), positive, negative)
    return Coefficient(found.value / width, found.standard_error / width)


def calibration_intercept(scores: ArrayLike, positives: ArrayLike, negatives: ArrayLike) -> Coefficient:
    """The intercept a of logit P(positive) = a + logit(score), calibration in the large; 0 where calibrated.

    The arguments are those of `calibration_slope`. Raises ValueError where a class has no rows.
    """
    import numpy as np

    x, positive, negative = _checked(scores, positives, negatives)
    return _fitted(np.ones((1, len(x))), x, positive, negative)


def _checked(scores: ArrayLike, positives: ArrayLike, negatives: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Logits and counts as arrays."""
    import numpy as np

    score, positive, negative = (np.asarray(given, dtype=np.float64) for given in (scores, positives, negatives))
    if score.ndim != 1 or not score.shape == positive.shape == negative.shape:
        raise ValueError("scores, positives and negatives must be three arrays of numbers of equal length")
    if not ((score > 0) & (score < 1)).all():
        raise ValueError("a score must be above 0 and below 1 to have a logit")
    if not (np.isfinite(positive) & np.isfinite(negative)).all() or (positive < 0).any() or (negative < 0).any():
        raise ValueError("counts must be finite numbers, 0 or more")
    if not positive.sum() or not negative.sum():
        raise ValueError("a class has no rows")
    return np.log(score) - np.log1p(-score), positive, negative


def _overlap(x: Floats, one: Floats, other: Floats) -> bool:
    """Whether the largest logit of one class is above the smallest of the other."""
    return bool(x[one > 0].max() > x[other > 0].min())


def _fitted(design: Floats, offset: Floats, positive: Floats, negative: Floats) -> Coefficient:
    """The last coefficient of the logistic regression, by damped Newton steps; `design` has one row per coefficient."""
    import numpy as np

    n = positive + negative
    beta, last = np.zeros(len(design)), math.inf
    for _ in range(_MOST_STEPS):
        eta = beta @ design + offset
        gradient, information = _derivatives(eta, design, positive, n)
        step = np.linalg.solve(information, gradient)
        decrement = float(gradient @ step)
        if decrement < _NEAR and decrement >= last / 4:  # only rounding is left
            return _coefficient(beta, eta, design, positive, negative, information)
        size, now = 1.0, _likelihood(eta, positive, negative)
        while decrement >= _NEAR and _likelihood(eta + size * (step @ design), positive, negative) < now:
            size /= 2
        beta, last = beta + size * step, decrement
    raise ValueError(f"the likelihood has not reached its maximum after {_MOST_STEPS} steps")


def _likelihood(eta: Floats, positive: Floats, negative: Floats) -> float:
    import numpy as np

    return -float((positive * np.logaddexp(0, -eta) + negative * np.logaddexp(0, eta)).sum())


def _derivatives(eta: Floats, design: Floats, positive: Floats, n: Floats) -> tuple[Floats, Floats]:
    """The gradient of the log-likelihood, and its observed information."""
    from mlgate.stats.special import expit

    rate = expit(eta)
    weight = n * rate * expit(-eta)
    residual = positive - n * rate
    gradient: Floats = (design * residual).sum(axis=1)
    information: Floats = (design[:, None, :] * design[None, :, :] * weight).sum(axis=2)
    return gradient, information


def _coefficient(
    beta: Floats, eta: Floats, design: Floats, positive: Floats, negative: Floats, information: Floats
) -> Coefficient:
    """The last coefficient, with the larger of its model-based and robust standard errors."""
    import numpy as np

    from mlgate.stats.special import expit

    inverse = np.linalg.inv(information)
    influence = inverse[-1] @ design
    squares = positive * expit(-eta) ** 2 + negative * expit(eta) ** 2
    robust = float((influence**2 * squares).sum())
    return Coefficient(float(beta[-1]), math.sqrt(max(float(inverse[-1, -1]), robust)))

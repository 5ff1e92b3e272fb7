"""Calibration as logistic recalibration: the outcome regressed on the logit of the probability that was given to it."""

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
"""A Newton decrement below which full steps converge, and the likelihood is too flat to tell one from another."""


@dataclass(frozen=True)
class Coefficient(EitherSide):
    """A coefficient of the recalibration with Wald bounds, by the larger of its model-based and its robust standard
    error: the first misses where the relation is no logistic one, the second in small samples.
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

    One entry a distinct score in (0, 1), with its numbers of positives and of negatives. Raises ValueError where the
    likelihood has no greatest value: a class without rows, or a score that parts the classes.
    """
    import numpy as np

    x, positive, negative = _checked(scores, positives, negatives)
    if not _overlap(x, positive, negative) or not _overlap(x, negative, positive):
        raise ValueError("some score has all positives on one of its sides and all negatives on the other")
    n = positive + negative
    centre = float((n * x).sum() / n.sum())
    width = math.sqrt(float((n * (x - centre) ** 2).sum() / n.sum()))
    design = np.stack([np.ones_like(x), (x - centre) / width])
    found = _fitted(design, np.zeros_like(x), positive, negative)
    return Coefficient(found.value / width, found.standard_error / width)


def calibration_intercept(scores: ArrayLike, positives: ArrayLike, negatives: ArrayLike) -> Coefficient:
    """The intercept a of logit P(positive) = a + logit(score), calibration in the large; 0 where calibrated.

    Arguments as for `calibration_slope`. Raises ValueError where a class has no rows.
    """
    import numpy as np

    x, positive, negative = _checked(scores, positives, negatives)
    return _fitted(np.ones((1, len(x))), x, positive, negative)


def _checked(scores: ArrayLike, positives: ArrayLike, negatives: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Logits and counts as arrays."""
    import numpy as np

    score, positive, negative = (np.asarray(given, dtype=np.float64) for given in (scores, positives, negatives))
    if score.ndim != 1 or not score.shape == positive.shape == negative.shape:
        raise ValueError("scores, positives and negatives are three equally long rows of numbers")
    if not ((score > 0) & (score < 1)).all():
        raise ValueError("the logit of a score needs it above 0 and below 1")
    if not (np.isfinite(positive) & np.isfinite(negative)).all() or (positive < 0).any() or (negative < 0).any():
        raise ValueError("counts are finite numbers from 0")
    if not positive.sum() or not negative.sum():
        raise ValueError("a class has no rows")
    return np.log(score) - np.log1p(-score), positive, negative


def _overlap(x: Floats, one: Floats, other: Floats) -> bool:
    """Whether the greatest logit of one class lies above the least of the other."""
    return bool(x[one > 0].max() > x[other > 0].min())


def _fitted(design: Floats, offset: Floats, positive: Floats, negative: Floats) -> Coefficient:
    """The last coefficient of the logistic regression on the design's rows, by damped Newton steps."""
    import numpy as np

    n = positive + negative
    beta, last = np.zeros(len(design)), math.inf
    for _ in range(_MOST_STEPS):
        eta = beta @ design + offset
        gradient, information = _derivatives(eta, design, positive, n)
        step = np.linalg.solve(information, gradient)
        decrement = float(gradient @ step)
        if decrement < _NEAR and decrement >= last / 4:  # what is left is rounding
            return _coefficient(beta, eta, design, positive, negative, information)
        size, now = 1.0, _likelihood(eta, positive, negative)
        while decrement >= _NEAR and _likelihood(eta + size * (step @ design), positive, negative) < now:
            size /= 2
        beta, last = beta + size * step, decrement
    raise ValueError(f"the likelihood has not reached its greatest value after {_MOST_STEPS} steps")


def _likelihood(eta: Floats, positive: Floats, negative: Floats) -> float:
    import numpy as np

    return -float((positive * np.logaddexp(0, -eta) + negative * np.logaddexp(0, eta)).sum())


def _derivatives(eta: Floats, design: Floats, positive: Floats, n: Floats) -> tuple[Floats, Floats]:
    """The likelihood's gradient, and minus its second derivatives."""
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
    """The last coefficient with the larger of its two standard errors."""
    import numpy as np

    from mlgate.stats.special import expit

    inverse = np.linalg.inv(information)
    influence = inverse[-1] @ design
    squares = positive * expit(-eta) ** 2 + negative * expit(eta) ** 2
    robust = float((influence**2 * squares).sum())
    return Coefficient(float(beta[-1]), math.sqrt(max(float(inverse[-1, -1]), robust)))

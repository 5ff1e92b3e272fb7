"""Melded bounds (Fay, Proschan & Brittain 2015) of a quantity made of independent shares, each kept exact.

Every share is drawn from the Beta of its Clopper-Pearson bound, on the side that hurts; the bound is the
quantile of the metric. The draws are a fixed lattice, not random numbers: the same counts give the same
digits everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import floor, isfinite, sqrt
from typing import TYPE_CHECKING, Literal

from mlgate.stats.share import require_counts, require_level

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]

End = Literal["lower", "upper"]

FEWEST_DRAWS = 8192
MOST_DRAWS = 2**21
_TAIL = 256
"""Draws wanted beyond the quantile."""
_LEAST_TAIL = 32
_MOST_NUMBERS = 2**25
"""Draws times shares held in memory at once."""
_LATTICE_SHARES = 5
_KOROBOV = 1428421
"""Multiplier of the Korobov lattice: the best of 2,500 by the P2 criterion over 2**12..2**20 points, 2 to 5
shares.
"""
_NODES = 193
_REACH = 6.0


def melded_bound(
    metric: Callable[..., Floats],
    shares: Sequence[tuple[float, float]],
    increasing: Sequence[bool],
    prevalence: tuple[float, float] | None,
    alpha: float,
    side: End,
) -> float | None:
    """One-sided bound at level `alpha` of metric(share, ..., [prevalence]), each argument an array over
    draws.

    `shares` are (successes, failures) of independent samples, fractional if effective; increasing[i]:
    whether the metric grows with share i. `prevalence` is (positives, negatives), drawn from Beta(P+1/2,
    N+1/2). None where the level is too small for the draws, or where the metric has no finite value at the
    quantile.
    """
    _require_question(shares, increasing, prevalence, alpha, side)
    dimensions = len(shares) + (prevalence is not None)
    draws = _draws(alpha, dimensions)
    if draws is None:
        return None
    arguments = [
        _share_draws(share, up == (side == "upper"), _ranks(draws, index, dimensions))
        for index, (share, up) in enumerate(zip(shares, increasing, strict=True))
    ]
    if prevalence is not None:
        a, b = prevalence[0] + 0.5, prevalence[1] + 0.5
        arguments.append(_beta_draws(a, b, _ranks(draws, dimensions - 1, dimensions)))
    return _quantile(metric(*arguments), alpha, draws, side)


def _require_question(
    shares: Sequence[tuple[float, float]],
    increasing: Sequence[bool],
    prevalence: tuple[float, float] | None,
    alpha: float,
    side: End,
) -> None:
    require_level(alpha)
    if side not in ("lower", "upper"):
        raise ValueError(f"side must be lower or upper, not {side!r}")
    if not shares or len(shares) != len(increasing):
        raise ValueError(f"{len(shares)} shares need as many directions, not {len(increasing)}")
    for successes, failures in [*shares, *([prevalence] if prevalence is not None else [])]:
        if not (isfinite(failures) and failures >= 0):
            raise ValueError(f"counts must be finite and not negative, not {failures}")
        require_counts(successes, successes + failures)


def _draws(alpha: float, dimensions: int) -> int | None:
    """A power of two that leaves about `_TAIL` draws beyond the quantile; None where that is out of reach."""
    most = MOST_DRAWS
    while most * dimensions > _MOST_NUMBERS and most > FEWEST_DRAWS:
        most //= 2
    draws = FEWEST_DRAWS if dimensions <= _LATTICE_SHARES else 2 * FEWEST_DRAWS
    while draws * alpha < _TAIL and draws < most:
        draws *= 2
    return draws if draws * alpha >= _LEAST_TAIL else None


def _quantile(values: Floats, alpha: float, draws: int, side: End) -> float | None:
    """The order statistic with a little less than a share `alpha` of the draws beyond it: one Monte Carlo
    standard error less, more than the lattice errs. Undefined values count as worst.
    """
    import numpy as np

    if values.shape != (draws,):
        raise ValueError(f"the metric must give one value a draw, not shape {values.shape}")
    losses = -values if side == "upper" else values
    losses = np.where(np.isfinite(losses), losses, -np.inf)
    beyond = alpha * draws
    rank = floor(beyond - sqrt(beyond)) - 1
    worst = float(np.partition(losses, rank)[rank])
    if not isfinite(worst):
        return None
    return -worst if side == "upper" else worst


def _share_draws(share: tuple[float, float], optimistic: bool, ranks: Whole) -> Floats:
    """Draws of Beta(s, f + 1), or of Beta(s + 1, f) if optimistic; shape 0 is a point mass at its end."""
    import numpy as np

    successes, failures = share
    if optimistic:
        return np.ones(len(ranks)) if failures == 0 else _beta_draws(successes + 1, failures, ranks)
    return np.zeros(len(ranks)) if successes == 0 else _beta_draws(successes, failures + 1, ranks)


def _beta_draws(a: float, b: float, ranks: Whole) -> Floats:
    """Beta(a, b) quantiles at (rank + 1/2) / draws, a rank for each draw."""
    import numpy as np

    quantiles = _beta_quantiles(a, b, len(ranks))
    return np.asarray(quantiles[ranks])


def _beta_quantiles(a: float, b: float, draws: int) -> Floats:
    """Beta(a, b) quantiles at (i + 1/2) / draws in order: cubic Hermite in the normal score between exact
    nodes.

    The interpolated quantity is the logit, smooth in the normal score; below shape 1 it is not smooth
    enough, and every quantile is computed.
    """
    import numpy as np

    from mlgate.stats.special import betaincinv, betaln, expit, ndtr

    if min(a, b) < 1:
        return np.asarray(betaincinv(a, b, (np.arange(draws) + 0.5) / draws))
    cell, weights = _hermite(draws)
    z = np.linspace(-_REACH, _REACH, _NODES)
    # quantiles of the upper half by the mirrored Beta: 1 - x keeps its digits
    half = _NODES // 2 + 1
    low = betaincinv(a, b, ndtr(z[:half]))
    mirrored = betaincinv(b, a, ndtr(z[:half]))[-2::-1]
    x, y = np.concatenate([low, 1 - mirrored]), np.concatenate([1 - low, mirrored])
    logit = np.log(x) - np.log(y)
    slope = np.exp(-(z**2) / 2 - a * np.log(x) - b * np.log(y) + betaln(a, b)) / np.sqrt(2 * np.pi)
    slope *= z[1] - z[0]
    knots = (logit[cell], slope[cell], logit[cell + 1], slope[cell + 1])
    return np.asarray(expit(sum(weight * knot for weight, knot in zip(weights, knots))))


@lru_cache(maxsize=4)
def _hermite(draws: int) -> tuple[Whole, tuple[Floats, Floats, Floats, Floats]]:
    """For each of the equally probable draws: its node interval and the cubic Hermite weights in it."""
    import numpy as np

    from mlgate.stats.special import ndtri

    place = (ndtri((np.arange(draws) + 0.5) / draws) + _REACH) / (2 * _REACH) * (_NODES - 1)
    cell = np.floor(place).astype(np.int64)
    t = place - cell
    weights = (1 - t) ** 2 * (1 + 2 * t), t * (1 - t) ** 2, t**2 * (3 - 2 * t), t**2 * (t - 1)
    return cell, weights


def _ranks(draws: int, index: int, dimensions: int) -> Whole:
    """A permutation of range(draws) for argument `index`: a Korobov lattice for few arguments, else mixed
    bits.
    """
    import numpy as np

    i = np.arange(draws, dtype=np.int64)
    if dimensions <= _LATTICE_SHARES:
        return i * pow(_KOROBOV, index, draws) & (draws - 1)
    return _mixed(i, index, draws.bit_length() - 1)


def _mixed(i: Whole, key: int, bits: int) -> Whole:
    """A keyed bijection of range(2**bits): odd multiplications and xor-shifts (as in splitmix64)."""
    mask, shift = 2**bits - 1, bits // 2 + 1
    state = key
    for _ in range(4):
        state = (state + 0x9E3779B97F4A7C15) & (2**64 - 1)
        word = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9 & (2**64 - 1)
        word = (word ^ (word >> 27)) * 0x94D049BB133111EB & (2**64 - 1)
        i = (i + (word >> 43)) * (word >> 20 & mask | 1) & mask
        i = i ^ (i >> shift)
    return i

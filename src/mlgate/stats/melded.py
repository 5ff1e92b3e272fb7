"""Melded bounds (Fay, Proschan & Brittain 2015) of a function of independent shares.

Every share is drawn from the Beta distribution of its Clopper-Pearson bound, on the unfavourable side. The bound is the
quantile of the metric over the draws. The draws are a fixed lattice and not random, so the same counts give the same
digits everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import floor, isfinite, sqrt
from typing import TYPE_CHECKING, Literal

from mlgate.stats.share import counted, require_counts, require_level

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]

End = Literal["lower", "upper"]

FEWEST_DRAWS = 8192
MOST_DRAWS = 2**21
_TAIL = 256
"""The number of draws that should be beyond the quantile."""
_LEAST_TAIL = 32
_MOST_NUMBERS = 2**25
"""The largest number of draws times shares in memory at once."""
_LATTICE_SHARES = 5
_KOROBOV = 1428421
"""Multiplier of the Korobov lattice: of 2,500, the best by the P2 criterion for 2**12..2**20 points and 2 to 5 shares.
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
    """The one-sided bound at level `alpha` of metric(share, ..., [prevalence]); its arguments are arrays over draws.

    `shares` are (successes, failures) of independent samples, possibly fractional (effective rows). increasing[i] says
    whether the metric increases with share i. `prevalence` is (positives, negatives), and is drawn from
    Beta(P+1/2, N+1/2). None where the level is too small for the number of draws, or where the metric has no finite
    value at the quantile.
    """
    _require_question(shares, increasing, prevalence, alpha, side)
    dimensions = len(shares) + (prevalence is not None)
    draws = _draws(alpha, dimensions)
    if draws is None:
        return None
    arguments = [
        _share_draws(counted(*share), up == (side == "upper"), _ranks(draws, index, dimensions))
        for index, (share, up) in enumerate(zip(shares, increasing, strict=True))
    ]
    if prevalence is not None:
        a, b = (count + 0.5 for count in counted(*prevalence))
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
    """A power of two with about `_TAIL` draws beyond the quantile; None where it would take too many draws."""
    most = MOST_DRAWS
    while most * dimensions > _MOST_NUMBERS and most > FEWEST_DRAWS:
        most //= 2
    draws = FEWEST_DRAWS if dimensions <= _LATTICE_SHARES else 2 * FEWEST_DRAWS
    while draws * alpha < _TAIL and draws < most:
        draws *= 2
    return draws if draws * alpha >= _LEAST_TAIL else None


def _quantile(values: Floats, alpha: float, draws: int, side: End) -> float | None:
    """The order statistic with a share of draws beyond it that is `alpha` minus one Monte Carlo standard error.

    The standard error is larger than the error of the lattice. Undefined values count as the worst.
    """
    import numpy as np

    if values.shape != (draws,):
        raise ValueError(f"the metric must give one value per draw, not shape {values.shape}")
    losses = -values if side == "upper" else values
    losses = np.where(np.isfinite(losses), losses, -np.inf)
    beyond = alpha * draws
    rank = floor(beyond - sqrt(beyond)) - 1
    worst = float(np.partition(losses, rank)[rank])
    if not isfinite(worst):
        return None
    return -worst if side == "upper" else worst


def _share_draws(share: tuple[float, ...], optimistic: bool, ranks: Whole) -> Floats:
    """Draws of Beta(s, f + 1), or of Beta(s + 1, f) if optimistic. A shape of 0 is a point mass at 0 or 1."""
    import numpy as np

    successes, failures = share
    if optimistic:
        return np.ones(len(ranks)) if failures == 0 else _beta_draws(successes + 1, failures, ranks)
    return np.zeros(len(ranks)) if successes == 0 else _beta_draws(successes, failures + 1, ranks)


def _beta_draws(a: float, b: float, ranks: Whole) -> Floats:
    """Beta(a, b) quantiles at (rank + 1/2) / draws, for an array with the rank of each draw."""
    import numpy as np

    quantiles = _beta_quantiles(a, b, len(ranks))
    return np.asarray(quantiles[ranks])


def _beta_quantiles(a: float, b: float, draws: int) -> Floats:
    """Beta(a, b) quantiles at (i + 1/2) / draws, in order.

    Their logits are interpolated by cubic Hermite polynomials in the normal score, between exact nodes. With a shape
    below 1 the logit is not smooth enough, and every quantile is computed exactly.
    """
    import numpy as np

    from mlgate.stats.special import betaincinv, betaln, expit, ndtr

    if min(a, b) < 1:
        return np.asarray(betaincinv(a, b, (np.arange(draws) + 0.5) / draws))
    cell, weights = _hermite(draws)
    z = np.linspace(-_REACH, _REACH, _NODES)
    # The mirrored Beta gives the quantiles of the upper half, so that 1 - x keeps its digits.
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
    """For each of the equally probable draws, its interval between nodes and its cubic Hermite weights there."""
    import numpy as np

    from mlgate.stats.special import ndtri

    place = (ndtri((np.arange(draws) + 0.5) / draws) + _REACH) / (2 * _REACH) * (_NODES - 1)
    cell = np.floor(place).astype(np.int64)
    t = place - cell
    weights = (1 - t) ** 2 * (1 + 2 * t), t * (1 - t) ** 2, t**2 * (3 - 2 * t), t**2 * (t - 1)
    return cell, weights


def _ranks(draws: int, index: int, dimensions: int) -> Whole:
    """A permutation of range(draws) for argument `index`: a Korobov lattice for few arguments, else mixed bits."""
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

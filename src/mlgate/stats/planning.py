"""How many rows would settle a demand on shares, what these refute, and the chance that all of it is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, hypot, isfinite, sqrt
from typing import TYPE_CHECKING, Literal

from mlgate.stats.difference import ShareBounds
from mlgate.stats.ranks import bisect
from mlgate.stats.share import require_level

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Side = Literal["at_least", "at_most"]

MOST_ROWS = 10**8
"""Above this no number of rows is given: nobody collects them."""
EXACT_ROWS = 10**6
"""Up to here the answer is exact; above it is rounded up (by well under 1 %)."""
_CHUNK = 512


def rows_for_share(truth: float, bound: float, alpha: float, power: float = 0.8, side: Side = "at_least") -> int | None:
    """The stable number of rows: with it *and every larger number* Clopper-Pearson at `alpha` shows the
    demand with probability >= `power` if the true share is `truth`. None where the truth does not meet the
    demand with room, or more than `MOST_ROWS` rows would be needed.
    """
    question = _question(truth, bound, alpha, power, side)
    if question is None:
        return None
    enough = _smallest(lambda n: _power(n, *question, slack=1.0) >= power)
    if enough is None or enough > EXACT_ROWS:
        return enough
    import numpy as np

    end = enough  # every n >= enough has the power; look below it for the last one that has not
    while end > 1:
        start = max(1, end - _CHUNK)
        short = np.flatnonzero(_powers(np.arange(start, end, dtype=float), *question) < power)
        if short.size:
            return start + int(short[-1]) + 1
        end = start
    return 1


def _question(truth: float, bound: float, alpha: float, power: float, side: Side) -> tuple[float, float, float] | None:
    """(truth, bound, alpha) of an at-least question; None where no number of rows would show it."""
    require_level(alpha)
    require_power(power)
    if not (0 <= truth <= 1 and 0 <= bound <= 1):
        raise ValueError(f"shares must be in [0, 1], not truth={truth}, bound={bound}")
    if side not in ("at_least", "at_most"):
        raise ValueError(f"side must be at_least or at_most, not {side!r}")
    if side == "at_most":
        truth, bound = 1 - truth, 1 - bound
    return (truth, bound, alpha) if truth > bound else None


def require_power(power: float) -> None:
    """Raise ValueError unless the power is in [0.5, 1)."""
    if not 0.5 <= power < 1:
        raise ValueError(f"power must be in [0.5, 1), not {power}")


def _powers(n: Floats, truth: float, bound: float, alpha: float, slack: float | None = None) -> Floats:
    """P(Clopper-Pearson lower bound >= `bound`) for each n: P(X >= k), X ~ Binomial(n, truth).

    k is the smallest whole number with P(X >= k | bound) <= alpha. With `slack`, k is that threshold on the
    real line plus the slack: 0 bounds the power from above, 1 from below, and both are smooth in n.
    """
    import numpy as np

    from mlgate.stats.special import bdtrik, betainc

    if bound == 0:
        return np.ones_like(n)
    k = np.maximum(bdtrik(1 - alpha, n, bound) + 1, 1.0)
    k = np.ceil(k) if slack is None else k + slack
    within = k <= n
    k = np.where(within, k, 1.0)
    return np.where(within, betainc(k, n - k + 1, truth), 0.0)


def _power(n: int, truth: float, bound: float, alpha: float, slack: float | None = None) -> float:
    import numpy as np

    return float(_powers(np.array([float(n)]), truth, bound, alpha, slack)[0])


def _smallest(meets: Callable[[int], bool]) -> int | None:
    """The smallest n in 1..MOST_ROWS with meets(n), for a monotone `meets`."""
    high = 1
    while not meets(high):
        if high >= MOST_ROWS:
            return None
        high = min(2 * high, MOST_ROWS)
    low = high // 2  # not met there, or 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if meets(middle) else (middle, high)
    return high


def rows_for_paired(
    difference: float, discordant: float, alpha: float, margin: float = 0.0, power: float = 0.8
) -> int | None:
    """Rows at which new - old > -margin is shown if the true difference of paired shares is `difference` and a share
    `discordant` of rows is right for one model only (Connor 1987). None where no number of rows would do.
    """
    from mlgate.stats.special import ndtri

    require_level(alpha)
    require_power(power)
    if not (abs(difference) <= discordant <= 1 and isfinite(margin)):
        raise ValueError(f"|difference| <= discordant <= 1, not {difference} and {discordant}; margin {margin}")
    room = difference + margin
    if room <= 0:
        return None
    spread = -float(ndtri(alpha)) * sqrt(discordant) + float(ndtri(power)) * sqrt(discordant - difference**2)
    rows = (spread / room) ** 2
    return max(ceil(rows), 1) if rows <= MOST_ROWS else None


def rows_per_group(shares: Sequence[float], at_most: float, alpha: float, power: float = 0.8) -> int | None:
    """Rows in each group at which every pair's gap is shown to be `at_most`, if these are the true shares.

    Normal shares, the widest half-width of a pair by MOVER at the true shares. None as in `rows_for_paired`.
    """
    require_level(alpha)
    require_power(power)
    if len(shares) < 2 or not all(0 <= share <= 1 for share in shares) or not 0 < at_most <= 1:
        raise ValueError(f"at least two shares in [0, 1] and a gap above 0, not {shares} and {at_most}")
    if max(shares) - min(shares) >= at_most:
        return None
    return _smallest(lambda n: _chance_of_gap(n, shares, at_most, alpha) >= power)


def smallest_drop(share: float, n: int, alpha: float, power: float = 0.8) -> float | None:
    """The smallest drop below `share` that `n` rows refute at `alpha` with the power asked for; None where even a drop
    to 0 would not be.
    """
    _question(0.0, share, alpha, power, "at_most")
    if n < 1:
        raise ValueError(f"planning needs rows, not {n}")

    def short(drop: float) -> float:
        return power - _power(n, 1 - share + drop, 1 - share, alpha)

    return None if short(share) > 0 or share == 0 else -bisect(lambda drop: short(-drop), -share, 0.0)


def observed_drop(share: float, n: int, power: float = 0.8) -> float | None:
    """The smallest drop below `share` at which `n` rows are *observed* below it with the power asked for; None where
    even a drop to 0 would not be.
    """
    from mlgate.stats.special import betaincinv

    require_power(power)
    if n < 1 or not 0 <= share <= 1:
        raise ValueError(f"planning needs rows and a share in [0, 1], not n={n}, share={share}")
    enough = ceil(share * n - 1e-9)  # hits that are observed as at least the share
    return max(share - float(betaincinv(enough, n - enough + 1, 1 - power)), 0.0) if enough else None


def _chance_of_gap(n: int, shares: Sequence[float], at_most: float, alpha: float) -> float:
    """P(range of the observed shares + the widest half-width <= the gap allowed)."""
    import numpy as np

    from mlgate.stats.special import ndtr

    each = [ShareBounds(share * n, n) for share in shares]
    above = max(bounds.upper(alpha) - share for bounds, share in zip(each, shares))
    below = max(share - bounds.lower(alpha) for bounds, share in zip(each, shares))
    room = at_most - hypot(above, below)
    if room <= 0:
        return 0.0
    means = np.array(shares)
    errors = np.sqrt(np.maximum(means * (1 - means), 0.25 / n) / n)
    scores = np.linspace(-8, 8, 321)
    lowest = means[:, None] + errors[:, None] * scores  # each group in turn is the lowest, at these places
    within = ndtr((lowest + room - means[:, None, None]) / errors[:, None, None])
    within -= ndtr((lowest - means[:, None, None]) / errors[:, None, None])
    within[np.arange(len(shares)), np.arange(len(shares))] = 1.0
    density = np.exp(-(scores**2) / 2)
    return float((within.prod(axis=0) * density).sum() / density.sum())

"""Planning for shares: the rows that show a demand, the smallest drop that rows refute, and chances."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, floor, hypot, isfinite, sqrt
from typing import TYPE_CHECKING, Literal

from mlgate.stats.difference import ShareBounds
from mlgate.stats.matched import MatchedShares
from mlgate.stats.missed_units import Moved
from mlgate.stats.ranks import bisect
from mlgate.stats.share import missed_share, require_level

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Side = Literal["at_least", "at_most"]

MOST_ROWS = 10**8
"""Larger numbers of rows are not given, because nobody collects so many."""
EXACT_ROWS = 10**6
"""Up to this number the answer is exact; larger ones are rounded up, by well under 1 %."""
_CHUNK = 512
_WHOLE = 1e-9
"""A number of rows this near to a whole one is that one."""


def rows_for_share(truth: float, bound: float, alpha: float, power: float = 0.8, side: Side = "at_least") -> int | None:
    """The stable number of rows: with it *and every larger number* a demand is shown with the required power.

    If the true share is `truth`, Clopper-Pearson bounds at level `alpha` show the demand with probability at least
    `power`. None where the truth is not strictly better than the bound, or more than `MOST_ROWS` rows are needed.
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
    """(truth, bound, alpha), mirrored to an at-least demand; None where no number of rows would show it."""
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

    k is the smallest whole number with P(X >= k | bound) <= alpha. With `slack`, k is the real-valued threshold plus
    the slack: slack 0 bounds the power from above, slack 1 from below, and both are smooth in n.
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
    """The smallest n in 1..MOST_ROWS with meets(n), for a monotone `meets`; None where there is none."""
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
    """The number of rows whose bound (`MatchedShares`) shows new - old >= -margin for two shares of the same rows.

    `difference` is the true difference, and `discordant` the share of rows that only one model gets right. None where
    no number of rows up to `MOST_ROWS` shows it.
    """
    require_level(alpha)
    if not (abs(difference) <= discordant <= 1 and isfinite(margin)):
        raise ValueError(f"|difference| <= discordant <= 1, not {difference} and {discordant}; margin {margin}")
    if difference + margin <= 0:
        return None
    return rows_of_pairs(difference, discordant, lambda *counts: MatchedShares(*counts).shows(-margin, alpha), power)


def rows_of_pairs(
    difference: float, discordant: float, shows: Callable[[float, float, float], bool], power: float = 0.8
) -> int | None:
    """The number of rows with which `shows` is true of an unlucky sample, so that it is with the required power.

    `shows` takes the number of rows and those that only the new and only the old model gets right. In the unlucky
    sample the observed difference is at the quantile of `1 - power`, and the numbers are whole and none too good.
    """
    from mlgate.stats.special import ndtri

    require_power(power)
    new, old = (discordant + difference) / 2, (discordant - difference) / 2
    spread, z = sqrt(max(discordant - difference**2, 0.0)), float(ndtri(power))

    def shown(n: int) -> bool:
        short = z * sqrt(n) / spread if spread else 0.0
        won, lost = max(new * (n - short * (1 - difference)), 0.0), old * (n + short * (1 + difference))
        ahead = floor(won - lost + _WHOLE)
        won = max(ceil(lost - _WHOLE) + ahead, 0)
        return won + won - ahead <= n and shows(n, won, won - ahead)

    return _smallest(shown)


def rows_per_group(shares: Sequence[float], at_most: float, alpha: float, power: float = 0.8) -> int | None:
    """The rows in each group that show every pair's gap to be at most `at_most`, if these are the true shares.

    Observed shares are treated as normal, and every pair has the widest MOVER half-width of any pair, at the true
    shares. None as in `rows_for_paired`.
    """
    require_level(alpha)
    require_power(power)
    if len(shares) < 2 or not all(0 <= share <= 1 for share in shares) or not 0 < at_most <= 1:
        raise ValueError(f"requires two or more shares in [0, 1] and a gap in (0, 1], not {shares} and {at_most}")
    if max(shares) - min(shares) >= at_most:
        return None
    return _smallest(lambda n: _chance_of_gap(n, shares, at_most, alpha) >= power)


def smallest_drop(share: float, n: int, alpha: float, power: float = 0.8) -> float | None:
    """The smallest drop below `share` that `n` rows refute at level `alpha` with probability `power`.

    None where they do not even refute a drop to 0.
    """
    _question(0.0, share, alpha, power, "at_most")
    if n < 1:
        raise ValueError(f"planning requires rows, not {n}")

    def short(drop: float) -> float:
        return power - _power(n, 1 - share + drop, 1 - share, alpha)

    return None if short(share) > 0 or share == 0 else -bisect(lambda drop: short(-drop), -share, 0.0)


def observed_drop(share: float, n: int, power: float = 0.8) -> float | None:
    """The smallest drop below `share` at which the share *observed* in `n` rows is below it with probability `power`.

    None where this is not so even after a drop to 0.
    """
    from mlgate.stats.special import betaincinv

    require_power(power)
    if n < 1 or not 0 <= share <= 1:
        raise ValueError(f"planning requires rows and a share in [0, 1], not n={n}, share={share}")
    enough = ceil(share * n - 1e-9)  # the fewest hits whose observed share is at least `share`
    return max(share - float(betaincinv(enough, n - enough + 1, 1 - power)), 0.0) if enough else None


def _chance_of_gap(n: int, shares: Sequence[float], at_most: float, alpha: float) -> float:
    """P(range of the observed shares + the widest half-width of a pair <= at_most)."""
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
    lowest = means[:, None] + errors[:, None] * scores  # each group in turn is the lowest, at these values
    within = ndtr((lowest + room - means[:, None, None]) / errors[:, None, None])
    within -= ndtr((lowest - means[:, None, None]) / errors[:, None, None])
    within[np.arange(len(shares)), np.arange(len(shares))] = 1.0
    density = np.exp(-(scores**2) / 2)
    return float((within.prod(axis=0) * density).sum() / density.sum())


def units_for_share(
    truth: float, bound: float, alpha: float, power: float, side: Side, rows: float, moved: Moved
) -> int | None:
    """The number of units that show a share of rows in units, as `rows_for_share`.

    `rows` is how many effective rows a unit has, and `moved` how further units move the share. None as there.
    """
    sign, room = (-1 if side == "at_least" else 1), abs(truth - bound)

    def shown(units: int) -> bool:
        missed = abs(moved(sign, missed_share(units, alpha)) - truth)
        if missed >= room:
            return False
        enough = rows_for_share(truth, truth + sign * sqrt(room**2 - missed**2), alpha, power, side)
        return enough is not None and enough <= units * rows

    return _smallest(shown) if sign * (bound - truth) > 0 else None

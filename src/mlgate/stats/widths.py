"""Planning from the width of an interval, for any kind of estimate: a bound is z standard errors from the value."""

from __future__ import annotations

from math import ceil, isfinite, log1p, sqrt

from mlgate.stats.planning import MOST_ROWS, Side, require_power
from mlgate.stats.share import require_level


def rows_by_width(
    n: int,
    value: float,
    bound_now: float | None,
    target: float,
    alpha: float,
    power: float = 0.8,
    opposite: float | None = None,
) -> int | None:
    """The total number of rows at which the bound passes `target` with probability `power`, if `value` is the truth.

    With m rows the bound is taken to be z·s/√m + c/m from the value. `opposite`, the bound of the other side, gives c:
    skewness widens one side as much as it narrows the other, so z·s is the mean of both half-widths. Without it, c is
    0. None without a bound, for a value on the wrong side of the target, and above `MOST_ROWS`.
    """
    from mlgate.stats.special import ndtri

    require_level(alpha)
    require_power(power)
    if n < 1 or not (isfinite(value) and isfinite(target)):
        raise ValueError(f"planning requires rows and finite numbers, not n={n}, value={value}, target={target}")
    z = float(ndtri(1 - alpha))
    if bound_now is None or not isfinite(bound_now) or (value - bound_now) * (value - target) <= 0 or z <= 0:
        return None
    half, room = abs(value - bound_now), abs(value - target)
    other = half if opposite is None or not isfinite(opposite) else abs(value - opposite)
    root, skew = (half + other) / 2 * sqrt(n) * (1 + float(ndtri(power)) / z), (half - other) / 2 * n
    rows = ((root + sqrt(max(root**2 + 4 * skew * room, 0.0))) / (2 * room)) ** 2
    return ceil(rows) if rows <= MOST_ROWS else None


def rows_at_the_end(n: int, half: float, room: float, width: float) -> int | None:
    """The total number of rows at which the bound of a value at the end of its range comes as near as `room`.

    Such a value has no spread. Its bound, now `half` away, is taken to be 1 - a^(1/n) of the range's width away, as
    Clopper and Pearson's is without a mistake. The width may be infinite. None above `MOST_ROWS`.
    """
    if n < 1 or not room > 0 or not half > 0:
        raise ValueError(f"planning requires rows and distances above 0, not n={n}, half={half}, room={room}")
    if half >= width or room >= width:
        return None
    rows = n * (log1p(-half / width) / log1p(-room / width) if isfinite(width) else half / room)
    return ceil(rows) if rows <= MOST_ROWS else None


def refuted_by_width(
    half: float, target: float, alpha: float, side: Side = "at_least", power: float = 0.8
) -> float | None:
    """The value nearest to `target`, on its wrong side, that is refuted with probability `power` if it is the truth.

    `half` is the distance from the value to the bound at level `alpha` that refutes (the upper one for an at-least
    demand). None where no standard error follows from it.
    """
    spread = _standard_error(half, alpha)
    require_power(power)
    if spread is None:
        return None
    from mlgate.stats.special import ndtri

    drop = half + float(ndtri(power)) * spread
    return target - drop if side == "at_least" else target + drop


def chance_by_width(room: float, half: float, alpha: float) -> float | None:
    """P(a bound, or the value itself, is on the right side of the demand in as many fresh rows).

    `room` is its distance from the demand, negative on the wrong side. `half` is the distance from the value to its
    bound at level `alpha`. None where no standard error follows from it.
    """
    spread = _standard_error(half, alpha)
    if spread is None:
        return None
    from mlgate.stats.special import ndtr

    return float(ndtr(room / spread))


def _standard_error(half: float, alpha: float) -> float | None:
    """The standard error of an estimate whose bound at level `alpha` is `half` away; None where it has none."""
    from mlgate.stats.special import ndtri

    require_level(alpha)
    z = float(ndtri(1 - alpha))
    return half / z if z > 0 and isfinite(half) and half > 0 else None

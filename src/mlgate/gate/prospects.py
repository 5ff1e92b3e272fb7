"""What rows can show about one demand: how many are needed, what they would refute, and the chance to pass."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isclose, isfinite

from mlgate.policy.demanded import Rule
from mlgate.stats.planning import Side, observed_drop, rows_for_share, smallest_drop
from mlgate.stats.widths import chance_by_width, refuted_by_width, rows_at_the_end, rows_by_width
from mlgate.values.demand import Demand
from mlgate.values.estimate import Estimate
from mlgate.values.verdict import Lacking, Proof
from mlgate.values.words import agreeing, are

POWER = 0.8
WRONG_SIDE = "the observed value does not meet the demand, so more rows would probably settle this as FAIL"
AT_THE_BOUND = "the observed value equals the bound; if it is the true value, no number of rows shows it"
SAME = 1e-9
"""Values this near to an end of their range are at it."""
TOO_NEAR = "the observed value is too near the bound to compute a number of rows"


@dataclass(frozen=True)
class Needed:
    """The total number of rows that count, or why no number is enough."""

    rows: int | None
    why: str = ""
    lacking: Lacking = "rows"
    """What the estimate lacks."""


def needed(rule: Rule, estimate: Estimate, alpha: float, power: float = POWER, *, unshown: bool = False) -> Needed:
    """The rows that show a demand with the given power, if the estimate is the true value. `unshown` asks only about
    the sides that are not shown yet."""
    if rule.proof == "shown" and _boundless(estimate, alpha) and estimate.no_bound_because:
        return Needed(None, f"no bound can be given: {estimate.no_bound_because}", "bound")
    each = []
    for side, bound in rule.demand.sides:
        if unshown and _room(_bound(estimate, side, alpha), bound, side, -1) >= 0:
            continue
        room = _room(estimate.value, bound, side, 0)
        if room <= 0:
            return Needed(None, WRONG_SIDE if room < 0 else AT_THE_BOUND, "value")
        each.append(_rows(rule, estimate, side, bound, alpha, power))
    rows = [count for count in each if count is not None]
    return Needed(max(rows)) if each and len(rows) == len(each) else Needed(None, TOO_NEAR)


def refuted(rule: Rule, estimate: Estimate, alpha: float, power: float = POWER) -> tuple[float | None, float | None]:
    """The true values that these rows refute with the given power: at or below the first, at or above the second.

    None if the demand has no such side, or if no possible value is that far away.
    """
    level = alpha if rule.proof == "estimate" else rule.demand.shared(alpha)
    low, high = rule.limits
    found = {
        side: value
        for side, bound in rule.demand.sides
        if (value := _refuted(rule.proof, estimate, side, bound, level, power)) is not None and low <= value <= high
    }
    return found.get("at_least"), found.get("at_most")


def chance(proof: Proof, demand: Demand, estimate: Estimate, alpha: float) -> float:
    """The chance that as many fresh rows pass if the estimate is the true value, from the width of the interval."""
    level = demand.shared(alpha) if proof == "unrefuted" else alpha
    chances = [_chance(proof, estimate, side, bound, level) for side, bound in demand.sides]
    return max(0.0, sum(chances) - (len(chances) - 1)) if chances else 0.0


def impossible(rule: Rule, estimate: Estimate, alpha: float) -> str | None:
    """Why this number of rows cannot show a demand even with the best possible values; None if it can."""
    if rule.proof != "shown":
        return None
    for side, bound in rule.demand.sides:
        if estimate.share is not None and estimate.compared == "":
            best = 1.0 if side == "at_least" else 0.0
            rows = rows_for_share(best, float(bound), alpha, POWER, side)
            if rows is None:
                return f"no number of rows shows a share of exactly {float(bound):g}"
            if rows > estimate.share[1]:
                few = f"{estimate.n} {agreeing(estimate.n, estimate.counted)}"
                return f"{few} {are(estimate.n)} too few even in the best case; {rows} {are(rows)} needed"
        elif _bound(estimate, side, alpha) is None:
            return f"no bound can be given: {estimate.no_bound_because or 'there are too few rows'}"
    return None


def _rows(rule: Rule, estimate: Estimate, side: Side, bound: Fraction, alpha: float, power: float) -> int | None:
    if estimate.rows_to_settle is not None:
        return estimate.rows_to_settle(float(bound), side, alpha, power)
    now = _bound(estimate, side, alpha)
    if now is None or not estimate.n:
        return None
    if estimate.compared:  # one end may be cut at equality
        return rows_by_width(estimate.n, estimate.value, now, float(bound), alpha, power)
    low, high = rule.limits
    if isclose(estimate.value, low if side == "at_most" else high, abs_tol=SAME) and now != estimate.value:
        room = abs(estimate.value - float(bound))
        return rows_at_the_end(estimate.n, abs(estimate.value - now), room, high - low)
    other = _bound(estimate, "at_most" if side == "at_least" else "at_least", alpha)
    return rows_by_width(
        estimate.n, estimate.value, now, float(bound), alpha, power, None if other == estimate.value else other
    )


def _refuted(proof: Proof, estimate: Estimate, side: Side, bound: Fraction, alpha: float, power: float) -> float | None:
    target = float(bound)
    if estimate.share is not None and 0 <= target <= 1:
        share = target if side == "at_least" else 1 - target
        rows = int(estimate.share[1])
        drop = observed_drop(share, rows, power) if proof == "estimate" else smallest_drop(share, rows, alpha, power)
        return None if drop is None else (target - drop if side == "at_least" else target + drop)
    half = _half(estimate, "at_most" if side == "at_least" else "at_least", alpha)
    if half is None:
        return None
    if proof == "estimate":
        without = refuted_by_width(half, target, alpha, side, power)
        return None if without is None else without + (half if side == "at_least" else -half)
    return refuted_by_width(half, target, alpha, side, power)


def _half(estimate: Estimate, side: Side, alpha: float) -> float | None:
    """The distance from the value to a bound. For a comparison the longer one, as one end may be cut at equality."""
    ends: tuple[Side, ...] = ("at_least", "at_most") if estimate.compared else (side,)
    halves = [abs(bound - estimate.value) for end in ends if (bound := _bound(estimate, end, alpha)) is not None]
    return max(halves, default=None)


def _chance(proof: Proof, estimate: Estimate, side: Side, bound: Fraction, alpha: float) -> float:
    opposite: Side = "at_most" if side == "at_least" else "at_least"
    if proof == "estimate":
        room = _room(estimate.value, bound, side, 0)
        halves = [half for end in (side, opposite) if (half := _half(estimate, end, alpha)) is not None]
        found = chance_by_width(room, sum(halves) / len(halves), alpha) if halves else None
        return float(room >= 0) if found is None else found
    end = side if proof == "shown" else opposite
    limit = _bound(estimate, end, alpha)
    if limit is None:
        return float(proof == "unrefuted" and _room(estimate.value, bound, side, 0) >= 0)
    room = _room(limit, bound, side, 0)
    found = chance_by_width(room, abs(limit - estimate.value), alpha)
    return float(room >= 0) if found is None else found


def _bound(estimate: Estimate, side: Side, alpha: float) -> float | None:
    """The bound that shows one side of a demand."""
    found = (estimate.lower if side == "at_least" else estimate.upper)(alpha)
    return found if found is not None and isfinite(found) else None


def _boundless(estimate: Estimate, alpha: float) -> bool:
    return _bound(estimate, "at_least", alpha) is None and _bound(estimate, "at_most", alpha) is None


def _room(value: float | None, bound: Fraction, side: Side, otherwise: float) -> float:
    """How far a value is on the right side of a bound."""
    if value is None:
        return otherwise
    return value - float(bound) if side == "at_least" else float(bound) - value

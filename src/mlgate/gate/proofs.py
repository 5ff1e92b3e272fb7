"""An estimate against a demand: whether its value meets it, and whether its bounds show or refute it."""

from __future__ import annotations

import math
from fractions import Fraction

from mlgate.policy.demanded import Rule
from mlgate.values.demand import Demand
from mlgate.values.estimate import Estimate

TIE = 1e-12
"""Relative tolerance for values that are not fractions of counts. A tie meets the demand."""
LADDER = (*range(1, 11), 12, 15, 20, 30, 50, 100, 200, 500, 1000)


def level(rule: Rule) -> float:
    """The one-sided level of a rule's bounds: one minus its confidence, divided by its `looks`."""
    return float((1 - rule.confidence) / rule.looks)


def levels(rule: Rule) -> tuple[float, ...]:
    """The levels at which `decide` may ask for bounds: the rule's own and, for Holm, its parts down to a thousandth. A
    demand with two sides shares each level between them."""
    sides = range(1, (len(rule.demand.sides) if rule.check.bounded else 2) + 1)
    shared = {step * side for step in LADDER for side in sides} | set(LADDER)
    return tuple(level(rule) / m for m in sorted(shared))


def meets(demand: Demand, value: float, exact: Fraction | None) -> bool:
    """Whether an observed value meets a demand: exactly for fractions of counts, else with the tolerance of a tie."""
    for side, bound in demand.sides:
        distance = (exact if exact is not None else Fraction(value)) - bound
        short = -distance if side == "at_least" else distance
        tolerance = 0 if exact is not None else Fraction(TIE * max(abs(value), abs(float(bound))))
        if short > tolerance or (demand.strict and short >= -tolerance):
            return False
    return True


def surely_meets(demand: Demand, estimate: Estimate) -> bool:
    """Whether an observed value meets a demand however the sums behind it were rounded."""
    if estimate.exact is not None:
        return meets(demand, estimate.value, estimate.exact)
    ends = (estimate.value + sign * estimate.rounding for sign in (-1, 0, 1))
    return all(math.isfinite(end) and meets(demand, end, None) for end in ends)


def shows(demand: Demand, estimate: Estimate, alpha: float) -> bool:
    """Whether the bounds at a level meet every side of the demand."""
    sides = demand.sides
    return bool(sides) and all(_beyond(estimate, side, bound, alpha, demand.strict) for side, bound in sides)


def refutes(demand: Demand, estimate: Estimate, alpha: float) -> bool:
    """Whether the bounds are completely on the wrong side of the demand."""
    for side, bound in demand.sides:
        found = opposite(estimate, side, demand.shared(alpha))
        if found is not None and math.isfinite(found) and (found < bound if side == "at_least" else found > bound):
            return True
    return False


def _beyond(estimate: Estimate, side: str, bound: Fraction, alpha: float, strict: bool) -> bool:
    found = (estimate.lower if side == "at_least" else estimate.upper)(alpha)
    if found is None or not math.isfinite(found) or (strict and found == bound):
        return False
    return found >= bound if side == "at_least" else found <= bound


def opposite(estimate: Estimate, side: str, alpha: float) -> float | None:
    """The bound of an estimate at a level that could refute a side of a demand."""
    return (estimate.upper if side == "at_least" else estimate.lower)(alpha)


def finite(bound: float | None) -> float | None:
    """A bound, or None where there is none that is finite."""
    return bound if bound is not None and math.isfinite(bound) else None

"""Judges stored findings by another demand: their values and bounds suffice where only the demand has changed.

Stored numbers have 12 digits. Where a number is so near a bound that these could decide, the answer is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from mlgate.policy.demanded import Rule, Waiver
from mlgate.values.demand import Demand
from mlgate.values.verdict import Finding, Outcome, Status, Where

NEAR = 1e-9
"""The part of a number that its stored digits may hide."""


def blocks(rule: Rule, outcome: Outcome, waivers: Sequence[Waiver], *, same: bool) -> bool | None:
    """Whether a rule blocks by the findings that an outcome has stored; None where they cannot tell.

    The rule asks what the stored one asked: only its bounds and its proof may be others, unless it is the `same`.
    """
    if outcome.status is Status.ERROR:
        return True
    found = [_passes(rule, finding, waivers, same=same) for finding in outcome.findings if finding.status.counts]
    if False in found:
        return True
    return None if None in found or not found else False


def _passes(rule: Rule, finding: Finding, waivers: Sequence[Waiver], *, same: bool) -> bool | None:
    """Whether a finding lets its rule pass, waived or not."""
    if finding.status is Status.ERROR or finding.lacking == "min_n":
        return False
    if finding.value is None:  # a claim: a waived one fails
        return finding.status is Status.PASS
    if same and finding.status is Status.PASS:
        return True
    if finding.own is not None or rule.demand.empty or finding.lacking == "precision":
        return False if same and not waivers else None
    demands = [*([] if same else [rule.demand]), *_weaker(rule, finding.where, waivers)]
    return _any(_meets(rule, demand, finding) for demand in demands)


def _any(answers: Iterable[bool | None]) -> bool | None:
    found = list(answers)
    return True if True in found else None if None in found else False


def _weaker(rule: Rule, where: Where, waivers: Sequence[Waiver]) -> list[Demand]:
    concerned = [waiver for waiver in waivers if not waiver.where or set(waiver.where) == set(where)]
    least, most = rule.demand.at_least, rule.demand.at_most
    return [
        Demand(
            least if waiver.not_below is None else waiver.not_below,
            most if waiver.not_above is None else waiver.not_above,
        )
        for waiver in concerned
    ]


def _meets(rule: Rule, demand: Demand, finding: Finding) -> bool | None:
    """Whether stored numbers meet a demand by the proof of the rule."""
    if rule.proof == "estimate":
        return _by_value(demand, finding)
    if rule.proof == "shown":
        sides = [_beyond(_end(finding, side), side, bound) for side, bound in demand.sides]
        return False if False in sides else None if None in sides else True
    sides = [_unrefuted(demand, finding, side, bound) for side, bound in demand.sides]
    if False in sides:  # stricter levels of several sides, or of slices that were searched, may not refute it
        return None if len(sides) > 1 or rule.check.searching else False
    return None if None in sides else True


def _unrefuted(demand: Demand, finding: Finding, side: str, bound: Fraction) -> bool | None:
    opposite = _end(finding, "at_most" if side == "at_least" else "at_least")
    return _by_value(demand, finding) if opposite is None else _beyond(opposite, side, bound)


def _end(finding: Finding, side: str) -> float | None:
    return finding.lower if side == "at_least" else finding.upper


def _by_value(demand: Demand, finding: Finding) -> bool | None:
    value = _fraction(finding.exact)
    if value is not None:
        short = [bound - value if side == "at_least" else value - bound for side, bound in demand.sides]
        return all(each < 0 or (each == 0 and not demand.strict) for each in short)
    sides = [_beyond(finding.value, side, bound) for side, bound in demand.sides]
    return False if False in sides else None if None in sides else True


def _fraction(exact: str | None) -> Fraction | None:
    """`48/60` as a number; None for anything else, such as two shares that are compared."""
    above, _, below = (exact or "").replace(",", "").partition("/")
    return Fraction(int(above), int(below)) if above.isdecimal() and below.isdecimal() and int(below) else None


def _beyond(found: float | None, side: str, bound: Fraction) -> bool | None:
    """Whether a stored number is on the right side of a bound; False without a number."""
    if found is None:
        return False
    distance = found - float(bound)
    if abs(distance) <= NEAR * max(abs(found), abs(float(bound))):
        return None
    return distance > 0 if side == "at_least" else distance < 0

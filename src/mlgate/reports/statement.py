"""A finding in a few words: its value, the demand, and the bound that decides between them."""

from __future__ import annotations

from mlgate.values.numbers import number
from mlgate.values.verdict import REPORTED, Finding, Outcome, Status


def statement(outcome: Outcome, finding: Finding | None) -> str:
    """`recall 0.521 < 0.6 (upper bound 0.561)`: the value, the demand and the bound that decides; the message where
    nothing was measured.
    """
    if finding is None or finding.value is None or finding.status is Status.LISTED:
        return outcome.message
    outcome = outcome.under(finding)
    waived = ", waived" if finding.status is Status.WAIVED else ""
    return f"{outcome.metric or outcome.check.rpartition('.')[2]} {_judged(outcome, finding, finding.value)}{waived}"


def _judged(outcome: Outcome, finding: Finding, value: float) -> str:
    if _ends(outcome) == (None, None):
        return f"{number(value)}, demanded: {outcome.demand}" if outcome.demand else number(value)
    if finding.lacking == "min_n":
        return f"{number(value)}, too few rows to be judged {_demand(outcome)}"
    if outcome.reported:
        return f"{_relation(outcome, finding)}, {REPORTED}"
    if outcome.proof == "estimate":
        if outcome.counted and not finding.lacking:
            return _relation(outcome, finding)
        doubted = "lost in rounding" if finding.lacking else "observed"
        return f"{_relation(outcome, finding)}, {doubted}{', no confidence' * (finding.status is Status.PASS)}"
    if finding.status is Status.PASS:
        shown = outcome.proof == "shown"
        return f"{_relation(outcome, finding)}{_bounds(outcome, finding) if shown else _unrefuted(outcome, finding)}"
    if finding.status is Status.FAIL or (finding.status is Status.WAIVED and refuted(outcome, finding)):
        bounds = _bounds(outcome, finding, opposite=True) if refuted(outcome, finding) else ""
        return f"{_relation(outcome, finding)}{bounds}"
    if outcome.proof == "unrefuted":
        return f"{_relation(outcome, finding)}, no bound"
    return f"{number(value, *_ends(outcome))}, {_short(outcome, finding)}"


def _short(outcome: Outcome, finding: Finding) -> str:
    """Which bound misses the demand, so that it is not shown."""
    low, high = _ends(outcome)
    if high is None and low is not None and finding.lower is not None and finding.lower <= low:
        return f"lower bound {number(finding.lower, low)} {'≤' if outcome.strict else '<'} {number(low)}"
    if low is None and high is not None and finding.upper is not None and finding.upper >= high:
        return f"upper bound {number(finding.upper, high)} {'≥' if outcome.strict else '>'} {number(high)}"
    return f"not shown to be {_demand(outcome)}{_bounds(outcome, finding)}"


def _demand(outcome: Outcome) -> str:
    low, high = outcome.at_least, outcome.at_most
    if low is not None and high is not None:
        return f"between {number(low)} and {number(high)}"
    more, less = (">", "<") if outcome.strict else ("≥", "≤")
    return f"{more} {number(low)}" if low is not None else f"{less} {number(high)}"


def _relation(outcome: Outcome, finding: Finding) -> str:
    """The value beside the bound that it misses, or beside the demand that it meets."""
    value, low, high = finding.value or 0.0, outcome.at_least, outcome.at_most
    met = finding.status is Status.PASS and outcome.proof != "unrefuted"  # a value within rounding of the bound passes
    if not met and low is not None and (value < low or (outcome.strict and value == low)):
        return f"{number(value, low)} {'≤' if outcome.strict else '<'} {number(low)}"
    if not met and high is not None and (value > high or (outcome.strict and value == high)):
        return f"{number(value, high)} {'≥' if outcome.strict else '>'} {number(high)}"
    both = low is not None and high is not None
    return f"{number(value, low, high)}{',' * both} {_demand(outcome)}"


def _bounds(outcome: Outcome, finding: Finding, opposite: bool = False) -> str:
    """The bounds that show the demand if they meet it, or the `opposite` ones, which refute it if they miss it."""
    lower, upper = (number(end, *_ends(outcome)) for end in (finding.lower, finding.upper))
    if outcome.at_least is not None and outcome.at_most is not None:
        return f" (bounds {lower} to {upper})"
    below = (outcome.at_least is not None) != opposite
    name, shown, end = ("lower", lower, finding.lower) if below else ("upper", upper, finding.upper)
    return f" (no {name} bound)" if end is None else f" ({name} bound {shown})"


def _unrefuted(outcome: Outcome, finding: Finding) -> str:
    # A bound refutes alone, and no more where several slices or two sides share the level of a FAIL.
    at = " at the shared level" if refuted(outcome, finding) else _bounds(outcome, finding, opposite=True)
    return f", not refuted{at}"


def refuted(outcome: Outcome, finding: Finding) -> bool:
    """Whether a bound of the true value is on the wrong side of the demand."""
    outcome = outcome.under(finding)
    under = outcome.at_least is not None and finding.upper is not None and finding.upper < outcome.at_least
    over = outcome.at_most is not None and finding.lower is not None and finding.lower > outcome.at_most
    return under or over


def _ends(outcome: Outcome) -> tuple[float | None, float | None]:
    return outcome.at_least, outcome.at_most

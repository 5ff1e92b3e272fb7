"""Why a finding has its status and what to do about it, in sentences for people who are not statisticians."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlgate.values.numbers import complement, number, percent
from mlgate.values.verdict import Finding, Outcome, Status
from mlgate.values.words import plural


@dataclass(frozen=True)
class _Side:
    """One bound of the demand, and the finding's confidence bounds relative to it."""

    bound: float
    least: bool
    toward: float | None
    """The confidence bound that shows the demand if it meets it; for `at least`, the lower bound."""
    away: float | None
    """The confidence bound that refutes the demand if it misses it; for `at least`, the upper bound."""
    strict: bool = False
    """Whether the value must be beyond the bound."""

    def met_by(self, value: float | None) -> bool:
        if value is None or value == self.bound:
            return value is not None and not self.strict
        return value > self.bound if self.least else value < self.bound

    @property
    def demand(self) -> str:
        words = ("above", "below") if self.strict else ("at least", "at most")
        return f"{words[not self.least]} {number(self.bound)}"

    @property
    def missed(self) -> str:
        words = ("at most", "at least") if self.strict else ("below", "above")
        return f"{words[not self.least]} {number(self.bound)}"

    def shown(self, value: float) -> str:
        return number(value, self.bound)

    def extreme(self, toward: bool) -> str:
        return "lowest" if toward == self.least else "highest"


_UNDECIDED = {
    "min_n": "The rule does not judge by fewer rows than its `min_n`.",
    "precision": "Rounding may have moved the value across the bound, so the value does not decide.",
}
SAMPLE = "The rows are a sample. The bounds say where the true value, over all such rows, can lie."


def interval(finding: Finding, confidence: str) -> str:
    """The interval in words: the bounds on the true value, and their confidence."""
    sure = percent(confidence)
    ends = [f"at least {number(finding.lower)}"] * (finding.lower is not None)
    ends += [f"at most {number(finding.upper)}"] * (finding.upper is not None)
    if not ends:
        return "There is no bound on the true value here."
    said = f"With {sure} confidence the true value is {ends[0]}"
    return f"{said}; with {sure} confidence it is {ends[1]}." if len(ends) == 2 else f"{said}."


def reasons(outcome: Outcome, finding: Finding) -> Iterator[str]:
    """Why the finding has its status, and what a PASS would have needed, as far as its numbers tell."""
    if finding.status in (Status.ERROR, Status.SKIPPED, Status.LISTED) or finding.value is None:
        yield from _without_numbers(finding.status)
        return
    if finding.lacking in _UNDECIDED:
        yield _UNDECIDED[finding.lacking]
        return
    if outcome.counted:
        yield "The value is counted in this table, so it decides."
        return
    if outcome.reported:
        yield "Others measured the value, and the gate read it in a file: it decides as it is reported."
        return
    for side in _sides(outcome.under(finding), finding):
        if outcome.proof == "estimate":
            yield _observed(side, finding)
        elif side.toward is not None and side.met_by(side.toward):
            yield _even(side.extreme(True), side.shown(side.toward), side.demand)
        else:
            yield from _not_shown(outcome, finding, side)


def confidence_sentence(outcome: Outcome) -> str:
    """The proof and the confidence in one sentence."""
    sure = percent(outcome.confidence)
    if outcome.counted:
        return "The demand is about this table: its values are counted, not estimated."
    if outcome.reported:
        return "The demand is about a report: its values are reported, not measured, and have no confidence."
    if outcome.proof == "estimate":
        return "Proof `estimate`: only the observed value decides, so a pass says nothing about other rows."
    if outcome.proof == "unrefuted":
        return (
            f"Proof `unrefuted`: the rule blocks only if the data refute the demand with {sure} "
            f"confidence, so a pass means `not refuted`, not `shown`."
        )
    return (
        f"Proof `shown` with {sure} confidence: a model that does not meet the demand passes this rule "
        f"by luck in at most {complement(outcome.confidence)} of such samples."
    )


def _sides(outcome: Outcome, finding: Finding) -> Iterator[_Side]:
    if outcome.at_least is not None:
        yield _Side(outcome.at_least, True, finding.lower, finding.upper, outcome.strict)
    if outcome.at_most is not None:
        yield _Side(outcome.at_most, False, finding.upper, finding.lower, outcome.strict)


def _observed(side: _Side, finding: Finding) -> str:
    met = finding.status is Status.PASS or side.met_by(finding.value)  # a value within rounding of the bound passes
    seen = f"The observed value {number(finding.value, side.bound)} is {side.demand if met else side.missed}"
    return f"{seen}, and by this rule's proof only this decides."


def _even(extreme: str, value: str, seen: str) -> str:
    return f"Even the {extreme} plausible value, {value}, is {seen}."


def _not_shown(outcome: Outcome, finding: Finding, side: _Side) -> Iterator[str]:
    if side.away is not None and not side.met_by(side.away):
        yield _even(side.extreme(False), side.shown(side.away), side.missed)
        if finding.status in (Status.INCONCLUSIVE, Status.PASS):
            two_sides = outcome.at_least is not None and outcome.at_most is not None
            several = "two bounds" if two_sides else f"several {plural(outcome.words.part)}"
            yield f"The rule judges {several} at once; corrected for that, this is not certainly a FAIL."
    elif finding.value is not None and side.away is not None and side.toward is not None:
        seen = "meets" if side.met_by(finding.value) else "misses"
        low, high = sorted((side.toward, side.away))
        yield (
            f"The observed value {side.shown(finding.value)} {seen} the demand, but true values from "
            f"{side.shown(low)} to {side.shown(high)} are plausible, and the bound {number(side.bound)} is among them."
        )
    if finding.status is not Status.PASS:
        yield _needed(outcome, side)


def _needed(outcome: Outcome, side: _Side) -> str:
    refutable = outcome.proof == "unrefuted"
    bound = "a lower" if side.least != refutable else "an upper"
    was = side.away if refutable else side.toward
    found = f"it is {side.shown(was)}" if was is not None else "there is none"
    return f"PASS would have needed {bound} bound of {side.demand}; {found}."


def _without_numbers(status: Status) -> Iterator[str]:
    if status is Status.ERROR:
        yield "The evidence cannot answer here, so this does not pass."
    if status is Status.SKIPPED:
        yield "The policy itself does not judge this, so nothing is guaranteed about it."
    if status is Status.LISTED:
        yield "It is shown but not judged: the rule demands nothing of it."

"""Excuses findings whose failure is known, while they are not worse than when they were recorded.

Worse is refuted at the recorded value by the rule's own bound, so that noise does not block and a real change does. It
is not a lower number. On fewer than half of the recorded rows nobody could tell, so that removing rows excuses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from mlgate.gate import wording
from mlgate.gate.proofs import finite, level, opposite, refutes
from mlgate.policy.demanded import KnownFailure, Rule
from mlgate.policy.known_failures import weakened
from mlgate.stats.holm import holm_rejected
from mlgate.values.demand import Demand
from mlgate.values.estimate import Answer, Claim, Estimate
from mlgate.values.verdict import Finding, Status, WaiverNote

_FEWEST = Fraction(1, 2)
"""The least share of the recorded rows on which a value can be compared with the recorded one."""
_DIGITS = Fraction(1, 10**11)
"""The part of a number that a stored verdict does not tell."""
_NOT_JUDGED = "its finding was not judged"
_MET = "it is met now; remove it"


@dataclass(frozen=True)
class _Compared:
    """A known failure that holds for one estimate, and the demand that it leaves."""

    entry: KnownFailure
    index: int
    estimate: Estimate
    demand: Demand


def excused(
    rule: Rule,
    known: Sequence[KnownFailure],
    answers: Sequence[Answer],
    findings: list[Finding],
    estimates: Mapping[int, Estimate],
    as_of: date,
) -> list[WaiverNote]:
    """Turn FAIL and INCONCLUSIVE findings that are known and not worse into WAIVED. Returns a note per known failure.

    `findings` belong to the `answers` at their indices; `estimates` are those that were judged.
    """
    said: dict[int, str] = {}
    held: dict[int, _Compared] = {}
    for number, entry in enumerate(known):
        if rule.locked_at:
            said[number] = f"its rule is locked at {rule.locked_at.file}:{rule.locked_at.line}; meet the rule"
        elif why := wording.known_lapsed(entry, as_of):
            said[number] = why
        elif entry.value is None:
            said[number] = _of_claim(entry, answers, findings)
        else:
            found = _comparable(rule, entry, findings, estimates)
            if isinstance(found, str):
                said[number] = found
            else:
                held[number] = found
    worse = _worse(rule, list(held.values()))
    for number, one in held.items():
        said[number] = "" if one.index not in worse else _said_worse(rule, one, findings)
        if not said[number]:
            _excuse(findings, one.index, one.entry)
    return [wording.known_note(entry, not said[at], said[at] or "applied") for at, entry in enumerate(known)]


def _excuse(findings: list[Finding], index: int, entry: KnownFailure) -> None:
    finding = findings[index]
    findings[index] = replace(finding, status=Status.WAIVED, message=wording.excused(finding, entry))


def _said_worse(rule: Rule, one: _Compared, findings: list[Finding]) -> str:
    finding = findings[one.index]
    said = wording.worse(one.estimate, finding, one.entry, rule.sampled)
    findings[one.index] = replace(finding, message=f"{finding.message}; known since {one.entry.recorded}, and {said}")
    return said


def _of_claim(entry: KnownFailure, answers: Sequence[Answer], findings: list[Finding]) -> str:
    """Excuse the claim that fails as it was recorded. Returns why there is none, else an empty text."""
    there = [at for at, each in enumerate(answers) if isinstance(each, Claim) and _about(entry, findings[at])]
    failing = [at for at in there if findings[at].status is Status.FAIL]
    same = [at for at in failing if findings[at].message == entry.said]
    for at in same:
        _excuse(findings, at, entry)
    if same:
        return ""
    return "it fails for another reason than the recorded one" if failing else _MET if there else _NOT_JUDGED


def _comparable(
    rule: Rule, entry: KnownFailure, findings: Sequence[Finding], estimates: Mapping[int, Estimate]
) -> _Compared | str:
    """The estimate that a known failure is about, or why it excuses none."""
    there = [at for at in estimates if _about(entry, findings[at])]
    same = [at for at in there if rule.judging(estimates[at]).measured == entry.measured]
    if len(same) != 1:
        measured = ", ".join(dict.fromkeys(rule.judging(estimates[at]).measured for at in there))
        other = f"it was recorded for {entry.measured}, and the rule measures {measured} there"
        return f"{len(same)} findings have its name" if same else other if there else _NOT_JUDGED
    index = same[0]
    estimate, status = estimates[index], findings[index].status
    if status is Status.PASS:
        return _MET
    if status is Status.WAIVED:
        return "a waiver covers its finding; remove one of them"
    if status not in (Status.FAIL, Status.INCONCLUSIVE):
        return _NOT_JUDGED
    if estimate.n < _FEWEST * entry.n:
        return f"it was recorded with n = {entry.n:,}, and n = {estimate.n:,} is too few to tell whether it is worse"
    return _Compared(entry, index, estimate, weakened(rule.judging(estimate).demand, entry))


def _about(entry: KnownFailure, finding: Finding) -> bool:
    return set(entry.where) == set(finding.where)


def _worse(rule: Rule, held: Sequence[_Compared]) -> frozenset[int]:
    """The indices of estimates that are worse than recorded. Where a rule shares its level between the findings that it
    refutes, these share it too.
    """

    def refuted(number: int, alpha: float) -> bool:
        return refutes(held[number].demand, held[number].estimate, alpha)

    alpha = level(rule)
    if rule.proof == "shown" or rule.check.searching:
        found = holm_rejected(refuted, len(held), alpha)
    else:
        found = frozenset(number for number in range(len(held)) if refuted(number, alpha))
    return frozenset(
        one.index
        for number, one in enumerate(held)
        if (number in found if _bounded(rule, one, alpha) else not _as_recorded(one))
    )


def _bounded(rule: Rule, one: _Compared, alpha: float) -> bool:
    """Whether bounds could refute a value. Without them, the value itself decides."""
    shared = one.demand.shared(alpha)
    ends = (finite(opposite(one.estimate, side, shared)) for side, _ in one.demand.sides)
    return rule.sampled and all(end is not None for end in ends)


def _as_recorded(one: _Compared) -> bool:
    """Whether a value itself is not worse than the recorded one, as far as the digits of a stored value tell."""
    value = Fraction(one.estimate.sharpest)
    for side, bound in one.demand.sides:
        slack = _DIGITS * max(abs(value), abs(bound)) + Fraction(one.estimate.rounding)
        if (bound - value if side == "at_least" else value - bound) > slack:
            return False
    return True

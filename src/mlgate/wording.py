"""What a judged rule says to people: what was measured, what was required, in which slice, and what would settle it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from mlgate.estimate import Estimate
from mlgate.policy.model import Rule, Waiver
from mlgate.stats.planning import rows_by_width
from mlgate.verdict import Finding, Outcome, Status, WaiverNote, Where, where_text

ABOVE = "≥"
BELOW = "≤"


def number(value: float, *beside: Fraction | float | None) -> str:
    """A number to four digits, or as many more as tell it from the numbers beside it."""
    others = [float(other) for other in beside if other is not None]
    for digits in range(4, 18):
        text = f"{value:.{digits}g}"
        if all(float(text) != other or value == other for other in others):
            return text
    return repr(value)


def demand(rule: Rule) -> str:
    """The demand in words: "recall ≥ 0.7"."""
    return rule.check.measured if rule.demand.empty else f"{rule.check.measured} {rule.demand}"


def confidence(rule: Rule) -> str:
    """The rule's confidence as text: "0.95"."""
    return f"{float(rule.confidence):g}"


def with_where(message: str, where: Where) -> str:
    """A message with its slice."""
    return f"{message} for {where_text(where)}" if where else message


def of_estimate(rule: Rule, estimate: Estimate, finding: Finding) -> str:
    """One judged estimate in a line."""
    bounds = (rule.demand.at_least, rule.demand.at_most)
    measured = f"{rule.check.measured} {number(estimate.value, *bounds)}"
    relation = _relation(rule, finding)
    if finding.exact:
        relation = f"({finding.exact}; {relation[1:]}" if relation.startswith("(") else f"({finding.exact}) {relation}"
    return f"{with_where(f'{measured} {relation}', estimate.where)}, {rows(estimate)}"


def _relation(rule: Rule, finding: Finding) -> str:
    percent = f"{100 * float(1 - (1 - rule.confidence) / rule.looks):g}%"
    if finding.status is Status.PASS:
        if rule.proof == "estimate":
            return f"{rule.demand}, observed, no confidence"
        if rule.proof == "unrefuted":
            return f"is not refuted to be {rule.demand} ({_interval(rule, finding, percent, opposite=True)})"
        return f"({_interval(rule, finding, percent)}) {rule.demand}"
    if finding.status is Status.FAIL:
        bound = "observed" if rule.proof == "estimate" else _interval(rule, finding, percent, opposite=True)
        return f"({bound}) {_missed(rule, finding)}"
    return f"({_interval(rule, finding, percent)}) is not shown to be {rule.demand}"


def _missed(rule: Rule, finding: Finding) -> str:
    low, high = rule.demand.at_least, rule.demand.at_most
    if low is not None and high is not None:
        return f"is not {rule.demand}"
    signs = ("≤", "≥") if rule.demand.strict else ("<", ">")
    bound = rule.demand.at_least_text if low is not None else rule.demand.at_most_text
    return f"{signs[0] if low is not None else signs[1]} {bound}"


def _interval(rule: Rule, finding: Finding, percent: str, opposite: bool = False) -> str:
    low, high = rule.demand.at_least, rule.demand.at_most
    if low is not None and high is not None:
        ends = [number(end, low, high) if end is not None else "?" for end in (finding.lower, finding.upper)]
        return f"{percent} bounds {ends[0]} to {ends[1]}"
    lower = (low is not None) != opposite
    bound = finding.lower if lower else finding.upper
    name = "lower" if lower else "upper"
    if bound is None:
        return f"no {percent} {name} bound"
    return f"{percent} {name} bound {number(bound, low, high)}"


def rows(estimate: Estimate) -> str:
    """How many rows the estimate rests on: "412 rows", "57 of 412 rows count: rows with label 1"."""
    if estimate.n == estimate.rows:
        return f"{estimate.rows} row{'s' if estimate.rows != 1 else ''}"
    return f"{estimate.n} {estimate.counted} of {estimate.rows}"


def what_settles(rule: Rule, estimate: Estimate, alpha: float) -> str:
    """What would settle an INCONCLUSIVE estimate: fresh rows of the kind that counts, or why none would."""
    if rule.proof == "shown" and _no_bound(estimate, alpha) and estimate.no_bound_because:
        return f"no bound can be given: {estimate.no_bound_because}"
    needed = []
    for side, bound in (("at_least", rule.demand.at_least), ("at_most", rule.demand.at_most)):
        if bound is None or _side_is_shown(estimate, side, bound, alpha):
            continue
        if (estimate.value - float(bound)) * (1 if side == "at_least" else -1) <= 0:
            return "the observed value does not meet the demand: more rows would more likely settle this as FAIL"
        needed.append(_rows_needed(estimate, side, bound, alpha))
    if not needed or None in needed:
        return "more rows than can be reckoned: the observed value is too near the demand"
    total = max(count for count in needed if count is not None)
    more = total - estimate.n if total > estimate.n else total
    of_slice = f" in {where_text(estimate.where)}" if estimate.where else ""
    return f"about {nice(more)} more {estimate.counted}{of_slice} would settle it if the truth is what was observed"


def _no_bound(estimate: Estimate, alpha: float) -> bool:
    return estimate.lower(alpha) is None and estimate.upper(alpha) is None


def _side_is_shown(estimate: Estimate, side: str, bound: Fraction, alpha: float) -> bool:
    found = (estimate.lower if side == "at_least" else estimate.upper)(alpha)
    return found is not None and (found >= bound if side == "at_least" else found <= bound)


def _rows_needed(estimate: Estimate, side: str, bound: Fraction, alpha: float) -> int | None:
    if estimate.rows_to_settle is not None:
        return estimate.rows_to_settle(float(bound), side, alpha)
    now = (estimate.lower if side == "at_least" else estimate.upper)(alpha)
    if now is None or not math.isfinite(now) or not estimate.n:
        return None
    return rows_by_width(estimate.n, estimate.value, now, float(bound), alpha)


def nice(count: int) -> str:
    """A count of rows to two digits, which is all that a forecast can promise."""
    if count < 100:
        return str(count)
    step = 10 ** (len(str(count)) - 2)
    return f"{-(-count // step) * step:,}"


def of_rule(rule: Rule, findings: tuple[Finding, ...], status: Status) -> str:
    """A rule's outcome in a line: the worst finding, and how many others there are."""
    judged = [finding for finding in findings if finding.status.counts]
    listed = sum(finding.status is Status.LISTED for finding in findings)
    left_out = sum(finding.rows or 0 for finding in findings if finding.status is Status.SKIPPED)
    tail = f"; {left_out} rows left out of the demand" if left_out else ""
    if not judged and listed:
        return f"{listed} listed, nothing demanded"
    if not judged:
        return f"nothing was judged: every group was left out{tail}"
    alike = [finding for finding in judged if finding.status is status]
    first = min(alike, key=lambda finding: _margin(rule, finding))
    if len(judged) == 1:
        return first.message + tail
    if status is Status.PASS:
        return f"all {len(judged)} slices pass; nearest: {first.message}{tail}"
    return f"{len(alike)} of {len(judged)} slices {status.value}; worst: {first.message}{tail}"


def _margin(rule: Rule, finding: Finding) -> float:
    """How far a finding's value is on the right side of its demand; negative on the wrong one."""
    if finding.value is None:
        return 0.0
    value, margins = finding.value, []
    if rule.demand.at_least is not None:
        margins.append((finding.lower if finding.lower is not None else value) - float(rule.demand.at_least))
    if rule.demand.at_most is not None:
        margins.append(float(rule.demand.at_most) - (finding.upper if finding.upper is not None else value))
    return min(margins, default=0.0)


def lapsed(waiver: Waiver, as_of: date) -> str | None:
    """Why a waiver is not honoured on a day, or None."""
    if as_of > waiver.expires:
        return f"expired on {waiver.expires}, not honoured"
    if as_of < waiver.granted:
        return f"granted only from {waiver.granted}, not honoured on {as_of}"
    return None


def waiver_bound(waiver: Waiver) -> str:
    """The waiver's own bound in words."""
    if waiver.not_below is not None:
        return f"not below {float(waiver.not_below):g}"
    return f"not above {float(waiver.not_above or 0):g}"


def waived(finding: Finding, waiver: Waiver) -> str:
    """A waived finding in a line."""
    return f"{finding.message}; waived ({waiver_bound(waiver)}) by {waiver.owner} until {waiver.expires}"


def waiver_note(rule: Rule, waiver: Waiver, applied: bool, lapse: str | None) -> WaiverNote:
    """The waiver as reports show it."""
    unused = "not needed, or its own bound is not met"
    return WaiverNote(
        rule.name,
        waiver.where,
        waiver.owner,
        waiver.reason,
        waiver.granted.isoformat(),
        waiver.expires.isoformat(),
        waiver_bound(waiver),
        applied,
        lapse or ("applied" if applied else unused),
        waiver.at,
    )


def left_out(outcome: Outcome) -> Iterator[str]:
    """For every slicing of a rule that leaves rows out of its demand: how many, and of how many.

    Of a comparison the share is not known here: the group that others are held against has no finding of its own.
    """
    if not outcome.status.counts:
        return
    compares = outcome.check.startswith("fairness.")
    slicings: dict[tuple[str, ...], list[Finding]] = {}
    for finding in outcome.findings:
        slicings.setdefault(tuple(column for column, _ in finding.where), []).append(finding)
    for columns, findings in slicings.items():
        every = sum(finding.rows or 0 for finding in findings)
        out = sum(finding.rows or 0 for finding in findings if finding.status is Status.SKIPPED)
        if out:
            share = f"{out:,} rows" if compares else f"{100 * out / every:.2g} % of the rows ({out:,} of {every:,})"
            by = f" by {', '.join(columns)}" if columns else ""
            yield f"{outcome.name} leaves {share}{by} out of its demand: outside every guarantee"

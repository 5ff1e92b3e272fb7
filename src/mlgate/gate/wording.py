"""The messages of judged rules: what was measured, what was required, in which slice, and what would settle it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from fractions import Fraction

from mlgate.gate import prospects
from mlgate.policy.demanded import KnownFailure, Rule
from mlgate.values.estimate import Estimate, ShareLeftOut
from mlgate.values.numbers import factor, number
from mlgate.values.verdict import (
    REPORTED,
    WITHOUT_DEMAND,
    Finding,
    Lacking,
    Outcome,
    Status,
    WaiverNote,
    Where,
    columns_of,
    part_of,
    where_text,
)
from mlgate.values.words import SLICES, Words, agreeing, are, counted, plural

ABOVE = "≥"
BELOW = "≤"
MUCH = Fraction(1, 20)
"""The share of rows that may be left out without a warning, if the rule does not bound it."""
LOST = 1e-3
"""A value that rounding may move by more than this part of it is lost beside the larger values of its table."""


def demand(rule: Rule) -> str:
    """The demand in words: "recall ≥ 0.7"."""
    if rule.demand.empty and rule.check.bounded:
        return ""
    return rule.measured if rule.demand.empty else f"{rule.measured} {rule.demand}"


def confidence(rule: Rule) -> str:
    """The rule's confidence as text: "0.95"."""
    return f"{float(rule.confidence):g}"


def with_where(measured: str, where: Where) -> str:
    """What was measured, with its slice."""
    return f"{measured} for {where_text(where)}" if where else measured


def of_estimate(rule: Rule, estimate: Estimate, finding: Finding, words: Words, among: int = 1) -> str:
    """The message of one judged estimate. The rule judges `among` estimates together."""
    bounds = (rule.demand.at_least, rule.demand.at_most)
    measured = f"{rule.measured} {number(estimate.value, *bounds)}"
    relation = _relation(rule, finding)
    if finding.exact:
        relation = f"({finding.exact}; {relation[1:]}" if relation.startswith("(") else f"({finding.exact}) {relation}"
    if rule.reported:
        of = f", {rows(estimate, words)}" if estimate.rows else ""
        return f"{measured} {relation}{of}, {REPORTED}"
    observed = ""
    if finding.status is Status.PASS and rule.proof == "estimate":
        observed = "" if rule.counted else ", observed, no confidence"
    found = f"{with_where(f'{measured} {relation}', estimate.where)}{observed}, {rows(estimate, words)}"
    return found + _only_alone(rule, finding, words, among)


def _only_alone(rule: Rule, finding: Finding, words: Words, among: int) -> str:
    """Why a finding does not fail although its printed bound is on the wrong side of the demand; else empty."""
    low, high = rule.demand.at_least, rule.demand.at_most
    under = low is not None and finding.upper is not None and finding.upper < low
    over = high is not None and finding.lower is not None and finding.lower > high
    if finding.status not in (Status.INCONCLUSIVE, Status.PASS) or not (under or over) or rule.proof == "estimate":
        return ""
    shared = [counted(among, words.part)] * (among > 1) + ["two sides"] * (low is not None and high is not None)
    ends = number(finding.upper or 0.0, low), number(finding.lower or 0.0, high)
    bound = f"upper bound {ends[0]}" if under else f"lower bound {ends[1]}"
    return f"; its {bound} would refute it alone, but {' and '.join(shared)} share the level of a FAIL"


def _relation(rule: Rule, finding: Finding) -> str:
    percent = f"{100 * float(1 - (1 - rule.confidence) / rule.looks):g} %"
    if finding.status is Status.PASS:
        if rule.proof == "estimate":
            return str(rule.demand)
        if rule.proof == "unrefuted":
            return f"is not refuted to be {rule.demand} ({_interval(rule, finding, percent, opposite=True)})"
        return f"({_interval(rule, finding, percent)}) {rule.demand}"
    if finding.status is Status.FAIL:
        bound = _interval(rule, finding, percent, opposite=True) if rule.proof != "estimate" else "observed"
        if rule.counted or rule.reported:
            return _missed(rule, finding)
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


def rows(estimate: Estimate, words: Words) -> str:
    """How many rows the estimate is based on: "412 rows", "57 rows with label 1 of 412"."""
    if estimate.n == estimate.rows:
        return counted(estimate.rows, words.of)
    return f"{estimate.n:,} {_things(estimate, words, estimate.n)} of {estimate.rows:,}"


def _things(estimate: Estimate, words: Words, count: int) -> str:
    """What the estimate counts: "rows with label 1", and "units with label 1" where each row is a unit, rolled up."""
    return agreeing(count, estimate.counted.replace("rows", plural(words.of), 1))


def too_few(rule: Rule, estimate: Estimate, words: Words) -> tuple[str, str | None]:
    """The message of an estimate that `min_n` keeps from being judged, and what would settle it; None for a slice."""
    said = f"fewer than the rule's min_n of {rule.min_n}"
    if estimate.where or estimate.relevant == estimate.rows:
        few = f"{counted(estimate.rows, words.of)}, {said}"
    else:
        few = f"{_relevant(estimate, words)} of {estimate.rows:,}, {said}"
    return few, None if estimate.where else _more_of_them(rule, estimate, words)


def _relevant(estimate: Estimate, words: Words) -> str:
    """The rows that `min_n` is about."""
    return f"{estimate.relevant:,} {_which(estimate, words, estimate.relevant)}"


def _which(estimate: Estimate, words: Words, count: int) -> str:
    if estimate.relevant == estimate.n:
        return words.of if count == 1 and estimate.n == estimate.rows else _things(estimate, words, count)
    of = words.of if count == 1 else plural(words.of)
    return f"{of} of the smaller group" if estimate.compared else f"{of} that count, if all classes were as small"


def _more_of_them(rule: Rule, estimate: Estimate, words: Words) -> str:
    lacking = rule.min_n - estimate.relevant
    if estimate.relevant != estimate.n and not estimate.compared:
        return "add rows of the smallest class"
    return f"add at least {lacking:,} more {_which(estimate, words, lacking)}"


def what_settles(rule: Rule, estimate: Estimate, alpha: float, words: Words) -> tuple[str, Lacking]:
    """What would settle an INCONCLUSIVE estimate, and what it lacks: how many fresh rows of which kind, or why rows do
    not help.
    """
    if rule.proof != "shown" and estimate.relevant < rule.min_n:
        few = f"{_relevant(estimate, words)} {are(estimate.relevant)} fewer than min_n ({rule.min_n})"
        return f"{few}; {_more_of_them(rule, estimate, words)}", "min_n"
    found = prospects.needed(rule, estimate, alpha, unshown=True)
    # By these proofs, an estimate that meets the demand and has enough rows is only in doubt because of rounding.
    meets = rule.proof == "estimate" or (rule.proof == "unrefuted" and found.why != prospects.WRONG_SIDE)
    if meets or estimate.rounding > LOST * abs(estimate.value):
        lost = "its rows are lost in rounding beside much larger values of the table"
        return f"{lost}; look for values that are wrong", "precision"
    if found.rows is None:
        return found.why, found.lacking
    rows = (_of_groups if estimate.compared else _of_slice)(estimate, found.rows, words)
    return f"{rows} would settle it, if the observed value is the true one", found.lacking


def _of_slice(estimate: Estimate, total: int, words: Words) -> str:
    """The further rows that a slice needs, or the units that would bring them."""
    more = total - estimate.n if total > estimate.n else total
    of_slice = f" in {where_text(estimate.where)}" if estimate.where else ""
    if not estimate.units:
        return f"about {nice(more)} more {_things(estimate, words, more)}{of_slice}"
    units = -(-more * estimate.units // estimate.n)
    rows = f"{nice(more)} {agreeing(more, estimate.counted)}"
    return f"about {nice(units)} more {agreeing(units, 'units')}{of_slice} (some {rows})"


def _of_groups(estimate: Estimate, total: int, words: Words) -> str:
    """The rows that a comparison needs: in each of the two groups if known, else as a multiple of the present rows."""
    if estimate.rows_to_settle is None:
        return f"about {factor(total / estimate.n)} times as many {plural(words.of)} in every group"
    return f"about {nice(total)} {_things(estimate, words, total)} in each of {estimate.compared}"


def nice(count: int) -> str:
    """A count of rows rounded up to two digits, as a forecast is not more exact."""
    if count < 100:
        return str(count)
    step = 10 ** (len(str(count)) - 2)
    return f"{-(-count // step) * step:,}"


def of_rule(rule: Rule, findings: tuple[Finding, ...], status: Status, words: Words) -> str:
    """The message of a rule: its worst finding, and how many findings there are."""
    judged = [finding for finding in findings if finding.status.counts]
    listed = sum(finding.status is Status.LISTED for finding in findings)
    left_out = sum(finding.rows or 0 for finding in findings if finding.status is Status.SKIPPED)
    summed_up = "".join(f"; {finding.message}" for finding in _several_left_out(findings))
    tail = (f"; {counted(left_out, words.of)} left out, not judged" if left_out else "") + summed_up
    if not judged and listed:
        return f"{listed} listed; the rule demands nothing{summed_up}"
    if not judged:
        return f"nothing was judged: every {words.part} was left out{tail}"
    alike = [finding for finding in judged if finding.status is status]
    first = min(alike, key=lambda finding: _margin(rule, finding))
    if len(judged) == 1:
        return first.message + tail
    every = counted(len(judged), words.part)
    if status is Status.PASS:
        return f"all {every} pass; nearest: {first.message}{tail}"
    return f"{len(alike)} of {every} {status.value}; worst: {first.message}{tail}"


def _several_left_out(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Findings that sum up several slices in one sentence; they have no rows of their own."""
    return (finding for finding in findings if finding.status is Status.SKIPPED and finding.rows is None)


def _margin(rule: Rule, finding: Finding) -> float:
    """How far a finding's bound, or else its value, is on the right side of the demand; negative on the wrong side."""
    if finding.value is None or finding.own:  # values of several demands cannot be compared
        return 0.0
    value, margins = finding.value, []
    if rule.demand.at_least is not None:
        margins.append((finding.lower if finding.lower is not None else value) - float(rule.demand.at_least))
    if rule.demand.at_most is not None:
        margins.append(float(rule.demand.at_most) - (finding.upper if finding.upper is not None else value))
    return min(margins, default=0.0)


def known_lapsed(entry: KnownFailure, as_of: date) -> str | None:
    """Why a known failure does not count on a day, or None."""
    if entry.shared_by > 1:
        return f"{entry.shared_by} candidates have the same name, and it is of one; give each candidate its own name"
    if as_of > entry.expires:
        return f"it expired on {entry.expires}"
    if as_of < entry.recorded:
        return f"it was recorded on {entry.recorded}, after the date of this verdict, {as_of}"
    return None


def known_bound(entry: KnownFailure) -> str:
    """What was recorded of a known failure."""
    if entry.value is None:
        return "fails as recorded"
    return f"recorded {entry.value_text}{f' (n = {entry.n:,})' if entry.n else ''}"


def excused(finding: Finding, entry: KnownFailure) -> str:
    """The message of a finding whose failure is known."""
    at = "" if entry.value is None else f", {known_bound(entry)}"
    return f"{finding.message}; known failure since {entry.recorded}{at}, {entry.owner} until {entry.expires}"


def worse(estimate: Estimate, finding: Finding, entry: KnownFailure, sampled: bool) -> str:
    """Why a known failure does not excuse a value that is worse than the recorded one."""
    recorded = entry.value_text
    value = entry.value if entry.value is not None else Fraction(0)
    if sampled and finding.upper is not None and finding.upper < value:
        return f"it is worse: the upper bound {number(finding.upper, value)} is below the recorded {recorded}"
    if sampled and finding.lower is not None and finding.lower > value:
        return f"it is worse: the lower bound {number(finding.lower, value)} is above the recorded {recorded}"
    return f"it is worse: {number(estimate.value, value)} was {recorded} when it was recorded"


def known_note(entry: KnownFailure, applied: bool, said: str) -> WaiverNote:
    """The known failure as reports show it."""
    return WaiverNote(
        rule=entry.rule,
        where=entry.where,
        owner=entry.owner,
        reason=entry.reason,
        granted=entry.recorded.isoformat(),
        expires=entry.expires.isoformat(),
        bound=known_bound(entry),
        applied=applied,
        said=said,
        at=entry.at,
        kind="known failure",
        state="applied" if applied else "",
    )


def too_much_left_out(share: ShareLeftOut, most: Fraction, searched: bool, *, unknown: bool) -> str:
    """Why a rule is an ERROR that leaves out more rows than it allows."""
    key, groups = ("at_most_unknown", "unknown groups") if unknown else ("at_most_left_out", "too small groups")
    if searched:
        groups = "slices that were not searched"
    by = f" by {', '.join(share.columns)}" if share.columns else ""
    return (
        f"{_percent(share.rows, share.of)} of the rows{by} ({share.rows:,} of {share.of:,}) are in {groups}, more than "
        f"{key} ({float(most):g}); add rows for these {'slices' if searched else 'groups'}, or merge some of them"
    )


def unknown_share_left_out(*, unknown: bool) -> str:
    """Why a rule is an ERROR that bounds the rows left out, if nobody knows how many these are."""
    key = "at_most_unknown" if unknown else "at_most_left_out"
    return f"the check leaves rows out and does not say how many, so {key} cannot be judged; remove {key} from the rule"


def only_reported(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """How many rules judge reported values, and what a verdict lacks in which the gate measured nothing itself."""
    asked = [outcome for outcome in outcomes if outcome.status.counts and outcome.check not in WITHOUT_DEMAND]
    among = [outcome for outcome in asked if outcome.reported]
    if not among:
        return
    said = f"{len(among)} of {counted(len(asked), 'rule')} {'judges' if len(among) == 1 else 'judge'} values that are"
    nothing = "mlgate measured nothing itself: present `predictions` or `tables`, so that it can"
    yield f"{said} {REPORTED}; {nothing if among == asked else 'whoever writes the report decides them'}"


def left_out(outcome: Outcome, rule: Rule, unknown: Collection[Where] = (), words: Words = SLICES) -> Iterator[str]:
    """For every slicing in which a rule does not judge some rows: how many, and their share if findings cover all.

    `unknown` are the slices that are left out because the policy does not know their group; others are too small.
    """
    for finding in _several_left_out(outcome.findings):
        yield f"{outcome.name}: {finding.message}"
    if not outcome.status.counts:
        return
    slicings: dict[tuple[tuple[str, ...], Where], list[Finding]] = {}
    for finding in outcome.findings:
        slicings.setdefault((columns_of(finding.where), part_of(finding.where)), []).append(finding)
    for (columns, _), findings in slicings.items():
        every = sum(finding.rows or 0 for finding in findings)
        skipped = [finding for finding in findings if finding.status is Status.SKIPPED and finding.rows]
        out = sum(finding.rows or 0 for finding in skipped)
        if out:
            things = f"{out:,} {plural(words.of)}"
            if rule.check.covers_all:
                things = f"{_percent(out, every)} of the {plural(words.of)} ({out:,} of {every:,})"
            by = f" by {', '.join(columns)}" if columns else ""
            said = f"{outcome.name} does not judge {things}{by}: nothing is guaranteed about them"
            yield f"{said}{_unbounded(rule, skipped, unknown, every)}"


def _unbounded(rule: Rule, skipped: Iterable[Finding], unknown: Collection[Where], every: int) -> str:
    """The keys that would bound what a rule leaves out, if much of it is left out without a bound."""
    bounds = {"at_most_left_out": rule.at_most_left_out, "at_most_unknown": rule.at_most_unknown}
    rows = dict.fromkeys(bounds, 0)
    for finding in skipped:
        rows["at_most_unknown" if finding.where in unknown else "at_most_left_out"] += finding.rows or 0
    lacking = {key: found for key, found in rows.items() if found and bounds[key] is None}
    if sum(lacking.values()) <= MUCH * every:
        return ""
    return f"; bound them by {' and '.join(f'`{key}`' for key in lacking)} in the rule"


def _percent(part: int, every: int) -> str:
    """A share to two digits. Only the whole is 100 %."""
    if part < 0.995 * every:
        return f"{100 * part / every:.2g} %"
    return "100 %" if part == every else "over 99 %"

"""From a demand and answers to findings and an outcome. Proof, Holm, min_n, ties and waivers are applied here.

`proofs` compares one estimate with one demand, and `excused` applies failures that are known.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from mlgate.gate import wording
from mlgate.gate.excused import excused
from mlgate.gate.proofs import finite, level, meets, opposite, refutes, shows, surely_meets
from mlgate.gate.too_much_left_out import Judgeable, too_much_left_out
from mlgate.gate.waiver_wording import applied, lapsed, unapplied, waiver_note
from mlgate.gate.waiver_wording import waived as waived_message
from mlgate.policy.demanded import KnownFailure, Rule, Waiver
from mlgate.stats.holm import holm_rejected
from mlgate.values.demand import Demand
from mlgate.values.estimate import Answer, Claim, Estimate, LeftOut, Listed, Published, Unanswered
from mlgate.values.verdict import (
    Finding,
    FindingDemand,
    Lacking,
    Outcome,
    Status,
    Table,
    WaiverNote,
    Where,
    worst,
)
from mlgate.values.words import SLICES, Words


@dataclass(frozen=True)
class Failure:
    """Why a check stopped answering."""

    said: str
    machine: bool
    traceback: str | None = None


def decide(
    rule: Rule,
    answers: Sequence[Answer],
    failure: Failure | None = None,
    waivers: Sequence[Waiver] = (),
    as_of: date = date.max,
    words: Words = SLICES,
    known: Sequence[KnownFailure] = (),
) -> tuple[Outcome, tuple[WaiverNote, ...]]:
    """The outcome of a rule, from its check's answers and failure if any, and a note per waiver and known failure."""
    published = [answer.shown for answer in answers if isinstance(answer, Published)]
    judged = [answer for answer in answers if not isinstance(answer, Published)]
    findings = [_finding(rule, answer, words) for answer in judged]
    estimates = {
        index: answer
        for index, answer in enumerate(judged)
        if isinstance(answer, Estimate) and not too_few(rule, answer)
    }
    refuted = _refuted(rule, list(estimates.values()))
    for position, (index, estimate) in enumerate(estimates.items()):
        findings[index] = _judged(rule.judging(estimate), estimate, position in refuted, words, len(estimates))
    notes = [_waive(rule, waiver, findings, estimates, as_of) for waiver in waivers]
    notes += excused(rule, known, judged, findings, estimates, as_of)
    findings += too_much_left_out(rule, judged, findings)
    outcome = replace(
        _outcome(rule, tuple(findings), failure, words),
        words=words,
        tables=tuple(each for each in published if isinstance(each, Table)),
        pictures=tuple(each.showing(rule.show_values) for each in published if not isinstance(each, Table)),
    )
    return _enforced(outcome, rule, as_of), tuple(notes)


def met(rule: Rule, answers: Sequence[Answer], honoured: Sequence[Waiver] = ()) -> tuple[tuple[Where, bool], ...]:
    """For every answer that counts: does it let its rule pass, as `decide` would say, waived or not?

    It writes no messages, so it is fast enough for thousands of draws. `honoured` are the waivers in force that day.
    """
    found: list[tuple[Where, bool]] = []
    estimates = [answer for answer in answers if isinstance(answer, Estimate) and not too_few(rule, answer)]
    # Only for a searching check does a refutation by Holm's procedure decide between PASS and FAIL.
    refuted = {id(estimates[i]) for i in _refuted(rule, estimates)} if rule.check.searching else set()
    for answer in answers:
        if isinstance(answer, Published):
            continue
        if isinstance(answer, Estimate) and not too_few(rule, answer):
            passes = math.isfinite(answer.value) and any(
                _status(replace(rule, demand=each), answer, id(answer) in refuted) is Status.PASS
                for each in allowing(rule.judging(answer), answer.where, honoured)
            )
            found.append((answer.where, passes))
        elif (status := _finding(rule, answer, SLICES).status).counts:
            found.append((answer.where, status is Status.PASS))
    return (*found, *(((), False) for _ in _left_out_of(rule, answers, {id(estimate) for estimate in estimates})))


def _left_out_of(rule: Rule, answers: Sequence[Answer], kept: Collection[int]) -> list[Finding]:
    """The ERRORs for what a rule leaves out, from its answers alone. `kept` are the identities of judged estimates."""
    if rule.at_most_left_out is None and rule.at_most_unknown is None:
        return []
    judged = [answer for answer in answers if not isinstance(answer, Published)]
    findings = [
        Finding(answer.where, Status.PASS, "", rows=answer.rows)
        if isinstance(answer, Estimate) and id(answer) in kept
        else _finding(rule, answer, SLICES)
        for answer in judged
    ]
    return too_much_left_out(rule, judged, findings)


def allowing(rule: Rule, where: Where, honoured: Sequence[Waiver]) -> tuple[Demand, ...]:
    """The demands of which a slice must meet one: the rule's own, and those of waivers for the slice."""
    return (rule.demand, *(_weaker(rule, waiver) for waiver in honoured if _covers(waiver.where, where)))


def skipped(
    rule: Rule, why: str, waivers: Sequence[Waiver] = (), as_of: date = date.max, known: Sequence[KnownFailure] = ()
) -> tuple[Outcome, tuple[WaiverNote, ...]]:
    """The outcome of a rule whose `when:` does not apply: reports show it and its waivers, and it never counts."""
    notes = [waiver_note(rule, each, lapsed(each, as_of) or ("unused", why)) for each in waivers]
    notes += [wording.known_note(each, False, wording.known_lapsed(each, as_of) or why) for each in known]
    return replace(_blank(rule), status=Status.SKIPPED, message=why), tuple(notes)


def _refuted(rule: Rule, estimates: list[Estimate]) -> frozenset[int]:
    """Positions of the estimates that Holm's procedure (Holm 1979) refutes within this rule."""
    demands = [rule.judging(estimate).demand for estimate in estimates]
    return holm_rejected(lambda i, alpha: refutes(demands[i], estimates[i], alpha), len(estimates), level(rule))


def _status(rule: Rule, estimate: Estimate, refuted: bool) -> Status:
    status = _by_proof(rule, estimate, refuted)
    few = rule.proof != "shown" and estimate.relevant < rule.min_n
    return Status.INCONCLUSIVE if few and status is Status.PASS else status


def _by_proof(rule: Rule, estimate: Estimate, refuted: bool) -> Status:
    if rule.proof == "estimate":
        return _by_value(rule.demand, estimate)
    if rule.proof == "unrefuted":
        return _by_refutation(rule, estimate, refuted)
    if shows(rule.demand, estimate, level(rule)):
        return Status.PASS
    return Status.FAIL if refuted else Status.INCONCLUSIVE


def _by_value(demand: Demand, estimate: Estimate) -> Status:
    if not meets(demand, estimate.value, estimate.exact):
        return Status.FAIL
    return Status.PASS if surely_meets(demand, estimate) else Status.INCONCLUSIVE


def _by_refutation(rule: Rule, estimate: Estimate, refuted: bool) -> Status:
    """By the bound that could refute. Without one, an estimate passes only if its value meets the demand."""
    alpha, demand = level(rule), rule.demand
    if refuted if rule.check.searching else refutes(demand, estimate, alpha):
        return Status.FAIL
    bounded = all(finite(opposite(estimate, side, demand.shared(alpha))) is not None for side, _ in demand.sides)
    return Status.PASS if bounded or surely_meets(demand, estimate) else Status.INCONCLUSIVE


def _judged(rule: Rule, estimate: Estimate, refuted: bool, words: Words, among: int) -> Finding:
    if not math.isfinite(estimate.value):
        message = f"{rule.measured} is {estimate.value}, not a finite number"
        return Finding(estimate.where, Status.ERROR, message, n=estimate.n, rows=estimate.rows)
    if rule.demand.empty:  # a value of which nothing is demanded would meet it
        raise TypeError(f"the check gives {rule.measured} and demands nothing of it")
    alpha = level(rule)
    status = _status(rule, estimate, refuted)
    ends = (None, None) if rule.counted else (finite(estimate.lower(alpha)), finite(estimate.upper(alpha)))
    finding = Finding(
        estimate.where,
        status,
        "",
        estimate.value,
        estimate.counts,
        *ends,
        *_rows(rule, estimate),
        note=estimate.note,
        own=_own(rule) if estimate.own else None,
    )
    if status is Status.INCONCLUSIVE:
        settle, lacking = wording.what_settles(rule, estimate, alpha, words)
        finding = replace(finding, settle=settle, lacking=lacking)
    return replace(finding, message=wording.of_estimate(rule, estimate, finding, words, among))


def _rows(rule: Rule, estimate: Estimate) -> tuple[int | None, int | None]:
    """The rows of an estimate, and those that count; a reported number has none that are known."""
    return (None, None) if rule.reported and not estimate.rows else (estimate.rows, estimate.n)


def _own(rule: Rule) -> FindingDemand:
    """The demand of a rule as it judges one estimate."""
    low, high = _float(rule.demand.at_least), _float(rule.demand.at_most)
    return FindingDemand(rule.measured, wording.demand(rule), low, high)


def _finding(rule: Rule, answer: Judgeable, words: Words) -> Finding:
    """The finding of an answer that no bound decides. For a judged estimate it is a placeholder."""
    if isinstance(answer, Claim):
        return Finding(answer.where, Status.PASS if answer.met else Status.FAIL, answer.said)
    if isinstance(answer, Unanswered):
        message = f"{wording.with_where(rule.measured, answer.where)}: {answer.said}"
        return Finding(answer.where, Status.ERROR, message, rows=answer.rows)
    if isinstance(answer, LeftOut):
        return Finding(answer.where, Status.SKIPPED, answer.said, rows=answer.rows)
    if isinstance(answer, Listed):
        return _listed(rule, answer)
    status = Status.SKIPPED if answer.where else Status.INCONCLUSIVE
    message, settle = wording.too_few(rule, answer, words)
    lacking: Lacking = "min_n" if settle else ""
    return Finding(
        answer.where, status, message, answer.value, rows=answer.rows, n=answer.n, settle=settle, lacking=lacking
    )


def _listed(rule: Rule, answer: Listed) -> Finding:
    """The finding of an answer that is listed and not judged."""
    found, alpha = answer.estimate, level(rule)
    ends = finite(found.lower(alpha)), finite(found.upper(alpha))
    return Finding(
        answer.where, Status.LISTED, answer.said, found.value, found.counts, *ends, found.rows, found.n, note=found.note
    )


def too_few(rule: Rule, estimate: Estimate) -> bool:
    """Whether `min_n` keeps an estimate from being judged: a slice by its rows, so that a slice in which few rows count
    is not left out; all rows together by those that count.
    """
    return (estimate.rows if estimate.where else estimate.relevant) < rule.min_n


def _outcome(rule: Rule, findings: tuple[Finding, ...], failure: Failure | None, words: Words) -> Outcome:
    """A rule's outcome. After a failure it is an ERROR, whatever the check answered before."""
    if failure is not None:
        return replace(
            _blank(rule),
            status=Status.ERROR,
            message=failure.said,
            findings=findings,
            machine=failure.machine,
            traceback=failure.traceback,
        )
    status = worst(finding.status for finding in findings)
    blank = _blank(rule) if status.counts else replace(_blank(rule), demand="")
    return replace(blank, status=status, message=wording.of_rule(rule, findings, status, words), findings=findings)


def _blank(rule: Rule) -> Outcome:
    return Outcome(
        policy=rule.policy,
        rule=rule.id,
        check=rule.check.id,
        status=Status.ERROR,
        message="",
        at=rule.at,
        description=rule.reason,
        help=rule.check.help(),
        demand=wording.demand(rule),
        at_least=_float(rule.demand.at_least),
        at_most=_float(rule.demand.at_most),
        strict=rule.demand.strict,
        searched=rule.check.searching,
        metric=rule.measured,
        about=rule.check.about,
        proof=rule.proof,
        confidence=wording.confidence(rule),
        severity=rule.severity,
        enforce_from=rule.enforce_from.isoformat() if rule.enforce_from else None,
    )


def _enforced(outcome: Outcome, rule: Rule, as_of: date) -> Outcome:
    """The outcome on a day: before `enforce_from` it only warns."""
    early = rule.enforce_from is not None and as_of < rule.enforce_from
    return replace(outcome, severity="warn") if early else outcome


def _waive(
    rule: Rule, waiver: Waiver, findings: list[Finding], estimates: Mapping[int, Estimate], as_of: date
) -> WaiverNote:
    """Turn FAIL or INCONCLUSIVE into WAIVED if the value meets the waiver's own bound by the same proof."""
    ended = lapsed(waiver, as_of)
    covered = [i for i in estimates if _covers(waiver.where, findings[i].where)]
    needed = [i for i in covered if findings[i].status in (Status.FAIL, Status.INCONCLUSIVE)]
    waived = [i for i in needed if ended is None and _waivable(rule, waiver, estimates[i])]
    for i in waived:
        findings[i] = replace(findings[i], status=Status.WAIVED, message=waived_message(findings[i], waiver))
    if waived:
        return waiver_note(rule, waiver, applied(len(waived), len(needed)))
    return waiver_note(rule, waiver, ended or unapplied(waiver, bool(covered), bool(needed)))


def _waivable(rule: Rule, waiver: Waiver, answer: Estimate) -> bool:
    rule = rule.judging(answer)
    bounded = replace(rule, demand=_weaker(rule, waiver))
    return _status(bounded, answer, refutes(bounded.demand, answer, level(rule))) is Status.PASS


def _weaker(rule: Rule, waiver: Waiver) -> Demand:
    """The demand with one side weakened by a waiver. The other side of a `between` stays."""
    least = rule.demand.at_least if waiver.not_below is None else waiver.not_below
    most = rule.demand.at_most if waiver.not_above is None else waiver.not_above
    return Demand(least, most)


def _covers(waived: Where, found: Where) -> bool:
    return not waived or set(waived) == set(found)


def _float(bound: Fraction | None) -> float | None:
    return None if bound is None else float(bound)

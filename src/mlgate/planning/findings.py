"""The plan of every finding of one rule: its rows, the rows needed, what they refute, and the chance to pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mlgate.gate import prospects
from mlgate.gate.decide import too_few
from mlgate.gate.proofs import level, meets
from mlgate.policy.demanded import Rule
from mlgate.values.estimate import Answer, Estimate
from mlgate.values.plan import FindingPlan
from mlgate.values.verdict import Finding, Status, Where


def findings_of(
    rule: Rule, judged: Sequence[tuple[Finding, Answer]], chances: Mapping[Where, float], power: float
) -> tuple[FindingPlan, ...]:
    """The plan of every finding that counts. `chances` has those findings that could differ with other rows."""
    estimates = sum(isinstance(answer, Estimate) and not too_few(rule, answer) for _, answer in judged)
    alpha = level(rule)
    # A FAIL that must be shown is one of several findings, and Holm's correction shares the level between them.
    refuting = alpha / max(estimates, 1) if rule.proof == "shown" else alpha
    return tuple(_finding(rule, *pair, chances, (alpha, refuting), power) for pair in judged)


def _finding(
    rule: Rule,
    finding: Finding,
    answer: Answer,
    chances: Mapping[Where, float],
    levels: tuple[float, float],
    power: float,
) -> FindingPlan:
    rule = rule.judging(answer)
    chance = chances.get(finding.where, float(not finding.status.blocks))
    if not isinstance(answer, Estimate) or finding.value is None or not rule.sampled:
        return _certain(finding, answer, chance)
    if too_few(rule, answer):
        return _of_too_few(rule, finding, answer)
    return _of_estimate(rule, finding, answer, chance, levels, power)


def _certain(finding: Finding, answer: Answer, chance: float) -> FindingPlan:
    """The plan of what no number of rows changes: a claim, an error, or a value that is counted in a table."""
    counts = answer.counts if isinstance(answer, Estimate) else None
    said = "" if finding.status is Status.PASS else finding.message
    return FindingPlan(finding.where, finding.value, counts, why=said, chance=chance, status=finding.status)


def _of_too_few(rule: Rule, finding: Finding, answer: Estimate) -> FindingPlan:
    """The plan of an estimate that `min_n` keeps from being judged."""
    return FindingPlan(
        finding.where,
        answer.value,
        n=answer.rows if answer.where else answer.relevant,
        needed=rule.min_n,
        chance=0.0,
        status=Status.INCONCLUSIVE,
        meets=meets(rule.demand, answer.value, answer.exact),
    )


def _of_estimate(
    rule: Rule, finding: Finding, answer: Estimate, chance: float, levels: tuple[float, float], power: float
) -> FindingPlan:
    """The rows that an estimate needs, and the true values that its rows refute."""
    alpha, refuting = levels
    found = prospects.needed(rule, answer, alpha, power)
    below, above = prospects.refuted(rule, answer, refuting, power)
    by_times = bool(answer.compared) and answer.rows_to_settle is None
    return FindingPlan(
        finding.where,
        answer.value,
        answer.counts,
        answer.n,
        answer.counted,
        None if by_times else found.rows,
        bool(answer.compared) and not by_times,
        found.rows / answer.n if by_times and found.rows is not None else None,
        None,
        found.why,
        prospects.impossible(rule, answer, alpha) or "",
        below,
        above,
        chance,
        finding.status,
        meets(rule.demand, answer.value, answer.exact),
    )

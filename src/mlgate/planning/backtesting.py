"""Runs policies over past versions of candidates as if they had been enforced, and says how much was luck."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from mlgate.evidence.evidence import Progress
from mlgate.gate.run import Settings
from mlgate.planning.measured import Drawing, plan_candidate
from mlgate.planning.past_versions import Past
from mlgate.policy.demanded import Policy
from mlgate.values.backtest import Backtest, PastRule, PastVersion, recorded_rules
from mlgate.values.errors import MachineError, MlgateError
from mlgate.values.plan import FindingPlan, Plan, RulePlan
from mlgate.values.verdict import Status


def backtest(
    pasts: Iterable[Past], policies: Sequence[Policy], settings: Settings, drawing: Drawing, as_of: date | None = None
) -> Backtest:
    """What the policies would have done to past versions, each on its day, or all on `as_of`.

    Raises MachineError where the machine could not run; a version that could not be judged says why.
    """
    found = list(pasts)
    versions = []
    for number, past in enumerate(found, 1):
        said = f"{number} of {len(found)}: {past.path} {past.found}"
        own = replace(settings, as_of=as_of or past.day, progress=_saying(settings, said))
        versions.append(judged_then(past, policies, own, drawing))
    names = tuple(policy.name for policy in policies)
    return Backtest(names, tuple(versions), recorded_rules(versions), drawing.draws)


def _enforced(policy: Policy) -> Policy:
    """A policy whose rules block from their first day."""
    return replace(policy, rules=tuple(replace(rule, enforce_from=None) for rule in policy.rules))


def _saying(settings: Settings, said: str) -> Progress | None:
    say = settings.progress
    if say is None:
        return None
    say(said)
    return lambda message: say(f"{said}: {message}")


def judged_then(past: Past, policies: Sequence[Policy], settings: Settings, drawing: Drawing) -> PastVersion:
    """A past version under policies as if they had been enforced. Raises MachineError if the machine could not run."""
    enforced = [_enforced(policy) for policy in policies]
    day, name, version = settings.as_of.isoformat(), "", ""
    try:
        with past.opened(enforced, settings) as presented:
            candidate, own, opening = presented
            name, version = candidate.name, candidate.version
            plan = plan_candidate(candidate, enforced, own, drawing, plannable=False, opening=opening)
    except MachineError:
        raise
    except MlgateError as error:
        return PastVersion(name, version, past.path, past.found, day, why_not=str(error))
    return PastVersion(name, version, past.path, past.found, day, tuple(_rules(plan)))


def _rules(plan: Plan) -> Iterable[PastRule]:
    for rule in plan.rules:
        if rule.status is not None and rule.status.counts:
            yield _rule(rule, rule.status)


def _rule(rule: RulePlan, status: Status) -> PastRule:
    short = [finding for finding in rule.findings if finding.status is not None and finding.status.blocks]
    error = status is Status.ERROR
    return PastRule(
        rule.policy,
        rule.rule,
        rule.demand,
        status,
        "block" if rule.blocks else "warn",
        by_noise=status.blocks and not error and bool(short) and all(map(_lucky, short)),
        chance=rule.chance,
        as_good=not error and any(map(_lucky, rule.findings)) and all(map(_good, rule.findings)),
        said=rule.said if status.blocks else "",
    )


def _lucky(finding: FindingPlan) -> bool:
    """Whether a value that luck has a part in meets the demand as it was observed."""
    return bool(finding.meets)


def _good(finding: FindingPlan) -> bool:
    """Whether nothing but luck keeps a finding from passing."""
    return bool(finding.meets) if finding.meets is not None else finding.status is Status.PASS

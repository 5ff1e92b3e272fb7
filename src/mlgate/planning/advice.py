"""Advice for the owner of a policy: what is valid but probably not meant. It does not change a verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from mlgate.gate.wording import nice
from mlgate.planning.policy_lint import linted
from mlgate.policy.demanded import Policy, Rule
from mlgate.values.errors import Location, Problem
from mlgate.values.faults import crashing
from mlgate.values.numbers import factor, whole_percent
from mlgate.values.plan import ChanceBy, FindingPlan, Plan, RulePlan
from mlgate.values.verdict import Status, where_text
from mlgate.values.words import Words, agreeing, plural

SELDOM = 0.5
FAR = 5
"""A rule that needs at least this many times the present rows gets advice."""


def advice(policy: Policy, among: Sequence[Policy] = (), day: date = date.min) -> Iterator[Problem]:
    """What the lints find in a policy, beside those that are loaded with it. On a day, waivers that have ended too."""
    yield from (found.problem for found in linted(policy, among, day))


def advice_with_data(plan: Plan, policies: Iterable[Policy]) -> Iterator[Problem]:
    """Advice on how a policy and the data of this candidate fit together."""
    rules = {rule.name: rule for policy in policies for rule in policy.rules}
    for planned in plan.rules:
        for said in (*_too_few(planned), *_own_advice(rules.get(planned.name), planned)):
            yield Problem(planned.at, f"rule `{planned.rule}` {said}")
    # No number of rows helps where a rule fails for certain: it says so itself, or its claims do.
    certain = any(
        planned.blocks and planned.chance_by is ChanceBy.CERTAIN and not planned.chance for planned in plan.rules
    )
    if plan.chance is not None and plan.chance < SELDOM and not certain:
        yield Problem(
            Location(plan.path),
            f"with this many rows, the whole gate passes in {plan.often}, even if every observed value is the true "
            "one; `mlgate plan` shows where more rows help",
        )


def _own_advice(rule: Rule | None, planned: RulePlan) -> tuple[str, ...]:
    """What the rule's check advises; the rule of `expects:` has none."""
    if rule is None:
        return ()
    with crashing(f"{planned.at}: advice about rule `{planned.rule}`", rule.check):
        return tuple(rule.check.advice_with_data(planned))


def _too_few(planned: RulePlan) -> Iterator[str]:
    """Why a rule cannot be shown, or only rarely, with these rows."""
    if not planned.blocks:
        return
    hopeless = [finding for finding in planned.findings if finding.impossible]
    short = max(planned.findings, key=_shortage, default=None)
    if planned.status is Status.ERROR:
        yield f"will be an ERROR and block, because this data cannot answer it: {planned.said}"
    elif hopeless:
        each = "; ".join(f"{_name(finding)}: {finding.impossible}" for finding in hopeless[:3])
        rest = len(hopeless) - 3
        more = f"; and {rest} more {agreeing(rest, plural(planned.words.part))}" if rest > 0 else ""
        yield f"cannot be shown with this data: {each}{more}"
    elif short is not None and _shortage(short) >= FAR:
        often = f"it passes in {whole_percent(planned.chance or 0)} of runs"
        yield f"is rarely shown with this data: {_name(short)} needs {_rows(short, planned.words)}; {often}"


def _shortage(finding: FindingPlan) -> float:
    if finding.times is not None:
        return finding.times
    return (finding.needed or 0) / finding.n if finding.n else 0.0


def _rows(finding: FindingPlan, words: Words) -> str:
    if finding.times is not None:
        return f"about {factor(finding.times)} times as many {plural(words.of)} in every group"
    each = " in each of the groups compared" if finding.each else ""
    return f"about {nice(finding.needed or 0)} {finding.counted}{each}, and there are {finding.n:,}"


def _name(finding: FindingPlan) -> str:
    return where_text(finding.where) or "the table"

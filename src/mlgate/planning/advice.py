"""Advice about a policy and the data at hand: rules that these rows cannot show, and a gate that seldom passes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlgate.gate.wording import nice
from mlgate.policy.demanded import Policy, Rule
from mlgate.values.errors import Location, Problem
from mlgate.values.plan import FindingPlan, Plan, RulePlan
from mlgate.values.verdict import Status, where_text

SELDOM = 0.5
FAR = 5
"""So many times the rows at hand are far more than there are."""
MANY_GROUPS = 6
NO_COLUMNS = ("against", "metric")
"""Parts of a comparison's slice that are no column of the groups."""


def data_advice(plan: Plan, policies: Iterable[Policy]) -> Iterator[Problem]:
    """What its owner should know of a policy before this candidate's data are judged by it."""
    rules = {rule.name: rule for policy in policies for rule in policy.rules}
    for planned in plan.rules:
        said = _of_rule(planned)
        if said:
            yield Problem(planned.at, f"rule `{planned.rule}` {said}")
        rule = rules.get(planned.name)
        if rule is not None:
            yield from _many_groups(rule, planned)
    if plan.chance is not None and plan.chance < SELDOM:
        yield Problem(
            Location(plan.path),
            f"the whole gate passes in about {100 * plan.chance:.0f} % of runs with as many rows, even if the truth is "
            "what was observed; `mlgate plan` shows where more rows help",
        )


def _of_rule(planned: RulePlan) -> str | None:
    """Why a rule cannot be shown with this data, or hardly can."""
    if not planned.blocks:
        return None
    if planned.status is Status.ERROR:
        return f"cannot be answered with this data: {planned.said}"
    hopeless = [finding for finding in planned.findings if finding.impossible]
    if hopeless:
        each = "; ".join(f"{_name(finding)}: {finding.impossible}" for finding in hopeless[:3])
        more = f"; and {len(hopeless) - 3} more slices" if len(hopeless) > 3 else ""
        return f"cannot be shown with this data: {each}{more}"
    short = max(planned.findings, key=_shortage, default=None)
    if short is None or _shortage(short) < FAR:
        return None
    often = f"it passes in about {100 * (planned.chance or 0):.0f} % of runs"
    return f"is hardly shown with this data: {_name(short)} takes {_rows(short)}; {often}"


def _many_groups(rule: Rule, planned: RulePlan) -> Iterator[Problem]:
    """With many groups every pair must be shown alike, which takes far more rows than holding each against all."""
    reference = getattr(rule.check, "reference", None)
    if reference not in ("best", "pairs") or rule.proof != "shown":
        return
    groups: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for finding in planned.findings:
        columns = [part for part in finding.where if part[0] not in NO_COLUMNS]
        groups.setdefault(tuple(name for name, _ in columns), set()).add(tuple(value for _, value in columns))
    most = max((len(found) + 1 for names, found in groups.items() if names), default=0)
    if most >= MANY_GROUPS:
        yield Problem(
            planned.at,
            f"rule `{rule.id}` compares {most} groups by `reference: {reference}`, so every pair has to be shown "
            "alike; `reference: overall` takes far fewer rows and is a different demand: each group against all rows",
        )


def _shortage(finding: FindingPlan) -> float:
    if finding.times is not None:
        return finding.times
    return (finding.needed or 0) / finding.n if finding.n else 0.0


def _rows(finding: FindingPlan) -> str:
    if finding.times is not None:
        return f"about {finding.times:.2g} times as many rows in every group"
    each = " in each of the groups compared" if finding.each else ""
    return f"about {nice(finding.needed or 0)} {finding.counted}{each}, and there are {finding.n}"


def _name(finding: FindingPlan) -> str:
    return where_text(finding.where) or "the table"

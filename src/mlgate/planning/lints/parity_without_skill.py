"""Groups that are compared with each other, and nothing that a useless model would fail: a recall of 0 is equal."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.planning.policy_lint import LintedPolicy, LintFinding, PolicyLint, about
from mlgate.policy.demanded import Rule
from mlgate.values.faults import crashing


def _find(given: LintedPolicy) -> Iterator[LintFinding]:
    skill = [(policy, rule) for policy, rule in given.beside if _demands_skill(rule)]
    for rule in given.policy.rules:
        if rule.check.compares_groups and not any(given.together(policy, other, rule) for policy, other in skill):
            said = "only compares groups, and no rule demands skill: a model that is useless for everybody passes"
            yield about(rule, f"{said}. Add a rule `performance.metric`, such as a least recall in each group")
            return


def _demands_skill(rule: Rule) -> bool:
    with crashing(f"{rule.at}: whether rule `{rule.id}` demands skill", rule.check):
        return bool(rule.check.judges_skill) and (not rule.demand.empty or rule.check.compares_models)


LINT = PolicyLint("parity_without_skill", "groups that are compared without a demand that a useless model fails", _find)

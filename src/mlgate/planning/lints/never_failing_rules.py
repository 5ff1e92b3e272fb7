"""A rule that cannot fail: every possible value meets its bound, or it lists and judges nothing."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.planning.policy_lint import LintedPolicy, LintFinding, PolicyLint, about
from mlgate.policy.demanded import Rule


def _find(given: LintedPolicy) -> Iterator[LintFinding]:
    for rule in given.policy.rules:
        if rule.check.searching and rule.demand.empty and rule.severity == "block":
            yield about(rule, "cannot fail: without a bound it lists what it finds and judges nothing; add a bound")
        elif not rule.demand.empty and _always_met(rule):
            low, high = rule.limits
            said = f"every value from {low:g} to {high:g} meets {rule.demand}, and no other is possible"
            yield about(rule, f"cannot fail: {said}; tighten the bound")


def _always_met(rule: Rule) -> bool:
    demand, (low, high) = rule.demand, rule.limits
    least = demand.at_least is None or demand.at_least <= low
    return least and (demand.at_most is None or demand.at_most >= high)


LINT = PolicyLint("never_failing_rules", "a rule that cannot fail", _find)

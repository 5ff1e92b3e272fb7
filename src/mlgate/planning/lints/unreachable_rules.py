"""A rule that no candidate is judged by: its `when:` excludes itself, or all that the policy's `for:` selects."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.planning.policy_lint import LintedPolicy, LintFinding, PolicyLint, about
from mlgate.policy.selector import never_both


def _find(given: LintedPolicy) -> Iterator[LintFinding]:
    policy = given.policy
    if policy.selects_at and (key := never_both(policy.applies_to, policy.applies_to)):
        said = f"`for:` of policy `{policy.name}` leaves out all that it selects, by {key}; correct it"
        yield LintFinding(policy.selects_at, said)
        return
    for rule in policy.rules:
        if key := never_both(rule.when, rule.when):
            yield about(rule, f"applies to no candidate: its `when:` leaves out all that it selects, by {key}")
        elif key := never_both(policy.applies_to, rule.when):
            said = f"applies to no candidate: its `when:` and the policy's `for:` select none in common, by {key}"
            yield about(rule, f"{said}; correct one of them")


LINT = PolicyLint("unreachable_rules", "a rule that no candidate is judged by", _find)

"""What is not wrong in a policy and yet seldom meant: advice for its owner, which changes no verdict."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.errors import Problem
from mlgate.policy.model import Policy


def advice(policy: Policy) -> Iterator[Problem]:
    """Rules that few or no rows satisfy, and a policy that cannot block."""
    for rule in policy.rules:
        if rule.proof == "unrefuted" and not rule.min_n:
            yield Problem(
                rule.at,
                f"rule `{rule.id}` passes what is not refuted, and a handful of rows refutes nothing: "
                "add `min_n:`, so that data cannot be taken away until it passes",
            )
        if rule.proof == "estimate" and not rule.min_n:
            yield Problem(
                rule.at,
                f"rule `{rule.id}` is decided by the observed value, by luck where rows are few: add `min_n:`",
            )
    if all(rule.severity == "warn" for rule in policy.rules):
        yield Problem(policy.rules[0].at, f"every rule of policy `{policy.name}` only warns: it never blocks a merge")

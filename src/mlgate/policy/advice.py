"""What is not wrong in a policy and yet seldom meant: advice for its owner, which changes no verdict."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.checks.performance.against import AgainstChampion
from mlgate.checks.performance.champion import PerformanceChampion
from mlgate.metrics.registry import entries
from mlgate.policy.demanded import Policy, Rule
from mlgate.values.errors import Problem


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
        yield from _compared(rule)
    if all(rule.severity == "warn" for rule in policy.rules):
        yield Problem(policy.rules[0].at, f"every rule of policy `{policy.name}` only warns: it never blocks a merge")


def _compared(rule: Rule) -> Iterator[Problem]:
    """Advice on rules that compare with a champion."""
    if isinstance(rule.check, AgainstChampion) and rule.check.first_run == "allow":
        yield Problem(
            rule.at,
            f"rule `{rule.id}` says `first_run: allow`: whoever leaves the champion out skips it; write `block` after "
            "the first merge",
        )
    if isinstance(rule.check, PerformanceChampion):
        if rule.check.margin == 0 and rule.proof == "shown":
            yield Problem(
                rule.at,
                f"rule `{rule.id}` demands `margin: 0` with proof, which only a better model can show: write the loss "
                "that would not matter",
            )
        if all(metric.kind.paired is None for metric in entries(rule.check.metric)):
            yield Problem(
                rule.at,
                f"rule `{rule.id}`: {rule.check.metric} is compared only with a champion that is given by its "
                "`verdict`, never on the same rows",
            )

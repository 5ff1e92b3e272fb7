"""A rule that a few rows pass, or that leaves out small or unknown groups without a limit."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.planning.policy_lint import LintedPolicy, LintFinding, PolicyLint, about
from mlgate.policy.demanded import Policy, Rule


def _find(given: LintedPolicy) -> Iterator[LintFinding]:
    for rule in given.policy.rules:
        for said in (*_few_rows(rule), *_unknown_groups(rule, given.policy)):
            yield about(rule, said)


def _few_rows(rule: Rule) -> Iterator[str]:
    if not rule.check.estimates:
        return
    if rule.check.leaves_out(rule.min_n) and rule.at_most_left_out is None:
        yield (
            "leaves out small groups, so a bad group can be cut into small ones. Add `at_most_left_out: 0.05`, the "
            "share of rows that may be left out"
        )
    if rule.proof == "unrefuted" and not rule.min_n:
        yield (
            "passes whatever is not refuted, and a few rows refute nothing. Add `min_n:`, so that removing data cannot "
            "make it pass"
        )
    if rule.proof == "estimate" and not rule.min_n and rule.sampled:
        yield "is decided by the observed value, which is luck if there are few rows; add `min_n:`"


def _unknown_groups(rule: Rule, policy: Policy) -> Iterator[str]:
    """Rows of groups that the policy does not know are left out, and the rule does not say how many may be."""
    sliced = {column for columns in rule.check.by for column in columns}
    left_out = sorted(name for name in sliced if name in policy.groups and policy.groups[name].unknown == "report")
    if left_out and rule.at_most_unknown is None and not rule.demand.empty:
        yield (
            f"leaves out the rows whose {' or '.join(left_out)} is unknown, so a misspelt group is not judged. Add "
            "`at_most_unknown: 0.05`, the share of rows that may be left out"
        )


LINT = PolicyLint("few_rows", "a rule that passes with very few rows, or leaves groups out without a limit", _find)

"""A policy that cannot block."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.planning.policy_lint import LintedPolicy, LintFinding, PolicyLint


def _find(given: LintedPolicy) -> Iterator[LintFinding]:
    rules = given.policy.rules
    if rules and all(rule.severity == "warn" for rule in rules):
        said = f"every rule of policy `{given.policy.name}` only warns: it never blocks a merge"
        yield LintFinding(rules[0].at, said)


LINT = PolicyLint("only_warning", "a policy of which every rule only warns", _find)

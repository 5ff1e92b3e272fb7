"""What a rule's own check advises."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.planning.policy_lint import LintedPolicy, LintFinding, PolicyLint, about
from mlgate.values.faults import crashing


def _find(given: LintedPolicy) -> Iterator[LintFinding]:
    for rule in given.policy.rules:
        with crashing(f"{rule.at}: advice about rule `{rule.id}`", rule.check):
            own = tuple(rule.check.advice(rule.proof))
        yield from (about(rule, said) for said in own)


LINT = PolicyLint("own_advice", "what the check of a rule advises, such as who may approve", _find)

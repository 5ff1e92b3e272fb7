"""A metric that useless predictions can satisfy, such as the coverage of intervals, without the one that they fail."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.planning.policy_lint import LintedPolicy, LintFinding, PolicyLint, about
from mlgate.values.faults import crashing


def _find(given: LintedPolicy) -> Iterator[LintFinding]:
    for rule in given.policy.rules:
        with crashing(f"{rule.at}: what must be judged beside rule `{rule.id}`", rule.check):
            wanted = tuple(rule.check.beside)
        if not wanted:
            continue
        others = [(policy, other) for policy, other in given.beside if {*other.check.assumed_as} & {*wanted}]
        if not any(given.together(policy, other, rule) and not other.demand.empty for policy, other in others):
            name = ", ".join(rule.check.assumed_as)
            said = f"demands {name} alone, and intervals that are wide enough have any"
            yield about(rule, f"{said}. Add a rule with `metric: {wanted[0]}`{_or(wanted[1:])} and `at_most`")


def _or(names: tuple[str, ...]) -> str:
    return f" or {' or '.join(f'`{name}`' for name in names)}" if names else ""


LINT = PolicyLint("lone_metrics", "a demand of coverage without one of the width", _find)

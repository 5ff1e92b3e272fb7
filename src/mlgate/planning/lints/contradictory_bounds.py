"""Two rules that ask the same, with bounds that no value meets together."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.planning.policy_lint import LintedPolicy, LintFinding, PolicyLint, about
from mlgate.policy.demanded import Rule


def _find(given: LintedPolicy) -> Iterator[LintFinding]:
    for rule in given.policy.rules:
        for _, other in given.earlier(rule):
            if _apart(rule, other) or _apart(other, rule):
                said = f"demands {rule.demand} and rule `{other.name}` ({other.at}) {other.demand} of the same"
                yield about(rule, f"{said}, so no model passes both; correct one of them")
                break


def _apart(low: Rule, high: Rule) -> bool:
    """Whether the least that one allows is more than the most that the other does."""
    least, most = low.demand.at_least, high.demand.at_most
    return least is not None and most is not None and least > most


LINT = PolicyLint("contradictory_bounds", "two rules about the same whose bounds no value meets together", _find)

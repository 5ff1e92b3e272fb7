"""A bound that no number of rows can show: the end of what is possible, or one exact value."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.planning.policy_lint import LintedPolicy, LintFinding, PolicyLint, about
from mlgate.policy.demanded import Rule


def _find(given: LintedPolicy) -> Iterator[LintFinding]:
    for rule in given.policy.rules:
        if rule.proof == "shown" and rule.sampled and (said := _unshowable(rule)):
            remedy = "loosen the bound, or write `proof: unrefuted` with `min_n:`"
            yield about(rule, f"cannot be shown by any number of rows: {said}; {remedy}")


def _unshowable(rule: Rule) -> str:
    """Why no interval can lie within the demand; empty if one may."""
    demand, (low, high) = rule.demand, rule.limits
    if demand.at_least is not None and demand.at_least == demand.at_most:
        return f"it demands exactly {demand.at_least_text}, and an interval always has a width"
    if demand.at_least is not None and low < high == demand.at_least:
        return f"it demands {demand.at_least_text}, the highest possible value, and a bound is always below it"
    if demand.at_most is not None and demand.at_most == low < high:
        return f"it demands {demand.at_most_text}, the lowest possible value, and a bound is always above it"
    return ""


LINT = PolicyLint("unshowable_bounds", "a bound that no number of rows can show", _find)

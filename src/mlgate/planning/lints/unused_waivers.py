"""A waiver that waives nothing: it has ended, or it is for candidates that its rule does not judge."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.planning.policy_lint import LintedPolicy, LintFinding, PolicyLint
from mlgate.policy.demanded import Waiver
from mlgate.policy.selector import never_both


def _find(given: LintedPolicy) -> Iterator[LintFinding]:
    for waiver in given.policy.waivers:
        if why := _useless(waiver, given):
            yield LintFinding(waiver.at, f"the waiver for rule `{waiver.rule}` {why}; remove it", unneeded=True)


def _useless(waiver: Waiver, given: LintedPolicy) -> str:
    """Why it waives nothing, as the end of a sentence; empty if it may."""
    if waiver.expires < given.day:
        return f"ended on {waiver.expires}"
    rules = [rule for rule in given.policy.rules if rule.id == waiver.rule]
    selectors = (given.policy.applies_to, *(rule.when for rule in rules))
    key = next(filter(None, (never_both(waiver.applies_to, each) for each in selectors)), "")
    return f"is for candidates that the rule does not judge, by {key}" if key and len(rules) == 1 else ""


LINT = PolicyLint("unused_waivers", "a waiver that has ended, or is for candidates that its rule does not judge", _find)

"""A policy that others extend may apply to a candidate itself: then a rule that they take from it is judged once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from mlgate.policy.demanded import Policy, Rule
from mlgate.policy.expects import expected_rules
from mlgate.policy.overriding import texts_in
from mlgate.values.words import counted


def judged_once(policies: Sequence[Policy]) -> tuple[Policy, ...]:
    """Policies that apply to one candidate, each without the rules that another asks in just the same way.

    The other is one that it extends. A rule that it makes stricter, waives, or judges in other groups stays.
    """
    by_file = {policy.file: policy for policy in policies}
    return tuple(_without_repeats(policy, tuple(_extended(policy, by_file))) for policy in policies)


def repeat_notes(policies: Sequence[Policy]) -> Iterator[str]:
    """For each policy that `judged_once` shortens, a sentence that says so."""
    for policy, short in zip(policies, judged_once(policies), strict=True):
        if (left := len(policy.rules) - len(short.rules)) > 0:
            bases = ", ".join(base.name for base in _extended(policy, {each.file: each for each in policies}))
            said = f"{counted(left, 'rule')} that {policy.name} takes from {bases}"
            yield f"{said} {'is' if left == 1 else 'are'} judged once, as of {bases}"


def _extended(policy: Policy, by_file: dict[str, Policy]) -> Iterator[Policy]:
    """Those of some policies that a policy extends."""
    for entry in policy.inputs:
        if entry.path != policy.file and entry.path in by_file:
            yield by_file[entry.path]


def _without_repeats(policy: Policy, extended: Sequence[Policy]) -> Policy:
    if not extended:
        return policy
    kept = tuple(rule for rule in policy.rules if not any(_asks(base, rule, policy) for base in extended))
    fixed = any(_fixed(policy, base.name) == _fixed(base, base.name) for base in extended)
    return replace(policy, rules=kept, expects=() if fixed else policy.expects)


def _fixed(policy: Policy, name: str) -> list[Rule]:
    """What a policy fixes, as rules of a policy of some name."""
    return [replace(rule, policy=name) for rule in expected_rules(policy)]


def _asks(base: Policy, rule: Rule, policy: Policy) -> bool:
    """Whether an extended policy asks a rule in just the same way, without an exception on either side."""
    if replace(rule, policy=base.name) not in base.rules or _excepted(policy, rule) or _excepted(base, rule):
        return False
    named = set(texts_in(rule.written))
    return all(
        {name: spec for name, spec in mine.items() if name in named}
        == {name: spec for name, spec in theirs.items() if name in named}
        for mine, theirs in ((policy.derive, base.derive), (policy.groups, base.groups))
    )


def _excepted(policy: Policy, rule: Rule) -> bool:
    known = any(entry.rule == f"{policy.name}:{rule.id}" for entry in policy.known)
    return known or any(waiver.rule == rule.id for waiver in policy.waivers)

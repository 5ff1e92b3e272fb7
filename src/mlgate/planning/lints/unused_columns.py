"""Bands of `derive:` and groups of `groups:` that no rule names."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.planning.policy_lint import LintedPolicy, LintFinding, PolicyLint
from mlgate.policy.demanded import Rule
from mlgate.reading.strict_yaml import Node, Scalar, Sequence
from mlgate.values.errors import Location


def _find(given: LintedPolicy) -> Iterator[LintFinding]:
    policy = given.policy
    texts = [text for each in given.among for rule in each.rules for text in _texts(rule)]
    for key, names in (("derive", policy.derive), ("groups", policy.groups)):
        for name in names:
            if policy.rules and not any(name in text for text in texts):
                said = f"`{key}.{name}` of policy `{policy.name}` is named by no rule, so it changes nothing"
                yield LintFinding(Location(policy.file), f"{said}; remove it, or slice a rule by it")


def _texts(rule: Rule) -> Iterator[str]:
    """All texts that a rule has been written with, and the columns of its slices."""
    yield from (column for columns in rule.check.by for column in columns)
    yield from _scalars(rule.written) if rule.written else ()


def _scalars(node: Node) -> Iterator[str]:
    if isinstance(node, Scalar):
        yield node.text
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _scalars(item)
    else:
        for name, value in node.entries:
            yield name.text
            yield from _scalars(value)


LINT = PolicyLint("unused_columns", "bands and groups that no rule names", _find)

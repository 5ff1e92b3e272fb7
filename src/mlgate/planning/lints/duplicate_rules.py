"""Two rules that demand the same, or of which one is met wherever the other is."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.planning.policy_lint import LintedPolicy, LintFinding, PolicyLint, about
from mlgate.policy.demanded import Policy, Rule, Selector


def _find(given: LintedPolicy) -> Iterator[LintFinding]:
    for rule in given.policy.rules:
        for policy, other in given.earlier(rule):
            if not _alike(rule, other):
                continue
            if rule.demand == other.demand:
                yield about(rule, f"demands the same as rule `{other.name}` ({other.at}); remove one of them")
                break
            if _implies(other, rule) and _covers(policy, other, given.policy, rule):
                yield about(rule, _met_by(other))
                break
            if _implies(rule, other) and _covers(given.policy, rule, policy, other):
                yield about(other, _met_by(rule))
                break


def _met_by(stricter: Rule) -> str:
    said = f"is met wherever rule `{stricter.name}` ({stricter.at}) is, which demands {stricter.demand}"
    return f"{said} of the same; remove it, or the stricter one"


def _alike(rule: Rule, other: Rule) -> bool:
    """Whether two rules of the same question decide in the same way, apart from their bounds.

    Rules that name different laws or standards as their sources are there for these.
    """
    return all(
        getattr(rule, key) == getattr(other, key)
        for key in (
            "source",
            "proof",
            "confidence",
            "looks",
            "min_n",
            "at_most_left_out",
            "at_most_unknown",
            "severity",
        )
    )


def _implies(stricter: Rule, weaker: Rule) -> bool:
    """Whether what meets one demand meets the other."""
    one, other = stricter.demand, weaker.demand
    low = other.at_least is None or (one.at_least is not None and one.at_least >= other.at_least)
    high = other.at_most is None or (one.at_most is not None and one.at_most <= other.at_most)
    sooner = stricter.enforce_from is None or stricter.enforce_from == weaker.enforce_from
    return low and high and sooner and not other.empty


def _covers(policy: Policy, rule: Rule, other_policy: Policy, other: Rule) -> bool:
    """Whether each candidate that the other rule judges is judged by the rule."""
    whole = Selector()
    return rule.when in (whole, other.when) and policy.applies_to in (whole, other_policy.applies_to)


LINT = PolicyLint("duplicate_rules", "two rules with one meaning, or one that is met wherever another is", _find)

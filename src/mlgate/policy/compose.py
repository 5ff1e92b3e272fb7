"""Combines a policy with those that it extends. Inherited rules come first and keep their file, line and defaults."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mlgate.candidate.declared import records_of
from mlgate.checks.registry import shipped
from mlgate.policy.demanded import Expectation, Policy, Rule, shown
from mlgate.policy.draft import Draft
from mlgate.policy.expects import read_expects
from mlgate.policy.grouping import validate_groups
from mlgate.policy.rules import selector
from mlgate.policy.waivers import read_waivers
from mlgate.reading.fields import ProblemReport
from mlgate.reading.strict_yaml import Sequence as ListNode
from mlgate.values.errors import Location


def compose(chain: tuple[Draft, ...], report: ProblemReport) -> Policy:
    """One policy from a chain of drafts: those that it inherits, in order, and its own as the last.

    `for` and the waivers of inherited files do not apply: the extending policy states its own.
    """
    own = chain[-1]
    rules, places = _rules(chain, report)
    _refuse_reported(chain, rules.values(), report)
    if not places:
        _nothing_asked(own, report)
    derive = _merge(chain, "derive", lambda draft: draft.derive or {}, report)
    groups = _merge(chain, "groups", lambda draft: draft.groups or {}, report)
    validate_groups(groups, derive, own.node, report)
    expects = _expects(chain, report)
    return Policy(
        name=own.keys.policy,
        owner=own.owner,
        owner_at=own.owner_at,
        cannot_check=own.keys.cannot_check,
        file=own.file,
        rules=tuple(replace(rule, policy=own.keys.policy) for rule in rules.values()),
        description=own.keys.description,
        applies_to=selector(own.keys.applies_to),
        selects_at=own.node.key_at("for"),
        expects=tuple(expects.values()),
        expects_at=_expects_at(chain),
        derive=derive,
        groups=groups,
        variables=tuple(variable for draft in chain for variable in draft.variables),
        waivers=read_waivers(own.keys.waivers, rules, places, report),
        reasons=dict(own.keys.reasons),
        roots=tuple(dict.fromkeys(root for draft in chain for root in draft.roots)),
        servers=tuple(_merge(chain, "servers", lambda draft: draft.servers or {}, report).items()),
        inputs=tuple(dict.fromkeys(entry for draft in chain for entry in draft.inputs)),
    )


def _nothing_asked(own: Draft, report: ProblemReport) -> None:
    """Report a policy without rules, unless its rules only could not be read."""
    given = own.node.get("rules")
    unread = given is not None and (not isinstance(given, ListNode) or given.items)
    if not unread and not (own.keys.extends and report.problems):
        said = "the policy has no rules, so it would demand nothing; add `rules` or `extends`"
        report.add_lacking(own.node.key_at("rules"), ("rules", "extends"), said)


def _refuse_reported(chain: Iterable[Draft], rules: Iterable[Rule], report: ProblemReport) -> None:
    """Report each rule about reported values if one of the files allows none. None of them can take that back."""
    refusing = next((draft for draft in chain if draft.keys.reported == "refuse"), None)
    for rule in rules if refusing else ():
        if rule.reported and refusing:
            at = refusing.node.key_at("reported")
            said = (
                f"rule `{rule.id}` judges what is reported, not measured, and `reported: refuse` at {at.file}:{at.line}"
            )
            report.add(rule.at, f"{said} allows no such rule; measure it by another check")


def _rules(chain: Iterable[Draft], report: ProblemReport) -> tuple[dict[str, Rule], dict[str, Location]]:
    rules: dict[str, Rule] = {}
    places: dict[str, Location] = {}
    for draft in chain:
        for name, at in (draft.places or {}).items():
            if name in places:
                first = f"{places[name].file}:{places[name].line}"
                said = f"rule id `{name}` is already used at {first}, and an inherited rule cannot be replaced"
                report.add(at, f"{said}; give this rule another id")
            places.setdefault(name, at)
        for rule in draft.rules:
            rules.setdefault(rule.id, rule)
    return rules, places


def _merge(
    chain: Iterable[Draft], key: str, part: Callable[[Draft], Mapping[str, Any]], report: ProblemReport
) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    origin: dict[str, Location] = {}
    for draft in chain:
        for name, value in part(draft).items():
            at = draft.node.place_of(key, name)
            if name in merged and merged[name] != value:
                first = f"{origin[name].file}:{origin[name].line}"
                report.add(at, f"`{key}.{name}` differs from its definition at {first}; make them equal or rename one")
            merged.setdefault(name, value)
            origin.setdefault(name, at)
    return merged


def _expects(chain: Sequence[Draft], report: ProblemReport) -> dict[str, Expectation]:
    """What all files of a chain fix, by key. Keys that a check declares can be fixed in any of them."""

    def declared() -> tuple[type[Any], ...]:
        return records_of((*shipped().values(), *(check for draft in chain for check in draft.checks)))

    merged: dict[str, Expectation] = {}
    for expectation in (entry for draft in chain for entry in read_expects(draft.node, declared, report)):
        first = merged.setdefault(expectation.key, expectation)
        if first.value != expectation.value:
            said = f"`expects.{expectation.key}` is `{shown(expectation.value)}`"
            there = f"`{shown(first.value)}` at {first.at.file}:{first.at.line}"
            report.add(expectation.at, f"{said}, but {there}; make them equal")
    return merged


def _expects_at(chain: Sequence[Draft]) -> Location | None:
    """The place of the last `expects:` of a chain."""
    return next((draft.node.key_at("expects") for draft in reversed(chain) if draft.node.get("expects")), None)

"""Combines a policy with those that it extends. Inherited rules come first and keep their file, line and defaults."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mlgate.candidate.declared import records_of
from mlgate.checks.registry import shipped
from mlgate.policy.composed_text import written_together
from mlgate.policy.demanded import Expectation, Policy, Rule, shown
from mlgate.policy.draft import Draft
from mlgate.policy.expects import read_expects
from mlgate.policy.filed_waivers import FiledWaivers
from mlgate.policy.grouping import validate_groups
from mlgate.policy.overriding import RulesOfFile, refuse_recutting, refuse_setting
from mlgate.policy.policy_keys import WaiverKeys
from mlgate.policy.rules import selector
from mlgate.policy.vocabulary import vocabulary_of
from mlgate.policy.waivers import WaiverTerms, read_waivers
from mlgate.reading.fields import ProblemReport
from mlgate.reading.strict_yaml import Sequence as ListNode
from mlgate.values.errors import Location
from mlgate.values.provenance import Input


def compose(
    chain: tuple[Draft, ...], found: RulesOfFile, report: ProblemReport, filed: FiledWaivers | None = None
) -> Policy:
    """One policy from a chain of drafts, those that it inherits in order and its own as the last, and their rules.

    `filed` are the waivers of the `waivers.yaml` that it reads.

    `for` and the waivers of inherited files do not apply: the extending policy states its own.
    """
    own = chain[-1]
    rules = {name: each.rule for name, each in found.rules.items()}
    _refuse_reported(chain, rules.values(), report)
    refuse_recutting(found, chain, report)
    refuse_setting(found, chain, report)
    if not found.places:
        _nothing_asked(own, report)
    derive = _merge(chain, "derive", lambda draft: draft.derive or {}, report)
    groups = _merge(chain, "groups", lambda draft: draft.groups or {}, report)
    validate_groups(groups, derive, own.node, report)
    expects = _expects(chain, report)
    terms = _waiver_terms(chain)
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
        vocabulary=vocabulary_of(chain, report),
        expects=tuple(expects.values()),
        expects_at=_expects_at(chain),
        derive=derive,
        groups=groups,
        variables=tuple(variable for draft in chain for variable in draft.variables),
        waivers=read_waivers(_waivers(own, filed), rules, found.places, terms, report),
        max_waiver_days=terms.max_days,
        approver="other" if any(draft.keys.approver == "other" for draft in chain) else "anyone",
        written=written_together([draft.node for draft in chain]),
        reasons=dict(own.keys.reasons),
        roots=tuple(dict.fromkeys(root for draft in chain for root in draft.roots)),
        servers=tuple(_merge(chain, "servers", lambda draft: draft.servers or {}, report).items()),
        inputs=tuple(dict.fromkeys((*(entry for draft in chain for entry in draft.inputs), *_input(filed)))),
    )


def _input(filed: FiledWaivers | None) -> tuple[Input, ...]:
    return (filed.input,) if filed else ()


def _waivers(own: Draft, filed: FiledWaivers | None) -> tuple[WaiverKeys, ...]:
    """The policy's own waivers, and those of the file."""
    return (*own.keys.waivers, *(filed.of(own.keys.policy) if filed else ()))


def _waiver_terms(chain: tuple[Draft, ...]) -> WaiverTerms:
    """What is asked of the policy's waivers. How long they may be, every file of the chain may say."""
    days = ((draft.keys.max_waiver_days, draft.node.key_at("max_waiver_days")) for draft in chain)
    return WaiverTerms.of(selector(chain[-1].keys.applies_to), days)


def _nothing_asked(own: Draft, report: ProblemReport) -> None:
    """Report a policy without rules, unless its rules only could not be read."""
    given = own.node.get("rules")
    unread = given is not None and (not isinstance(given, ListNode) or given.items)
    if not unread and not (own.node.get("extends") and report.problems):
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

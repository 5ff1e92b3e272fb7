"""Reads a rule: the common keys, the check's own keys, and the demand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from mlgate.checks.base import Check
from mlgate.checks.suggestion import check_hint
from mlgate.policy.demanded import Rule, Selector
from mlgate.policy.policy_keys import (
    BOUND_KEYS,
    EntrySelectorKeys,
    PlainSelectorKeys,
    PolicyKeys,
    RuleKeys,
    SelectorKeys,
    untaken,
)
from mlgate.reading.fields import ProblemReport, keys, read_keys, refuse_unknown
from mlgate.reading.strict_yaml import Mapping as MappingNode
from mlgate.reading.strict_yaml import Node, Scalar
from mlgate.reading.strict_yaml import Sequence as ListNode
from mlgate.values.demand import Demand
from mlgate.values.errors import Location
from mlgate.values.faults import crashing
from mlgate.values.shown_values import ShownValues
from mlgate.values.verdict import Proof

CheckTypes = Mapping[str, type[Check]]
RESERVED_IDS = ("expects",)
LONGEST = 100
"""The most characters of an id."""


@dataclass(frozen=True)
class RuleReading:
    """The rules that could be read from one file. `places` has the place of every id, even of rules with problems."""

    rules: tuple[Rule, ...]
    places: Mapping[str, Location]
    checks: tuple[type[Check], ...] = ()
    """The checks that rules name, even rules with problems."""
    changes: Mapping[str, MappingNode] = field(default_factory=dict)
    """By id: what changes a rule of an extended policy, as it names no check."""


def read_rules(defaults: PolicyKeys, checks: CheckTypes, report: ProblemReport) -> RuleReading:
    """The rules of one file, with its own defaults for proof, confidence and severity."""
    rules: list[Rule] = []
    places: dict[str, Location] = {}
    named: dict[type[Check], None] = {}
    changes: dict[str, MappingNode] = {}
    for number, node in enumerate(defaults.rules, start=1):
        name = _id_of(node)
        below = report.about(f"rule `{name}`" if name else f"rule number {number}")
        if not isinstance(node, MappingNode):
            below.refuse(node.at, f"must be a mapping with the keys id, check and more, not {node}")
            continue
        at = node.key_at("id")
        if name in places:
            lines = f"at line {places[name].line} and again at line {at.line}"
            made = "give one of them an `id`. Without one, an id is made of check, metric and `by`"
            remedy = "give every rule its own id" if node.get("id") else made
            report.add(at, f"rule id `{name}` is repeated: {lines}; {remedy}")
        elif name:
            places[name] = at
        if defaults.extends and name and node.get("check") is None:
            changes[name] = node
            continue
        cls = _check_of(node, checks, below)
        named.update({cls: None} if cls else {})
        rule = _read_rule(cls, node, name, defaults, below)
        if rule:
            rules.append(rule)
    return RuleReading(tuple(rules), places, tuple(named), changes)


def read_changed(
    node: MappingNode, name: str, defaults: PolicyKeys, checks: CheckTypes, report: ProblemReport
) -> Rule | None:
    """A rule with the keys of another one that it changes. `defaults` are those of the other one's file."""
    below = report.about(f"rule `{name}`")
    return _read_rule(_check_of(node, checks, below), node, name, defaults, below)


def _id_of(node: Node) -> str:
    """A rule's id. Without one, it is made of check, metric and `by`: `performance.metric-recall-by-sex`."""
    if not isinstance(node, MappingNode):
        return ""
    given, check, metric, by = (node.get(key) for key in ("id", "check", "metric", "by"))
    if isinstance(given, Scalar):
        return given.text
    if not isinstance(check, Scalar) or check.null:
        return ""
    parts = [check.text, *([metric.text] if isinstance(metric, Scalar) else [])]
    slicings = by.items if isinstance(by, ListNode) else [by] if by is not None else []
    if slicings:
        parts += ["by", *(".".join(_columns(slicing)) for slicing in slicings)]
    return "-".join(re.sub(r"[^A-Za-z0-9._-]", "_", part) for part in parts)


def _columns(slicing: Node) -> Iterator[str]:
    for entry in slicing.items if isinstance(slicing, ListNode) else [slicing]:
        yield entry.text if isinstance(entry, Scalar) else ""


def _read_rule(
    cls: type[Check] | None, node: MappingNode, name: str, defaults: PolicyKeys, report: ProblemReport
) -> Rule | None:
    with crashing(f"{node.at}: {report.name}", cls):
        return _rule_of(cls, node, name, defaults, report)


def _rule_of(
    cls: type[Check] | None, node: MappingNode, name: str, defaults: PolicyKeys, report: ProblemReport
) -> Rule | None:
    before = len(report.problems)
    common = read_keys(RuleKeys, node, report)
    check = _read_check(cls, node, report) if cls else None
    if common and not common.id and len(name) > LONGEST:
        report.add(node.at, f"{report.name} has a name that is too long; give the rule a shorter `id`")
    if common and common.id in RESERVED_IDS:
        report.add(node.key_at("id"), f"the rule id `{common.id}` is reserved; choose another")
    demand = _demand(common, cls, node, report) if common else None
    if check is None or common is None or demand is None or len(report.problems) > before:
        return None
    rule = _rule(common, node, name, check, check.demand(demand), defaults)
    _report_misfits(rule, node, report)
    if len(report.problems) > before:
        return None
    _says_what_it_is(check)
    return rule


def _read_check(cls: type[Check], node: MappingNode, report: ProblemReport) -> Check | None:
    """The check with its own keys. Keys that neither it nor a rule of it takes are refused."""
    known = [key for key in keys(RuleKeys) if key not in untaken(cls)]
    refused = [key for key in untaken(cls) if node.get(key)]
    refuse_unknown(node, (*known, *refused, *keys(cls)), report)
    for key in refused:
        report.add(node.key_at(key), f"check `{cls.id}` {_untaken(cls, key)}; remove `{key}` from {report.name}")
    return read_keys(cls, node, report)


def _untaken(cls: type[Check], key: str) -> str:
    """Why a check does not take a common key."""
    if key in BOUND_KEYS:
        return "takes no bound"
    why = "it judges no rows" if cls.about == "report" else "it leaves no such rows out"
    return f"takes no `{key}`, because {why}"


def _report_misfits(rule: Rule, node: MappingNode, report: ProblemReport) -> None:
    """Report keys whose values do not fit each other or the demand."""
    if rule.check.searching and not rule.demand.empty and rule.proof == "estimate":
        said = "cannot be `estimate`, because the lowest of many observed values is low by noise alone"
        at = node.key_at("proof" if node.get("proof") else "check")
        report.add(at, f"`proof` of {report.name} {said}; write `shown` or `unrefuted`")
    if rule.reported and rule.proof != "estimate":
        said = f"cannot be `{rule.proof}`, because a reported value has no rows of which a bound could be made"
        report.add(node.key_at("proof"), f"`proof` of {report.name} {said}; remove it, or measure the value here")
    for wrong, message in rule.check.problems(rule.demand):
        path = _written_path(node, wrong)
        said = report.inside(".".join(path)).name if any(path) else report.name
        report.add(node.place_of(*path), f"{said}: {message}")


def _says_what_it_is(check: Check) -> None:
    """Raise TypeError for a check without the texts of which every outcome is made: better now than once it failed."""
    for name, said in (("measured", check.measured), ("help", check.help())):
        if not isinstance(said, str):
            raise TypeError(f"`{name}` of the check is not a text, but {said!r}")


def _check_of(node: MappingNode, checks: CheckTypes, report: ProblemReport) -> type[Check] | None:
    scalar = node.get("check")
    if not isinstance(scalar, Scalar) or scalar.null:
        return None
    if scalar.text not in checks:
        names = ", ".join(sorted(checks)) or "none"
        hint = check_hint(scalar.text, checks) or f"; choose one of {names}"
        report.add(scalar.at, f"unknown check {scalar} in {report.name}{hint}")
    return checks.get(scalar.text)


def _written_path(node: MappingNode, wrong: str | tuple[str, ...]) -> tuple[str, ...]:
    """The key as the rule wrote it: a check names `at_least` or `at_most` where the rule may have `between`."""
    if isinstance(wrong, tuple):
        return wrong
    return ("between" if wrong in BOUND_KEYS and node.get(wrong) is None else wrong,)


def _demand(common: RuleKeys, cls: type[Check] | None, node: MappingNode, report: ProblemReport) -> Demand | None:
    before = len(report.problems)
    if cls and cls.bounded and not cls.searching and not any(node.get(key) for key in BOUND_KEYS):
        said = f"{report.name} has no bound; add at_least, at_most or between: [low, high]"
        report.add_lacking(node.at, BOUND_KEYS, said)
    for at, message in _bound_problems(common, node, report):
        report.add(at, message)
    if len(report.problems) > before:
        return None
    low, high = common.between or (common.at_least, common.at_most)
    return Demand(
        at_least=low.value if low else None,
        at_most=high.value if high else None,
        at_least_text=low.text if low else "",
        at_most_text=high.text if high else "",
    )


def _bound_problems(common: RuleKeys, node: MappingNode, report: ProblemReport) -> Iterator[tuple[Location, str]]:
    given = [key for key in BOUND_KEYS if node.get(key)]
    if len(given) > 1:
        low, high = common.at_least, common.at_most
        write = f"[{low.text}, {high.text}]" if low and high else "[low, high]"
        yield node.key_at(given[1]), f"{report.name} has {' and '.join(given)}; write between: {write}"
    if common.between and common.between[0].value > common.between[1].value:
        low, high = common.between
        said = f"`between` of {report.name} asks for at least {low.text} and at most {high.text}"
        yield node.key_at("between"), f"{said}; write the lower number first"


def selector(given: PlainSelectorKeys | None) -> Selector:
    """The selector for some keys; without keys, one that matches all candidates."""
    if given is None:
        return Selector()
    plain = Selector(tags=given.tags, name=given.name, task=given.task, risk=given.risk)
    if isinstance(given, EntrySelectorKeys) and given.but_not:
        plain = replace(plain, but_not=selector(given.but_not))
    if isinstance(given, SelectorKeys):
        plain = replace(plain, any=tuple(map(selector, given.any)))
    return plain


def _rule(common: RuleKeys, node: MappingNode, name: str, check: Check, demand: Demand, defaults: PolicyKeys) -> Rule:
    return Rule(
        policy=defaults.policy,
        id=name,
        check=check,
        demand=demand,
        at=common.at,
        proof=_proof(common, check, defaults),
        confidence=common.confidence or defaults.confidence,
        severity=common.severity or defaults.severity or "block",
        enforce_from=common.enforce_from or defaults.enforce_from,
        when=selector(common.when),
        min_n=common.min_n,
        at_most_left_out=common.at_most_left_out,
        at_most_unknown=common.at_most_unknown,
        looks=common.looks,
        description=common.description,
        source=common.source,
        locked_at=node.key_at("locked") if common.locked else None,
        written=node,
        show_values=_shown(defaults.show_values if common.show_values is None else common.show_values),
    )


def _proof(common: RuleKeys, check: Check, defaults: PolicyKeys) -> Proof:
    """What decides. About a table itself or a report, nothing is estimated unless the rule asks for it."""
    return common.proof or ("estimate" if check.about != "population" else defaults.proof)


def _shown(given: bool | tuple[str, ...]) -> ShownValues:
    return ShownValues(everything=given) if isinstance(given, bool) else ShownValues(columns=given)

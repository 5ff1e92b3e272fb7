"""The rules of a file on top of those that it extends. What it extends can be made stricter by rule id, never looser.

A rule with a `check` replaces the extended rule of its id; one without changes the keys that it names. `severity` and
`enforce_from` of a whole file reach what it extends, unless a rule or its own file says otherwise or is locked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from mlgate.policy.demanded import Rule
from mlgate.policy.draft import Draft
from mlgate.policy.loosening import Difference, differences
from mlgate.policy.policy_keys import BOUND_KEYS
from mlgate.policy.rules import CheckTypes, read_changed
from mlgate.reading.fields import ProblemReport
from mlgate.reading.strict_yaml import Mapping as MappingNode
from mlgate.reading.strict_yaml import Node, Scalar
from mlgate.values.errors import Location
from mlgate.values.policy_change import LOOSENING
from mlgate.values.verdict import Severity
from mlgate.values.words import did_you_mean


@dataclass(frozen=True)
class HandedOn:
    """A rule as a file hands it on to those that extend the file."""

    rule: Rule
    home: Draft
    """The file whose defaults it has."""
    severity: Severity | None
    """What its files say for all their rules."""
    enforce_from: date | None

    @property
    def stated(self) -> MappingNode:
        """Its keys, as the files have them."""
        return self.rule.written or MappingNode((), self.rule.at)


@dataclass(frozen=True)
class RulesOfFile:
    """The rules of a file, with those that it extends first."""

    rules: Mapping[str, HandedOn]
    places: Mapping[str, Location]
    """The place of each rule id, even of rules with problems."""
    files: Mapping[str, frozenset[str]]
    """Of the file and each that it extends: that file and those that it extends."""


def rules_of(
    draft: Draft, extended: Sequence[RulesOfFile], checks: CheckTypes, report: ProblemReport, *, whole: bool = True
) -> RulesOfFile:
    """The rules of a file and of those that it extends, in order. `whole` is false if one of these could not be read.

    Whatever is wrong is in the report.
    """
    below = _together(extended)
    places = {name: at for each in extended for name, at in each.places.items()}
    own = {rule.id: _own(rule, draft) for rule in draft.rules}
    for name, change in draft.changes.items():
        if name in below and (changed := _changed(below[name][0], change, draft, checks, report)):
            own[name] = changed
        elif name not in places and whole:
            report.add(change.key_at("id"), _unknown(name, places))
    rules: dict[str, HandedOn] = {}
    for name, stated in below.items():
        if name in own:
            rules[name] = _stricter(own[name], stated, draft, report)
        else:
            _refuse_rivals(name, stated, draft, report)
            rules[name] = stated[0]
    rules = {name: _as_the_file_says(each, draft) for name, each in rules.items()} | {
        name: each for name, each in own.items() if name not in below
    }
    found = {name: _locked(each, draft) for name, each in rules.items()}
    files = {name: each for file in extended for name, each in file.files.items()}
    files[draft.file] = frozenset({draft.file, *files})
    return RulesOfFile(found, {**places, **(draft.places or {})}, files)


def _unknown(name: str, places: Iterable[str]) -> str:
    hint = did_you_mean(name, tuple(places)) or "; add a `check`"
    return f"rule `{name}` has no `check`, and no extended policy has a rule of this id{hint}"


def _own(rule: Rule, draft: Draft) -> HandedOn:
    return HandedOn(rule, draft, draft.keys.severity, draft.keys.enforce_from)


def _together(extended: Iterable[RulesOfFile]) -> dict[str, list[HandedOn]]:
    """The rules of several extended files by id: the strictest, or all of which none is surely the strictest."""
    found: dict[str, list[HandedOn]] = {}
    for name, each in ((name, each) for file in extended for name, each in file.rules.items()):
        before = found.get(name, [])
        lock = next((at for at in (other.rule.locked_at for other in (*before, each)) if at), None)
        each, *before = (replace(other, rule=replace(other.rule, locked_at=lock)) for other in (each, *before))
        if any(not _loosenings(each.rule, other.rule) for other in before):
            found[name] = before
        else:
            found[name] = [*(other for other in before if _loosenings(other.rule, each.rule)), each]
    return found


def _refuse_rivals(name: str, stated: Sequence[HandedOn], draft: Draft, report: ProblemReport) -> None:
    # One place has two rules only where a variable has two values, which is reported where it is set.
    if len({each.rule.at for each in stated}) > 1:
        first, second = (f"{each.rule.at.file}:{each.rule.at.line}" for each in stated[:2])
        said = f"rule `{name}` is at {first} and at {second}, and neither is surely the stricter one"
        report.add(draft.node.key_at("extends"), f"{said}; give one of them another id, or write here what is stricter")


def _changed(
    old: HandedOn, change: MappingNode, draft: Draft, checks: CheckTypes, report: ProblemReport
) -> HandedOn | None:
    """An extended rule with the keys of a change instead of its own. A bound of the change replaces every bound."""
    named = {key.text for key, _ in change.entries}
    replaced = named | (set(BOUND_KEYS) if named & set(BOUND_KEYS) else set())
    kept = tuple(entry for entry in old.stated.entries if entry[0].text not in replaced)
    merged = MappingNode((*change.entries, *kept), change.at)
    files = draft.files and replace(draft.files, others={old.home.file: old.home.files})
    rule = read_changed(merged, old.rule.id, old.home.keys, checks, replace(report, files=files))
    if rule is None:
        return None
    there = set(_places(merged))
    known = (*old.rule.variables, *draft.variables_of.get(change.at, ()))
    return replace(old, rule=replace(rule, variables=tuple(each for each in known if each.named_at in there)))


def _places(node: Node) -> Iterator[Location]:
    """The places of all keys and values below a node."""
    yield node.at
    parts = node.entries if isinstance(node, MappingNode) else getattr(node, "items", ())
    for part in parts:
        for each in part if isinstance(part, tuple) else (part,):
            yield from _places(each)


def _stricter(new: HandedOn, below: Sequence[HandedOn], draft: Draft, report: ProblemReport) -> HandedOn:
    """A rule of this file instead of extended ones. Whatever it loosens is in the report."""
    first = below[0]
    rule = new.rule
    if new.stated.get("severity") is None:
        rule = replace(rule, severity=first.rule.severity)
    if new.stated.get("enforce_from") is None:
        rule = replace(rule, enforce_from=first.rule.enforce_from)
    for old in below:
        lock = None if _unlocks(new.stated) else old.rule.locked_at
        for difference in _loosenings(old.rule, replace(rule, locked_at=lock)):
            report.add(new.stated.key_at(difference[0]), _loosened(old.rule, difference))
    rule = replace(rule, locked_at=first.rule.locked_at or rule.locked_at)
    return HandedOn(rule, new.home, first.severity, first.enforce_from)


def _loosenings(old: Rule, new: Rule) -> list[Difference]:
    return [each for each in differences(old, new) if each[1] in LOOSENING]


def _loosened(old: Rule, difference: Difference) -> str:
    key, direction, was, now = difference
    there = f"{old.at.file}:{old.at.line}"
    became = f"from {was or 'nothing'} to {now or 'nothing'}"
    locked = f", which is locked at {old.locked_at.file}:{old.locked_at.line}" if old.locked_at else ""
    if direction == "looser":
        said = f"rule `{old.id}` loosens `{key}` of the extended rule at {there}{locked}, {became}"
        return f"{said}; keep it{'' if locked else ', or write a waiver'}"
    said = f"rule `{old.id}` changes `{key}` of the extended rule at {there}{locked}, {became}, which may loosen it"
    return f"{said}; keep it, and write what you require besides as a rule with another id"


def _as_the_file_says(each: HandedOn, draft: Draft) -> HandedOn:
    """An extended rule with the `severity` and `enforce_from` of the file, unless it is locked or says its own.

    Where several files say one, the stricter counts.
    """
    if each.rule.locked_at:
        return each
    severity, day = draft.keys.severity, draft.keys.enforce_from
    if severity and each.stated.get("severity") is None and each.severity != "block":
        each = replace(each, severity=severity, rule=replace(each.rule, severity=severity))
    if day and each.stated.get("enforce_from") is None:
        earliest = min(day, each.enforce_from or day)
        each = replace(each, enforce_from=earliest, rule=replace(each.rule, enforce_from=earliest))
    return each


def _locked(each: HandedOn, draft: Draft) -> HandedOn:
    """A rule of a locked file is locked for those that extend the file, unless this file says otherwise in it."""
    exempt = _unlocks(each.stated) and each.stated.key_at("locked").file == draft.file
    if each.rule.locked_at or not draft.keys.locked or exempt:
        return each
    return replace(each, rule=replace(each.rule, locked_at=draft.node.key_at("locked")))


def _unlocks(stated: MappingNode) -> bool:
    given = stated.get("locked")
    return isinstance(given, Scalar) and given.text == "false"


def refuse_recutting(found: RulesOfFile, chain: Iterable[Draft], report: ProblemReport) -> None:
    """Report `derive` and `groups` that change what a locked rule slices by, where its lock does not know them.

    Groups that block on unknown values only add a demand.
    """
    locked = [each.rule for each in found.rules.values() if each.rule.locked_at]
    for draft in chain:
        for rule in locked:
            if (lock := rule.locked_at) and draft.file not in found.files.get(lock.file, ()):
                for key, name in _recut(draft, set(texts_in(rule.written))):
                    said = f"`{key}.{name}` changes what the rule `{rule.id}` judges"
                    remedy = "choose another name, or remove it"
                    report.add(
                        draft.node.place_of(key, name), f"{said}, which is locked at {lock.file}:{lock.line}; {remedy}"
                    )


def refuse_setting(found: RulesOfFile, chain: Iterable[Draft], report: ProblemReport) -> None:
    """Report what is set in files that a lock covers by files that extend the lock's, where it changes a locked rule.

    The variables of the lock's own file are left open by it.
    """
    locked = [each.rule for each in found.rules.values() if each.rule.locked_at]
    for draft in chain:
        for rule in locked:
            lock = rule.locked_at or rule.at
            covered = found.files.get(lock.file, frozenset())
            used = {(each.name, each.at) for each in rule.variables}
            for each in draft.variables if draft.file in covered and draft.file != lock.file else ():
                changes = (each.name, each.at) in used or each.name in draft.cutting
                if each.set_at and each.set_at.file not in covered and changes:
                    said = f"`set.{each.name}` changes what the rule `{rule.id}` judges"
                    report.add(each.set_at, f"{said}, which is locked at {lock.file}:{lock.line}; remove it")


def _recut(draft: Draft, named: set[str]) -> Iterator[tuple[str, str]]:
    yield from (("derive", name) for name in draft.derive or {} if name in named)
    for name, spec in (draft.groups or {}).items():
        if name in named and spec.unknown != "block":
            yield "groups", name


def texts_in(node: object) -> Iterator[str]:
    """Every text of a node, in keys and values."""
    if isinstance(node, Scalar):
        yield node.text
    elif isinstance(node, MappingNode):
        for key, value in node.entries:
            yield from (key.text, *texts_in(value))
    else:
        for item in getattr(node, "items", ()):
            yield from texts_in(item)

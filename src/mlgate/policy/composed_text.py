"""A composed policy as one policy file. Inherited rules and keys are written out; comments say where they are from."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from mlgate.policy.demanded import Policy, Rule
from mlgate.reading.strict_yaml import Mapping, Node, Scalar, escaped
from mlgate.reading.strict_yaml import Sequence as ListNode
from mlgate.values.errors import Location

_OWN = ("for", "cannot_check", "waivers", "reasons")
"""The keys that a policy has for itself."""
_MERGED = ("expects", "derive", "groups", "servers")
"""The keys that it also takes from what it extends."""
_OF_FILES = ("id", "check", "proof", "confidence", "severity", "enforce_from", "locked", "show_values")
"""The keys of a rule that are written out, because a file can say them for all its rules."""
_PLAIN = re.compile(r"(?!-+$|\.+$)[A-Za-z0-9_./+-]+")


def written_together(files: Sequence[Mapping]) -> Mapping:
    """The keys of several policy files as one mapping, besides the rules. The last file is the policy's own."""
    own = files[-1]
    entries = [entry for entry in own.entries if entry[0].text in _OWN]
    reported = [entry for file in files for entry in file.entries if entry[0].text == "reported"]
    entries += [entry for entry in reported if isinstance(entry[1], Scalar) and entry[1].text == "refuse"][:1]
    for key in _MERGED:
        found = [entry for file in files for entry in file.entries if entry[0].text == key]
        if found:
            together = found[0][1]
            for _, node in found[1:]:
                together = _merged(together, node)
            entries.append((found[-1][0], together))
    # A file may only leave words out, so the last list of each key counts.
    lists = {key.text: (key, node) for file in files for key, node in getattr(file.get("vocabulary"), "entries", ())}
    if lists:
        first = next(entry for file in files for entry in file.entries if entry[0].text == "vocabulary")
        entries.append((first[0], Mapping(tuple(lists.values()), first[1].at)))
    return Mapping(tuple(entries), own.at)


def _merged(one: Node, other: Node) -> Node:
    """Two mappings with the keys of both; other nodes are equal in both."""
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return one
    known = {key.text for key, _ in one.entries}
    both = tuple((key, _merged(node, other.get(key.text) or node)) for key, node in one.entries)
    return Mapping((*both, *(entry for entry in other.entries if entry[0].text not in known)), one.at)


def composed_text(policy: Policy) -> str:
    """The policy as YAML that `mlgate` reads again. Each rule has a comment with the place that it comes from."""
    return "".join(f"{line}\n" for line in _lines(policy))


def _lines(policy: Policy) -> Iterator[str]:
    yield f"# {policy.file}, with what it extends"
    yield from ("mlgate: 1", f"policy: {_text(policy.name)}", f"owner: {_text(policy.owner)}")
    if policy.description:
        yield f"description: {_text(policy.description)}"
    yield from (f"roots: [{', '.join(_text(os.path.abspath(root)) for root in policy.roots)}]",) if policy.roots else ()
    if policy.written:
        for key, node in policy.written.entries:
            yield from _key(key.text, node, policy.file)
    yield f"max_waiver_days: {policy.max_waiver_days}"
    if policy.approver != "anyone":
        yield f"approver: {policy.approver}"
    for waiver in policy.waivers:
        if waiver.at.file != policy.file:
            yield f"# rule {waiver.rule} is also waived until {waiver.expires}: {waiver.at.file}:{waiver.at.line}"
    yield "rules:" if policy.rules else "rules: []"
    for rule in policy.rules:
        yield from _rule(rule)


def _key(key: str, node: Node, file: str) -> Iterator[str]:
    """A key of the policy, with one line for each entry."""
    if isinstance(node, Scalar):
        yield f"{key}: {_scalar(node)}"
        return
    yield f"{key}:"
    if isinstance(node, Mapping):
        for name, below in node.entries:
            yield f"  {_scalar(name)}: {_flow(below)}{_from(name.at, file)}"
    elif isinstance(node, ListNode):
        yield from (f"  - {_flow(item)}" for item in node.items)


def _from(at: Location, file: str) -> str:
    return f" # {at.file}:{at.line}" if at.file != file else ""


def _rule(rule: Rule) -> Iterator[str]:
    stated = rule.written.entries if rule.written else ()
    others = dict.fromkeys(f"{key.at.file}:{key.at.line}" for key, _ in stated if key.at.file != rule.at.file)
    first = f", a change of {next(iter(others))}" if others else ""
    yield f"  # {rule.at.file}:{rule.at.line}{first}"
    if given := dict.fromkeys(map(str, rule.variables)):
        yield f"  # {', '.join(given)}"
    yield f"  - id: {_text(rule.id)}"
    yield f"    check: {_text(rule.check.id)}"
    for key, node in stated:
        if key.text not in _OF_FILES:
            yield f"    {_scalar(key)}: {_flow(node)}"
    yield from (f"    {line}" for line in _of_files(rule))


def _of_files(rule: Rule) -> Iterator[str]:
    """What decides about the rule, by itself or by what its files say for all their rules."""
    yield f"proof: {rule.proof}"
    if rule.check.about != "report":
        yield f"confidence: {_decimal(rule.confidence)}"
    yield f"severity: {rule.severity}"
    if rule.enforce_from:
        yield f"enforce_from: {rule.enforce_from}"
    if rule.locked_at:
        yield f"locked: true{_from(rule.locked_at, rule.at.file)}"
    if rule.show_values.everything or rule.show_values.columns:
        columns = ", ".join(map(_text, rule.show_values.columns))
        yield f"show_values: {'true' if rule.show_values.everything else f'[{columns}]'}"


def _decimal(value: Fraction) -> str:
    return f"{(Decimal(value.numerator) / Decimal(value.denominator)).normalize():f}"


def _flow(node: Node) -> str:
    if isinstance(node, Scalar):
        return _scalar(node)
    if isinstance(node, Mapping):
        return f"{{{_joined(f'{_scalar(key)}: {_flow(below)}' for key, below in node.entries)}}}"
    return f"[{_joined(map(_flow, node.items))}]"


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(parts)


def _scalar(scalar: Scalar) -> str:
    """A scalar that is read as the same text, plain only if it was plain."""
    return scalar.text if not scalar.quoted and _PLAIN.fullmatch(scalar.text) else _quoted(scalar.text)


def _text(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else _quoted(text)


def _quoted(text: str) -> str:
    return escaped(json.dumps(text, ensure_ascii=False))

"""Puts the values of variables where a policy file names them: `${name}`, as a whole value or a whole key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from mlgate.policy.demanded import Variable
from mlgate.reading.fields import ProblemReport
from mlgate.reading.strict_yaml import Mapping as MappingNode
from mlgate.reading.strict_yaml import Node, Scalar
from mlgate.reading.strict_yaml import Sequence as ListNode
from mlgate.values.errors import Location, Problem
from mlgate.values.words import did_you_mean, one_line

_INSIDE = re.compile(r"\$\{([A-Za-z0-9][A-Za-z0-9._-]{0,99})\}")
_WRONG = re.compile(r"\$\{\s*([^{}]*?)\s*\}")
UNVARYING = ("id", "check", "locked")
"""Keys of a rule that others rely on."""
SECTIONS = ("rules", "derive", "groups", "expects", "set")
"""The keys of a policy in which variables can stand."""


@dataclass(frozen=True)
class Valued:
    """A variable with its value as a node."""

    variable: Variable
    node: Node


def named(node: Node) -> str:
    """The variable that a whole scalar names; empty if it names none."""
    found = _INSIDE.fullmatch(node.text) if isinstance(node, Scalar) else None
    return found[1] if found else ""


def names_in(node: Node) -> Iterator[str]:
    """The variables that a value or the entries of a list name."""
    yield from filter(None, map(named, node.items if isinstance(node, ListNode) else (node,)))


@dataclass
class Substitution:
    """The values of one file, and where they were put."""

    known: Mapping[str, Valued | None]
    """None for a variable whose value is wrong or missing, which is reported elsewhere."""
    report: ProblemReport
    used: set[str] = field(default_factory=set)
    sites: dict[Location, str] = field(default_factory=dict)
    """The variables by the places of what names them, and of the keys above; "" where none can stand."""
    places: list[tuple[Location, str]] = field(default_factory=list)
    """Where each variable is named, in order."""
    cutting: set[str] = field(default_factory=set)
    """The variables in `derive` and `groups`, which decide what rules slice by."""
    rules: dict[Location, tuple[Variable, ...]] = field(default_factory=dict)
    """The variables that each rule names, by its place."""

    def whole(self, policy: MappingNode) -> MappingNode:
        """A policy file with values instead of names. Names where none can stand are reported."""
        entries = []
        for key, node in policy.entries:
            if key.text == "rules" and isinstance(node, ListNode):
                node = replace(node, items=tuple(map(self._rule, node.items)))
            elif key.text in SECTIONS:
                before = len(self.places)
                node = self.put(node)
                self.cutting |= {name for _, name in self.places[before:] if key.text in ("derive", "groups")}
            elif key.text != "variables":
                self._refuse(node, key.text)
            entries.append((key, node))
        return replace(policy, entries=tuple(entries))

    def _refuse(self, node: Node, key: str) -> None:
        for name, at in _whole_names(node):
            there = f"{', '.join(SECTIONS[:-1])} and {SECTIONS[-1]}"
            self.report.add(at, f"`${{{name}}}` cannot stand in `{key}`, only in {there}; write the value")

    def _rule(self, node: Node) -> Node:
        if not isinstance(node, MappingNode):
            return node
        before, entries = len(self.places), []
        for key, below in node.entries:
            if key.text in UNVARYING and named(below):
                self.report.add(below.at, f"`{key.text}` of a rule cannot be a variable; write it out")
                self.sites[below.at] = ""
                self.used.add(named(below))
            else:
                below = self.put(below, (key.at,))
            entries.append((key, below))
        named_here = ((at, self.known.get(name)) for at, name in self.places[before:])
        self.rules[node.at] = tuple(replace(found.variable, named_at=at) for at, found in named_here if found)
        return replace(node, entries=tuple(entries))

    def put(self, node: Node, above: tuple[Location, ...] = ()) -> Node:
        """A tree with values instead of names. `above` are the places of the keys that lead to it."""
        if isinstance(node, Scalar):
            return self._value(node, above)
        if isinstance(node, ListNode):
            return replace(node, items=tuple(self._item(item, above) for item in node.items))
        entries: dict[str, tuple[Scalar, Node]] = {}
        for key, below in node.entries:
            put = self._key(key, above)
            if put.text in entries:
                self.report.add(key.at, f"key `{put.text}` is repeated, once as the value of a variable; keep one")
                continue
            entries[put.text] = (put, self.put(below, (*above, key.at)))
        return replace(node, entries=tuple(entries.values()))

    def _value(self, node: Scalar, above: tuple[Location, ...]) -> Node:
        found = self._known(node, above)
        if found is None:
            return node
        value = found.node
        if isinstance(value, Scalar):
            return replace(value, at=node.at, source="")
        return replace(value, at=node.at)

    def _item(self, node: Node, above: tuple[Location, ...]) -> Node:
        put = self.put(node, above)
        if isinstance(node, Scalar) and not isinstance(put, Scalar):
            said = f"`{node.text}` is a list and cannot be an entry of another"
            self.report.add(node.at, f"{said}; write it as the whole value of the key")
            return node
        return put

    def _key(self, key: Scalar, above: tuple[Location, ...]) -> Scalar:
        put = self._value(key, above)
        if isinstance(put, Scalar):
            return put
        self.report.add(key.at, f"`{key.text}` is a list and cannot be a key; name a variable that is one text")
        return key

    def _known(self, node: Scalar, above: tuple[Location, ...]) -> Valued | None:
        """The variable that a scalar names, if it has a value. An unknown name, and one inside a text, is reported."""
        name = named(node)
        if not name:
            self._refuse_parts(node)
            return None
        if name not in self.known:
            hint = did_you_mean(name, self.known) or "; declare it in `variables`, or correct the name"
            self.report.add(node.at, f"`${{{name}}}` names no variable of this file{hint}")
        self.used.add(name)
        self.places.append((node.at, name))
        self.sites |= dict.fromkeys((*above, node.at), name)
        return self.known.get(name)

    def _refuse_parts(self, node: Scalar) -> None:
        if misspelt := _WRONG.fullmatch(node.text):
            said = f"`{one_line(node.text)}` is not how a variable is named"
            self.report.add(
                node.at, f'{said}; write "${{{one_line(misspelt[1])}}}", of letters, digits, `.`, `_` and `-`'
            )
            self.sites[node.at] = ""
            return
        part = next((found[1] for found in _INSIDE.finditer(node.text) if found[1] in self.known), "")
        if part:
            said = f"`${{{part}}}` is only a part of this text, and a variable is a whole value"
            self.report.add(node.at, f"{said}; give a variable the whole text")

    def explain(self, problems: list[Problem], since: int) -> None:
        """Say in problems that were found since then, where values that were put there come from.

        What only follows from a variable without a value is not a problem of its own.
        """
        kept = []
        for problem in problems[since:]:
            name = self.sites.get(problem.at) if problem.at else None
            found = self.known.get(name) if name else None
            if name is None or found is None:
                kept += [problem] if name is None else []
            else:
                kept.append(replace(problem, message=f"{problem.message} ({found.variable})"))
        problems[since:] = kept


def _whole_names(node: Node) -> Iterator[tuple[str, Location]]:
    if isinstance(node, Scalar):
        if name := named(node):
            yield name, node.at
        return
    for part in node.items if isinstance(node, ListNode) else (part for pair in node.entries for part in pair):
        yield from _whole_names(part)

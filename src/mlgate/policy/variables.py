"""The variables of one policy file: their declarations, and the values that they get by default or by `set`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from mlgate.policy.demanded import Variable
from mlgate.policy.substitution import Substitution, Valued, named, names_in
from mlgate.policy.variable_types import MOST_VARIABLES, TYPES, VariableKeys, VariableType
from mlgate.reading.fields import Identifier, Missing, ProblemReport, Record
from mlgate.reading.strict_yaml import Mapping as MappingNode
from mlgate.reading.strict_yaml import Node, Scalar
from mlgate.reading.strict_yaml import Sequence as ListNode
from mlgate.values.errors import Location
from mlgate.values.words import did_you_mean, one_line

_BOUNDS = ("at_least", "at_most")


@dataclass(frozen=True)
class SetValue:
    """A value that a policy gives to a variable of what it extends."""

    node: Node
    at: Location
    """The place of its key below `set`."""

    @property
    def text(self) -> str:
        """The value as text, the same for equal values."""
        return written(self.node)


def written(node: Node) -> str:
    """A value as a file may have it."""
    if isinstance(node, ListNode):
        return f"[{', '.join(map(written, node.items))}]"
    return node.text if isinstance(node, Scalar) else str(node)


@dataclass
class FileVariables:
    """The variables of one file with what other files set, read in order of what they rest on."""

    policy: MappingNode
    given: Mapping[str, SetValue]
    """What the policies set that extend the file, by the variable's name."""
    report: ProblemReport
    declared: dict[str, VariableKeys | None] = field(default_factory=dict)
    """None for a declaration that is wrong, which is reported where all keys of the file are read."""
    values: dict[str, Valued | None] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)
    """The variables whose values are being read."""

    def read(self) -> Substitution:
        """The file's variables with their values. All that is wrong with them is in the report."""
        entries = tuple(_entries(self.policy, "variables"))
        for name, node in entries:
            found = Record(VariableKeys).read(node, ProblemReport())
            wrong = isinstance(found, Missing) or len(entries) > MOST_VARIABLES
            self.declared[name] = None if wrong else cast("VariableKeys", found)
        used: set[str] = set()
        for name, keys in self.declared.items():
            used |= set(names_in(keys.default)) if keys and keys.default else set()
            if name not in self.values:
                self.values[name] = self._valued(name)
        return Substitution(self.values, self.report, used=used)

    def _at(self, name: str, *keys: str) -> Location:
        return self.policy.place_of("variables", name, *keys)

    def _valued(self, name: str) -> Valued | None:
        keys = self.declared[name]
        if keys is None or not self._declared_well(name, keys):
            return None
        given = self.given.get(name)
        if given is None and keys.default is None:
            remedy = "add a `default`, or leave the policy to those that extend it and set the variable"
            self.report.add(self._at(name), f"the variable `{name}` has no value in this policy alone; {remedy}")
            return None
        node = given.node if given else self._default(name, keys.default)
        at = f"`set.{name}`" if given else f"`variables.{name}.default`"
        if node is None or not self._fits(at, name, keys, node):
            return None
        variable = Variable(
            name,
            keys.type,
            written(node),
            self._at(name),
            _allowed(keys),
            keys.description,
            given.at if given else None,
        )
        return Valued(variable, node)

    def _default(self, name: str, node: Node | None) -> Node | None:
        """The default, in which other variables are replaced by their values; None if one of them has none."""
        if node is None:
            return None
        self.open.append(name)
        try:
            items = node.items if isinstance(node, ListNode) else (node,)
            found = [self._named(item) if named(item) else item for item in items]
        finally:
            self.open.pop()
        whole = [item for item in found if item is not None]
        if len(whole) < len(found):
            return None
        return replace(node, items=tuple(whole)) if isinstance(node, ListNode) else whole[0]

    def _named(self, node: Node) -> Node | None:
        """The value of a variable that a default names."""
        name = named(node)
        if name in self.open:
            circle = " -> ".join((*self.open[self.open.index(name) :], name))
            self.report.add(node.at, f"the defaults of variables form a circle: {circle}; give one of them a value")
            return None
        if name not in self.declared:
            hint = did_you_mean(name, self.declared) or "; correct the name"
            self.report.add(node.at, f"`${{{name}}}` names no variable of this file{hint}")
            return None
        if name not in self.values:
            self.values[name] = self._valued(name)
        found = self.values[name]
        return replace(found.node, at=node.at) if found else None

    def _declared_well(self, name: str, keys: VariableKeys) -> bool:
        """Whether the bounds and words of a declaration are values of its type, and some value meets them."""
        kind, before = TYPES[keys.type], len(self.report.problems)
        below = self.report.inside(f"variables.{name}")
        for key in _BOUNDS:
            node = getattr(keys, key)
            if node and not kind.ordered:
                ordered = ", ".join(word for word, each in TYPES.items() if each.ordered)
                below.refuse(
                    node.at, f"has `{key}`, but the type {keys.type} has no order; choose another type from {ordered}"
                )
            elif node:
                kind.one.read(node, below.inside(key))
        for node in keys.one_of:
            kind.one.read(node, below.inside("one_of"))
        if len(self.report.problems) > before:
            return False
        low, high = _bounds(kind, keys)
        if low is not None and high is not None and low > high:
            below.refuse(self._at(name, "at_least"), "allows no value, because `at_least` is above `at_most`")
        return len(self.report.problems) == before

    def _fits(self, called: str, name: str, keys: VariableKeys, node: Node) -> bool:
        """Whether a value has the type of its variable and lies within its limits; else the report says why not."""
        kind, at = TYPES[keys.type], self._at(name)
        there = f"the variable at {at.file}:{at.line}"
        own = ProblemReport()
        if kind.spec.read(node, own) is Missing.MISSING:
            said = f"{called} must be {_noun(keys.type, kind)} for {there}"
            self.report.add(node.at, f"{said}, not {node}" if own.problems[0].at == node.at else said)
            return False
        for item in node.items if isinstance(node, ListNode) else (node,):
            if not _within(kind, keys, item):
                words = [written(each) for each in keys.one_of]
                hint = did_you_mean(written(item), words) if keys.one_of else ""
                said = (
                    f"{called} is `{one_line(written(item))}`, but {there} allows only {one_line(_allowed(keys), 200)}"
                )
                self.report.add(item.at, f"{said}{hint or '; write a value within'}")
                return False
        return True


def _noun(word: str, kind: VariableType) -> str:
    return f"a list of {word}" if kind.many else kind.one.noun if kind.ordered or word == "boolean" else "one text"


def _bounds(kind: VariableType, keys: VariableKeys) -> tuple[Any, Any]:
    low, high = (node and kind.one.read(node, ProblemReport()) for node in (keys.at_least, keys.at_most))
    return low, high


def _within(kind: VariableType, keys: VariableKeys, item: Node) -> bool:
    value, (low, high) = kind.one.read(item, ProblemReport()), _bounds(kind, keys)
    if (low is not None and value < low) or (high is not None and value > high):
        return False
    return not keys.one_of or value in [kind.one.read(each, ProblemReport()) for each in keys.one_of]


def _allowed(keys: VariableKeys) -> str:
    """The limits of a variable in words."""
    low, high = (node and written(node) for node in (keys.at_least, keys.at_most))
    words = [f"at least {low}"] if low else []
    words += [f"at most {high}"] if high else []
    words += [f"one of {', '.join(map(written, keys.one_of))}"] if keys.one_of else []
    return " and ".join(words)


def _entries(policy: MappingNode, key: str) -> Iterator[tuple[str, Node]]:
    node = policy.get(key)
    for name, below in node.entries if isinstance(node, MappingNode) else ():
        if not isinstance(Identifier().read(name, ProblemReport()), Missing):
            yield name.text, below


def declared_names(policy: MappingNode) -> tuple[str, ...]:
    """The names of a file's variables."""
    return tuple(name for name, _ in _entries(policy, "variables"))


def set_values(policy: MappingNode) -> dict[str, SetValue]:
    """What a file sets, after its own variables were put in; by name."""
    node = policy.get("set")
    places = {key.text: key.at for key, _ in node.entries} if isinstance(node, MappingNode) else {}
    return {name: SetValue(value, places[name]) for name, value in _entries(policy, "set")}


def refuse_unused(found: Substitution, policy: MappingNode) -> None:
    """Report the variables that the file declares and names nowhere: setting one of them would do nothing."""
    for name in (name for name, value in found.known.items() if value and name not in found.used):
        said = f'the variable `{name}` is used nowhere; write "${{{name}}}" where it belongs, or remove it'
        found.report.add(policy.place_of("variables", name), said)

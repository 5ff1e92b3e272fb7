"""Lists, mappings and alternatives as values of a key."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from mlgate.reading.fields.problem_report import MISSING, Missing, ProblemReport
from mlgate.reading.fields.scalars import Spec, Text
from mlgate.reading.python_values import Argument, Held
from mlgate.reading.strict_yaml import Mapping, Node, Scalar, Sequence
from mlgate.values.plain import Schema
from mlgate.values.words import counted

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True)
class ListOf(Generic[T]):
    """A list with at least `min` entries, read as a tuple. `unique` refuses repeated entries."""

    of: Spec[T]
    min: int = 1
    max: int | None = None
    unique: bool = False

    @property
    def noun(self) -> str:
        """What is expected, in words."""
        return "a list"

    def read(self, node: Node, report: ProblemReport) -> tuple[T, ...] | Missing:
        """The entries, or MISSING if one of them is wrong."""
        if not isinstance(node, Sequence):
            remedy = f"; write [{node.text}]" if isinstance(node, Scalar) and not node.null else ""
            return report.refuse(node.at, f"must be a list, not {node}{remedy}")
        if len(node.items) < self.min or (self.max is not None and len(node.items) > self.max):
            return report.refuse(node.at, f"must be a list with {self._length()}{self._decimal_commas(node)}")
        values = _read_all(self.of, node.items, report)
        if self.unique and values is not MISSING and not _distinct(values, node.items, report):
            return MISSING
        return values

    def _decimal_commas(self, node: Sequence) -> str:
        """The end of the message about a pair of numbers with decimal commas, which YAML reads as four entries."""
        texts = [item.text for item in node.items if isinstance(item, Scalar) and item.text.isdigit()]
        if self.max is None or len(node.items) != len(texts) or len(texts) != 2 * self.max:
            return ""
        return f"; write [{', '.join(f'{a}.{b}' for a, b in zip(texts[::2], texts[1::2], strict=True))}]"

    def _length(self) -> str:
        if self.min == self.max:
            return counted(self.min, "entry")
        if self.max is None:
            return "at least one entry" if self.min == 1 else f"at least {self.min} entries"
        return f"{self.min} to {self.max} entries"

    def schema(self) -> Schema:
        """An array."""
        schema: Schema = {"type": "array", "items": self.of.schema(), "minItems": self.min}
        if self.max is not None:
            schema["maxItems"] = self.max
        if self.unique:
            schema["uniqueItems"] = True
        return schema


def _read_all(spec: Spec[T], nodes: Iterable[Node], report: ProblemReport) -> tuple[T, ...] | Missing:
    values: list[T] = []
    whole = True
    for node in nodes:
        value = spec.read(node, report)
        if isinstance(value, Missing):
            whole = False
        else:
            values.append(value)
    return tuple(values) if whole else MISSING


def _distinct(values: tuple[T, ...], nodes: tuple[Node, ...], report: ProblemReport) -> bool:
    seen: dict[T, Node] = {}
    for value, node in zip(values, nodes, strict=True):
        if value in seen:
            said = str(node) if isinstance(node, Scalar) else "an entry"
            first = "" if isinstance(node.at, Argument) else f", first at line {seen[value].at.line}"
            report.refuse(node.at, f"names {said} twice{first}; keep one")
        seen.setdefault(value, node)
    return len(seen) == len(values)


@dataclass(frozen=True)
class OneOrMany(Generic[T]):
    """One entry, or a list of distinct entries; read as a tuple in both cases."""

    of: Spec[T]
    min: int = 1
    max: int | None = None

    @property
    def noun(self) -> str:
        """What is expected, in words."""
        return f"{self.of.noun}, or a list of them"

    def read(self, node: Node, report: ProblemReport) -> tuple[T, ...] | Missing:
        """The entries, or MISSING if one of them is wrong."""
        if isinstance(node, Sequence):
            return ListOf(self.of, min=self.min, max=self.max, unique=True).read(node, report)
        if isinstance(node, Mapping):
            remedy = node.remedy if isinstance(node, Held) else ""
            return report.refuse(node.at, f"must be {self.noun}, not {node}{remedy}")
        value = self.of.read(node, report)
        if isinstance(value, Missing):
            return MISSING
        if self.min > 1:
            return report.refuse(node.at, f"must be a list with at least {self.min} entries")
        return (value,)

    def schema(self) -> Schema:
        """The entry, or an array of it."""
        array = ListOf(self.of, min=self.min, max=self.max, unique=True).schema()
        return array if self.min > 1 else {"anyOf": [self.of.schema(), array]}


@dataclass(frozen=True)
class MapOf(Generic[T]):
    """Names that the author chooses, each with a value; read as a tuple of (name, value) pairs in order."""

    of: Spec[T]
    key: Spec[str] = field(default_factory=Text)
    min: int = 1
    max: int | None = None

    @property
    def noun(self) -> str:
        """What is expected, in words."""
        return "a mapping"

    def read(self, node: Node, report: ProblemReport) -> tuple[tuple[str, T], ...] | Missing:
        """The pairs, or MISSING if one of them is wrong."""
        if not isinstance(node, Mapping) or isinstance(node, Held):
            return report.refuse(node.at, f"must be a mapping, not {node}")
        if len(node.entries) < self.min:
            return report.refuse(node.at, f"must have {'an entry' if self.min == 1 else f'{self.min} entries'} or more")
        if self.max is not None and len(node.entries) > self.max:
            return report.refuse(node.at, f"has {len(node.entries):,} entries, and at most {self.max:,} are allowed")
        pairs: list[tuple[str, T]] = []
        for key, below in node.entries:
            name = self.key.read(key, report)
            value = self.of.read(below, report.inside(key.text))
            if not isinstance(name, Missing) and not isinstance(value, Missing):
                pairs.append((name, value))
        return tuple(pairs) if len(pairs) == len(node.entries) else MISSING

    def schema(self) -> Schema:
        """An object with any names."""
        names = {k: v for k, v in self.key.schema().items() if k in ("pattern", "enum", "minLength")}
        schema: Schema = {
            "type": "object",
            "additionalProperties": self.of.schema(),
            "minProperties": self.min,
        }
        if self.max is not None:
            schema["maxProperties"] = self.max
        return schema | ({"propertyNames": names} if names else {})


@dataclass(frozen=True, init=False)
class Either:
    """One of several alternatives: the first that fits the value."""

    options: tuple[Spec[Any], ...]

    def __init__(self, *options: Spec[Any]) -> None:
        object.__setattr__(self, "options", options)

    @property
    def noun(self) -> str:
        """What is expected, in words."""
        return ", or ".join(option.noun for option in self.options)

    def read(self, node: Node, report: ProblemReport) -> Any:
        """The value of the first alternative that fits, or MISSING."""
        attempts: list[ProblemReport] = []
        for option in self.options:
            attempt = replace(report, problems=[])
            value = option.read(node, attempt)
            if not attempt.problems:
                return value
            attempts.append(attempt)
        # The message of an alternative with the node's shape says more than "must be a text, or a list".
        shape = [a for a, o in zip(attempts, self.options, strict=True) if not _wrong_shape(a, o, node)]
        if shape and not isinstance(node, Scalar):
            report.problems.extend(shape[0].problems)
            return MISSING
        return report.refuse(node.at, f"must be {self.noun}, not {node}")

    def schema(self) -> Schema:
        """Any of the alternatives."""
        return {"anyOf": [option.schema() for option in self.options]}


def _wrong_shape(attempt: ProblemReport, option: Spec[Any], node: Node) -> bool:
    return all(problem.message.endswith(f"must be {option.noun}, not {node}") for problem in attempt.problems)


ColumnSets = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class By:
    """Columns to slice by: `sex`, `[sex, age_band]`, or `[sex, [sex, race]]`, where the inner list intersects.

    The value has one tuple of column names per slicing.
    """

    @property
    def noun(self) -> str:
        """What is expected, in words."""
        return "a column, or a list of columns and of lists of columns"

    def read(self, node: Node, report: ProblemReport) -> ColumnSets | Missing:
        """One tuple of columns per slicing. A repeated slicing is refused."""
        if isinstance(node, Mapping):
            return report.refuse(node.at, f"must be {self.noun}, not {node}")
        items = node.items if isinstance(node, Sequence) else (node,)
        if not items:
            return report.refuse(node.at, "must not be an empty list; remove the key to judge all rows together")
        entries = _read_all(OneOrMany(Text()), items, report)
        if entries is MISSING:
            return MISSING
        seen: set[frozenset[str]] = set()
        for entry, item in zip(entries, items, strict=True):
            if frozenset(entry) in seen:
                report.refuse(item.at, f"names [{', '.join(entry)}] twice; keep one")
            seen.add(frozenset(entry))
        return entries if len(seen) == len(entries) else MISSING

    def schema(self) -> Schema:
        """A column, or an array of columns and arrays of columns."""
        column = Text().schema()
        inner = {"type": "array", "items": column, "minItems": 1, "uniqueItems": True}
        outer = {"type": "array", "items": {"anyOf": [column, inner]}, "minItems": 1, "uniqueItems": True}
        return {"anyOf": [column, outer]}

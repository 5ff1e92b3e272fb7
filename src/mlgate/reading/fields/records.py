"""Mappings described by frozen dataclasses: the fields are the keys, each with its type and documentation."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Collection, Iterable, Iterator
from collections.abc import Mapping as Renaming
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Generic, Literal, TypeVar

from mlgate.reading.fields.problem_report import MISSING, Missing, ProblemReport
from mlgate.reading.fields.scalars import Spec
from mlgate.reading.python_values import Held
from mlgate.reading.strict_yaml import Mapping, Node, Scalar
from mlgate.values.errors import Location
from mlgate.values.plain import Schema
from mlgate.values.words import nearest

T = TypeVar("T")
_SPEC = "mlgate.spec"
_PLACE = "mlgate.place"
_INTEGER, _DIGITS = re.compile(r"-?[0-9]+"), re.compile("[0-9]+")
_HINTS = 20
"""The most unknown keys of one mapping for which the nearest known key is searched."""


Tightening = Literal["lower", "higher", "at_most", "at_least", "more", "fewer"] | tuple[Any, ...]
"""Which way the values of a rule's key become stricter: lower or higher numbers; a limit, which leaving it out removes;
more or fewer entries; or some values from the loosest to the strictest.
"""


@dataclass(frozen=True)
class Param:
    """One key of a record: its name, its type, its documentation, and whether it is required."""

    key: str
    attribute: str
    spec: Spec[Any]
    doc: str
    default: Any
    required: bool
    """Whether the key is required."""
    tighter: Tightening | None = None
    """Which way its values become stricter; None where values cannot be ordered."""


def param(
    spec: Spec[Any],
    *,
    default: Any = dataclasses.MISSING,
    doc: str = "",
    key: str = "",
    required: bool = False,
    tighter: Tightening | None = None,
) -> Any:
    """Declare a dataclass field as a key of a file. It is required if `required` is set or it has no default.

    `key` is the key's name if it differs from the field's, as for `for`. `tighter` says which way it becomes stricter.
    """
    needed = required or default is dataclasses.MISSING
    metadata = {_SPEC: spec, "doc": doc, "key": key, "required": needed, "tighter": tighter}
    if default is dataclasses.MISSING:
        return dataclasses.field(metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def place() -> Any:
    """Declare a dataclass field that gets the mapping's location."""
    return dataclasses.field(default=Location(""), metadata={_PLACE: True}, compare=False)


def params(cls: type[Any]) -> tuple[Param, ...]:
    """The keys that a dataclass declares, in order."""
    record: Any = cls
    return _params(record)


@cache
def _params(record: Any) -> tuple[Param, ...]:
    return tuple(
        Param(
            f.metadata["key"] or f.name,
            f.name,
            f.metadata[_SPEC],
            f.metadata["doc"],
            f.default,
            f.metadata["required"],
            f.metadata["tighter"],
        )
        for f in dataclasses.fields(record)
        if _SPEC in f.metadata
    )


def keys(cls: type[Any]) -> tuple[str, ...]:
    """The names of the keys that a dataclass declares."""
    return tuple(entry.key for entry in params(cls))


def read_record(cls: type[T], node: Node, report: ProblemReport, *, also: Collection[str] = ()) -> T | None:
    """An instance from a mapping, or None with the problems in the report. Keys in `also` are read elsewhere."""
    if not isinstance(node, Mapping) or isinstance(node, Held):
        report.refuse(node.at, f"must be a mapping with the keys {', '.join(keys(cls))}, not {node}")
        return None
    called: Renaming[str, str] = getattr(cls, "ALSO_CALLED", {})
    known = refuse_unknown(node, (*keys(cls), *also), report, also_called=called)
    instance = read_keys(cls, node, report)
    return instance if known else None


def refuse_unknown(
    mapping: Mapping,
    known: Iterable[str],
    report: ProblemReport,
    *,
    refused: Collection[str] = (),
    also_called: Renaming[str, str] = MappingProxyType({}),
) -> bool:
    """Report every unknown key, with the nearest known word. True if there are none.

    Keys in `refused` have their own message elsewhere, and are never suggested. `also_called` has keys by the names
    that others give them.
    """
    names = tuple(known)
    others = {*names, *refused}
    strangers = [(key, at) for at, (key, _) in enumerate(mapping.entries) if key.text not in others]
    place = f" in {report.name}" if report.name else ""
    for number, (key, at) in enumerate(strangers):
        if meant := _decimal_comma(mapping, at):
            report.add(key.at, f"a comma ends a value between braces, so `{key.text}` was read as a key; write {meant}")
            continue
        near = nearest(key.text, names, also_called) if number < _HINTS else ""
        hint = f", did you mean `{near}`?" if near else f"; choose one of {', '.join(names)}"
        report.misspelt.add((mapping.at, near))
        report.add(key.at, f"unknown key `{key.text}`{place}{hint}")
    return not strangers


def _decimal_comma(mapping: Mapping, at: int) -> str:
    """The number that was probably meant where a comma cut it: `{at_least: 0,8}` has the key `8`; else empty.

    `at` is the index of the key.
    """
    before, (key, after) = mapping.entries[at - 1][1] if at else None, mapping.entries[at]
    cut = isinstance(before, Scalar) and isinstance(after, Scalar) and not after.text
    if not cut or not isinstance(before, Scalar) or not _DIGITS.fullmatch(key.text):
        return ""
    return f"{before.text}.{key.text}" if _INTEGER.fullmatch(before.text) and not before.quoted else ""


def read_keys(cls: type[T], mapping: Mapping, report: ProblemReport) -> T | None:
    """An instance from the keys that the class declares; other keys are ignored. None if a key is wrong."""
    before = len(report.problems)
    values = read_values(cls, mapping, report)
    return cls(**values) if len(report.problems) == before else None


def read_values(cls: type[Any], mapping: Mapping, report: ProblemReport) -> dict[str, Any]:
    """The values of the declared keys that are given and valid, by field name. Problems go to the report."""
    values = {f.name: mapping.at for f in dataclasses.fields(cls) if _PLACE in f.metadata}
    for entry in params(cls):
        value = _read_key(entry, mapping, report)
        if value is not MISSING:
            values[entry.attribute] = value
    return values


def _read_key(entry: Param, mapping: Mapping, report: ProblemReport) -> Any:
    node = mapping.get(entry.key)
    if node is None:
        if not entry.required:
            return entry.default
        place = f" in {report.name}" if report.name else ""
        said = f"missing key `{entry.key}`{place}; it must be {entry.spec.noun}"
        report.add_lacking(mapping.at, (entry.key,), said)
        return MISSING
    inside = report.inside(entry.key)
    if isinstance(node, Scalar) and node.null and not node.text:
        return inside.refuse(mapping.key_at(entry.key), f"is empty; it must be {entry.spec.noun}")
    return entry.spec.read(node, inside)


@dataclass(frozen=True)
class Record(Generic[T]):
    """A mapping with at least `min` of the keys that a dataclass declares."""

    cls: type[T]
    min: int = 0

    @property
    def noun(self) -> str:
        """What is expected, in words."""
        return "a mapping"

    def read(self, node: Node, report: ProblemReport) -> T | Missing:
        """An instance, or MISSING with the problems in the report."""
        if isinstance(node, Mapping) and not isinstance(node, Held) and len(node.entries) < self.min:
            return report.refuse(node.at, f"is empty; add one of the keys {', '.join(keys(self.cls))}")
        instance = read_record(self.cls, node, report)
        return MISSING if instance is None else instance

    def schema(self) -> Schema:
        """An object with only the declared keys."""
        return record_schema(self.cls) | ({"minProperties": self.min} if self.min else {})


def leaves(
    value: Any, whole: type[Any] | tuple[type[Any], ...], keys: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every value that a record names, with the keys that lead to it, in records below it and in lists of them by name.

    Types in `whole` are values, even if they are dataclasses.
    """
    if value is None:
        return
    if dataclasses.is_dataclass(value) and not isinstance(value, whole):
        for entry in params(type(value)):
            yield from leaves(getattr(value, entry.attribute), whole, (*keys, entry.key))
    elif _by_name(value, whole):
        for name, below in value:
            yield from leaves(below, whole, (*keys, name))
    else:
        yield keys, value


def _by_name(value: Any, whole: type[Any] | tuple[type[Any], ...]) -> bool:
    """Whether a value has a record, or a value of a type in `whole`, for each of some names."""

    def named(pair: Any) -> bool:
        two = isinstance(pair, tuple) and len(pair) == 2
        return two and (dataclasses.is_dataclass(pair[1]) or isinstance(pair[1], whole))

    return isinstance(value, tuple) and all(map(named, value))


def record_schema(cls: type[Any]) -> Schema:
    """The JSON Schema of a record: only the declared keys, with their docs."""
    schema: Schema = {"type": "object"}
    if doc := _first_paragraph(cls):
        schema["description"] = doc
    schema["properties"] = {entry.key: param_schema(entry) for entry in params(cls)}
    if required := [entry.key for entry in params(cls) if entry.required]:
        schema["required"] = required
    return schema | {"additionalProperties": False}


def param_schema(entry: Param) -> Schema:
    """The JSON Schema of one key, with its documentation and its default."""
    schema = dict(entry.spec.schema())
    if entry.doc:
        schema["description"] = entry.doc
    if not entry.required and isinstance(entry.default, (str, bool, int)) and entry.default != "":
        schema["default"] = entry.default
    return schema


def _first_paragraph(cls: type[Any]) -> str:
    return " ".join((inspect.getdoc(cls) or "").split("\n\n")[0].split())

"""Values and JSON by type hints: for every type, one shape writes it, reads it strictly and gives its JSON Schema.

A dataclass becomes an object with one key per field, a tuple an array, a mapping an object, an enum its value, a
fraction the text "numerator/denominator" and None null. A dataclass also writes what its class variable `STATED`
names: constants, and properties computed from the fields. On reading, these must agree with the fields. Fields that
equality ignores (`compare=False`) are not written, so equal values give equal JSON. Fields that a class names in its
variable `ADDED` came after files were first stored: a file without them has their default.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import json
import math
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from functools import cache, cached_property
from itertools import pairwise, repeat
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
Schema = dict[str, Any]
Count = Annotated[int, "0 or more"]
"""A count: a whole number of 0 or more."""


class MalformedError(ValueError):
    """A plain value that does not fit its type, with its place."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.path = ""

    def below(self, step: str) -> MalformedError:
        """The same error with the path from one level above: `status` becomes `outcomes[2].status`."""
        dot = "." if self.path and not self.path.startswith("[") else ""
        self.path = f"{step}{dot}{self.path}"
        return self

    def __str__(self) -> str:
        return f"{self.path}: {self.args[0]}" if self.path else str(self.args[0])


class ContradictionError(MalformedError):
    """A stated constant or property that contradicts the value's fields."""


@dataclass(frozen=True)
class Shape:
    """How the values of one type look in JSON."""

    write: Callable[[Any, int | None], Any]
    """(value, significant digits of floats or None) -> the plain value."""
    read: Callable[[Any], Any]
    """The plain value -> the value. Raises MalformedError if it has another type."""
    schema: Callable[[dict[str, Schema]], Schema]
    """The JSON Schema. Schemas of dataclasses are added to the given definitions."""


def write(kind: Any, value: Any, digits: int | None = None) -> Any:
    """A value of a type as plain JSON values. Floats are exact, or have the given number of significant digits.

    Raises ValueError for NaN and infinity.
    """
    return shape_of(kind).write(value, digits)


def read(kind: type[T], value: Any) -> T:
    """The value of a type from plain JSON values. Raises MalformedError if they do not fit it."""
    return cast("T", shape_of(cast("Any", kind)).read(value))


def schema(kind: type[Any]) -> Schema:
    """The JSON Schema (2020-12) of a dataclass. The docstrings of classes and fields are its descriptions."""
    definitions: dict[str, Schema] = {}
    own = shape_of(cast("Any", kind)).schema(definitions)["$ref"].rpartition("/")[2]
    return definitions.pop(own) | ({"$defs": definitions} if definitions else {})


@cache
def shape_of(kind: Any) -> Shape:
    """The shape of a type. Raises TypeError for a type that JSON cannot hold."""
    if kind in _SCALARS:
        return _SCALARS[kind]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        some = [argument for argument in arguments if argument is not type(None)]
        inner = shape_of(some[0]) if len(some) == 1 else _one_of(tuple(map(_Record, some)))
        return inner if len(some) == len(arguments) else _maybe(inner)
    if origin is tuple:
        several = len(arguments) == 2 and arguments[1] is Ellipsis
        return _many(shape_of(arguments[0])) if several else _fixed(tuple(map(shape_of, arguments)))
    if origin in (dict, collections.abc.Mapping):
        return _named(shape_of(arguments[1]))
    if origin is Literal:
        return _words({argument: argument for argument in arguments})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _words({member.value: member for member in kind})
    if dataclasses.is_dataclass(kind):
        record = _Record(cast("type[Any]", kind))
        return Shape(record.write, record.read, record.schema)
    raise TypeError(f"JSON cannot hold {kind}")


def _scalar(kind: type[Any], noun: str, described: Schema) -> Shape:
    """The shape of a text, a whole number or a boolean."""
    least = described.get("minimum")

    def read(value: Any) -> Any:
        if type(value) is not kind or (least is not None and value < least):
            raise MalformedError(f"{_shown(value)} is not {noun}")
        return value

    return Shape(lambda value, _digits: value, read, lambda _definitions: dict(described))


def _write_float(value: float, digits: int | None) -> float:
    if not math.isfinite(value):
        raise ValueError(f"JSON cannot hold the number {value}")
    return float(value) if digits is None else float(f"{value:.{digits}g}") + 0.0  # + 0.0 turns -0.0 into 0.0


def _read_float(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise MalformedError(f"{_shown(value)} is not a number")
    return float(value)


def _write_fraction(value: Fraction, _digits: int | None = None) -> str:
    return f"{value.numerator}/{value.denominator}"


def _read_fraction(value: Any) -> Fraction:
    try:
        numerator, _, denominator = value.partition("/")
        found = Fraction(int(numerator), int(denominator))
    except (AttributeError, ValueError, ZeroDivisionError):
        found = None
    if found is None or _write_fraction(found) != value:
        raise MalformedError(f"{_shown(value)} is not a fraction in lowest terms")
    return found


_SCALARS: Mapping[Any, Shape] = {
    str: _scalar(str, "text", {"type": "string"}),
    int: _scalar(int, "a whole number", {"type": "integer"}),
    Count: _scalar(int, "a whole number of 0 or more", {"type": "integer", "minimum": 0}),
    bool: _scalar(bool, "true or false", {"type": "boolean"}),
    float: Shape(_write_float, _read_float, lambda _definitions: {"type": "number"}),
    Fraction: Shape(
        _write_fraction, _read_fraction, lambda _definitions: {"type": "string", "pattern": "^-?[0-9]+/[1-9][0-9]*$"}
    ),
}


def _words(known: Mapping[Any, Any]) -> Shape:
    """The shape of one of some constants: the values of an enum or of a Literal."""
    words = list(known)

    def read(value: Any) -> Any:
        for word, member in known.items():
            if type(value) is type(word) and value == word:
                return member
        among = "one of " if len(words) > 1 else ""
        raise MalformedError(f"{_shown(value)} is not {among}{', '.join(map(str, words))}")

    return Shape(
        lambda value, _digits: value.value if isinstance(value, Enum) else value,
        read,
        lambda _definitions: {"enum": words} if len(words) > 1 else {"const": words[0]},
    )


def _maybe(inner: Shape) -> Shape:
    """The shape of a value or None."""

    def schema(definitions: dict[str, Schema]) -> Schema:
        some = inner.schema(definitions)
        if "type" in some:
            return some | {"type": [some["type"], "null"]}
        return {"anyOf": [some, {"type": "null"}]}

    return Shape(
        lambda value, digits: None if value is None else inner.write(value, digits),
        lambda value: None if value is None else inner.read(value),
        schema,
    )


def _many(item: Shape) -> Shape:
    """The shape of a tuple of any length."""
    return Shape(
        lambda value, digits: [item.write(each, digits) for each in value],
        lambda value: tuple(_items(value, repeat(item))),
        lambda definitions: {"type": "array", "items": item.schema(definitions)},
    )


def _fixed(items: Sequence[Shape]) -> Shape:
    """The shape of a tuple with one type per place."""

    def read(value: Any) -> Any:
        if isinstance(value, list) and len(value) != len(items):
            raise MalformedError(f"{_shown(value)} is not a list of {len(items)}")
        return tuple(_items(value, items))

    def schema(definitions: dict[str, Schema]) -> Schema:
        each = [shape.schema(definitions) for shape in items]
        return {"type": "array", "prefixItems": each, "items": False, "minItems": len(each)}

    return Shape(
        lambda value, digits: [shape.write(each, digits) for shape, each in zip(items, value, strict=True)],
        read,
        schema,
    )


def _named(item: Shape) -> Shape:
    """The shape of a mapping from names to values of one type."""
    return Shape(
        lambda value, digits: {name: item.write(each, digits) for name, each in value.items()},
        lambda value: {name: _below(name, item, each) for name, each in _object(value).items()},
        lambda definitions: {"type": "object", "additionalProperties": item.schema(definitions)},
    )


def _one_of(records: Sequence[_Record]) -> Shape:
    """The shape of one of several dataclasses, which differ in the constant `kind`."""
    by_kind = {record.kind.kind: record for record in records}
    kinds = _words({name: name for name in by_kind})
    return Shape(
        lambda value, digits: by_kind[value.kind].write(value, digits),
        lambda value: by_kind[_below("kind", kinds, _object(value).get("kind"))].read(value),
        lambda definitions: {"anyOf": [record.schema(definitions) for record in records]},
    )


@dataclass(frozen=True)
class _Record:
    """The shape of a dataclass: what it states, then its fields."""

    kind: type[Any]

    @cached_property
    def fields(self) -> dict[str, Shape]:
        """The shapes of the fields by name."""
        hints = get_type_hints(self.kind, include_extras=True)
        return {field.name: shape_of(hints[field.name]) for field in dataclasses.fields(self.kind) if field.compare}

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """The shapes of everything that is written, by name."""
        stated = {name: getattr(self.kind, name) for name in getattr(self.kind, "STATED", ())}
        shapes = {
            name: shape_of(get_type_hints(found.fget)["return"])
            if isinstance(found, property)
            else _words({found: found})
            for name, found in stated.items()
        }
        return shapes | self.fields

    @property
    def required(self) -> list[str]:
        """The names of everything that a file must have."""
        return [name for name in self.shapes if name not in getattr(self.kind, "ADDED", ())]

    def write(self, value: Any, digits: int | None) -> Schema:
        return {name: shape.write(getattr(value, name), digits) for name, shape in self.shapes.items()}

    def read(self, value: Any) -> Any:
        if strange := [name for name in _object(value) if name not in self.shapes]:
            raise MalformedError(f"unknown key {strange[0]!r}")
        if missing := [name for name in self.required if name not in value]:
            raise MalformedError(f"missing key {missing[0]!r}")
        parts = {name: _below(name, shape, value[name]) for name, shape in self.shapes.items() if name in value}
        try:
            found = self.kind(**{name: parts[name] for name in self.fields if name in parts})
        except ValueError as error:
            raise MalformedError(str(error)) from error
        for name in [name for name in self.shapes if name not in self.fields]:
            if parts[name] != getattr(found, name):
                truth = self.shapes[name].write(getattr(found, name), None)
                said = f"it says {_shown(value[name])}, but by the other values it is {_shown(truth)}"
                raise ContradictionError(said).below(name)
        return found

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        name = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in self.kind.__name__).strip("_")
        if name not in definitions:
            definitions[name] = {}  # for a type that contains itself
            docs = _docs(self.kind)
            definitions[name] = {
                "type": "object",
                "description": _sentence(self.kind.__doc__),
                "properties": {
                    key: shape.schema(definitions) | docs.get(key, {}) for key, shape in self.shapes.items()
                },
                "required": self.required,
                "additionalProperties": False,
            }
        return {"$ref": f"#/$defs/{name}"}


def _below(step: str, shape: Shape, value: Any) -> Any:
    try:
        return shape.read(value)
    except MalformedError as wrong:
        raise wrong.below(step) from None


def _items(value: Any, shapes: Iterable[Shape]) -> Iterator[Any]:
    if not isinstance(value, list):
        raise MalformedError(f"{_shown(value)} is not a list")
    for place, (item, shape) in enumerate(zip(value, shapes)):
        try:
            found = shape.read(item)
        except MalformedError as wrong:
            raise wrong.below(f"[{place}]") from None
        yield found


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MalformedError(f"{_shown(value)} is not an object")
    return value


def _shown(value: Any) -> str:
    """A plain value for messages, shortened."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else f"{text[:120]}..."


def _docs(kind: type[Any]) -> dict[str, Schema]:
    """The docstrings below the fields of a dataclass, and those of its properties, as descriptions."""
    import ast
    import inspect
    import textwrap

    docs: dict[str, str | None] = {}
    for cls in reversed([cls for cls in kind.__mro__ if dataclasses.is_dataclass(cls)]):
        body = cast("ast.ClassDef", ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]).body
        for field, doc in pairwise(body):
            if isinstance(field, ast.AnnAssign) and isinstance(doc, ast.Expr) and isinstance(doc.value, ast.Constant):
                docs[ast.unparse(field.target)] = str(doc.value.value)
        docs |= {name: found.__doc__ for name, found in vars(cls).items() if isinstance(found, property)}
    return {name: {"description": _sentence(doc)} for name, doc in docs.items()}


def _sentence(doc: str | None) -> str:
    """The first paragraph of a docstring on one line."""
    return " ".join((doc or "").split("\n\n")[0].split())

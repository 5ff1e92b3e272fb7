"""A JSON Schema of an object, which is a row, or of an array of objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mlgate.authoring.given_node import (
    GivenNode,
    NotCarriedError,
    anywhere,
    interval,
    limits,
    values_of,
)
from mlgate.authoring.imported_rules import ImportedRules, ImportSource, RulePart
from mlgate.authoring.table_rules import ColumnPart, ColumnsPart, RowsPart
from mlgate.reading.strict_yaml import Mapping, Scalar, Sequence
from mlgate.values.errors import InputError

_NOTES = (
    *("title", "description", "default", "examples", "example", "$comment", "$id", "id", "$schema", "$defs"),
    *("definitions", "deprecated", "readOnly", "writeOnly"),
)
_TYPES = {"string": "text", "integer": "integer", "number": "number", "boolean": "boolean"}
_FORMATS = {
    **{name: {"format": name} for name in ("email", "uuid", "ipv4", "ipv6")},
    "date": {"type": "date"},
    "date-time": {"type": "timestamp with zone"},
}


def _read(document: Mapping, found: ImportedRules, table: str) -> None:
    items = document.get("items")
    row = items if isinstance(items, Mapping) and document.get("properties") is None else document
    properties = row.get("properties")
    if not isinstance(properties, Mapping) or not properties.entries:
        raise InputError(f"{document.at.file} has no `properties` of an object, so it is not {SOURCE.said}")
    node = GivenNode(row, (*_NOTES, "type", "properties"))
    try:
        required = node.names("required") if node.has("required") else []
        closed = node.text("additionalProperties") == "false"
    except NotCarriedError as error:
        raise InputError(f"{document.at.file}: {error}") from error
    for word, at in node.unread():
        if word != "additionalProperties":
            found.leave(at, word, "mlgate has no such rule about a row")
    if row is not document:
        _rows(document, found, table)
    for key, schema in properties.entries:
        if isinstance(schema, Mapping):
            _property(found, table, key.text, schema, key.text in required)
    known = [key.text for key, _ in properties.entries]
    if closed or set(required) - set(known):
        found.carry("the properties", table, GivenNode(Mapping((), row.at)), lambda _: _names(known, required, closed))


def _names(known: list[str], required: list[str], closed: bool) -> Iterator[RulePart]:
    """The columns of the object, and that it has no others if it is closed."""
    optional = [name for name in known if name not in required] if closed else []
    yield from (ColumnPart(name, {"required": "false"}, always=True) for name in optional)
    yield ColumnsPart({"only_columns": "true"} if closed else {}, (*required, *optional))


def _rows(document: Mapping, found: ImportedRules, table: str) -> None:
    node = GivenNode(document, (*_NOTES, "type", "items"))
    low, high = node.limit("minItems"), node.limit("maxItems")
    if low or high:
        count = RowsPart({"count": interval(low, high)})
        found.carry("the number of items", table, GivenNode(Mapping((), document.at)), lambda _: [count])
    for key, at in node.unread():
        found.leave(at, key, "mlgate has no such rule about the rows together")


def _property(found: ImportedRules, table: str, name: str, schema: Mapping, required: bool) -> None:
    """Every keyword alone, so that one without a counterpart does not take the others with it."""
    form = schema.get("format")
    if isinstance(form, Scalar) and form.text not in _FORMATS:
        found.leave(schema.key_at("format"), f"format of {name}", f"mlgate has no format {form.text}")
        schema = Mapping(tuple(each for each in schema.entries if each[0].text != "format"), schema.at)
    node = GivenNode(schema, _NOTES)
    optional = {} if required else {"required": "false"}
    if required:
        found.carry(f"required {name}", table, GivenNode(Mapping((), schema.at)), lambda _: [_there(name, schema)])
    handled: set[str] = set()
    for keywords, convert in KEYWORDS:
        if any(node.has(key) for key in keywords):
            own = Mapping(tuple(each for each in schema.entries if each[0].text in keywords), schema.at)
            found.carry(f"{', '.join(keywords[:1])} of {name}", table, GivenNode(own), _of(name, convert, optional))
            handled.update(keywords)
    for key, at in GivenNode(schema, (*_NOTES, *handled)).unread():
        found.leave(at, f"{key} of {name}", "mlgate has no such rule")


def _of(
    name: str, convert: Callable[[GivenNode], dict[str, str]], optional: dict[str, str]
) -> Callable[[GivenNode], Iterator[RulePart]]:
    def parts(given: GivenNode) -> Iterator[RulePart]:
        if keys := convert(given):
            yield ColumnPart(name, keys)
            if optional:
                yield ColumnPart(name, optional, always=True)

    return parts


def _there(name: str, schema: Mapping) -> ColumnPart:
    """A required property is a column, and without missing values unless null is one of its types or values."""
    listed = [schema.get("type"), schema.get("enum")]
    values = [each for node in listed for each in (node.items if isinstance(node, Sequence) else (node,))]
    nullable = any(isinstance(each, Scalar) and each.text == "null" for each in values)
    return ColumnPart(name, {} if nullable else {"max_nulls": "0"})


def _type(given: GivenNode) -> dict[str, str]:
    node = given.node("type")
    named = node.items if isinstance(node, Sequence) else (node,)
    names = [each.text for each in named if isinstance(each, Scalar) and each.text != "null"]
    if len(names) > 1 or any(name not in _TYPES for name in names):
        raise NotCarriedError(f"{', '.join(names)} is not one type of mlgate's")
    return {**({"type": _TYPES[names[0]]} if names else {}), **_FORMATS.get(given.text("format"), {})}


def _limits(given: GivenNode) -> dict[str, str]:
    """Bounds; `exclusiveMinimum` is a number, or true in draft 4."""
    low, high = given.limit("minimum"), given.limit("maximum")
    above, below = given.text("exclusiveMinimum"), given.text("exclusiveMaximum")
    found: dict[str, str] = {}
    for side, strict, bound, end in (("at_least", "above", low, above), ("at_most", "below", high, below)):
        exclusive = end == "true"
        if bound:
            found |= limits(bound, "", exclusive) if side == "at_least" else limits("", bound, False, exclusive)
        if end and end not in ("true", "false"):
            found[strict] = end
    return found


def _enum(given: GivenNode) -> dict[str, str]:
    return {"one_of": given.values("enum")}


def _const(given: GivenNode) -> dict[str, str]:
    node = given.node("const")
    return {"one_of": values_of([node] if isinstance(node, Scalar) else [], "const")}


KEYWORDS: tuple[tuple[tuple[str, ...], Callable[[GivenNode], dict[str, str]]], ...] = (
    (("type", "format"), _type),
    (("enum",), _enum),
    (("const",), _const),
    (("pattern",), lambda given: anywhere(given.wanted("pattern"))),
    (("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _limits),
    (
        ("minLength", "maxLength"),
        lambda given: {"length": interval(given.limit("minLength"), given.limit("maxLength"))},
    ),
)
"""The keywords of a property that belong together, and the keys of a column for them."""
SOURCE = ImportSource("jsonschema", "a JSON Schema of rows", _read)

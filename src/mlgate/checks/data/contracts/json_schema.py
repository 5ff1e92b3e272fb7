"""JSON Schema of one row (an object with properties), or of all rows (an array of such objects)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlgate.checks.data.contract_document import (
    SHARED_FORMATS,
    ContractDocument,
    ContractFact,
    ContractReader,
    WrittenColumn,
    contract_of,
    limit_of,
    no_part,
    text_of_value,
    texts_of_values,
)
from mlgate.checks.data.limits import whole_numbers
from mlgate.values.errors import EvidenceError

_SILENT = {
    *("$schema", "$id", "$anchor", "$comment", "$defs", "$vocabulary", "definitions", "title", "description"),
    *("default", "examples", "deprecated", "readOnly", "writeOnly"),
}
"""Keywords that demand nothing of a value."""
_TYPES = {"string": "text", "integer": "integer", "number": "number", "boolean": "boolean"}
_TIMES = {"date": "date", "date-time": "timestamp with zone"}
_LIMITS = {"minimum": "at_least", "maximum": "at_most", "exclusiveMinimum": "above", "exclusiveMaximum": "below"}
_BITS, _WIDTHS = {"int32": 32, "int64": 64}, ("float", "double")
"""Formats of numbers in OpenAPI; how wide a number with a fraction is stored is not judged."""
_NUMBERED = re.compile(r"(?<!\\)\\u(?!d[89a-f])([0-9a-f]{4})", re.IGNORECASE)
_DEEPEST = 20


def _recognises(document: ContractDocument) -> bool:
    tree = document.tree
    if not isinstance(tree, Mapping) or "apiVersion" in tree or "flavors" in tree:
        return False
    given = tree.get("type")
    names = given if isinstance(given, list) else [given]
    refers = "$ref" in tree and bool({"$defs", "definitions"} & tree.keys())
    described = refers or isinstance(tree.get("properties"), Mapping) or "object" in names or "array" in names
    return described or "json-schema.org" in str(tree.get("$schema", ""))


def _read(document: ContractDocument, part: str) -> ContractFact:
    if part:
        raise no_part(document.path, part)
    root = _resolved(document.tree, document.tree, document.path)
    table = WrittenColumn("the table")
    if root.get("type") == "array":
        table.unjudged += [key for key in root if key not in {*_SILENT, "type", "items"}]
        root = _resolved(root.get("items"), document.tree, document.path)
    properties, required = root.get("properties", {}), root.get("required", [])
    if not isinstance(properties, Mapping) or not isinstance(required, list):
        raise EvidenceError(
            f"{document.path} has `properties` or `required` that are not a mapping and a list; correct them"
        )
    others = root.get("additionalProperties", root.get("unevaluatedProperties", True))
    table.unjudged += [key for key in root if key not in {*_SILENT, *_OF_ROW}]
    table.unjudged += ["additionalProperties"] if not isinstance(others, bool) and others != {} else []
    names = [*properties, *(name for name in required if isinstance(name, str) and name not in properties)]
    columns = [_column(name, properties.get(name, True), name in required, document) for name in names]
    found = contract_of("json_schema", columns, closed=others is False)
    return ContractFact(found.format, found.columns, found.closed, (*_about(table), *found.unjudged))


_OF_ROW = {"type", "properties", "required", "additionalProperties", "unevaluatedProperties"}


def _about(table: WrittenColumn) -> Iterator[str]:
    yield from (f"the rows: {said}" for said in table.unjudged)


def _resolved(schema: Any, root: Any, path: str, depth: int = 0) -> Mapping[str, Any]:
    """A schema with what its `$ref` refers to in the same document."""
    if schema is True or schema is None:
        return {}
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        raise EvidenceError(f"{path} has a schema that is not an object, or that refers to itself; correct it")
    if "$ref" not in schema:
        return schema
    target, reference = root, schema["$ref"]
    for step in str(reference).removeprefix("#").strip("/").split("/"):
        known = isinstance(target, Mapping) and str(reference).startswith("#/")
        target = target.get(step.replace("~1", "/").replace("~0", "~")) if known else None
    if target is None:
        raise EvidenceError(f"{path} refers to {str(reference)[:80]}, which is not in the file; write it there")
    found = _resolved(target, root, path, depth + 1)
    beside = {key: value for key, value in schema.items() if key != "$ref"}
    if twice := [key for key in beside if key in found and key not in _SILENT and found[key] != beside[key]]:
        raise EvidenceError(f"{path} refers to {reference} and says `{twice[0]}` beside it; write it in one place")
    return {**found, **beside}


def _column(name: str, schema: Any, required: bool, document: ContractDocument) -> WrittenColumn:
    column = WrittenColumn(name)
    if schema is False:  # the column must be absent, which no rule demands
        column.unjudged.append("false")
        column.keys |= {} if required else {"required": False}
        return column
    nullable = _add(column, _resolved(schema, document.tree, document.path), document)
    if not required:
        column.keys["required"] = False
    elif not nullable:
        column.keys["max_nulls"] = 0
    return column


def _add(column: WrittenColumn, schema: Mapping[str, Any], document: ContractDocument, depth: int = 0) -> bool:
    """Add the demands of a schema to a column. Whether it allows a null."""
    if depth > _DEEPEST:
        raise EvidenceError(f"{document.path} is nested too deeply; write the schema of `{column.name}` flat")
    nullable = _add_type(column, schema)
    for key, value in schema.items():
        if key == "enum":
            nullable = nullable and (None in value if isinstance(value, list) else True)
            column.demand(*_allowed(value), key)
        elif key == "const":
            text = text_of_value(value)
            nullable = nullable and value is None
            column.demand("one_of", None if text is None else (text,), key)
        elif key in ("anyOf", "oneOf", "allOf"):
            nullable = _add_branches(column, key, value, document, depth) and nullable
        elif key in _LIMITS:
            _add_limit(column, key, schema)
        elif key in ("minLength", "maxLength"):
            column.length("at_least" if key == "minLength" else "at_most", value, key)
        elif key == "pattern":
            column.demand("contains", _pattern(value), key)
        elif key == "format":
            _add_format(column, value)
        elif key not in _SILENT and key not in ("type", "nullable") and not key.startswith("x-"):
            column.unjudged.append(key)
    return nullable


def _add_type(column: WrittenColumn, schema: Mapping[str, Any]) -> bool:
    """Add the type. Whether it allows a null, also as OpenAPI 3.0 writes it."""
    given = schema.get("type")
    if given is None:
        return True
    names = given if isinstance(given, list) else [given]
    some = [name for name in names if name != "null"]
    some = ["number"] if set(map(str, some)) == {"integer", "number"} else some
    type_ = _TYPES.get(str(some[0])) if len(some) == 1 else None
    if type_ == "text":
        type_ = _TIMES.get(str(schema.get("format")), type_)
    column.demand("type", type_, f"type {', '.join(map(str, names))}"[:60])
    return "null" in names or schema.get("nullable") is True


def _add_branches(column: WrittenColumn, key: str, value: Any, document: ContractDocument, depth: int) -> bool:
    """Add every branch of `allOf`, or the one branch of the others that is not null. Whether a null is allowed."""
    branches = value if isinstance(value, list) else []
    schemas = [_resolved(branch, document.tree, document.path) for branch in branches]
    some = schemas if key == "allOf" else [schema for schema in schemas if dict(schema) != {"type": "null"}]
    if not some or (key != "allOf" and len(some) > 1):
        column.unjudged.append(key)
        return True
    allowed = [_add(column, schema, document, depth + 1) for schema in some]
    return all(allowed) or len(some) < len(schemas)


def _add_limit(column: WrittenColumn, key: str, schema: Mapping[str, Any]) -> None:
    """Add a limit. In older drafts `exclusiveMinimum: true` says how `minimum` is meant."""
    value, exclusive = schema[key], f"exclusive{key[0].upper()}{key[1:]}"
    if isinstance(value, bool):
        return
    key = exclusive if schema.get(exclusive) is True else key
    column.demand(_LIMITS[key], limit_of(value), key)


def _add_format(column: WrittenColumn, value: Any) -> None:
    type_ = column.keys.get("type")
    if str(value) in _TIMES:
        column.demand("type", _TIMES[str(value)], f"format {value}")
    elif type_ == "integer" and str(value) in _BITS:
        column.demand("between", whole_numbers(_BITS[str(value)]), f"format {value}")
    elif type_ != "number" or str(value) not in _WIDTHS:
        column.demand("format", value if value in SHARED_FORMATS else None, f"format {value}"[:60])


def _pattern(value: Any) -> str | None:
    """A pattern, with the signs that it names by their number written out."""
    return _NUMBERED.sub(lambda found: re.escape(chr(int(found[1], 16))), value) if isinstance(value, str) else None


def _allowed(values: Any) -> tuple[str, Any]:
    """The key for a list of values. Both truth values are a type, however a file writes them."""
    some = [value for value in values if value is not None] if isinstance(values, list) else []
    if len(some) == 2 and all(isinstance(value, bool) for value in some) and some[0] != some[1]:
        return "type", "boolean"
    return "one_of", texts_of_values(some)


READER = ContractReader("json_schema", "a JSON Schema of a row", _recognises, _read)

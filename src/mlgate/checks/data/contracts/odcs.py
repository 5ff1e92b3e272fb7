"""A contract of the Open Data Contract Standard, version 3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlgate.checks.data.contract_document import (
    SHARED_FORMATS,
    ContractDocument,
    ContractFact,
    ContractReader,
    WrittenColumn,
    contract_of,
    limit_of,
    name_in,
    no_part,
    texts_of_values,
)
from mlgate.checks.data.limits import whole_numbers
from mlgate.values.errors import EvidenceError

_TYPES = {
    "string": "text",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
}
_SILENT = {
    *("id", "name", "physicalName", "businessName", "description", "tags", "customProperties", "physicalType"),
    *("authoritativeDefinitions", "classification", "criticalDataElement", "encryptedName", "examples"),
    *("partitioned", "partitionKeyPosition", "primaryKeyPosition", "transformDescription", "transformLogic"),
    *("transformSourceObjects", "dataGranularityDescription"),
}
"""Keys of a property or an object that demand nothing of values."""
_FLAGS = ("required", "unique", "primaryKey")
_LIMITS = {"minimum": ("at_least", "above"), "maximum": ("at_most", "below")}
_EXCLUSIVE = {"exclusiveMinimum": "above", "exclusiveMaximum": "below"}
ZONED = "timestamp with zone"
INTEGERS = {f"{sign}{bits}": (bits, sign == "i") for sign in "iu" for bits in (8, 16, 32, 64)}
NULLS, REPEATS = ("nullCheck", "nullValues"), ("duplicateCount", "duplicateValues", "uniqueCheck")
INVALID = ("validCheck", "invalidValues", "invalidCount")
"""Rules of the library by their names, in 3.0 and 3.1."""


def _recognises(document: ContractDocument) -> bool:
    return isinstance(document.tree, Mapping) and document.tree.get("kind") == "DataContract"


def _read(document: ContractDocument, part: str) -> ContractFact:
    path, version = document.path, str(document.tree.get("apiVersion", ""))
    if not version.startswith("v3."):
        raise EvidenceError(f"{path} is a contract of version `{version[:20]}`; mlgate reads version 3 (`apiVersion`)")
    found = _object(document, part)
    properties = found.get("properties")
    if not isinstance(properties, list):
        raise EvidenceError(f"{path} has an object in `schema` without a list of `properties`; add them")
    keys = [each for each in properties if isinstance(each, Mapping) and each.get("primaryKey") is True]
    columns = [_column(each, path, len(keys) == 1) for each in properties]
    fact = contract_of("odcs", columns)
    rules = [f"the table: {said}" for said in _unjudged(found, {"properties", "logicalType", "quality"})]
    rules += [f"the table: {_said(rule)}" for rule in _rules(found)]
    rules += ["the table: a primary key of several columns"] * (len(keys) > 1)
    return ContractFact(fact.format, fact.columns, fact.closed, (*rules, *fact.unjudged))


def _object(document: ContractDocument, part: str) -> Mapping[str, Any]:
    objects = document.tree.get("schema")
    named = {}
    for each in objects if isinstance(objects, list) else ():
        named[name_in(each, document.path, "name", "physicalName")] = each
    if part and part not in named:
        raise no_part(document.path, part, named)
    if not part and len(named) != 1:
        said = f"has {len(named)} objects in `schema`" if named else "has no `schema`"
        raise EvidenceError(f"{document.path} {said}; say which one is meant by `part` ({', '.join(named) or 'none'})")
    return dict(named[part or next(iter(named))])


def _column(found: Any, path: str, single_key: bool) -> WrittenColumn:
    column = WrittenColumn(name_in(found, path, "physicalName", "name"))
    type_ = found.get("logicalType")
    if type_ is not None:
        column.demand("type", _TYPES.get(str(type_)), f"logicalType {type_}"[:60])
    is_key = found.get("primaryKey") is True
    if found.get("required") is True or is_key:
        column.demand("max_nulls", 0, "required")
    if found.get("unique") is True or (is_key and single_key):
        column.demand("unique", True, "unique")
    column.unjudged += [key for key in _FLAGS if found.get(key) not in (True, False, None)]
    options = found.get("logicalTypeOptions", {})
    for key, value in options.items() if isinstance(options, Mapping) else [("logicalTypeOptions", None)]:
        _add_option(column, key, value, options if isinstance(options, Mapping) else {})
    for rule in _rules(found):
        _add_rule(column, rule)
    known = {"logicalType", "required", "primaryKey", "unique", "logicalTypeOptions", "quality"}
    column.unjudged += _unjudged(found, known)
    return column


def _unjudged(found: Mapping[str, Any], known: set[str]) -> list[str]:
    return [key for key in found if key not in _SILENT | known]


def _add_option(column: WrittenColumn, key: str, value: Any, options: Mapping[str, Any]) -> None:
    if key in _LIMITS:
        inside, beyond = _LIMITS[key]
        exclusive = options.get(f"exclusive{key[0].upper()}{key[1:]}") is True
        column.demand(beyond if exclusive else inside, limit_of(value), key)
    elif key in _EXCLUSIVE:
        if not isinstance(value, bool):
            column.demand(_EXCLUSIVE[key], limit_of(value), key)
    elif key in ("minLength", "maxLength"):
        column.length("at_least" if key == "minLength" else "at_most", value, key)
    elif key == "pattern":
        column.demand("contains", value if isinstance(value, str) else None, key)
    elif key == "format" and str(value) in INTEGERS:
        bits, signed = INTEGERS[str(value)]
        column.demand("between", whole_numbers(bits, signed=signed), f"format {value}")
    elif key == "format" and value == "yyyy-MM-dd" and column.keys.get("type") == "date":
        pass  # the type reads a text in this form alone
    elif key == "format" and value not in ("f32", "f64"):
        column.demand("format", value if value in SHARED_FORMATS else None, f"format {value}"[:60])
    elif key == "timezone" and value is True and column.keys.get("type") == "timestamp":
        column.keys["type"] = ZONED
    elif key == "required" and value is True:
        column.demand("max_nulls", 0, key)
    elif key not in ("format", "defaultTimezone") and value is not False:
        column.unjudged.append(key)


def _rules(found: Mapping[str, Any]) -> Iterator[Any]:
    """The quality rules, but for those that are a text for people."""
    rules = found.get("quality", [])
    for rule in rules if isinstance(rules, Sequence) else [rules]:
        if not (isinstance(rule, Mapping) and rule.get("type") == "text"):
            yield rule


def _add_rule(column: WrittenColumn, rule: Any) -> None:
    """Add a rule of the library that allows no fault; others are not judged."""
    kind = (rule.get("metric") or rule.get("rule")) if isinstance(rule, Mapping) else None
    limit = limit_of(rule.get("mustBe")) if isinstance(rule, Mapping) else None
    none = limit is not None and limit.number == 0
    arguments = rule.get("arguments", rule) if isinstance(rule, Mapping) else {}
    values = texts_of_values(arguments.get("validValues")) if isinstance(arguments, Mapping) else None
    if none and kind in NULLS and not rule.get("arguments"):
        column.demand("max_nulls", 0, _said(rule))
    elif none and kind in REPEATS and not rule.get("arguments"):
        column.demand("unique", True, _said(rule))
    elif none and kind in INVALID and values and set(arguments) - set(rule) <= {"validValues"}:
        column.demand("one_of", values, _said(rule))
    else:
        column.unjudged.append(_said(rule))


def _said(rule: Any) -> str:
    kind = (rule.get("metric") or rule.get("rule") or rule.get("type")) if isinstance(rule, Mapping) else None
    return f"quality rule {kind or 'without a name'}"[:60]


READER = ContractReader("odcs", "a data contract (ODCS, version 3)", _recognises, _read)

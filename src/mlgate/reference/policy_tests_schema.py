"""The JSON Schema of files with tests of policies, generated from the declarations that read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlgate.checks.base import Check
from mlgate.policy.policy_test_keys import ChangeKeys, PolicyTestFileKeys
from mlgate.reading.fields import keys, record_schema
from mlgate.reference.schemas import candidate_schema
from mlgate.values.plain import Schema

_WHOLE = ("required", "minProperties", "anyOf", "oneOf", "dependentRequired")
"""What is demanded of a whole mapping, of which a test may give a part."""
_DEFAULTED = ("mlgate", "candidate")


def policy_tests_schema(checks: Mapping[str, type[Check]] | None = None) -> Schema:
    """The JSON Schema of a file with tests of policies; `checks` replaces the registered ones."""
    whole = candidate_schema(checks)
    dialect = whole.pop("$schema")
    good = {**whole, "required": [key for key in whole.get("required", ()) if key not in _DEFAULTED]}
    schema = record_schema(PolicyTestFileKeys)
    schema["properties"]["candidate"] |= {"$ref": "#/$defs/candidate"}
    for kind in ("tests", "mutations"):
        properties = schema["properties"][kind]["items"]["properties"]
        properties["candidate"] |= {"$ref": "#/$defs/changed"}
        shared = {key: properties[key] for key in keys(ChangeKeys) if key != "candidate"}
        properties |= {key: {"$ref": f"#/$defs/change.{key}"} for key in shared}
    definitions = {"candidate": good, "changed": _in_part(whole), **{f"change.{k}": v for k, v in shared.items()}}
    schema["anyOf"] = [{"required": ["tests"]}, {"required": ["mutations"]}]
    return {"$schema": dialect, "title": "mlgate tests of policies", **schema, "$defs": definitions}


def _in_part(schema: Schema) -> Schema:
    """The schema of some keys of a mapping, each with its value or `none`."""
    if schema.get("type") != "object":
        return schema
    found: dict[str, Any] = {key: value for key, value in schema.items() if key not in _WHOLE}
    if "properties" in schema:
        found["properties"] = {key: _or_none(value) for key, value in schema["properties"].items()}
    if isinstance(schema.get("additionalProperties"), dict):
        found["additionalProperties"] = _or_none(schema["additionalProperties"])
    return found


def _or_none(schema: Schema) -> Schema:
    said = {"description": schema["description"]} if "description" in schema else {}
    return {**said, "anyOf": [_in_part(schema), {"const": "none"}]}

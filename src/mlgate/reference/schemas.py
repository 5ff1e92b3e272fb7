"""The JSON Schemas of the files that mlgate reads, generated from the declarations that read them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from mlgate.candidate.declared import records_of
from mlgate.candidate.presented import Candidate
from mlgate.candidate.validate import RESERVED_TABLES
from mlgate.checks.base import Check
from mlgate.policy.expected_keys import expect_keys
from mlgate.policy.filed_waivers import WaiversFileKeys
from mlgate.policy.known_failures import KnownFileKeys
from mlgate.policy.policy_keys import BOUND_KEYS, PolicyKeys, RuleKeys, untaken
from mlgate.policy.register import RegisterKeys
from mlgate.policy.rules import RESERVED_IDS
from mlgate.policy.substitution import UNVARYING
from mlgate.reading.fields import Record, record_schema
from mlgate.reference.schema_of_variables import with_variables
from mlgate.values.plain import Schema

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def policy_schema(checks: Mapping[str, type[Check]] | None = None) -> Schema:
    """The JSON Schema of a policy file; `checks` replaces the registered ones."""
    checks = _registered() if checks is None else checks
    schema = record_schema(PolicyKeys)
    declared: Any = records_of(checks.values())
    schema["properties"]["expects"] |= Record(expect_keys(*declared), min=1).schema()
    for key in ("expects", "derive", "groups"):
        schema["properties"][key] = with_variables(schema["properties"][key])
    schema["properties"]["rules"]["items"] = {"$ref": "#/$defs/rule"}
    # A file without rules of its own must extend another file. A rule without a check changes an extended one.
    schema["anyOf"] = [
        {"required": ["rules"], "properties": {"rules": {"minItems": 1, "items": {"required": ["check"]}}}},
        {"required": ["extends"]},
    ]
    rules = {name: _checked_rule(checks[name]) for name in sorted(checks)}
    definitions = {"rule": _rule(checks), **rules, **_shared_keys(rules.values())}
    return {"$schema": _DIALECT, "title": "mlgate policy", **schema, "$defs": definitions}


def _rule(checks: Mapping[str, type[Check]]) -> Schema:
    common = record_schema(RuleKeys)
    names = sorted(checks)
    choice = {**common["properties"]["check"], "type": "string", "enum": names}
    return {
        "type": "object",
        "description": common["description"],
        "properties": {"id": common["properties"]["id"], "check": choice},
        "anyOf": [{"required": ["check"]}, {"required": ["id"]}],
        "allOf": [
            {
                "if": {"properties": {"check": {"const": name}}, "required": ["check"]},
                "then": {"$ref": f"#/$defs/{name}"},
            }
            for name in names
        ],
    }


def _shared_keys(rules: Iterable[dict[str, Any]]) -> dict[str, Schema]:
    """The schemas of keys that several rules have, by name; each rule then refers to them."""
    uses: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for rule in rules:
        for key, schema in rule["properties"].items():
            uses[key][json.dumps(schema)].append(rule["properties"])
    shared = {}
    for key, variants in uses.items():
        common = [users for users in variants.values() if len(users) > 1]
        for number, users in enumerate(common, 1):
            name = f"key.{key}" if number == 1 else f"key.{key}.{number}"
            shared[name] = users[0][key]
            for properties in users:
                properties[key] = {"$ref": f"#/$defs/{name}"}
    return shared


def _checked_rule(check: type[Check]) -> Schema:
    """The schema of a rule of one check: the common keys, the keys of the check, and no others."""
    common, own = record_schema(RuleKeys), record_schema(check)
    properties: dict[str, Any] = {**common["properties"], **own["properties"]}
    properties["check"] = {"const": check.id}
    properties["id"] = {**properties["id"], "not": {"enum": list(RESERVED_IDS)}}
    properties = {
        key: value if key in UNVARYING else with_variables(value)
        for key, value in properties.items()
        if key not in untaken(check)
    }
    schema = {**own, "properties": properties, "required": [*common["required"], *own.get("required", ())]}
    if check.bounded:
        schema["oneOf"] = [{"required": [key]} for key in BOUND_KEYS]
    if check.searching:
        schema["oneOf"].append({"not": {"anyOf": schema["oneOf"][:]}})
    return schema


def candidate_schema(checks: Mapping[str, type[Check]] | None = None) -> Schema:
    """The JSON Schema of a candidate file, including the keys that checks declare; `checks` replaces the registered
    ones.
    """
    schema = record_schema(Candidate)
    for record in records_of((_registered() if checks is None else checks).values()):
        schema["properties"] |= record_schema(record)["properties"]
    tables = schema["properties"]["tables"]
    tables["propertyNames"] = {**tables["propertyNames"], "not": {"enum": list(RESERVED_TABLES)}}
    # A source says where the files are.
    for key in ("predictions", "model"):
        schema["properties"][key] = {k: v for k, v in schema["properties"][key].items() if k != "required"}
    needs_path = {key: {"required": ["path"]} for key in ("predictions", "model")}
    schema["anyOf"] = [{"required": ["source"]}, {"properties": needs_path}]
    schema["properties"]["source"]["oneOf"] = [{"required": [tool]} for tool in ("mlflow", "dvc")]
    # A candidate of tables alone has no task.
    schema["dependentRequired"] = {"predictions": ["task"]}
    return {"$schema": _DIALECT, "title": "mlgate candidate", **schema}


def register_schema() -> Schema:
    """The JSON Schema of a register of models."""
    return {"$schema": _DIALECT, "title": "mlgate register of models", **record_schema(RegisterKeys)}


def known_schema() -> Schema:
    """The JSON Schema of a file of known failures."""
    schema = record_schema(KnownFileKeys)
    schema["properties"]["known_failures"]["items"]["oneOf"] = [
        {"required": ["value", "measured", "n"]},
        {"required": ["said"]},
    ]
    return {"$schema": _DIALECT, "title": "mlgate known failures", **schema}


def waivers_schema() -> Schema:
    """The JSON Schema of a `waivers.yaml`."""
    return {"$schema": _DIALECT, "title": "mlgate waivers", **record_schema(WaiversFileKeys)}


def _registered() -> Mapping[str, type[Check]]:
    from mlgate.checks.registry import checks

    return checks()

"""How a JSON Schema takes the name of a variable, `${name}`, wherever a value can stand."""

from __future__ import annotations

from typing import Any

from mlgate.values.plain import Schema

_NAME = {"type": "string", "pattern": r"^\$\{[A-Za-z0-9][A-Za-z0-9._-]*\}$"}
_ABOUT = ("description", "default")


def with_variables(schema: Schema) -> Schema:
    """A schema that takes a variable's name for every value and list in it, and for no mapping."""
    about = {key: value for key, value in schema.items() if key in _ABOUT}
    plain: dict[str, Any] = {key: value for key, value in schema.items() if key not in _ABOUT}
    if "anyOf" in plain:
        choices = _flat(with_variables(choice) for choice in plain["anyOf"])
        return {**plain, "anyOf": choices} | about
    if plain.get("type") == "object":
        if isinstance(plain.get("additionalProperties"), dict):
            plain["additionalProperties"] = with_variables(plain["additionalProperties"])
        if "properties" in plain:
            plain["properties"] = {key: with_variables(below) for key, below in plain["properties"].items()}
        return plain | about
    if "items" in plain:
        plain["items"] = with_variables(plain["items"])
    if _takes_any_text(plain):
        return plain | about
    return {"anyOf": [plain, _NAME]} | about


def _flat(choices: Any) -> list[Schema]:
    """Choices, of which each is named once."""
    found: list[Schema] = []
    for choice in choices:
        found += [each for each in choice.get("anyOf", [choice]) if each not in found]
    return found


def _takes_any_text(schema: Schema) -> bool:
    return not schema or ("string" in schema.get("type", ()) and not {"pattern", "enum", "const"} & {*schema})

"""Values of parameters as DVC reads them, from files of several formats."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any

from mlgate.lineage.python_parameters import values_of_python
from mlgate.lineage.source_file import SourceFile, mapping

PARAMS = "params.yaml"
_DIGITS = 6


def values_in(file: SourceFile) -> Mapping[str, Any]:
    """The parameters in a file, whose format its name tells; without such a name it is YAML, as DVC has it."""
    ending = posixpath.splitext(file.name)[1].lower()
    if not file.there:
        return {}
    if ending == ".py":
        return values_of_python(file.text(), file.path)
    return file.json() if ending == ".json" else file.toml() if ending == ".toml" else file.yaml()


def value_of(document: object, name: str) -> object:
    """The value of a parameter by its dotted name; None if there is none. An empty name is all of them."""
    for part in [name] if name in mapping(document) or not name else name.split("."):
        if isinstance(document, list) and part.isdecimal() and len(part) < _DIGITS and int(part) < len(document):
            document = document[int(part)]
        elif name:
            if part not in mapping(document):
                return None
            document = mapping(document)[part]
    return "" if document is None else document


def same_value(one: str | None, other: str | None) -> bool:
    """Whether two texts are one value: DVC writes 1e-3 as 0.001."""
    if one is None or other is None or one == other:
        return one == other
    if {one.lower(), other.lower()} <= {"null", "none", "~", ""} or one.lower() == other.lower() in ("true", "false"):
        return True
    try:
        return _number(one) == _number(other)
    except (ValueError, OverflowError):
        return False


def _number(text: str) -> int | float:
    """A number as YAML writes it: 16 and 0x10, 0.001 and 1e-3."""
    if text[:2] in ("0x", "0o"):
        return int(text, 0)
    return int(text) if text.lstrip("+-").replace("_", "").isdecimal() else float(text)


def flat_values(values: object, above: str = "") -> dict[str, str]:
    """The values of parameters by their dotted names, those of a list by their numbers."""
    if values is None or not isinstance(values, dict | list) or not values:
        return {} if values is None else {above: str(values)}
    found: dict[str, str] = {}
    for key, value in values.items() if isinstance(values, dict) else enumerate(values):
        found |= flat_values("" if value is None else value, f"{above}.{key}" if above else str(key))
    return found

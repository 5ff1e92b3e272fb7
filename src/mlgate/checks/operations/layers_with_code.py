"""Descriptions of models in JSON that have code in them, or name code to run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlgate.checks.operations.artifact_content import contains_code

_LAMBDAS = ("Lambda", "__lambda__")
_KNOWN = ("keras", "keras_hub", "keras_nlp", "keras_cv", "tf_keras", "tensorflow", "builtins", "numpy")
_SHOWN = 60


def code_of_layers(tree: Any) -> str:
    """Why loading a model of this description runs code; empty if nothing in it says so."""
    return contains_code(tree, _code)


def _code(found: Mapping[str, Any]) -> str:
    name, module = found.get("class_name"), found.get("module")
    if name in _LAMBDAS:
        return "has a Lambda layer of Keras, which is Python code that runs when the model is loaded"
    if isinstance(name, str) and isinstance(module, str) and module.split(".")[0] not in _KNOWN:
        return f"has Keras import {module[:_SHOWN]}.{name[:_SHOWN]}, which is code from elsewhere"
    if isinstance(name, str) and isinstance(module, str) and module.split(".")[0] == "builtins" and name != "function":
        return f"has Keras import {module[:_SHOWN]}.{name[:_SHOWN]}, which is code from elsewhere"
    if found.get("auto_map"):
        return "names Python code for Transformers to run (`auto_map`)"
    return ""

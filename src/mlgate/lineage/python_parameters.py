"""The parameters in a Python file, as DVC reads them: what is written out there. Nothing of the file is run."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

from mlgate.values.errors import EvidenceError

_MOST = 1 << 20
"""The most signs of a file of parameters: Python takes a thousand times the memory to parse one."""


def values_of_python(text: str, path: str) -> dict[str, Any]:
    """The values of the names of a module; those of a class, and of `self` in its `__init__`, by the class.

    Raises EvidenceError where the file is long or is not Python.
    """
    if len(text) > _MOST:
        raise EvidenceError(f"{path} has more than {_MOST:,} signs; keep parameters in a file of their own", "lineage")
    try:
        with warnings.catch_warnings(action="ignore"):
            return dict(_assigned(ast.parse(text).body, of_self=False))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise EvidenceError(f"{path} cannot be read as Python: {error or 'nested too deeply'}", "lineage") from error


def _assigned(body: Iterable[ast.stmt], *, of_self: bool) -> Iterator[tuple[str, Any]]:
    for each in body:
        if isinstance(each, ast.ClassDef):
            yield each.name, dict(_assigned(each.body, of_self=False))
        elif isinstance(each, ast.FunctionDef) and each.name == "__init__":
            yield from _assigned(each.body, of_self=True)
        elif isinstance(each, ast.Assign | ast.AnnAssign) and each.value is not None:
            targets = each.targets if isinstance(each, ast.Assign) else [each.target]
            name = _name(targets[0], of_self) if len(targets) == 1 else ""
            if name:
                yield from ((name, _plain(value)) for value in _written_out(each.value))


def _name(target: ast.expr, of_self: bool) -> str:
    """The name that a value is assigned to; empty for one that is not a parameter."""
    if isinstance(target, ast.Name) and not of_self:
        return target.id
    own = isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self"
    return target.attr if own and isinstance(target, ast.Attribute) else ""


def _written_out(value: ast.expr) -> list[object]:
    """A value that is written out; none for one that is computed."""
    try:
        return [ast.literal_eval(value)]
    except (ValueError, TypeError):
        return []


def _plain(value: object) -> Any:
    """A value as JSON would have it."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(each) for each in (sorted(value, key=str) if isinstance(value, set) else value)]
    return value

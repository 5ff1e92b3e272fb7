"""Every check by its id: a file of its family's folder, or a plugin of the entry-point group `mlgate.checks`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import ModuleType
from typing import Any

from mlgate.checks.base import Check
from mlgate.values.family import Family, FilesBelow


@cache
def checks() -> Mapping[str, type[Check]]:
    """Every check that a policy may name."""
    return Family("check", "mlgate.checks", shipped(), _accepted)


def shipped() -> Mapping[str, type[Check]]:
    """The checks that ship with mlgate."""
    return FilesBelow("mlgate.checks", _check_in)


def _check_in(name: str, module: ModuleType) -> type[Check] | None:
    """The check of a file: the class that it defines whose id is the file's name."""
    classes = [found for found in vars(module).values() if isinstance(found, type)]
    return next((found for found in classes if getattr(found, "id", None) == name), None)


def _accepted(name: str, found: Any) -> type[Check]:
    if not isinstance(found, type) or getattr(found, "id", None) != name:
        raise ValueError(f"it is not a check with the id {name!r}, but {getattr(found, 'id', found)!r}")
    return found

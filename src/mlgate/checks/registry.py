"""All checks by id: those in the family folders, and plugins of the entry-point group `mlgate.checks`."""

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
    return FilesBelow("mlgate.checks", _checks_in)


def _checks_in(module: ModuleType) -> Mapping[str, type[Check]]:
    """The classes with an id that a file defines."""
    own = [found for found in vars(module).values() if getattr(found, "__module__", "") == module.__name__]
    return {vars(found)["id"]: found for found in own if isinstance(found, type) and "id" in vars(found)}


def _accepted(name: str, found: Any) -> type[Check]:
    if not isinstance(found, type) or getattr(found, "id", None) != name:
        raise ValueError(f"it is not a check with the id {name!r}, but {getattr(found, 'id', found)!r}")
    if not issubclass(found, Check):
        raise ValueError(f"{found.__name__} is not a subclass of mlgate.checks.base.Check")  # noqa: TRY004
    return found

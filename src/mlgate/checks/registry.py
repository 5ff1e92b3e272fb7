"""All checks by id: those in the family folders, and plugins of the entry-point group `mlgate.checks`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass
from functools import cache
from types import ModuleType
from typing import Any

from mlgate.checks.base import Check
from mlgate.evidence.questions.need import Need
from mlgate.values.family import Family, FilesBelow


@cache
def checks() -> Family[type[Check]]:
    """Every check that a policy may name."""
    return Family("check", shipped(), _accepted)


@cache
def shipped() -> Mapping[str, type[Check]]:
    """The checks that ship with mlgate."""
    return FilesBelow("mlgate.checks", _checks_in)


@cache
def also_called() -> Mapping[str, str]:
    """The checks that ship with mlgate, by the names that others give them."""
    return {other: check.id for check in shipped().values() for other in check.also_called}


def _checks_in(module: ModuleType) -> Mapping[str, type[Check]]:
    """The classes with an id that a file defines."""
    own = [found for found in vars(module).values() if getattr(found, "__module__", "") == module.__name__]
    return {vars(found)["id"]: found for found in own if isinstance(found, type) and "id" in vars(found)}


def _accepted(name: str, found: Any) -> type[Check]:
    if not isinstance(found, type) or getattr(found, "id", None) != name:
        raise ValueError(f"it is not a check with the id {name!r}, but {getattr(found, 'id', found)!r}")
    if not issubclass(found, Check):
        raise ValueError(f"{found.__name__} is not a subclass of mlgate.checks.base.Check")  # noqa: TRY004
    if unknown := _undeclared(found):
        raise ValueError(f"{found.__name__} {unknown}")
    return found


def _undeclared(check: type[Check]) -> str:
    """The required declarations that a check lacks; empty if it has all."""
    if not is_dataclass(check):
        return "is not a dataclass, whose fields would be the keys of its rules"
    if missing := sorted(getattr(check, "__abstractmethods__", ())):
        return f"does not define {', '.join(f'`{name}`' for name in missing)}"
    if not isinstance(getattr(check, "bounded", None), bool):
        return "does not say by `bounded` whether its rules take a bound"
    if check.candidate_keys is not None and not is_dataclass(check.candidate_keys):
        return "has `candidate_keys` that are not a dataclass"
    if not all(isinstance(need, type) and issubclass(need, Need) for need in check.own_needs):
        return "has `own_needs` that are not types of Need"
    return ""

"""For keys of one check alone: a rule that passes and one that is blocked. A check that needs them has a file here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import iter_modules
from typing import Any


@dataclass(frozen=True)
class Pairwise:
    """Two rules that differ in one key's value: the first passes, the second is blocked."""

    passes: Mapping[str, str]
    blocks: Mapping[str, str]
    task: str = "binary"
    given: Mapping[str, Any] = field(default_factory=dict)
    """Further arguments of the candidate; `champion: None` for none."""
    beside: Mapping[str, str] = field(default_factory=dict)
    """Files beside the policy, by their names."""
    package: str = ""
    """What must be installed beside mlgate itself."""


def pairs() -> dict[tuple[str, str], Pairwise]:
    """The pairs of every file, by check and key."""
    files = [import_module(f"{__name__}.{file.name}") for file in iter_modules(__path__)]
    return {pair: found for file in files for pair, found in file.PAIRS.items()}

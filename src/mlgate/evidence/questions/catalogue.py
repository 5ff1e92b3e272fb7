"""Every question by its name, found by walking the files of this folder."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from mlgate.evidence import questions
from mlgate.evidence.questions.need import Need


@cache
def by_name() -> Mapping[str, type[Need]]:
    """The needs whose facts travel, by name. Raises ValueError where two have one name."""
    found: dict[str, type[Need]] = {}
    for module in pkgutil.iter_modules(questions.__path__, f"{questions.__name__}."):
        for of in vars(importlib.import_module(module.name)).values():
            answered = isinstance(of, type) and issubclass(of, Need) and of.fact is not None
            if answered and found.setdefault(of.name, of) is not of:
                raise ValueError(f"two questions are named `{of.name}`")
    return found

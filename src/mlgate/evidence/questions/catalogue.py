"""Every question by its name: those of this folder, and those of plugins that are loaded."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache

from mlgate.evidence import questions
from mlgate.evidence.questions.need import Need


def named(name: str) -> type[Need] | None:
    """The need of a name whose facts travel; None where there is none. Raises ValueError where there are several."""
    found = [of for of in travelling() if of.name == name]
    if len(found) > 1:
        raise ValueError(f"{len(found)} questions are named `{name}`")
    return found[0] if found else None


def travelling() -> tuple[type[Need], ...]:
    """Every need whose facts travel."""
    _load()
    return tuple(of for of in _below(Need) if of.fact is not None)


@cache
def _load() -> None:
    for module in pkgutil.iter_modules(questions.__path__, f"{questions.__name__}."):
        importlib.import_module(module.name)


def _below(of: type[Need]) -> Iterator[type[Need]]:
    for each in of.__subclasses__():
        yield each
        yield from _below(each)

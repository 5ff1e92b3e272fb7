"""What a format is in which a history is shown or exported, and all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import ModuleType

from mlgate.lineage import formats as folder
from mlgate.lineage.graph import LineageGraph
from mlgate.values.family import FilesBelow


@dataclass(frozen=True)
class LineageFormat:
    """How a history becomes a text."""

    name: str
    """What the command line calls it: "svg"."""
    said: str
    """What it is, in words: "a tree"."""
    render: Callable[[LineageGraph], str]
    """The text of a history."""
    page: bool = False
    """Whether it is for people who read a terminal, so that several histories may follow each other."""


@cache
def lineage_formats() -> Mapping[str, LineageFormat]:
    """The formats by name: the FORMAT of each file of the folder. The tree, which is the default, comes first."""
    found = dict(FilesBelow(folder.__name__, _format_in))
    return {name: found[name] for name in sorted(found, key=lambda name: (name != "text", name))}


def _format_in(module: ModuleType) -> Mapping[str, LineageFormat]:
    found = getattr(module, "FORMAT", None)
    return {found.name: found} if isinstance(found, LineageFormat) else {}

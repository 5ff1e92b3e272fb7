"""What a source says about a candidate's own files: its model, its predictions and its tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Offer:
    """What a source says about one file. All paths are from the workspace."""

    path: str = ""
    """The file that is meant; empty where it is not clear."""
    among: tuple[str, ...] = ()
    """What a candidate that names the file itself must name, or lie in; empty where the source does not say."""
    remedy: str = ""
    """Why it is not clear which is meant, and what to add."""
    wrong: str = ""
    """Why the file that the candidate names itself is not the one that is meant."""

    def refuses(self, path: str) -> str:
        """Why a candidate may not name a file; empty if it may."""
        if not self.among or any(path == each or path.startswith(f"{each}/") for each in self.among):
            return self.wrong
        return f"is {path}, which is not {either(self.among)}"


@dataclass(frozen=True)
class Supplied:
    """What a source gives a candidate."""

    said: str
    """What messages call it: "stage `train` of dvc.lock"."""
    model: Offer
    predictions: Offer
    tables: Mapping[str, Offer] = field(default_factory=dict)
    """By the names `train` and `evaluation`."""


def either(names: Iterable[str]) -> str:
    """Some names, of which one is meant: "a, b or c"."""
    *some, last = dict.fromkeys(names)
    return f"{', '.join(some)} or {last}" if some else last

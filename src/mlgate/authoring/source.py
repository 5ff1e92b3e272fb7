"""What a source of first files is, and how the one for a file is found."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from types import ModuleType

from mlgate.authoring import sources as folder
from mlgate.values.errors import InputError
from mlgate.values.family import FilesBelow

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 60


@dataclass(frozen=True)
class FileToStart:
    """What the first files are about: the file that they are made from, and what the caller says."""

    path: str
    """The path as the candidate file will name it."""
    candidate: str
    owner: str
    raw: bytes = b""
    """The bytes of a file that is recognised by its content; empty for one whose kind the caller names."""
    workspace: Path = Path()
    today: date = field(default_factory=lambda: datetime.now(UTC).date())


@dataclass(frozen=True)
class FirstFiles:
    """The texts of a first candidate file and policy, and what to do next, one sentence each."""

    candidate: str
    policy: str
    next_steps: tuple[str, ...]


@dataclass(frozen=True)
class StartSource:
    """One kind of file that first files can be made from.

    `draft` gives None for a file of another kind, and raises InputError for one of this kind that cannot be used.
    """

    name: str
    said: str
    draft: Callable[[FileToStart], FirstFiles | None]
    asked: bool = False
    """Whether only a caller who names the source means it."""


@cache
def file_sources() -> tuple[StartSource, ...]:
    """Every source, by name: the SOURCE of each file of the folder."""
    found = dict(FilesBelow(folder.__name__, _source_in))
    return tuple(found[name] for name in sorted(found))


def _source_in(module: ModuleType) -> dict[str, StartSource]:
    found = getattr(module, "SOURCE", None)
    return {found.name: found} if isinstance(found, StartSource) else {}


def first_files(wanted: FileToStart, named: str = "") -> FirstFiles:
    """The first files for a file, by the named source or by its content. Raises InputError if no source can use it."""
    known = [source for source in file_sources() if (source.name == named if named else not source.asked)]
    found = next((draft for draft in (source.draft(wanted) for source in known) if draft is not None), None)
    if found is None:
        every = ", ".join(source.said for source in file_sources())
        raise InputError(f"first files are made from {every}, and {wanted.path} is not one of these; name such a file")
    return found


def as_name(text: str, otherwise: str) -> str:
    """A text as a name of letters, digits, `.`, `_` and `-`; another word if nothing of it is left."""
    return _NOT_IN_NAMES.sub("-", text).strip(".-_")[:_LONGEST].rstrip(".-_") or otherwise

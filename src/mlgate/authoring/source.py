"""What a source of first files is, and how the one for a file is found."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from types import ModuleType

from mlgate.authoring import sources as folder
from mlgate.evidence.files import contents
from mlgate.values.errors import EvidenceError, InputError
from mlgate.values.family import FilesBelow
from mlgate.values.reach import Reach

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 60
ENFORCED_AFTER = timedelta(days=14)
"""How long the first rules only warn."""


Ask = Callable[[str, Sequence[str], str], str]
"""Asks a person: (question, possible answers or none, default) -> the answer."""


def unasked(_question: str, _answers: Sequence[str], default: str) -> str:
    """The default of each question, where nobody can be asked."""
    return default


@dataclass(frozen=True)
class FileToStart:
    """What the first files are about: the file that they are made from, and what the caller says."""

    path: str
    """The path as the candidate file will name it."""
    candidate: str
    owner: str
    given: bytes | None = None
    """The bytes of the file, if the caller has them."""
    workspace: Path = Path()
    today: date = field(default_factory=lambda: datetime.now(UTC).date())
    roles: Mapping[str, str] = field(default_factory=dict)
    """What the caller says about the columns of predictions: `label`, `prediction`, `score`, `positive`."""
    champion: str = ""
    """The file of an earlier model's answers on the same rows."""
    tables: Mapping[str, str] = field(default_factory=dict)
    """Further tables that the candidate presents, by their names."""
    mlflow: str = ""
    """The run of MLflow that made the model."""
    ask: Ask = unasked

    @property
    def raw(self) -> bytes:
        """The bytes of the file. Raises InputError where it cannot be read."""
        if self.given is not None:
            return self.given
        try:
            return contents(self.path, Reach.of(self.workspace))
        except EvidenceError as error:
            raise InputError(str(error)) from error

    @property
    def enforced_from(self) -> date:
        """The day from which the first rules block."""
        return self.today + ENFORCED_AFTER


@dataclass(frozen=True)
class FirstFiles:
    """The texts of a first candidate file and policy, and what to do next, one sentence each."""

    candidate: str
    policy: str
    next_steps: tuple[str, ...]
    tests: str = ""
    """The text of tests of the policy; empty for none."""
    untestable: str = ""
    """Why there are no tests."""


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
    columns: bool = False
    """Whether it is recognised by its columns, which are looked at before the whole file is read."""


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
    known.sort(key=lambda source: not source.columns)
    found = next((draft for draft in (source.draft(wanted) for source in known) if draft is not None), None)
    if found is None:
        every = ", ".join(source.said for source in file_sources())
        raise InputError(f"first files are made from {every}, and {wanted.path} is not one of these; name such a file")
    return found


def as_name(text: str, otherwise: str) -> str:
    """A text as a name of letters, digits, `.`, `_` and `-`; another word if nothing of it is left."""
    return _NOT_IN_NAMES.sub("-", text).strip(".-_")[:_LONGEST].rstrip(".-_") or otherwise

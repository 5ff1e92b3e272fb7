"""Who a candidate is: its name, tags, risk and task, and the rows and columns that it is judged by, but for answers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from mlgate.candidate.named_files import files, with_files
from mlgate.candidate.presented import Candidate, completed
from mlgate.candidate.roles import ANSWERS, EVALUATION, ROLES
from mlgate.evidence.sources import FileSource
from mlgate.policy.demanded import shown
from mlgate.reading.fields import leaves, params
from mlgate.values.errors import EvidenceError
from mlgate.values.file_search import before_pattern, is_glob

T = TypeVar("T")
_WHO = ("name", "owner", "tags", "risk", "task", "positive", "classes", "unit", "champion", "champions")
"""The fields of a candidate that say who it is, besides its evaluation table and the roles of its columns."""
_SHARED = tuple(key for key in ROLES if key not in ANSWERS)
"""The roles of the predictions that are not the model's answers."""


@dataclass(frozen=True)
class IdentityChange:
    """A key by which a candidate is another than it was, with both values as text; `left out` for none."""

    key: str
    was: str
    now: str

    def __str__(self) -> str:
        return f"{self.key} was {self.was} and is {self.now}"


def differences(before: Candidate, now: Candidate) -> tuple[IdentityChange, ...]:
    """The keys by which a candidate is another than it was."""
    was, here = (dict(_identity(candidate)) for candidate in (before, now))
    return tuple(
        IdentityChange(key, was.get(key, "left out"), here.get(key, "left out"))
        for key in {**was, **here}
        if was.get(key) != here.get(key)
    )


def _identity(candidate: Candidate) -> Iterator[tuple[str, str]]:
    """The candidate file, and its keys that say who the candidate is, with their values as text."""
    yield "its file", candidate.file
    for entry in params(Candidate):
        if entry.attribute in _WHO:
            yield from _texts(entry.key, getattr(candidate, entry.attribute))
    yield from _texts(f"tables.{EVALUATION}", candidate.evaluation)
    if candidate.predictions:
        for key in _SHARED:
            yield from _texts(f"predictions.{key}", getattr(candidate.predictions, key))


def _texts(key: str, value: Any) -> Iterator[tuple[str, str]]:
    for keys, part in leaves(value, FileSource, (key,)):
        if part != "":
            yield ".".join(keys), shown(part)


def as_it_was(here: Candidate, before: Candidate, base: str) -> Candidate:
    """A candidate with its model and answers, as who it was at the commit that is called `base`.

    Raises EvidenceError where it had another task, whose answers are others.
    """
    if before.task != here.task:
        said = f"the task was {before.task or 'none'} at {base} and is {here.task or 'none'}"
        raise EvidenceError(f"{said}, so it cannot be judged as what it was; present another task as a new candidate")
    tables = {name: table for name, table in here.tables if name != EVALUATION}
    tables |= {EVALUATION: _beside(here, before, before.evaluation)} if before.evaluation else {}
    predictions = here.predictions
    if predictions and before.predictions:
        roles: dict[str, Any] = {key: getattr(before.predictions, key) for key in _SHARED}
        predictions = replace(predictions, **roles)
    who: dict[str, Any] = {key: _beside(here, before, getattr(before, key)) for key in _WHO}
    return completed(replace(here, **who, tables=tuple(tables.items()), predictions=predictions))


def _beside(here: Candidate, before: Candidate, value: T) -> T:
    """A value whose files lie beside a candidate that has moved, as they did before; those that stayed are where they
    were.
    """
    folder = next((source.root for _, source in files(here)), None)
    if here.file == before.file or folder is None:
        return value
    return with_files(value, lambda source: _moved(source, folder))


def _moved(source: FileSource, folder: Path) -> FileSource:
    place = source.root / source.path
    if os.path.isabs(source.path) or not os.path.lexists(before_pattern(place) if is_glob(str(place)) else place):
        return replace(source, root=folder)
    return replace(source, root=folder, path=os.path.relpath(place, folder))

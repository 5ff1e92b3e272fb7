"""Reading a file of the working folder and writing new ones: what exists is never overwritten."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from mlgate.authoring.source import as_name
from mlgate.cli.editor_schemas import with_editor_lines
from mlgate.evidence.files import contents
from mlgate.reading.strict_yaml import escaped
from mlgate.values.errors import EvidenceError, InputError, MachineError
from mlgate.values.reach import Reach

UNNAMED = "not named yet"
"""The owner of a policy for which nobody is named."""


def path_here(file: Path) -> str:
    """The path of a file below the working folder, as files name it."""
    path = os.path.relpath(os.path.abspath(file), Path.cwd())
    if path.startswith(os.pardir):
        raise InputError(f"{file} is outside the working folder; copy it here, or run in its folder")
    return Path(path).as_posix()


def read_here(path: str) -> bytes:
    """The bytes of a file below the working folder."""
    try:
        return contents(path, Reach.of(Path.cwd()))
    except EvidenceError as error:
        raise InputError(str(error)) from error


def checked_name(name: str, otherwise: str) -> str:
    """A name that `--name` gives, or one that is made from another text."""
    called = as_name(name or otherwise, "model")
    if name and called != name:
        raise InputError(f"`--name {name}` is not a name of letters, digits, `.`, `_` and `-`; write {called}")
    return called


def refuse_taken(paths: Iterable[Path]) -> None:
    """Raise InputError if one of the files exists."""
    if taken := [str(path) for path in paths if os.path.lexists(path)]:
        exist = "exists already and is" if len(taken) == 1 else "exist already and are"
        raise InputError(f"{' and '.join(taken)} {exist} not overwritten; remove what is there, or edit it")


def write_new(texts: Mapping[Path, str]) -> None:
    """Write all YAML files, or none if one of them exists. What nobody would see in them is escaped.

    Each begins with the line by which editors find its JSON Schema, which is written to `.mlgate/` if it is not there.
    """
    refuse_taken(texts)
    try:
        for path, text in with_editor_lines(texts).items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as opened:
                opened.write(escaped(text))
    except OSError as error:
        raise MachineError(f"{path} cannot be written: {error}") from error

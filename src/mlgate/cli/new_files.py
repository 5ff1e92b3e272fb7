"""Reading a file of the working folder and writing new ones: what exists is never overwritten."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from mlgate.authoring.source import as_name
from mlgate.evidence.files import contents
from mlgate.values.errors import EvidenceError, InputError, MachineError
from mlgate.values.reach import Reach

UNNAMED = "not named yet"
"""The owner of a policy for which nobody is named."""


def read_here(file: Path) -> tuple[str, bytes]:
    """The path of a file below the working folder, as files name it, and its bytes."""
    here = Path.cwd()
    path = os.path.relpath(os.path.abspath(file), here)
    if path.startswith(os.pardir):
        raise InputError(f"{file} is outside the working folder; copy it here, or run in its folder")
    try:
        return Path(path).as_posix(), contents(path, Reach.of(here))
    except EvidenceError as error:
        raise InputError(str(error)) from error


def checked_name(name: str, otherwise: str) -> str:
    """A name that `--name` gives, or one that is made from another text."""
    called = as_name(name or otherwise, "model")
    if name and called != name:
        raise InputError(f"`--name {name}` is not a name of letters, digits, `.`, `_` and `-`; write {called}")
    return called


def write_new(texts: Mapping[Path, str]) -> None:
    """Write all files, or none if one of them exists."""
    if taken := [str(path) for path in texts if os.path.lexists(path)]:
        exist = "exists" if len(taken) == 1 else "exist"
        raise InputError(
            f"{' and '.join(taken)} {exist} already, and nothing is overwritten; remove or edit what is there"
        )
    try:
        for path, text in texts.items():
            path.parent.mkdir(exist_ok=True)
            with path.open("x", encoding="utf-8") as opened:
                opened.write(text)
    except OSError as error:
        raise MachineError(f"{path} cannot be written: {error}") from error

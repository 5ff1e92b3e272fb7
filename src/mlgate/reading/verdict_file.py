"""A stored verdict in a file: what `mlgate check --report json=PATH` wrote."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mlgate.reading import locate
from mlgate.values.errors import InputError
from mlgate.values.stored import read
from mlgate.values.verdict import Verdicts


@dataclass(frozen=True)
class VerdictFile:
    """The verdicts of a file, with its name in messages and its SHA-256."""

    name: str
    verdicts: Verdicts
    sha256: str


def read_verdicts(path: Path, name: str) -> VerdictFile:
    """The verdicts of a file. Raises InputError if it is not a stored verdict, MachineError if it cannot be read."""
    text = locate.json_text(path, name, f"`mlgate check --report json={name}` writes it")
    return VerdictFile(name, read(text, name), hashlib.sha256(path.read_bytes()).hexdigest())


def verdict_files(paths: Sequence[Path], workspace: Path, option: str) -> list[VerdictFile]:
    """The verdicts in files, and in the `*.json` files of folders. Raises InputError for what is not such a file."""
    found, wrong = [], []
    for path in dict.fromkeys(file for given in paths for file in _files(given, option)):
        try:
            found.append(read_verdicts(path, locate.shown(path, workspace)))
        except InputError as error:
            wrong.append(error)
    if wrong:
        raise locate.all_problems(wrong)
    return found


def _files(given: Path, option: str) -> list[Path]:
    if not given.is_dir():
        return [given]
    files = sorted(given.glob("*.json"))
    if not files:
        raise InputError(f"the folder {given} of earlier verdicts has no file *.json; leave {option} out")
    return files

"""A stored verdict in a file: what `mlgate check --report json=PATH` wrote."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from mlgate.reading import locate
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

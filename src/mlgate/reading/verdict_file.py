"""A stored verdict in a file: what `mlgate check --report json=PATH` wrote."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from mlgate.reading import locate
from mlgate.values.errors import InputError, MachineError
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
    locate.check_size(path, name)
    try:
        raw = path.read_bytes()
        return VerdictFile(name, read(raw.decode("utf-8"), name), hashlib.sha256(raw).hexdigest())
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise InputError(f"{name} does not exist; `mlgate check --report json={name}` writes it") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8 text, so it is not a JSON report; name another file") from error
    except OSError as error:
        raise MachineError(f"{name} cannot be read: {error.strerror or error}") from error

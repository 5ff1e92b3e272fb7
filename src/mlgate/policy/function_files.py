"""The files of functions that rules name as their metric: they decide as much as the policy does, and belong to it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from mlgate.policy.demanded import Rule
from mlgate.reading import locate
from mlgate.reading.fields import FilesBeside
from mlgate.values.errors import MachineError
from mlgate.values.file_search import below
from mlgate.values.provenance import Input

ENDING = ".py"
"""What a function's process loads from the folder of its policy: source files alone."""


def function_files(rules: Iterable[Rule], files: FilesBeside | None) -> Iterator[Input]:
    """The source files below the folder of a policy with their digests, if one of its rules calls a function.

    All of them count, because each may be imported. Folders whose names no import can have are left out. Raises
    MachineError for a folder that cannot be read.
    """
    if files is None or files.prefix or not any(rule.calls_function for rule in rules):
        return
    try:
        found = [path for path in below(files.folder, lambda each: each.name.isidentifier()) if path.suffix == ENDING]
    except OSError as error:
        raise MachineError(f"the functions beside a policy cannot be read: {error}") from error
    for path in found:
        name = locate.shown(path, files.workspace)
        yield Input("policy", name, hashlib.sha256(locate.read(path, name)).hexdigest())

"""The names of files with tests of policies, which lie beside the policies and are none."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from mlgate.reading import locate
from mlgate.reading.strict_yaml import Mapping, parse
from mlgate.values.errors import InputError, Location, Problem

PATTERNS = ("*.test.yaml", "*.test.yml")
_KEY = re.compile(rb"""(?m)^["']?policy["']?\s*:""")
is_named_as_tests = locate.named(*PATTERNS)


def tests_among(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Those of some files that are named as tests of policies."""
    return tuple(path for path in paths if is_named_as_tests(path.name))


def policy_key(raw: bytes, name: str) -> Location | None:
    """Where a file says that it is a policy; None if it does not. One with mistakes is known by its lines."""
    node = parse(raw, name, [])
    if isinstance(node, Mapping):
        return node.key_at("policy") if node.get("policy") is not None else None
    found = _KEY.search(raw) if node is None else None
    return Location(name, raw.count(b"\n", 0, found.start()) + 1) if found else None


def refuse_policies(files: Iterable[Path], workspace: Path) -> None:
    """Raise InputError for a policy that is named as tests: nobody would ask it, and nobody would see that."""
    problems = []
    for file in files:
        name = locate.shown(file, workspace)
        if place := policy_key(locate.read(file, name), name):
            said = f"this is a policy, and a file with the ending `{PATTERNS[0][1:]}` holds tests of policies"
            problems.append(Problem(place, f"{said}; rename it, or it would not be asked"))
    if problems:
        raise InputError(problems)

"""The names of files with tests of policies, which lie beside the policies and are none."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mlgate.reading import locate
from mlgate.reading.strict_yaml import Mapping, parse
from mlgate.values.errors import InputError, Problem

PATTERNS = ("*.test.yaml", "*.test.yml")
is_named_as_tests = locate.named(*PATTERNS)


def tests_among(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Those of some files that are named as tests of policies."""
    return tuple(path for path in paths if is_named_as_tests(path.name))


def refuse_policies(files: Iterable[Path], workspace: Path) -> None:
    """Raise InputError for a policy that is named as tests: nobody would ask it, and nobody would see that."""
    problems = []
    for file in files:
        name = locate.shown(file, workspace)
        node = parse(locate.read(file, name), name, [])
        if isinstance(node, Mapping) and node.get("policy") is not None:
            said = f"this is a policy, and a file with the ending `{PATTERNS[0][1:]}` holds tests of policies"
            problems.append(Problem(node.key_at("policy"), f"{said}; rename it, or it would not be asked"))
    if problems:
        raise InputError(problems)

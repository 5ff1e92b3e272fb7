"""The JSON Schemas in a repository, and the line by which editors find the one of a file."""

from __future__ import annotations

import os
from collections.abc import Container, Mapping
from pathlib import Path

from mlgate.candidate.read import FILE_NAME
from mlgate.cli.schema import schema_line
from mlgate.policy.named_tests import is_named_as_tests

FOLDER = Path(".mlgate")
"""Where the schemas lie: in the repository, so that editors need no network and have those of the version in use."""
_BY_NAME = {"known.yaml": "known", "models.yaml": "register", "waivers.yaml": "waivers"}
_RARE = ("known",)
"""Files that are read by people and seldom written, for which no schema is brought along."""


def schema_file(name: str) -> Path:
    """Where a schema lies in a repository."""
    return FOLDER / f"{name}.schema.json"


def with_editor_lines(texts: Mapping[Path, str]) -> dict[Path, str]:
    """YAML files with the line that names their schema, by their paths from the working folder; and these schemas,
    where the repository does not have them yet. None where the folder is a link, which may lead anywhere.
    """
    if FOLDER.is_symlink():
        return dict(texts)
    names = dict.fromkeys(filter(None, map(_kind, texts)))
    there = {name: os.path.lexists(schema_file(name)) for name in names}
    added = {schema_file(name): schema_line(name) for name in names if not there[name] and name not in _RARE}
    return {path: f"{_line(path, added)}{text}" for path, text in texts.items()} | added


def _line(path: Path, added: Container[Path]) -> str:
    kind = _kind(path)
    if not kind or (schema_file(kind) not in added and not os.path.lexists(schema_file(kind))):
        return ""
    return f"# yaml-language-server: $schema={Path(os.path.relpath(schema_file(kind), path.parent)).as_posix()}\n"


def _kind(path: Path) -> str:
    """The name of the schema of a file; empty for one without."""
    if path.suffix not in (".yaml", ".yml"):
        return ""
    if is_named_as_tests(path.name):
        return "tests"
    if path.name == FILE_NAME or path.name.endswith(f".{FILE_NAME}"):
        return "candidate"
    if path.name in _BY_NAME:
        return _BY_NAME[path.name]
    return "policy" if path.parent.name == "policies" and path.name != "owner.yaml" else ""

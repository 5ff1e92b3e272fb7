"""A file or folder in which a tool has recorded lineage, and how its texts are read."""

from __future__ import annotations

import hashlib
import posixpath
import re
import tomllib
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from mlgate.evidence.files import contents, located, reading
from mlgate.evidence.sources import FileSource
from mlgate.values.errors import EvidenceError
from mlgate.values.json_text import parse
from mlgate.values.reach import Reach

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_HEAD = 1 << 16
_DEEPEST, _MOST_SIGNS = 100, 10_000_000
"""How deep values may be nested, and how many signs they may have with each alias written out."""
_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_KINDS = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map", None)


@dataclass(frozen=True)
class SourceFile:
    """A file or folder, by its path from the workspace."""

    path: str
    reach: Reach
    run: str = ""
    """The run that is meant, where the source has several."""
    model: str = ""
    """The model that is asked about, from the workspace."""
    server: str = ""
    """The address of the server that is asked instead of the file; paths then start from the candidate's folder."""

    @property
    def said(self) -> str:
        """What messages call it."""
        return self.server or self.path

    @property
    def name(self) -> str:
        """The last part of the path."""
        return posixpath.basename(self.path)

    @property
    def place(self) -> Path:
        """Where it is. Raises EvidenceError where it may not be read, or nothing can have the name."""
        found = located(FileSource(self.path, self.reach.workspace), self.reach)
        with reading(self.path):
            found.exists()
        return found

    @property
    def there(self) -> bool:
        """Whether there is such a file or folder."""
        return self.place.exists()

    @property
    def is_file(self) -> bool:
        """Whether there is such a file. Raises EvidenceError where none can have the name."""
        with reading(self.path):
            return self.place.is_file()

    def beside(self, path: str) -> SourceFile:
        """Another file, by its path from the folder of this one."""
        return SourceFile(self.from_here(path), self.reach)

    def from_here(self, path: str) -> str:
        """A path that this file states, from the workspace."""
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.path), path))

    def below(self, path: str) -> SourceFile:
        """A file or folder in this folder."""
        return SourceFile(posixpath.join(self.path, path), self.reach, self.run, self.model)

    def text(self) -> str:
        """The text. Raises EvidenceError where it is missing, too long or not UTF-8."""
        raw = contents(self.path, self.reach)
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise EvidenceError(f"{self.path} is not UTF-8 (byte {error.start + 1}); write it as UTF-8") from error

    def head(self) -> bytes:
        """The first bytes, by which a format is recognised."""
        with reading(self.path), self.place.open("rb") as opened:
            return opened.read(_HEAD)

    def json(self, text: str | None = None) -> Mapping[str, Any]:
        """The object of a JSON file, or of a text that it holds. Raises EvidenceError for anything else."""
        try:
            found = parse(self.text() if text is None else text)
        except ValueError as error:
            raise EvidenceError(f"{self.path} cannot be read as JSON: {error}; write it again") from error
        if not isinstance(found, dict):
            raise EvidenceError(
                f"{self.path} is not an object of JSON, so it records nothing; write it again", "lineage"
            )
        self._bounded(found)
        return found

    def json_lines(self) -> Iterator[Mapping[str, Any]]:
        """The objects of a file that has one per line."""
        yield from (self.json(line) for line in self.text().splitlines() if line.strip())

    def yaml(self) -> Mapping[str, Any]:
        """The mapping of a YAML file, whose scalars are texts. Raises EvidenceError for anything else."""
        try:
            found = yaml.load(self.text(), Loader=_Texts)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            at = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
            raise EvidenceError(f"{self.path}{at}: this is not YAML ({error.problem}); write it again") from error
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            raise EvidenceError(f"{self.path} cannot be read as YAML; write it again") from error
        if not isinstance(found, dict):
            raise EvidenceError(f"{self.path} is not a mapping, so it records nothing; write it again")
        self._bounded(found)
        return found

    def toml(self) -> Mapping[str, Any]:
        """The table of a TOML file. Raises EvidenceError for anything else."""
        try:
            found = tomllib.loads(self.text())
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise EvidenceError(f"{self.path} cannot be read as TOML: {error}; write it again") from error
        self._bounded(found)
        return found

    def _bounded(self, values: object) -> None:
        """Raise EvidenceError where values are nested without end, or aliases make a short text a huge one."""
        signs: dict[int, int] = {}

        def counted(value: object, depth: int) -> int:
            if depth > _DEEPEST:
                raise EvidenceError(f"{self.path} is nested more than {_DEEPEST} deep; write it again")
            if not isinstance(value, dict | list):
                return len(str(value)) + 1
            if id(value) not in signs:
                parts = (each for pair in value.items() for each in pair) if isinstance(value, dict) else value
                signs[id(value)] = 1 + sum(counted(part, depth + 1) for part in parts)
            return signs[id(value)]

        if counted(values, 0) > _MOST_SIGNS:
            raise EvidenceError(f"{self.path} has more than {_MOST_SIGNS:,} signs with its aliases; write it again")


class _Texts(_BASE):  # type: ignore[misc]  # which loader there is depends on how PyYAML was built
    """A loader that leaves every scalar a text, and refuses a repeated key, one that is not a text, and a type."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - as PyYAML declares it
        "<": [("tag:yaml.org,2002:merge", re.compile("<<"))],
    }
    yaml_constructors = {kind: made for kind, made in _BASE.yaml_constructors.items() if kind in _KINDS}  # noqa: RUF012

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            if not isinstance(key.value, str):
                raise yaml.MarkedYAMLError(None, None, "a key is not a text", key.start_mark)
            if key.value in seen and key.tag != "tag:yaml.org,2002:merge":
                raise yaml.MarkedYAMLError(None, None, f"key `{str(key.value)[:60]}` is repeated", key.start_mark)
            seen.add(key.value)
        found: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return found


def outside(path: str) -> bool:
    """Whether a stated path is an address or leads to another machine's folders: it is never followed."""
    return bool(_SCHEME.match(path)) or path.startswith(("/", "~", "\\"))


def digest_of(values: object) -> str:
    """The SHA-256 of some values, in any order of their keys."""
    return hashlib.sha256(repr(_ordered(values)).encode()).hexdigest()


def _ordered(values: object) -> object:
    if isinstance(values, dict):
        return sorted((str(key), _ordered(value)) for key, value in values.items())
    return [_ordered(each) for each in values] if isinstance(values, list) else str(values)


def mapping(value: object) -> Mapping[str, Any]:
    """A value that should be a mapping; empty for anything else."""
    return value if isinstance(value, dict) else {}


def listing(value: object) -> list[Any]:
    """A value that should be a list; empty for anything else."""
    return value if isinstance(value, list) else []

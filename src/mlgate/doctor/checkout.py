"""The repository that is looked at: its files, and what git says about them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from mlgate.git.code_owners import PLACES, CodeOwners, owners_of
from mlgate.git.repository import Repository
from mlgate.reading.foreign_yaml import load_foreign
from mlgate.reading.strict_yaml import MAX_BYTES, Mapping
from mlgate.values.errors import EvidenceError, InputError, Location, Problem

MAIN_BRANCHES = ("origin/HEAD", "origin/main", "origin/master", "main", "master")


@dataclass
class Checkout:
    """A work tree by its top folder. Files are read within it only, and each that is read is remembered by its path."""

    top: Path
    files_read: dict[str, bytes] = field(default_factory=dict)

    def raw(self, path: str) -> bytes | None:
        """The bytes of a file by its path from the top; None where there is none. Raises InputError for one that is
        not a plain file of the work tree, or is too large.
        """
        if path in self.files_read:
            return self.files_read[path]
        file = self.top / path
        if "\0" in path or not os.path.lexists(file):
            return None
        if not Path(os.path.realpath(file)).is_relative_to(os.path.realpath(self.top)):
            raise InputError([Problem(Location(path), "this is a link out of the repository; write a plain file")])
        if not file.is_file():
            return None
        try:
            with file.open("rb") as stream:
                found = stream.read(MAX_BYTES + 1)
        except OSError as error:
            raise InputError([Problem(Location(path), f"this file cannot be read: {error.strerror}")]) from error
        if len(found) > MAX_BYTES:
            raise InputError([Problem(Location(path), f"this file has more than {MAX_BYTES:,} bytes; split it")])
        self.files_read[path] = found
        return found

    def text(self, path: str) -> str | None:
        """The text of a file; None where there is none. Raises as `raw`."""
        raw = self.raw(path)
        return None if raw is None else raw.decode("utf-8", "replace").replace("\r\n", "\n")

    def yaml(self, path: str) -> Mapping | None:
        """The mapping in a YAML file, with those of its later documents; None where there is no such file.

        Raises InputError for a file that is not YAML, or whose documents are not mappings.
        """
        raw = self.raw(path)
        if raw is None:
            return None
        found = load_foreign(raw, path)
        if not found or not all(isinstance(each, Mapping) for each in found):
            raise InputError([Problem(Location(path), "this file is not a mapping of keys; correct it")])
        entries = [entry for each in found if isinstance(each, Mapping) for entry in each.entries]
        return Mapping(tuple(entries), found[0].at)

    def below(self, folder: str, *endings: str) -> Iterator[str]:
        """The files below a folder with one of some endings, sorted. Links to folders are not followed."""
        for here, folders, names in os.walk(self.top / folder):
            folders[:] = sorted(each for each in folders if each not in (".git", "node_modules", ".venv"))
            for name in sorted(names):
                if name.endswith(endings):
                    yield Path(here, name).relative_to(self.top).as_posix()

    @cached_property
    def repository(self) -> Repository | None:
        """The repository, if git can read it."""
        found = Repository.at(self.top)
        try:
            return found if found is None or found.head is not None else None
        except EvidenceError:
            return None

    @cached_property
    def base(self) -> str:
        """The commit of the branch that changes merge into, as far as this clone knows it; empty for none."""
        repository = self.repository
        if repository is None:
            return ""
        named = (repository.commit_of(name) for name in MAIN_BRANCHES)
        return next(filter(None, named), "") or repository.head

    def is_in_base(self, path: str) -> bool:
        """Whether the branch that changes merge into has a file or folder."""
        return bool(self.repository and self.base and self.repository.entry(self.base, path))

    def owners(self, path: str) -> CodeOwners:
        """The owners of a path by the first of the files CODEOWNERS."""
        file = next((each for each in PLACES if self.raw(each) is not None), "")
        return owners_of(path, self.text(file) or "", file) if file else CodeOwners()

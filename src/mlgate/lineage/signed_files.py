"""The files of a model as they were signed, compared by their names with those that are here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mlgate.evidence.file_hashes import file_hashes
from mlgate.evidence.files import walk
from mlgate.evidence.questions.digest import manifest_digest
from mlgate.lineage.source_file import SourceFile

ALONE = "."
"""The path of a model that is a single file, from itself."""
_OF_GIT = (".git", ".github", ".gitattributes", ".gitignore")
"""What lies beside a model in a repository and does not belong to it."""


@dataclass(frozen=True)
class SignedFiles:
    """What was signed of a model."""

    model: SourceFile
    """The file or folder."""
    digests: Mapping[str, str]
    """The SHA-256 of each file by its path from the model; of a model that is a file its own, by `.`."""
    signature: SourceFile
    """The file of the signature, which may lie in the model's folder."""
    links: bool
    """Whether links were signed as what they lead to."""
    ignored: Collection[str]
    """What the signer left out. Only what is git's own may be: anything else of a model could be swapped unseen."""

    @cached_property
    def here(self) -> Mapping[str, Path]:
        """The files that are here of a model that is a folder, by their paths from it."""
        place = self.model.place
        found = sorted(walk(place, self.model.reach, hidden=True)) if place.is_dir() else []
        return {each.relative_to(place).as_posix(): each for each in found}

    @property
    def sha256(self) -> str:
        """The digest that the model has if it is as it was signed: of a folder, that of its manifest."""
        if ALONE in self.digests:
            return self.digests[ALONE]
        beside = {name: self._now(name) for name in self.here if name not in self.digests}
        every = {**beside, **self.digests}
        return manifest_digest((name, every[name]) for name in sorted(every, key=lambda name: name.split("/")))

    @property
    def differs(self) -> str:
        """In what the model is not what was signed, by names alone; empty if in nothing, or where it is not here."""
        place = self.model.place
        if not place.exists():
            return ""
        if place.is_dir() == (ALONE in self.digests):
            return (
                "a folder was signed, and it is a file" if place.is_file() else "a file was signed, and it is a folder"
            )
        linked = next((name for name, each in {ALONE: place, **self.here}.items() if self._leads_away(each)), "")
        if linked and not self.links:
            return f"{self._called(linked)} is a link, and none was signed"
        more = next((name for name in self.here if name not in self.digests and not self._left_out(name)), "")
        gone = next((name for name in self.digests if name not in self.here and name != ALONE), "")
        return f"`{more}` was not signed" if more else f"`{gone}` was signed, and is not here" if gone else ""

    def _called(self, name: str) -> str:
        return "it" if name == ALONE else f"`{name}`"

    def _leads_away(self, path: Path) -> bool:
        """Whether a file is a link, or lies in a folder of the model that is one."""
        place = self.model.place
        inside = [each for each in path.parents if each.is_relative_to(place)]
        return any(each.is_symlink() for each in (path, *inside))

    def _left_out(self, name: str) -> bool:
        """Whether a file that was not signed may lie there."""
        first = name.partition("/")[0]
        return self.here[name] == self.signature.place or (first in _OF_GIT and first in self.ignored)

    def _now(self, name: str) -> str:
        return file_hashes(self.here[name], name, ("sha256",), empty=True).values[0]

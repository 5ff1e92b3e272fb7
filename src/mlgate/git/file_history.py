"""Which commits gave a file a part that it has: found by the versions of the file, not by whose its lines are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from mlgate.git.repository import CommitMessage, Repository


@dataclass(frozen=True)
class FileHistory:
    """The versions of a file up to a commit, by its path from the top of the repository."""

    repository: Repository
    commit: str
    path: str

    @property
    def text(self) -> bytes:
        """The file in the commit; empty if the commit has no such file."""
        return self._version(self.commit)

    def brought_by(self, has: Callable[[bytes], bool]) -> tuple[CommitMessage, ...]:
        """The commits since which the file has a part: their version has it, and no version just before them does.

        Empty if the file of the commit does not have it, or the clone lacks a commit that may be among them.
        """
        if not has(self.text):
            return ()
        found: dict[str, None] = {}
        seen: set[str] = set()
        waiting = [name for name in self._before if not any(name in earlier for earlier in self._before.values())]
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            having = [each for each in self._before.get(name, ()) if has(self._version(each))]
            waiting += having
            if not having:
                if name not in self._before or self.repository.lacks_parents(name):
                    return ()
                found[name] = None
        return tuple(message for name in found for message in self.repository.messages(name, most=1))

    @cached_property
    def _before(self) -> Mapping[str, tuple[str, ...]]:
        """The commits that changed the file, each with those that changed it just before."""
        return self.repository.changes_of(self.commit, self.path)

    def _version(self, commit: str) -> bytes:
        return self.repository.small(self.repository.blob(commit, self.path))

"""What DVC leaves out of a folder: the patterns of `.dvcignore`, as in `.gitignore`, and the folders of tools."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from mlgate.lineage.source_file import SourceFile
from mlgate.values.reach import Reach

_NAME, _TOP = ".dvcignore", ".dvc"
_ALWAYS = (".hg/", ".git/", ".git", ".dvc/")
_ANY = "**"


@dataclass(frozen=True)
class IgnoreRule:
    """One pattern."""

    depth: int
    """How many parts of a path lead to the folder of its file."""
    parts: tuple[str, ...]
    """Its pattern for a path from there, in parts; `**` is any folders."""
    kept: bool
    """Whether it takes back what an earlier one leaves out."""
    folders: bool
    """Whether it is about folders only."""

    def matches(self, path: Sequence[str], folder: bool) -> bool:
        """Whether it is about a path, in parts from the workspace."""
        return (folder or not self.folders) and _matches(self.parts, path[self.depth :])


@dataclass(frozen=True, eq=False)
class DvcIgnored:
    """What DVC leaves out of one folder."""

    folder: tuple[str, ...]
    """In parts from the workspace."""
    rules: tuple[IgnoreRule, ...]
    _known: dict[tuple[str, ...], bool] = field(default_factory=dict)

    @staticmethod
    def of(folder: str, reach: Reach) -> DvcIgnored:
        """The rules for a folder: of the files from the top of DVC's repository down to the folder's parent."""
        parts = _parts(folder)
        above = [parts[:at] for at in range(len(parts))]
        top = next((at for at in reversed(range(len(above))) if _is_top(above[at], reach)), 0)
        always = [_rule(line, top) for line in _ALWAYS] if above else []
        return DvcIgnored(parts, (*always, *(rule for each in above[top:] for rule in _rules(each, reach))))

    def leaves_out(self, path: str) -> bool:
        """Whether a file, by its path from the folder, is left out: itself, or a folder that it lies in."""
        parts = _parts(path)
        return any(self._left_out(parts[: at + 1], at + 1 < len(parts)) for at in range(len(parts)))

    def _left_out(self, inside: tuple[str, ...], folder: bool) -> bool:
        if inside not in self._known:
            path = (*self.folder, *inside)
            last = next((rule for rule in reversed(self.rules) if rule.matches(path, folder)), None)
            self._known[inside] = last is not None and not last.kept
        return self._known[inside]


def _is_top(folder: Iterable[str], reach: Reach) -> bool:
    return SourceFile(posixpath.join(*folder, _TOP), reach).place.is_dir()


def _rules(folder: tuple[str, ...], reach: Reach) -> Iterator[IgnoreRule]:
    file = SourceFile(posixpath.join(*folder, _NAME), reach)
    if file.there and file.place.stat().st_size:
        lines = (line.strip() for line in file.text().splitlines())
        yield from (_rule(line, len(folder)) for line in lines if line.strip("!/") and not line.startswith("#"))


def _rule(line: str, depth: int) -> IgnoreRule:
    kept = line.startswith("!")
    text = line[1:] if kept else line
    plain = text.rstrip("/")
    parts = tuple(_as_glob(part) for part in plain.split("/") if part)
    return IgnoreRule(depth, parts if "/" in plain else (_ANY, *parts), kept, text.endswith("/"))


def _as_glob(part: str) -> str:
    """A part of a pattern as `fnmatch` has it: `[^a]` is `[!a]`, and a sign after a backslash means only itself."""
    return re.sub(r"\\(.)|\[\^", lambda found: f"[{found[1]}]" if found[1] else "[!", part)


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part for part in path.split("/") if part not in ("", "."))


def _matches(pattern: Sequence[str], path: Sequence[str]) -> bool:
    """Whether a pattern, in parts, is about a path or a folder around it; a last `**` is about what lies there."""
    reached = {0}
    for at, part in enumerate(pattern):
        if part == _ANY:
            first = min(reached, default=len(path)) + (at + 1 == len(pattern))
            reached = set(range(first, len(path) + 1))
        else:
            reached = {place + 1 for place in reached if place < len(path) and fnmatchcase(path[place], part)}
    return bool(reached)

"""The search for files, below a folder or by a glob. What it enters is for the caller to say."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

Enters = Callable[[Path], bool]
"""Whether a search enters a folder. It may raise where the folder may not be read."""
Takes = Callable[[Path, str], bool]
"""Whether a search by a glob takes a path whose name matches a part of the glob, or is that part. It may raise."""


def is_glob(path: str) -> bool:
    """Whether a path names several files by a pattern."""
    return any(sign in path for sign in "*?[")


def before_pattern(path: Path) -> Path:
    """The last folder on a path before its pattern."""
    return next(each for each in path.parents if not is_glob(str(each)) or os.path.exists(each))


def covers(pattern: tuple[str, ...], path: tuple[str, ...]) -> bool:
    """Whether a path, in parts, is or lies below what a path or glob names."""
    if not pattern:
        return True
    if pattern[0] == "**" and covers(pattern[1:], path):
        return True
    if not path or not (pattern[0] in (path[0], "**") or fnmatchcase(path[0], pattern[0])):
        return False
    return covers(pattern if pattern[0] == "**" else pattern[1:], path[1:])


def below(folder: Path, enters: Enters) -> Iterator[Path]:
    """The files below a folder, in each folder by name. Links to folders are followed, and each is visited once.

    Raises OSError for a folder that cannot be read.
    """
    seen = {os.path.realpath(folder)}
    for here, folders, names in os.walk(folder, followlinks=True, onerror=_raise):
        kept = [name for name in sorted(folders) if enters(Path(here, name))]
        folders[:] = [name for name in kept if _first_time(os.path.join(here, name), seen)]
        yield from (Path(here, name) for name in sorted(names))


def matching(pattern: Path, takes: Takes) -> Iterator[Path]:
    """The files and folders that match a glob, not sorted. A folder that several links lead to is searched once.

    Raises OSError for a folder that cannot be read.
    """
    start = before_pattern(pattern)
    yield from _matching(start, pattern.relative_to(start).parts, takes, set())


def _matching(folder: Path, parts: tuple[str, ...], takes: Takes, seen: set[tuple[str, ...]]) -> Iterator[Path]:
    key = (os.path.realpath(folder), *parts)
    if not parts:
        yield folder
    if not parts or key in seen or not folder.is_dir():
        return
    seen.add(key)
    part, rest = parts[0], parts[1:]
    if part == "**" and rest:
        yield from _matching(folder, rest, takes, seen)
    for path in _named(folder, part, takes):
        deeper = part == "**" and path.is_dir()
        if part != "**" or deeper or not rest:
            yield from _matching(path, parts if deeper else rest, takes, seen)


def _named(folder: Path, part: str, takes: Takes) -> list[Path]:
    """The paths in a folder that one part of a glob means."""
    if is_glob(part):
        names = sorted(name for name in os.listdir(folder) if part == "**" or fnmatchcase(name, part))
    else:
        names = [part] if os.path.lexists(folder / part) else []
    return [folder / name for name in names if takes(folder / name, part)]


def _first_time(folder: str, seen: set[str]) -> bool:
    real = os.path.realpath(folder)
    new = real not in seen
    seen.add(real)
    return new


def _raise(error: OSError) -> None:
    raise error

"""From the arguments of a command to the files that it reads, and the names that reports give them."""

from __future__ import annotations

import os
import re
import stat
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from mlgate.reading.edge import workspace
from mlgate.reading.strict_yaml import MAX_BYTES
from mlgate.values.errors import InputError, Location, Problem, unusable
from mlgate.values.file_search import below, is_glob, matching
from mlgate.values.reach import MOST_TEXT, Reach

Wanted = Callable[[str], bool]
MOST_LOOKED_INTO = 300
"""How many folders below those that a search leaves out are looked into."""
_LONGEST_SETTINGS = 4096


def named(*patterns: str) -> Wanted:
    """A test whether a file's name matches one of some shell patterns, in lower or upper case."""
    return lambda name: any(fnmatchcase(name.casefold(), pattern) for pattern in patterns)


@dataclass(frozen=True)
class FilesFound:
    """The result of a search: the files found, sorted and without repeats, and those of folders that it left out."""

    files: tuple[Path, ...]
    passed_over: tuple[Path, ...] = ()
    """Files of that name in folders that were not searched, as far as a short look into these shows."""


def find(arguments: Sequence[str | Path], wanted: Wanted, *, cwd: Path, what: str) -> tuple[Path, ...]:
    """The files that the arguments (files, folders, globs) match, sorted and without repeats.

    Raises InputError if there are no arguments, and for every argument that matches nothing.
    """
    return search(arguments, wanted, cwd=cwd, what=what, everywhere=True).files


def search(
    arguments: Sequence[str | Path], wanted: Wanted, *, cwd: Path, what: str, everywhere: bool = False
) -> FilesFound:
    """The files that the arguments match, as in `find`.

    Without `everywhere`, a search does not enter folders that hold other people's files: hidden folders,
    `node_modules`, virtual environments, and links out of the workspace. Such a folder that an argument names itself is
    searched. Raises InputError as `find` does.
    """
    if not arguments:
        raise InputError(f"no {what} is named; give a file, a folder or a glob")
    within = _Search(wanted, cwd, Reach.of(workspace(cwd)), everywhere)
    found: dict[Path, Path] = {}
    problems = []
    for argument in arguments:
        try:
            matches = tuple(within.matches(str(argument)))
        except (OSError, ValueError) as error:
            raise unusable(f"`{argument}` cannot be searched", error) from error
        if not matches:
            problems.append(Problem(None, f"`{argument}` matches no {what}; correct the path or pattern"))
        for path in matches:
            found.setdefault(Path(os.path.realpath(path)), path)
    if problems:
        raise InputError(problems)
    passed = {path for path in within.passed_over() if Path(os.path.realpath(path)) not in found}
    return FilesFound(tuple(sorted(found.values())), tuple(sorted(passed)))


@dataclass(frozen=True)
class _Search:
    """One search. It notes the folders that it does not enter."""

    wanted: Wanted
    cwd: Path
    top: Reach
    everywhere: bool
    left_out: dict[str, None] = field(default_factory=dict)

    def matches(self, argument: str) -> Iterator[Path]:
        """The files that one argument matches."""
        if not argument or "\0" in argument:
            return
        path = self.cwd / argument
        if path.is_dir():
            yield from self._below(path)
        elif path.exists():
            yield path
        elif is_glob(argument):
            for hit in matching(path, lambda path, part: _named_by(part) or not path.is_dir() or self._enters(path)):
                if hit.is_dir():
                    yield from self._below(hit)
                elif hit.suffix.casefold() in (".yaml", ".yml"):
                    yield hit

    def passed_over(self) -> Iterator[Path]:
        """The wanted files in folders that were left out: a look into them level by level, which soon ends."""
        waiting = deque(self.left_out)
        for _ in range(MOST_LOOKED_INTO):
            if not waiting:
                return
            folder = waiting.popleft()
            with suppress(OSError), os.scandir(folder) as entries:
                for entry in sorted(entries, key=lambda entry: entry.name):
                    # Behind a link may be the whole machine.
                    if entry.is_dir(follow_symlinks=False) and not os.path.islink(folder):
                        waiting.append(entry.path)
                    elif self.wanted(entry.name):
                        yield Path(entry.path)

    def _enters(self, folder: Path) -> bool:
        if folder.name == ".git":
            return False
        own = self.everywhere or _own_folder(str(folder), self.top)
        if not own:
            self.left_out[str(folder)] = None
        return own

    def _below(self, folder: Path) -> Iterator[Path]:
        return (path for path in below(folder, self._enters) if self.wanted(path.name))


def _own_folder(folder: str, top: Reach) -> bool:
    """Whether a folder is the project's own; a link to one outside the workspace is not."""
    if os.path.islink(folder) and top.why_not(Path(folder), folder):
        return False
    name = os.path.basename(folder)
    return not name.startswith(".") and name != "node_modules" and not _is_environment(folder)


def _is_environment(folder: str) -> bool:
    """Whether a folder is a virtual environment: its `pyvenv.cfg` is a plain file that says where Python is."""
    path = os.path.join(folder, "pyvenv.cfg")
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return False
        with open(path, "rb") as stream:
            return re.search(rb"^\s*home\s*=\s*\S", stream.read(_LONGEST_SETTINGS), re.MULTILINE) is not None
    except OSError:
        return False


def _named_by(part: str) -> bool:
    """Whether a part of a pattern names a folder itself, or means hidden ones."""
    return part.startswith(".") or not is_glob(part)


def shown(path: Path, workspace: Path) -> str:
    """The name of a file in reports: its path from the workspace."""
    for follow in (os.path.abspath, os.path.realpath):
        whole, base = Path(follow(path)), Path(follow(workspace))
        if whole.is_relative_to(base):
            return whole.relative_to(base).as_posix()
    return Path(os.path.relpath(path, workspace)).as_posix()


def refuse_links_out(paths: Iterable[Path], workspace: Path, roots: Iterable[Path]) -> None:
    """Raise InputError for a file of the workspace that is a link to where nothing may be read.

    A path that is written as outside the workspace is where its caller wants to read.
    """
    own, named_ones = Reach.of(workspace), tuple(roots)
    reach = Reach.of(workspace, (workspace, *named_ones))
    problems = [Problem(None, said) for path in paths if own.covers(path) and (said := reach.why_not(path, str(path)))]
    if problems:
        raise InputError(problems)


def read(path: Path, name: str) -> bytes:
    """The bytes of a small text file.

    Raises InputError if it does not exist or its path is wrong, MachineError if it cannot be read.
    """
    try:
        if not path.is_file():
            kind = "this is not a plain file" if path.exists() else "this file does not exist"
            raise InputError([Problem(Location(name), f"{kind}; correct the path")])
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise unusable(f"{name} cannot be read", error) from error


def json_text(path: Path, name: str, remedy: str) -> str:
    """The text of a JSON file that mlgate wrote. `remedy` says what writes it.

    Raises InputError if it does not exist, is not text or its path is wrong, MachineError if it cannot be read.
    """
    _check_size(path, name)
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise InputError(f"{name} {'is a folder' if path.is_dir() else 'does not exist'}; {remedy}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8 text, so it is not a file of mlgate; name another file") from error
    except OSError as error:
        raise unusable(f"{name} cannot be read", error) from error


def _check_size(path: Path, name: str) -> None:
    """Raise InputError, before it is read, for a JSON file that is too large to be one of ours, or not a plain file."""
    plain = os.path.isfile(path)
    if plain and path.stat().st_size > MOST_TEXT:
        said = f"this file has more than {MOST_TEXT >> 20} MiB; name a report or facts file of mlgate"
        raise InputError([Problem(Location(name), said)])
    if os.path.exists(path) and not plain and not path.is_dir():
        raise InputError([Problem(Location(name), "this is not a plain file; correct the path")])


def all_problems(errors: Iterable[InputError]) -> InputError:
    """Several InputErrors as one, each problem once."""
    return InputError(dict.fromkeys(problem for error in errors for problem in error.problems))

"""A commit that a change is held to: its policies and candidate files, read from git and never from the work tree."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath

from mlgate.candidate.named_files import with_files
from mlgate.candidate.presented import Candidate
from mlgate.candidate.read import FILE_NAME
from mlgate.candidate.supplied_before import as_supplied_to
from mlgate.evidence.scratch import SCRATCH
from mlgate.evidence.sources import FileSource
from mlgate.gate import bind
from mlgate.git.file_history import FileHistory
from mlgate.git.repository import Repository, is_commit
from mlgate.policy.demanded import Policy, Rule
from mlgate.policy.function_files import ENDING
from mlgate.policy.known_failures import ROLE, KnownFailures, load_known
from mlgate.policy.load import load_policies
from mlgate.policy.register import Register, read_register
from mlgate.reading import locate
from mlgate.reading.fields import ENDINGS
from mlgate.reading.strict_yaml import Mapping, Scalar, parse
from mlgate.values.errors import EvidenceError, InputError, MachineError, Problem
from mlgate.values.file_search import before_pattern, covers, is_glob
from mlgate.values.provenance import Input

_DEMANDING = ("rules", "extends")
MOST_NAMED = 3
_FUNCTION = re.compile(rb"[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_]")
"""Anything like `module:function`."""
MOST_LINKS = 5
"""How many links one after another are followed."""


@dataclass(frozen=True)
class BaseCommit:
    """The commit, with the files of its policies and candidates in a folder of their own."""

    named: str
    """As the caller calls it: `origin/main`."""
    commit: str
    top: Path
    """The top of the work tree."""
    folder: Path
    submodules: tuple[str, ...] = ()
    """Its folders that are repositories of their own, which are not read."""

    def __str__(self) -> str:
        return self.commit[:12] if is_commit(self.named) else f"{self.named} ({self.commit[:12]})"

    def policies(self, paths: Sequence[Path], *, bootstrap: bool) -> tuple[Policy, ...]:
        """Its policies at some paths of the work tree; none if `bootstrap` allows a first policy and it has none.

        Raises InputError where it has none at these paths, or one of them is wrong.
        """
        there = [place for place in map(self._place, paths) if self._is_there(place)]
        if there:
            return tuple(map(self._of_here, self._loaded(there)))
        at = ", ".join(locate.shown(path, self.top) for path in paths)
        if inside := next((each for each in self.submodules for place in paths if self._holds(each, place)), ""):
            raise InputError(
                f"{self} has {inside} as a submodule, and --policy-ref reads policies of this repository only"
            )
        elsewhere = self._policy_files()
        if elsewhere:
            named = ", ".join(elsewhere[:MOST_NAMED])
            said = f"{self} has no policies at {at}, and it has {named}"
            raise InputError(f"{said}; name these by --policy, and to move them, first merge a copy at {at}")
        if not bootstrap:
            said = f"{self} has no policies, so nothing holds this change"
            raise InputError(f"{said}; merge the policies first, or add --bootstrap, which ends with the first policy")
        return ()

    def _holds(self, submodule: str, path: Path) -> bool:
        """Whether a path of the work tree is a folder, or lies in one, that the commit has as a submodule."""
        return self._place(path).is_relative_to(self.folder / submodule)

    def _loaded(self, places: Sequence[Path]) -> tuple[Policy, ...]:
        with self._named():
            return load_policies(places, workspace=self.folder, history=self._history)

    def _history(self, file: Path) -> FileHistory:
        path = file.relative_to(self.folder).as_posix()
        return FileHistory(Repository(self.top), self.commit, path)

    def register(self) -> Register | None:
        """Its register of models; None if it has none. Raises InputError where that is wrong."""
        with self._named():
            return read_register(self.folder)

    def has(self, path: Path) -> bool:
        """Whether it has a candidate file, by its path in the work tree."""
        return self._is_there(self._place(path))

    def data(self, path: str) -> FileSource:
        """The file, folder or glob of a table as it was there, by its path from the top.

        Raises EvidenceError where git does not have it, MachineError where the clone lacks it.
        """
        repository, parts = Repository(self.top), PurePosixPath(path).parts
        start = os.path.relpath(before_pattern(self.top / path), self.top) if is_glob(path) else path
        inside = not path.startswith(("..", "/"))
        there = repository.files_below(self.commit, start) if inside else {}
        found = {name for name in there if covers(parts, PurePosixPath(name).parts)}
        if not found:
            raise EvidenceError(f"git does not have {path} there")
        new = {name for name in found if not os.path.lexists(self.folder / name)}
        repository.write(self.commit, new.__contains__, self.folder)
        return FileSource(path, self.folder)

    def as_input(self, entry: Input, workspace: Path) -> Input:
        """A file of it that a verdict depends on, by its path in the repository; any other as it is."""
        place = Path(os.path.abspath(workspace / entry.path))
        if not place.is_relative_to(self.folder):
            return entry
        path = place.relative_to(self.folder).as_posix()
        return replace(entry, role=f"{entry.role} of {self.commit[:12]}", path=path)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Name the commit in every mistake that is found within, and the way out of it."""
        try:
            yield
        except InputError as error:
            raise InputError(replace(each, message=self._to_repair(each.message)) for each in error.problems) from error

    def _to_repair(self, message: str) -> str:
        return f"at {self}: {message}; merge its repair in a change of policies alone, with --changed-from"

    def candidate(self, path: Path, policies: Sequence[Policy], now: Candidate) -> Candidate | None:
        """The candidate that a file of the work tree was in the commit; None for a new one.

        A file that has moved is found by its candidate's name. Files that it left to its source are those of the
        candidate that it is `now`. Raises EvidenceError where several files of that name are gone.
        """
        place = self._place(path / FILE_NAME if path.is_dir() else path)
        if not self._is_there(place):
            moved = [file for file in self._candidate_files.get(now.name, ()) if not self._stays(file, now.name)]
            if not moved:
                return None
            if len(moved) > 1:
                files = " and ".join(file.relative_to(self.folder).as_posix() for file in moved)
                said = f"{self} has `{now.name}` as {files}, which are gone, so nobody can tell which of them it was"
                raise EvidenceError(f"{said}; move one of them in a change of its own")
            place = moved[0]
        found = bind.load(place, policies, self.folder, sourcing=as_supplied_to(now))
        return with_files(found, lambda source: replace(source, root=self._moved(source.root)))

    def _stays(self, file: Path, name: str) -> bool:
        """Whether the work tree still has a candidate of a name where a file of the commit has it."""
        here = self._moved(file)
        return here.is_file() and _candidate_in(here.read_bytes()) == name

    @cached_property
    def _candidate_files(self) -> dict[str, list[Path]]:
        """The files of the commit that are candidates, by the name in each."""
        found: dict[str, list[Path]] = {}
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and not path.is_symlink() and (name := _candidate_in(path.read_bytes())):
                found.setdefault(name, []).append(path)
        return found

    def known(self, path: Path) -> KnownFailures:
        """The known failures that a file of the work tree had in the commit; none if there was no such file.

        Raises InputError where the file there is wrong.
        """
        place = self._place(path)
        name, role = locate.shown(place, self.folder), f"{ROLE} of {self.commit[:12]}"
        if not self._is_there(place):
            return KnownFailures(Input(role, name, ""))
        found = load_known(place, workspace=self.folder)
        return replace(found, input=replace(found.input, role=role))

    def _place(self, path: Path) -> Path:
        """Where a path of the work tree is in the commit. Raises InputError for one outside the repository."""
        whole = Path(os.path.abspath(path))
        if not whole.is_relative_to(self.top):
            said = f"{path} is outside the repository, so that no commit of it has it"
            raise InputError(f"{said}; name policies and candidates of the repository, or leave out --policy-ref")
        return self.folder / whole.relative_to(self.top)

    def _is_there(self, place: Path) -> bool:
        return os.path.lexists(before_pattern(place) if is_glob(str(place)) else place)

    def _of_here(self, policy: Policy) -> Policy:
        """A policy whose folders of data are those of the work tree, and whose files are known as the commit's."""
        inputs = (replace(entry, role=f"{entry.role} of {self.commit[:12]}") for entry in policy.inputs)
        roots, rules = tuple(map(self._moved, policy.roots)), tuple(map(self._calling, policy.rules))
        return replace(policy, roots=roots, rules=rules, inputs=tuple(inputs))

    def _calling(self, rule: Rule) -> Rule:
        """A rule whose function, if it names one, is that of the commit."""
        own = rule.calls_function and rule.folder
        return replace(rule, functions_in=str(self.folder / rule.folder)) if own else rule

    def _moved(self, path: Path) -> Path:
        """A path in the folder of the commit's files, in the work tree; any other as it is."""
        whole = Path(os.path.abspath(path))
        return self.top / whole.relative_to(self.folder) if whole.is_relative_to(self.folder) else path

    def _policy_files(self) -> list[str]:
        """The files of the commit that are policies."""
        files = sorted(path for path in self.folder.rglob("*") if path.is_file() and not path.is_symlink())
        return [path.relative_to(self.folder).as_posix() for path in files if is_policy(path.read_bytes())]


def is_policy(raw: bytes) -> bool:
    """Whether a YAML file is a policy, by its keys. A file with mistakes may be one if it has the words."""
    if b"policy" not in raw or not any(word.encode() in raw for word in _DEMANDING):
        return False
    problems: list[Problem] = []
    node = parse(raw, "", problems)
    if isinstance(node, Mapping):
        return node.get("policy") is not None and any(node.get(key) is not None for key in _DEMANDING)
    return bool(problems) and b"mlgate" in raw


def _candidate_in(raw: bytes) -> str:
    """The name of the candidate in a YAML file; empty for any other file."""
    node = parse(raw, "", []) if b"candidate" in raw else None
    name = node.get("candidate") if isinstance(node, Mapping) else None
    return name.text if isinstance(name, Scalar) else ""


@contextmanager
def base_commit(name: str, workspace: Path, known: str = "", named: Sequence[Path] = ()) -> Iterator[BaseCommit]:
    """A commit by its name, a branch or a tag, or the `known` one that this once meant. Raises as `found_commit`.

    `named` are the paths of policies and candidates in the work tree, whatever their names end with.
    """
    repository, commit = found_commit(known or name, workspace, "--policy-ref")
    top = Path(os.path.abspath(repository.top))
    whole = {locate.shown(path, top) for path in named}
    folder = Path(os.path.realpath(tempfile.mkdtemp(prefix=SCRATCH)))
    try:
        repository.write(commit, lambda path: path in whole or _belongs_to_policies(path), folder)
        _write_functions(repository, commit, folder)
        _write_targets(repository, commit, folder)
        yield BaseCommit(name, commit, top, folder, tuple(repository.submodules(commit)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_functions(repository: Repository, commit: str, folder: Path) -> None:
    """Write the source files below the folder of each policy that may call a function."""
    policies = (path for path in folder.rglob("*") if path.is_file() and _may_call(path.read_bytes()))
    homes = {path.parent.relative_to(folder).as_posix() for path in policies}
    if homes:

        def chosen(path: str) -> bool:
            known = any(home == "." or path.startswith(f"{home}/") for home in homes)
            return known and path.endswith(ENDING) and not os.path.lexists(folder / path)

        repository.write(commit, chosen, folder)


def _may_call(raw: bytes) -> bool:
    """Whether a YAML file may be a policy whose metric is a function."""
    return b"policy" in raw and b"metric" in raw and _FUNCTION.search(raw) is not None


def _write_targets(repository: Repository, commit: str, folder: Path) -> None:
    """Write what links in the commit lead to, whatever its name ends with. A link out of the commit stays as it is."""
    for _ in range(MOST_LINKS):
        links = (path for path in folder.rglob("*") if path.is_symlink() and not path.exists())
        targets = (Path(os.path.realpath(link)) for link in links)
        wanted = {to.relative_to(folder).as_posix() for to in targets if to.is_relative_to(folder)}
        if not wanted:
            return
        repository.write(commit, wanted.__contains__, folder)


def found_commit(name: str, workspace: Path, option: str) -> tuple[Repository, str]:
    """The repository, and the whole name of a commit. Raises InputError outside a repository, MachineError where the
    commit is not here.
    """
    repository = Repository.at(workspace)
    if repository is None:
        raise InputError(f"{option} {name} reads a git repository, and {workspace} is in none; leave it out")
    commit = repository.commit_of(name)
    if not commit:
        raise MachineError(f"the clone has no commit `{name}`; fetch it with `{_fetching(name)}`")
    return repository, commit


def _fetching(name: str) -> str:
    remote, _, branch = name.partition("/")
    if branch and remote == "origin":
        return f"git fetch --depth=1 origin {branch}:refs/remotes/origin/{branch}"
    return f"git fetch --depth=1 origin {name}"


def _belongs_to_policies(path: str) -> bool:
    """Whether a file may be a policy, a candidate, or what a policy names."""
    return path.casefold().endswith((".yaml", ".yml")) or path.endswith(ENDINGS)

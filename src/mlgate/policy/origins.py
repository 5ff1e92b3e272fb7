"""Where policies come from: files of the workspace, packs, and files of other git repositories at a commit."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from mlgate.git.remote import RemoteRepository, files_of, is_ref, why_no_address
from mlgate.git.repository import Repository, is_commit
from mlgate.policy.elsewhere import prefix_of, shortened
from mlgate.policy.extended_keys import Extended, GitPolicyKeys
from mlgate.policy.owners import FolderOwner, FolderOwners
from mlgate.policy.packs import ENDING, PREFIX, packs, why_no_pack
from mlgate.reading import locate
from mlgate.reading.edge import cache_folder, git_protocols
from mlgate.reading.fields import ENDINGS, FilesBeside, ProblemReport
from mlgate.values.errors import Location, MachineError

_MOST_NAMED = 3
_LONG = 64
"""How many digits the name of a commit has that is a SHA-256."""
_FOLDER = "mlgate-policies-"


@dataclass(frozen=True)
class Shelf:
    """A folder below which files of policies lie: the workspace, or the files of a commit of another repository."""

    top: Path
    owners: FolderOwners
    prefix: str = ""
    """What reports write before the paths of its files."""

    def shown(self, path: Path) -> str:
        """The name of a file in reports."""
        return self.prefix + locate.shown(path, self.top)

    def beside(self, path: Path) -> FilesBeside:
        """Where files lie that a policy here names."""
        if not self.prefix:
            return FilesBeside.of(path.parent, self.top)
        return FilesBeside(path.parent, self.top, self.top, prefix=self.prefix)


@dataclass(frozen=True)
class PolicyOrigin:
    """A file's identity. Reports call it by `shown`. A pack has neither path nor shelf."""

    key: str
    shown: str
    path: Path | None = None
    shelf: Shelf | None = None

    @property
    def owner(self) -> FolderOwner | None:
        """The owner that the file's folder names."""
        return self.shelf.owners.of(self.path) if self.shelf and self.path else None

    @property
    def beside(self) -> FilesBeside | None:
        """Where files lie that it names; None for a pack, which names none."""
        return self.shelf.beside(self.path) if self.shelf and self.path else None

    def read(self) -> bytes:
        """Its bytes. Raises as `locate.read`."""
        if self.path:
            return locate.read(self.path, self.shown)
        return packs()[self.key.removeprefix(PREFIX)].read_bytes()


def pack_origin(name: str) -> PolicyOrigin:
    """The origin of a pack by its name and version, `baseline@1`."""
    return PolicyOrigin(f"{PREFIX}{name}", f"{PREFIX}{name}{ENDING}")


@dataclass
class Origins:
    """Finds what files extend. Every commit of another repository is written into a folder once."""

    workspace: Path
    report: ProblemReport
    _opened: ExitStack
    _commits: dict[tuple[str, str], Shelf] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._here = Shelf(self.workspace, FolderOwners(self.workspace, self.report))

    def file(self, path: Path, shelf: Shelf | None = None) -> PolicyOrigin:
        """The origin of a file of the workspace, or on a shelf."""
        place = shelf or self._here
        return PolicyOrigin(os.path.realpath(path), place.shown(path), path, place)

    def extended(self, entry: Extended, child: PolicyOrigin, at: Location) -> PolicyOrigin | None:
        """The file that an entry of `extends` names, or None with the problem in the report.

        Raises MachineError where another repository is needed and cannot be fetched.
        """
        if "\0" in (f"{entry.git}{entry.path}" if isinstance(entry, GitPolicyKeys) else entry):
            return None  # the report has it, because no text of a policy may hold such a character
        if isinstance(entry, GitPolicyKeys):
            return self._in_git(entry)
        if entry.startswith(PREFIX):
            if entry.removeprefix(PREFIX) in packs():
                return pack_origin(entry.removeprefix(PREFIX))
            self.report.add(at, why_no_pack(entry, packs()))
        elif entry.startswith("git+") or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", entry):
            said = f"`{entry}` is an address; write a policy of another repository as"
            self.report.add(at, f"{said} {{git: URL, path: FILE, digest: COMMIT}}")
        else:
            return self._beside(entry, child, at)
        return None

    def _beside(self, entry: str, child: PolicyOrigin, at: Location) -> PolicyOrigin | None:
        if child.path is None or child.shelf is None:
            self.report.add(at, f"a pack can extend only packs, not the file `{entry}`; name a pack")
            return None
        path, top = child.path.parent / entry, child.shelf.top
        inside = _within(child.path, top)
        if Path(entry).is_absolute() or (inside and not _within(path, top)):
            around = "its repository" if child.shelf.prefix else "the workspace" if inside else "this folder"
            self.report.add(at, f"`{entry}` is outside {around}; extend a file inside it")
            return None
        if not os.path.isfile(path):
            self.report.add(at, f"the file `{entry}` does not exist beside this one; correct the path")
            return None
        return self.file(path, child.shelf)

    def _in_git(self, entry: GitPolicyKeys) -> PolicyOrigin | None:
        """A file of another repository at a commit, fetched if it is not in the cache."""
        remote = RemoteRepository(entry.git, cache_folder(), git_protocols(), sha256=len(entry.digest) == _LONG)
        if why := _unfit(entry, remote) or self._unheld(entry, remote):
            self.report.add(entry.at, why)
            return None
        shelf = self._shelf(remote, entry.digest)
        path = shelf.top / entry.path
        if not path.is_file():
            there = sorted(each.relative_to(shelf.top).as_posix() for each in shelf.top.rglob("*.yaml"))
            has = f"; it has {', '.join(there[:_MOST_NAMED])}" if there else ""
            said = f"commit {shortened(entry.digest)} of {entry.git} has no file `{entry.path}`{has}"
            self.report.add(entry.at, f"{said}; correct the path")
            return None
        return self.file(path, shelf)

    def _unheld(self, entry: GitPolicyKeys, remote: RemoteRepository) -> str:
        """Why an entry is not held to a commit of its repository; empty if it is. Fetches the commit if necessary."""
        branch = "its default branch" if entry.ref == "HEAD" else f"`{entry.ref}`"
        if not entry.digest:
            try:
                remote.fetch(entry.ref)
            except MachineError:
                return f"no `digest` says which commit of {entry.git} is meant; write its whole name"
            said = f"no `digest` says which commit of {entry.git} is meant"
            return f"{said}; read {branch} and write `digest: {remote.tip(entry.ref)}`, which it is now"
        if not remote.holds(entry.digest, entry.ref):
            try:
                remote.fetch(entry.ref)
            except MachineError:
                if not remote.holds(entry.digest, entry.ref):  # another run may have fetched it just now
                    raise
        if remote.holds(entry.digest, entry.ref):
            return ""
        said = f"commit {entry.digest} is not in the history of {branch} of {entry.git}"
        return f"{said}; correct the digest, or name the branch or tag that has it by `ref`"

    def _shelf(self, remote: RemoteRepository, commit: str) -> Shelf:
        """The files of a commit, in a folder that is removed when all policies are read."""
        known = (remote.url, commit)
        if known not in self._commits:
            top = self._opened.enter_context(_written(remote, commit))
            prefix = prefix_of(remote.url, commit)
            self._commits[known] = Shelf(top, FolderOwners(top, self.report, prefix), prefix)
        return self._commits[known]


def _unfit(entry: GitPolicyKeys, remote: RemoteRepository) -> str:
    """What is wrong with the keys of an entry, before anything is fetched; empty if nothing is."""
    if why := why_no_address(entry.git, remote.allowed):
        return f"`{entry.git}` {why}"
    if not is_ref(entry.ref):
        return f"`{entry.ref}` cannot be the name of a branch or tag; correct `ref`"
    if entry.digest and not is_commit(entry.digest):
        return f"`digest` is `{entry.digest}`, and the whole name of a commit is required; write all of its 40 digits"
    parts = entry.path.split("/")
    if any(part in ("", ".", "..") for part in parts) or not parts[-1].endswith((".yaml", ".yml")):
        return f"`path` is `{entry.path}`; write the path of a YAML file from the top of the repository"
    return ""


@contextmanager
def _written(remote: RemoteRepository, commit: str) -> Iterator[Path]:
    """A folder with the policies of a commit, and the files that they may name."""
    folder = Path(os.path.realpath(tempfile.mkdtemp(prefix=_FOLDER)))
    try:
        found = files_of(Repository(remote.folder), commit, lambda path: path.endswith((".yaml", ".yml", *ENDINGS)))
        for path, raw in found.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(raw)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _within(path: Path, folder: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))

"""A git repository as evidence: which commits there are, what comes before what, and whether folders are alike."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

from mlgate.values.errors import EvidenceError, InputError, MachineError

_COMMIT = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")
HARMLESS = (
    "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "protocol.allow=never",
    "-c", "core.untrackedCache=false", "-c", "log.showSignature=false", "-c", "safe.directory=*",
)  # fmt: skip
"""Settings of the repository that could start a program are overruled. Its owner may be another user, as in CI."""
_KEPT = ("PATH", "HOME", "TMPDIR", "SYSTEMROOT")
_VARIABLES = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
"""Nothing is fetched, asked or written, and an object is what its digest says."""
_SECONDS, _MOST_COMMITS = 60, 1_000
_LINK = "120000"
"""The mode of a symbolic link."""
_PARTS, _LONGEST_TEXT, _CHUNK = 6, 1 << 22, 1 << 20
"""How many parts a commit is printed in, and the most bytes of a file that is read as text, and at once."""


def is_commit(text: str) -> bool:
    """Whether a text is the whole name of a commit, as SHA-1 or SHA-256; a branch or a short name is none."""
    return bool(_COMMIT.fullmatch(text))


@dataclass(frozen=True)
class _TreeFile:
    """A file of a commit."""

    mode: str
    kind: str
    digest: str
    path: str

    @staticmethod
    def of(line: str) -> _TreeFile:
        """The entry in a line of `git ls-tree`."""
        stated, _, path = line.partition("\t")
        mode, kind, digest = stated.split()
        return _TreeFile(mode, kind, digest, path)


@dataclass(frozen=True)
class CommitMessage:
    """A commit as its author wrote it."""

    name: str
    merge: bool
    """Whether it has several parents: then its author may have merged only."""
    author: str
    """`Name <address>`, as the author states it."""
    when: str
    """When it was committed, with its zone."""
    trailers: tuple[str, ...]
    """The lines `Key: value` at its end."""
    text: str


@dataclass(frozen=True)
class Repository:
    """A checkout, by its top folder."""

    top: Path

    @staticmethod
    def at(folder: Path) -> Repository | None:
        """The repository that a folder is in; None if it is in none."""
        return next((Repository(each) for each in (folder, *folder.parents) if (each / ".git").exists()), None)

    @property
    def head(self) -> str:
        """The commit that is checked out; empty before the first one."""
        return self._line("rev-parse", "--verify", "--quiet", "HEAD^{commit}")

    @property
    def shallow(self) -> bool:
        """Whether the clone lacks the commits before some."""
        return self._line("rev-parse", "--is-shallow-repository") == "true"

    def has(self, commit: str) -> bool:
        """Whether there is such a commit. Only a whole name is looked up."""
        return is_commit(commit) and self._line("cat-file", "-t", commit) == "commit"

    def commit_of(self, name: str) -> str:
        """The whole name of the commit that a branch, a tag or a commit's name means; empty if there is none here.

        Raises InputError for a name of several: git itself would take the tag, which anybody can push.
        """
        if not name or name.startswith("-") or set(name) & set("\0\n "):
            return ""
        kinds = () if is_commit(name) else ("refs/heads/", "refs/remotes/", "refs/tags/")
        found = {kind: self._commit(f"{kind}{name}") for kind in kinds}
        found = {kind: commit for kind, commit in found.items() if commit}
        if len(set(found.values())) > 1:
            whole = " and ".join(f"{kind}{name}" for kind in found)
            raise InputError(f"`{name}` means several commits, {whole}; write one of these")
        return next(iter(found.values()), "") or self._commit(name)

    def _commit(self, name: str) -> str:
        return self._line("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")

    def submodules(self, commit: str) -> list[str]:
        """The folders of a commit that are repositories of their own. Raises as `write`."""
        return [entry.path for entry in self._entries(commit) if entry.kind == "commit"]

    def precedes(self, commit: str, later: str) -> bool:
        """Whether a commit is another one or comes before it. Both must be there."""
        return self._run("merge-base", "--is-ancestor", commit, later).returncode == 0

    def digest_of(self, commit: str, chosen: Callable[[str], bool]) -> str:
        """The SHA-256 of the chosen files of a commit, with their paths and modes; empty if it has none of them."""
        lines = [line for line in self._lines("ls-tree", "-r", "-z", commit) if chosen(line.partition("\t")[2])]
        text = "\n".join(lines).encode("utf-8", "surrogateescape")
        return hashlib.sha256(text).hexdigest() if lines else ""

    def with_digest(self, digest: str, chosen: Callable[[str], bool]) -> str:
        """The newest commit in HEAD's history whose chosen files have a digest; empty if there is none.

        Only the last commits are looked through.
        """
        commits = self._lines("rev-list", f"--max-count={_MOST_COMMITS}", "HEAD")
        return next((each for each in commits if self.digest_of(each, chosen) == digest), "")

    def blob(self, commit: str, path: str) -> str:
        """The digest of a file in a commit, by its path from the top; empty if the commit has no such file."""
        kind, name = self._entry(commit, path)
        return name if kind == "blob" else ""

    def blob_of(self, file: Path) -> str:
        """The digest that git gives the bytes of a file, without any conversion."""
        return self._line("hash-object", "--no-filters", "--", str(file))

    def write(self, commit: str, chosen: Callable[[str], bool], folder: Path) -> None:
        """Write files of a commit, chosen by their path from the top, into a folder.

        Links stay links. Raises MachineError where the clone lacks a file's content.
        """
        wanted = [entry for entry in self._entries(commit) if entry.kind == "blob" and chosen(entry.path)]
        contents = self.contents([entry.digest for entry in wanted])
        for entry in wanted:
            if any(part in ("", ".", "..") for part in entry.path.split("/")):
                raise EvidenceError(f"commit {commit[:12]} has a file `{entry.path}`, which no checkout could have")
            if entry.digest not in contents:
                said = f"the clone lacks {entry.path} of commit {commit[:12]}"
                raise MachineError(f"{said}; fetch it with `git fetch --depth=1 --refetch origin {commit}`")
            place = folder / entry.path
            place.parent.mkdir(parents=True, exist_ok=True)
            if entry.mode == _LINK:
                place.symlink_to(os.fsdecode(contents[entry.digest]))
            else:
                place.write_bytes(contents[entry.digest])

    def _entries(self, commit: str) -> list[_TreeFile]:
        """The files of a commit. Raises MachineError where the clone lacks some of them."""
        done = self._run("ls-tree", "-r", "-z", "--full-tree", commit)
        if done.returncode:
            said = f"the clone lacks files of commit {commit[:12]}"
            raise MachineError(f"{said}; fetch them with `git fetch --depth=1 --refetch origin {commit}`")
        lines = done.stdout.decode("utf-8", "surrogateescape").split("\0")
        return [_TreeFile.of(line) for line in lines if line]

    def files_below(self, commit: str, path: str) -> dict[str, str]:
        """The digests of a file, or of all files below a folder, of a commit, by their paths from the top."""
        lines = self._lines("ls-tree", "-r", "-z", "--full-tree", commit, *([] if path in ("", ".") else ["--", path]))
        return {entry.path: entry.digest for entry in map(_TreeFile.of, lines)}

    def blobs_of(self, files: Iterable[Path]) -> list[str]:
        """The digests that git gives the bytes of some files, without any conversion; fewer if one cannot be read."""
        asked = "".join(f"{file}\n" for file in files)
        done = self._run("hash-object", "--no-filters", "--stdin-paths", given=os.fsencode(asked)) if asked else None
        return done.stdout.decode("ascii").split() if done else []

    def contents(self, digests: Iterable[str]) -> dict[str, bytes]:
        """The bytes of objects by their digests, without those that are not here."""
        asked = "".join(f"{each}\n" for each in dict.fromkeys(digests)).encode()
        rest = self._run("cat-file", "--batch", given=asked).stdout if asked else b""
        found: dict[str, bytes] = {}
        while rest:
            head, _, rest = rest.partition(b"\n")
            name, *stated = head.decode("ascii", "replace").split(" ")
            if len(stated) == 2:
                size = int(stated[1])
                found[name], rest = rest[:size], rest[size + 1 :]
        return found

    def entry(self, commit: str, path: str) -> str:
        """The digest of a file or folder in a commit, by its path from the top; empty if there is none."""
        return self._entry(commit, path)[1]

    def text_of(self, commit: str, path: str) -> str:
        """The text of a file in a commit; empty if the commit has no such file, or it is long."""
        return self.small(self.blob(commit, path)).decode("utf-8", "replace")

    def sha256_of(self, commit: str, path: str) -> str:
        """The SHA-256 of a file in a commit; empty if the commit has no such file."""
        return self.sha256_of_blob(self.blob(commit, path))

    def small(self, blob: str) -> bytes:
        """The bytes of a file by its digest in git; none if it is not here, or it is long."""
        size = self._line("cat-file", "-s", blob) if blob else ""
        return self._run("cat-file", "blob", blob).stdout if size and int(size) <= _LONGEST_TEXT else b""

    def sha256_of_blob(self, blob: str) -> str:
        """The SHA-256 of a file by its digest in git, read in parts; empty if it is not here."""
        if not blob or self._line("cat-file", "-t", blob) != "blob":
            return ""
        with subprocess.Popen(
            self._command("cat-file", "blob", blob), cwd=self.top, env=git_environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        ) as running:  # fmt: skip
            found = hashlib.sha256()
            for part in iter(partial(cast("BinaryIO", running.stdout).read, _CHUNK), b""):
                found.update(part)
        return found.hexdigest() if running.returncode == 0 else ""

    def messages(self, *chosen: str, most: int = _MOST_COMMITS) -> Iterator[CommitMessage]:
        """The newest commits that are chosen as by `git log`: `HEAD`, or `HEAD -- path`. Mail maps are not applied."""
        wanted = "%H%x00%P%x00%an <%ae>%x00%cI%x00%(trailers:only=true,unfold=true)%x00%B"
        done = self._run("log", "-z", f"--max-count={most}", f"--format={wanted}", "--no-decorate", *chosen)
        parts = done.stdout.decode("utf-8", "replace").split("\0") if done.returncode == 0 else []
        for at in range(0, len(parts) - _PARTS + 1, _PARTS):
            name, parents, author, when, trailers, text = parts[at : at + _PARTS]
            yield CommitMessage(name, len(parents.split()) > 1, author, when, tuple(trailers.splitlines()), text)

    def changes_of(self, commit: str, path: str) -> dict[str, tuple[str, ...]]:
        """The commits up to one that changed a file, each with the ones that changed it just before. Merges are among
        them where the merged file is neither side's.
        """
        lines = self._lines("rev-list", "--parents", f"--max-count={_MOST_COMMITS}", commit, "--", path)
        return {name: tuple(before) for name, *before in map(str.split, lines)}

    def lacks_parents(self, commit: str) -> bool:
        """Whether commits just before one are not here, as at the end of a shallow clone."""
        stated = self._run("cat-file", "commit", commit).stdout.partition(b"\n\n")[0].decode("ascii", "replace")
        parents = [line.split()[1] for line in stated.splitlines() if line.startswith("parent ")]
        return not all(map(self.has, parents))

    def changed(self, *, untracked: bool = True) -> tuple[str, ...]:
        """The files, from the top, that are not as in the commit that is checked out; ignored ones do not count."""
        new = "--untracked-files=all" if untracked else "--untracked-files=no"
        asked = ("--porcelain", "-z", "--no-renames", new, "--ignore-submodules=none")
        seen = [line[3:] for line in self._lines("status", *asked)]
        return tuple(dict.fromkeys((*seen, *self._hidden())))

    def differing(self, commit: str) -> tuple[str, ...]:
        """The files, from the top, that are not as in a commit, or were changed since; ignored ones do not count."""
        between = self._lines("diff-tree", "-r", "-z", "--name-only", "--no-renames", "--no-ext-diff", commit, "HEAD")
        return tuple(dict.fromkeys((*between, *self.changed())))

    def _hidden(self) -> Iterator[str]:
        """The files whose changes git does not look for, where they are not as in the commit. A file may be missing."""
        for line in self._lines("ls-files", "-v", "-z"):
            flag, _, name = line.partition(" ")
            file = self.top / name
            if (flag == "S" or flag.islower()) and file.is_file() and self.blob_of(file) != self.blob("HEAD", name):
                yield name

    def _entry(self, commit: str, path: str) -> tuple[str, str]:
        """The kind and digest of a path in a commit; empty texts if there is none."""
        for line in self._lines("ls-tree", "-z", commit, "--", path):
            stated, _, name = line.partition("\t")
            if name == path.rstrip("/"):
                return stated.split()[1], stated.split()[2]
        return "", ""

    def _line(self, *arguments: str) -> str:
        return next(iter(self._lines(*arguments)), "")

    def _lines(self, *arguments: str) -> list[str]:
        """What a command prints; nothing if it fails, as where an object is not there."""
        done = self._run(*arguments)
        text = done.stdout.decode("utf-8", "surrogateescape") if done.returncode == 0 else ""
        return [line for line in text.split("\0" if "-z" in arguments else "\n") if line]

    def _command(self, *arguments: str) -> list[str]:
        return ["git", "--literal-pathspecs", *HARMLESS, *arguments]

    def _run(self, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        try:
            done = subprocess.run(
                self._command(*arguments), cwd=self.top, env=git_environment(), input=given, capture_output=True,
                timeout=_SECONDS, check=False,
            )  # fmt: skip
        except FileNotFoundError as error:
            raise MachineError("`git` is not installed, and the rule reads the repository; install it") from error
        except subprocess.TimeoutExpired as error:
            said = f"`git {arguments[0]}` has not answered in {_SECONDS} seconds; check the machine, then retry"
            raise MachineError(said) from error
        if b"not a git repository" in done.stderr:
            raise EvidenceError(f"{self.top} is not a git repository that git can read; check the folder `.git`")
        return done


def git_environment() -> dict[str, str]:
    """The variables with which git runs."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | _VARIABLES

"""A git repository as evidence: which commits there are, what comes before what, and whether folders are alike."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mlgate.values.errors import EvidenceError, MachineError

_COMMIT = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")
_HARMLESS = (
    "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "protocol.allow=never",
    "-c", "core.untrackedCache=false", "-c", "log.showSignature=false", "-c", "safe.directory=*",
)  # fmt: skip
"""Settings of the repository that could start a program are overruled. Its owner may be another user, as in CI."""
_KEPT = ("PATH", "HOME", "TMPDIR", "SYSTEMROOT")
_VARIABLES = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
"""Nothing is fetched, asked or written, and an object is what its digest says."""
_SECONDS = 60


def is_commit(text: str) -> bool:
    """Whether a text is the whole name of a commit, as SHA-1 or SHA-256; a branch or a short name is none."""
    return bool(_COMMIT.fullmatch(text))


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

    def precedes(self, commit: str, later: str) -> bool:
        """Whether a commit is another one or comes before it. Both must be there."""
        return self._run("merge-base", "--is-ancestor", commit, later).returncode == 0

    def tree(self, commit: str) -> str:
        """The digest of all files of a commit."""
        return self._line("rev-parse", "--verify", "--quiet", f"{commit}^{{tree}}")

    def same_files(self, commit: str, paths: Iterable[str] = ()) -> str:
        """The newest commit of HEAD's history whose files are those of another commit; empty if there is none.

        `paths` are the files and folders to compare, from the top; without any, all files are compared.
        """
        wanted = tuple(dict.fromkeys(paths))
        sought = self._entries(commit, wanted)
        return next((each for each in self._history(wanted) if self._entries(each, wanted) == sought), "")

    def blob(self, commit: str, path: str) -> str:
        """The digest of a file in a commit, by its path from the top; empty if the commit has no such file."""
        kind, name = self._entry(commit, path)
        return name if kind == "blob" else ""

    def blob_of(self, file: Path) -> str:
        """The digest that git gives the bytes of a file, without any conversion."""
        return self._line("hash-object", "--no-filters", "--", str(file))

    def changed(self) -> tuple[str, ...]:
        """The files, from the top, that are not as in the commit that is checked out; ignored ones do not count."""
        lines = self._lines("status", "--porcelain", "-z", "--no-renames", "--untracked-files=all")
        return tuple(line[3:] for line in lines)

    def _history(self, paths: tuple[str, ...]) -> Iterator[str]:
        """The commits of HEAD, newest first, whose files at some paths differ from those of the commit before."""
        chosen = ("--", *paths) if paths else ()
        yield self.head
        yield from self._lines("rev-list", "--full-history", "HEAD", *chosen)

    def _entries(self, commit: str, paths: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        return tuple(self._entry(commit, path) for path in paths) if paths else (("tree", self.tree(commit)),)

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

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        command = ["git", "--literal-pathspecs", *_HARMLESS, *arguments]
        try:
            done = subprocess.run(
                command, cwd=self.top, env=kept | _VARIABLES, stdin=subprocess.DEVNULL, capture_output=True,
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

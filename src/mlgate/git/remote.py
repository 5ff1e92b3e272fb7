"""Other repositories whose policies are extended: fetched once into a cache, and held to a commit by its name.

What is fetched is the history of a branch or tag, and a commit must be in it: servers that keep forks together hand out
a fork's commit, too, when somebody asks for it by name.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mlgate.git.repository import HARMLESS, Repository, git_environment
from mlgate.values.errors import MachineError

_LIKE_SCP = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*@[A-Za-z0-9][A-Za-z0-9.-]*:[A-Za-z0-9_~/][!-9;-~]*")
_ADDRESS = re.compile(r"([a-z]+)://(?:([^/@\s]*)@)?([A-Za-z0-9\[][A-Za-z0-9.:\]-]*)?/[!$->@-~]+")
_REF = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.+/-]*[A-Za-z0-9_+-])?")
_FETCHED = "refs/mlgate/"
"""Where fetched branches and tags are kept, below which each has its own name."""
_KEPT = ("SSH_AUTH_SOCK", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR")
_SECONDS = 120
_LINK_OR_SUBMODULE = ("120000", "160000")


def why_no_address(url: str, allowed: tuple[str, ...]) -> str:
    """Why a repository cannot be fetched from an address; empty if it can."""
    if _LIKE_SCP.fullmatch(url):
        return "" if "ssh" in allowed else "names a repository by ssh, which this machine does not allow"
    stated = _ADDRESS.fullmatch(url)
    if not stated or (not stated[3] and stated[1] != "file"):
        return "is not the address of a git repository; write https://HOST/PATH or ssh://git@HOST/PATH"
    if ":" in (stated[2] or "") or (stated[2] and stated[1] != "ssh"):
        return "has a name or password in it, which every reader of the policy would see; remove it"
    if stated[1] not in allowed:
        return f"is reached by {stated[1]}, and only {' and '.join(allowed)} are allowed; write another address"
    return ""


def is_ref(name: str) -> bool:
    """Whether a text can be the name of a branch or tag."""
    return bool(_REF.fullmatch(name)) and ".." not in name and "//" not in name


@dataclass(frozen=True)
class RemoteRepository:
    """Another repository by its address, with what was fetched of it in a folder of the cache."""

    url: str
    cache: Path
    """The folder of all caches."""
    allowed: tuple[str, ...]
    """The protocols by which it may be reached."""
    sha256: bool = False
    """Whether its objects are named by SHA-256; git keeps these apart from those named by SHA-1."""

    @property
    def folder(self) -> Path:
        """The bare repository that holds what was fetched."""
        name = hashlib.sha256(self.url.encode()).hexdigest()[:20]
        return self.cache / "git" / (f"{name}-sha256" if self.sha256 else name)

    def holds(self, commit: str, ref: str) -> bool:
        """Whether a commit is here, and in the history of a branch or tag as it was fetched last."""
        here = Repository(self.folder)
        return (self.folder / "HEAD").is_file() and here.has(commit) and here.precedes(commit, _FETCHED + ref)

    def tip(self, ref: str) -> str:
        """The commit that a branch or tag was when it was fetched last; empty if it was not."""
        return Repository(self.folder).commit_of(_FETCHED + ref) if (self.folder / "HEAD").is_file() else ""

    def fetch(self, ref: str) -> None:
        """Fetch the history of a branch or tag. Raises MachineError, with the command that does it, if that fails."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise MachineError(
                f"the cache {self.folder} cannot be made: {error.strerror}; set XDG_CACHE_HOME"
            ) from error
        if not (self.folder / "HEAD").is_file():
            names = f"--object-format={'sha256' if self.sha256 else 'sha1'}"
            self._git("init", "--quiet", "--bare", "--template=", names, ".")
        wanted = f"+{ref}:{_FETCHED}{ref}"
        said = self._git(
            "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", self.url, wanted
        )
        if said:
            by_hand = shlex.join(["git", f"--git-dir={self.folder}", "fetch", self.url, wanted])
            raise MachineError(
                f"`{ref}` of {self.url} cannot be fetched ({said}); fetch it with `{by_hand}`, then retry"
            )

    def _git(self, *arguments: str) -> str:
        """Run git in the cache. What it complains about; empty if it succeeds."""
        protocols = [part for each in self.allowed for part in ("-c", f"protocol.{each}.allow=always")]
        off = ["-c", "credential.helper=", "-c", "gc.auto=0", "-c", "maintenance.auto=false"]
        environment = git_environment() | {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment |= {"GIT_SSH_COMMAND": "ssh -oBatchMode=yes", "GIT_DIR": str(self.folder)}
        try:
            done = subprocess.run(
                ["git", *HARMLESS, *protocols, *off, *arguments], cwd=self.folder, env=environment,
                stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False,
            )  # fmt: skip
        except FileNotFoundError as error:
            raise MachineError(f"`git` is not installed, and {self.url} is read by it; install it") from error
        except subprocess.TimeoutExpired:
            return f"no answer in {_SECONDS} seconds"
        complaint = done.stderr.decode("utf-8", "replace").strip().splitlines()
        return "" if done.returncode == 0 else (complaint[-1] if complaint else "git failed")


def files_of(repository: Repository, commit: str, chosen: Callable[[str], bool]) -> dict[str, bytes]:
    """The chosen files of a commit by their paths, without links. The name of every object is computed from its bytes.

    Raises MachineError where the repository lacks an object, or has one that is not what its name says.
    """
    raw = _checked(repository, "commit", [commit])[commit]
    trees = {"": raw.partition(b"\n")[0].split()[-1].decode("ascii", "replace")}
    blobs: dict[str, str] = {}
    while trees:
        found = _checked(repository, "tree", list(trees.values()))
        below: dict[str, str] = {}
        for folder, name in trees.items():
            for mode, path, digest in _entries(found[name], len(commit) // 2):
                if mode == "40000":
                    below[f"{folder}{path}/"] = digest
                elif mode not in _LINK_OR_SUBMODULE and chosen(folder + path):
                    blobs[folder + path] = digest
        trees = below
    contents = _checked(repository, "blob", list(blobs.values()))
    return {path: contents[digest] for path, digest in blobs.items()}


def _entries(tree: bytes, size: int) -> Iterator[tuple[str, str, str]]:
    """Mode, name and digest of each entry of a tree. Names that no checkout could have are left out."""
    while tree:
        head, _, rest = tree.partition(b"\0")
        mode, _, name = head.decode("utf-8", "surrogateescape").partition(" ")
        if name not in ("", ".", "..") and "/" not in name:
            yield mode, name, rest[:size].hex()
        tree = rest[size:]


def _checked(repository: Repository, kind: str, names: list[str]) -> dict[str, bytes]:
    found = repository.contents(names)
    for name in names:
        if name not in found:
            raise MachineError(f"{repository.top} lacks the object {name}; remove this folder, then retry")
        method = hashlib.sha1 if len(name) == 40 else hashlib.sha256
        if method(f"{kind} {len(found[name])}\0".encode() + found[name]).hexdigest() != name:
            raise MachineError(f"the object {name} in {repository.top} is damaged; remove this folder, then retry")
    return found

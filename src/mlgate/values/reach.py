"""What may be read: files in the workspace, in paths that the caller names and in roots of the policy, and servers.

Whether a file may be read is known from where its path leads. Nothing is opened for it.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mlgate.values.servers import Servers

MOST_TEXT = 64 << 20
"""The most bytes of a JSON file, a card or another text that is read whole."""
_SYSTEM = ("proc", "sys", "dev")
_MEMORY = Path("/dev/shm")
_WHOLE = Path("/")


@dataclass(frozen=True)
class Reach:
    """The folder that paths are relative to, the folders and files in which files may be read, and servers."""

    workspace: Path
    roots: tuple[Path, ...]
    """Without links: a link that was named as a root means what it leads to."""
    servers: Servers = ()
    """The servers that may be asked."""

    @staticmethod
    def of(workspace: Path, roots: Iterable[Path] | None = None, servers: Servers = ()) -> Reach:
        """The reach of some roots, by default of the workspace alone. The whole machine is never a root."""
        real = dict.fromkeys(Path(os.path.realpath(root)) for root in ([workspace] if roots is None else roots))
        return Reach(workspace, tuple(root for root in real if root != _WHOLE), servers)

    def why_not(self, path: Path, shown: str) -> str:
        """Why a path may not be read; empty if it may."""
        target = Path(os.path.realpath(path))
        if target.parts[1:2] and target.parts[1] in _SYSTEM and not target.is_relative_to(_MEMORY):
            return f"{shown} is a file of the system (a process or device); write its rows to an ordinary file"
        if any(target.is_relative_to(root) for root in self.roots):
            return ""
        linked = self.covers(path)
        said = f"is a link out of the workspace, to {target}" if linked else "is outside the workspace"
        folder = target if linked and os.path.isdir(target) else target.parent
        return f"{shown} {said}; allow it by `--root {shlex.quote(str(folder))}`, or by `roots:` in the policy"

    def covers(self, path: Path) -> bool:
        """Whether a path is written as one in the workspace or a root, wherever its links lead."""
        stated = Path(os.path.abspath(path))
        top = Path(os.path.abspath(self.workspace))
        own = Path(os.path.realpath(top)) in self.roots and stated.is_relative_to(top)
        return own or any(stated.is_relative_to(root) for root in self.roots)

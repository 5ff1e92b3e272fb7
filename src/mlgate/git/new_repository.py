"""A repository that is made of a folder, with one commit, so that tests can be about code that is committed."""

from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path

from mlgate.git.repository import HARMLESS, git_environment
from mlgate.values.errors import MachineError

_AUTHOR, _ADDRESS = "Test", "test@example.com"
_SECONDS = 60


def committed_folder(folder: Path, day: date) -> str:
    """Make a repository of a folder, and commit all that is in it. The name of the commit, the same for equal files.

    Raises MachineError where git is missing or fails.
    """
    when = f"{day}T00:00:00+00:00"
    stated = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (
        ("NAME", _AUTHOR), ("EMAIL", _ADDRESS), ("DATE", when),
    )}  # fmt: skip
    environment = git_environment() | stated
    _git(folder, environment, "init", "-q", "--template=", "--initial-branch=main")
    _git(folder, environment, "add", "--all", "--force")
    _git(folder, environment, "commit", "-q", "--no-gpg-sign", "--allow-empty", "--message=Test")
    return _git(folder, environment, "rev-parse", "HEAD").strip()


def _git(folder: Path, environment: dict[str, str], *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *HARMLESS, *arguments], cwd=folder, env=environment, capture_output=True, timeout=_SECONDS,
            stdin=subprocess.DEVNULL, check=True,
        )  # fmt: skip
    except FileNotFoundError as error:
        raise MachineError("`git` is not installed, and a test has `${commit}`; install it") from error
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        said = (error.stderr or b"").decode("utf-8", "replace").strip()
        raise MachineError(f"`git {arguments[0]}` failed in the folder of a test: {said}") from error
    return done.stdout.decode("utf-8", "replace")

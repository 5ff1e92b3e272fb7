"""What comes from outside: the clock, and the folder that paths are relative to."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

from mlgate.values.errors import InputError, MachineError
from mlgate.version import RELEASED


def today() -> date:
    """The date in UTC, whatever time zone the machine is set to.

    Raises MachineError when it is before this version was released: no date can be judged.
    """
    now = datetime.now(UTC).date()
    if now < RELEASED:
        raise MachineError(
            f"the clock says {now}, but this version of mlgate was released on {RELEASED}; set the clock"
        )
    return now


def cache_folder() -> Path:
    """Where what was fetched is kept: `mlgate` in the user's cache folder, which XDG_CACHE_HOME names.

    Raises MachineError where there is no home folder.
    """
    given = os.environ.get("XDG_CACHE_HOME", "")
    try:
        return (Path(given) if os.path.isabs(given) else Path.home() / ".cache") / "mlgate"
    except RuntimeError as error:
        raise MachineError("this user has no home folder to keep what is fetched; set XDG_CACHE_HOME") from error


def git_protocols() -> tuple[str, ...]:
    """How other repositories may be reached: by https and ssh, unless MLGATE_GIT_PROTOCOLS names others of https, ssh
    and file. Raises InputError for any other name.
    """
    given = os.environ.get("MLGATE_GIT_PROTOCOLS")
    named = ("https", "ssh") if given is None else tuple(filter(None, given.split(",")))
    if wrong := [each for each in named if each not in ("https", "ssh", "file")]:
        raise InputError(f"MLGATE_GIT_PROTOCOLS names `{wrong[0]}`; choose of https, ssh and file, with commas between")
    return named


def workspace(folder: Path) -> Path:
    """The folder that paths in reports are relative to: the git repository around a folder, else the folder."""
    absolute = folder.resolve()
    return next((top for top in (absolute, *absolute.parents) if is_repository(top)), absolute)


def is_repository(folder: Path) -> bool:
    """Whether a folder is the top of a git repository."""
    return (folder / ".git").exists()

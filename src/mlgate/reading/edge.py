"""What comes from outside: the clock, and the folder that paths are relative to."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from mlgate.values.errors import MachineError
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


def workspace(folder: Path) -> Path:
    """The folder that paths in reports are relative to: the git repository around a folder, else the folder."""
    absolute = folder.resolve()
    return next((top for top in (absolute, *absolute.parents) if is_repository(top)), absolute)


def is_repository(folder: Path) -> bool:
    """Whether a folder is the top of a git repository."""
    return (folder / ".git").exists()

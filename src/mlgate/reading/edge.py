"""What comes from outside: the clock, and the folder that paths are relative to."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from mlgate.values.errors import MachineError
from mlgate.version import RELEASED


def today() -> date:
    """The machine's date. Raises MachineError if it is before the release of this version, so cannot be right."""
    now = date.today()
    if now < RELEASED:
        raise MachineError(
            f"the clock says {now}, but this version of mlgate was released on {RELEASED}; set the clock"
        )
    return now


def workspace(folder: Path) -> Path:
    """The folder that paths in reports are relative to: the git repository around a folder, else the folder."""
    absolute = folder.resolve()
    return next((top for top in (absolute, *absolute.parents) if (top / ".git").exists()), absolute)

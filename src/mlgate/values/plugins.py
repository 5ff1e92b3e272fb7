"""The entry points of a group that installed distributions state: what plugins are.

Most environments have no plugin, and importing `importlib.metadata` to learn so would take a twentieth of a small gate.
So the folders of `sys.path` are looked through for one first; whatever else may hold distributions is asked as usual.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from mlgate.values.installed import foreign_finders

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


GROUPS = {
    "check": "mlgate.checks",
    "metric": "mlgate.metrics",
    "report": "mlgate.reports",
    "reader of lineage": "mlgate.lineage",
}
"""The group of entry points of each family, by the family's noun."""


@cache
def installed(group: str) -> Sequence[EntryPoint]:
    """The entry points of a group; none comes or goes while a process runs."""
    if not foreign_finders() and not any(_names(place, group) for place in sys.path):
        return ()
    from importlib.metadata import entry_points

    return tuple(entry_points(group=group))


def _names(place: str, group: str) -> bool:
    """Whether a distribution in a place of `sys.path` names a group; of anything but a plain folder it may."""
    try:
        beside = os.listdir(place or ".")
    except (FileNotFoundError, NotADirectoryError):
        return os.path.exists(place)
    except OSError:
        return True
    if place.lower().rstrip("/\\").endswith(".egg"):
        return True
    found = (name for name in beside if name.lower().endswith((".dist-info", ".egg-info")))
    return any(_states(Path(place, name, "entry_points.txt"), group) for name in found)


def _states(path: Path, group: str) -> bool:
    """Whether a file of entry points names a group; of one that cannot be read it may."""
    try:
        return group.encode() in path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True

"""The versions of installed distributions.

A folder of `sys.path` mostly tells them; importing `importlib.metadata` to learn them would take a twentieth of a small
gate.
"""

from __future__ import annotations

import os
import re
import sys
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path

_HEADER = re.compile(rb"(?m)^Version:[ \t]*([^\r\n]*[^\s])[ \t]*$|^\r?$")
"""The version in the file of a distribution, or the empty line that ends its headers."""


def foreign_finders() -> bool:
    """Whether anything but Python itself says where distributions are."""
    return any(hasattr(finder, "find_distributions") for finder in sys.meta_path if finder is not PathFinder)


@cache
def installed_version(package: str) -> str:
    """The version of a distribution; empty where it is not installed. None comes or goes while a process runs."""
    stated = "" if foreign_finders() else _stated(package)
    if stated:
        return stated
    from importlib import metadata

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _stated(package: str) -> str:
    """The version that the first folder of `sys.path` with one plain distribution of that name states, if any does."""
    for place in sys.path:
        try:
            named = [
                name for name in os.listdir(place or ".") if name.lower().startswith((f"{package}-", f"{package}."))
            ]
        except (FileNotFoundError, NotADirectoryError):
            if os.path.exists(place):
                return ""
            continue
        except OSError:
            return ""
        found = [name for name in named if name.lower().endswith((".dist-info", ".egg-info", ".egg", ".egg-link"))]
        if found:
            return _version_in(Path(place, found[0])) if len(found) == 1 else ""
    return ""


def _version_in(folder: Path) -> str:
    """The version that a distribution's folder states; empty where that must be asked otherwise."""
    try:
        found = _HEADER.search((folder / "METADATA").read_bytes())
    except OSError:
        return ""
    return found[1].decode("ascii", "replace") if found and found[1] else ""

"""The policy packs of mlgate: in the installed package, or in `policies/` of a source tree.

A pack is a file `NAME@VERSION.yaml`. A version that has been released is not changed any more: what other demands it
would make is a new version, so that no verdict changes because mlgate was updated.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from mlgate.values.words import did_you_mean

PREFIX, ENDING = "mlgate/", ".yaml"


@cache
def packs() -> dict[str, Traversable]:
    """The packs by name and version, `baseline@1`, without `mlgate/` and `.yaml`."""
    # A source tree has the packs beside src; an installed package has them inside.
    source = Path(__file__).resolve().parents[3]
    inside = resources.files("mlgate") / "packs"
    folder = inside if inside.is_dir() else source / "policies"
    if folder is not inside and not (source / "pyproject.toml").is_file():
        return {}
    files = folder.iterdir() if folder.is_dir() else ()
    found = {file.name.removesuffix(ENDING): file for file in files if file.name.endswith(ENDING)}
    return {name: found[name] for name in sorted(found, key=name_and_version)}


def name_and_version(pack: str) -> tuple[str, int]:
    """A pack's name, and its version as a number."""
    name, _, version = pack.partition("@")
    return name, int(version) if version.isdecimal() else 0


def newest(name: str, known: Iterable[str]) -> str:
    """The newest version of a pack: `baseline@2` for `baseline`; empty if there is no such pack."""
    versions = [pack for pack in known if name_and_version(pack)[0] == name]
    return max(versions, key=name_and_version, default="")


def why_no_pack(entry: str, known: Iterable[str]) -> str:
    """Why a policy cannot extend an entry that is not a pack, and what it may extend."""
    packs_there = tuple(known)
    name, at, _ = entry.removeprefix(PREFIX).partition("@")
    latest = newest(name, packs_there)
    if latest:
        said = f"has no such version: `{entry}`" if at else f"names no version: `{entry}`"
        return f"the pack {said}; write `{PREFIX}{latest}`"
    names = {name_and_version(pack)[0]: pack for pack in packs_there}
    near = did_you_mean(name, names)
    hint = near or f"; choose one of {', '.join(PREFIX + pack for pack in packs_there) or 'none'}"
    return f"unknown pack `{entry}`{hint}"

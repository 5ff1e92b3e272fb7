"""Locks in TOML: `uv.lock`, `poetry.lock`, `pdm.lock` and `pylock.toml`, which list each package with its version."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mlgate.lineage.package_list import PackageList, UnfixedPackage, line_of, package_list
from mlgate.lineage.package_list_format import PackageListFormat
from mlgate.lineage.source_file import SourceFile, mapping

_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]*")
_OWN = ("editable", "virtual", "directory", "path")
"""What says that a package is code of the repository, which the commit fixes."""
_FIXED = ("resolved_reference", "commit-id", "hashes")


def _read(source: SourceFile, text: str) -> PackageList | None:
    document = source.toml()
    packages = document.get("packages" if "lock-version" in document else "package")
    locks = isinstance(packages, list) or any(key in document for key in ("lock-version", "requires-python"))
    if not locks:
        return None
    every = [mapping(each) for each in packages] if isinstance(packages, list) else []
    fixed = [str(each.get("name")) for each in every if _is_fixed(each)]
    loose = [str(each.get("name") or "?") for each in every if not _is_fixed(each)]
    unfixed = (UnfixedPackage(line_of(text, f'name = "{name}"'), name) for name in loose)
    return package_list(FORMAT.said, fixed, unfixed, resolved=True)


def _is_fixed(package: Mapping[str, Any]) -> bool:
    if not package.get("name"):
        return False
    version = package.get("version")
    if isinstance(version, str) and _VERSION.fullmatch(version):
        return True
    places = [package, *(mapping(package.get(key)) for key in ("source", "vcs", "archive"))]
    own = any(key in place for place in places for key in _OWN)
    return own or any(place.get(key) for place in places for key in _FIXED)


FORMAT = PackageListFormat(
    "toml_lock", "a lock of uv, Poetry or PDM", ("uv.lock", "poetry.lock", "pdm.lock", "pylock*.toml"), _read
)

"""Locks of Pipenv: `Pipfile.lock`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mlgate.lineage.package_list import PackageList, UnfixedPackage, line_of, package_list
from mlgate.lineage.package_list_format import PackageListFormat
from mlgate.lineage.source_file import SourceFile, mapping

_EXACT, _COMMIT = re.compile(r"===?\s*[A-Za-z0-9][A-Za-z0-9.!+_-]*"), re.compile("[0-9a-f]{40}")


def _read(source: SourceFile, text: str) -> PackageList | None:
    if not text.lstrip().startswith("{"):
        return None
    document = source.json(text)
    if not isinstance(document.get("_meta"), dict) or not isinstance(document.get("default"), dict):
        return None
    packages = {name: mapping(entry) for name, entry in document["default"].items()}
    loose = [name for name, of in packages.items() if not _is_fixed(of)]
    unfixed = (UnfixedPackage(line_of(text, f'"{name}"'), name) for name in loose)
    return package_list(FORMAT.said, packages.keys() - {*loose}, unfixed, resolved=True)


def _is_fixed(package: Mapping[str, Any]) -> bool:
    version, commit = str(package.get("version") or ""), str(package.get("ref") or "")
    own = "path" in package and package.get("editable") is True
    return bool(_EXACT.fullmatch(version) or _COMMIT.fullmatch(commit) or package.get("hashes")) or own


FORMAT = PackageListFormat("pipenv_lock", "a lock of Pipenv", ("Pipfile.lock",), _read)

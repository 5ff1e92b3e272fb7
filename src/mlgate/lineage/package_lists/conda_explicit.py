"""Explicit lists of conda: an address of each package, as `conda list --explicit` writes them."""

from __future__ import annotations

import re

from mlgate.lineage.package_list import PackageList, UnfixedPackage, package_list
from mlgate.lineage.package_list_format import PackageListFormat
from mlgate.lineage.source_file import SourceFile

_MARK = "@EXPLICIT"
_PACKAGE = re.compile(r"\S+/(?P<name>[^/\s]+)-[^-/\s]+-[^-/\s]+\.(?:conda|tar\.bz2)(?:#\S+)?")


def _read(_source: SourceFile, text: str) -> PackageList | None:
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    said = [(number, line) for number, line in lines if line and not line.startswith("#")]
    if not said or said[0][1] != _MARK:
        return None
    found = [(number, line, _PACKAGE.fullmatch(line)) for number, line in said[1:]]
    return package_list(
        FORMAT.said,
        (match["name"] for _, _, match in found if match),
        (UnfixedPackage(number, line) for number, line, match in found if not match),
        resolved=True,
    )


FORMAT = PackageListFormat("conda_explicit", "an explicit list of conda", (), _read)

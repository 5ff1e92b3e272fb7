"""Locks of `conda-lock`: the packages of each platform, with their versions and digests."""

from __future__ import annotations

from mlgate.lineage.package_list import PackageList, UnfixedPackage, line_of, package_list
from mlgate.lineage.package_list_format import PackageListFormat
from mlgate.lineage.source_file import SourceFile, mapping


def _read(source: SourceFile, text: str) -> PackageList | None:
    packages = source.yaml().get("package")
    if not isinstance(packages, list):
        return None
    every = [(str(of.get("name") or ""), of) for of in map(mapping, packages)]
    fixed = [name for name, of in every if name and of.get("version") and mapping(of.get("hash"))]
    loose = (UnfixedPackage(line_of(text, f"name: {name}"), name or "?") for name, _ in every if name not in fixed)
    return package_list(FORMAT.said, fixed, loose, resolved=True)


FORMAT = PackageListFormat("conda_lock", "a lock of conda-lock", ("conda-lock.yml", "conda-lock.yaml"), _read)

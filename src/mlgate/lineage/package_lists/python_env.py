"""`python_env.yaml`, which MLflow writes beside a model: a version of Python, and mostly another list."""

from __future__ import annotations

import re

from mlgate.lineage.package_list import PackageList, UnfixedPackage, line_of, package_list
from mlgate.lineage.package_list_format import PackageListFormat
from mlgate.lineage.package_lists.pip_requirements import requirement
from mlgate.lineage.source_file import SourceFile, listing

_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+\S*")


def _read(source: SourceFile, text: str) -> PackageList | None:
    """The list. What builds packages, of which MLflow leaves versions open, does not belong to the environment."""
    document = source.yaml()
    if "build_dependencies" not in document or "dependencies" not in document:
        return None
    python = str(document.get("python") or "")
    found = [requirement(line, line_of(text, line)) for line in map(str, listing(document["dependencies"]))]
    loose = [each for each in found if isinstance(each, UnfixedPackage)]
    if not _VERSION.fullmatch(python):
        loose = [UnfixedPackage(line_of(text, "python:"), f"python: {python}".strip()), *loose]
    return package_list(FORMAT.said, (each for each in found if isinstance(each, str) and each), loose)


FORMAT = PackageListFormat("python_env", "a python_env.yaml of MLflow", ("python_env.yaml",), _read)

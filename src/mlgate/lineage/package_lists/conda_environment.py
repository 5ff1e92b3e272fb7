"""Environments of conda: `environment.yml`, and the `conda.yaml` that MLflow writes beside a model."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlgate.lineage.package_list import PackageList, UnfixedPackage, line_of, package_list, plain_package
from mlgate.lineage.package_list_format import PackageListFormat
from mlgate.lineage.package_lists.pip_requirements import requirement
from mlgate.lineage.source_file import SourceFile, listing, mapping

_SPEC = re.compile(r"(?:\S+::)?(?P<name>[A-Za-z0-9_][A-Za-z0-9_.-]*)\s*(?P<rest>.*)")
_EXACT = re.compile(
    r"==\s*[^\s*,|<>=]+(?:=[^\s*]+)?|=\s*[^\s*,|<>=]+=[^\s*,|<>=]+|=\s*[^\s*,|<>=.]+(?:\.[^\s*,|<>=.]+){2,}"
)
"""`==1.2`, `=1.2=build` and `=1.2.3`. To conda `=1.2` is each version that begins so."""


def _read(source: SourceFile, text: str) -> PackageList | None:
    document = source.yaml()
    if not isinstance(document.get("dependencies"), list) or "build_dependencies" in document:
        return None
    found = list(_entries(document["dependencies"], text))
    return package_list(
        FORMAT.said,
        (each for each in found if isinstance(each, str) and each),
        (each for each in found if isinstance(each, UnfixedPackage)),
    )


def _entries(dependencies: list[object], text: str) -> Iterator[str | UnfixedPackage]:
    """What each entry fixes. The version of pip itself, which MLflow leaves open, decides no package."""
    for entry in dependencies:
        for line in map(str, listing(mapping(entry).get("pip"))):
            yield requirement(line, line_of(text, line))
        found = _SPEC.fullmatch(entry) if isinstance(entry, str) else None
        if found and found["name"] != "pip":
            fixed = _EXACT.fullmatch(found["rest"].strip())
            name = plain_package(found["name"])
            yield name if fixed else UnfixedPackage(line_of(text, str(entry)), str(entry), name)
        elif not found and not mapping(entry).get("pip"):
            yield UnfixedPackage(0, str(entry))


FORMAT = PackageListFormat(
    "conda_environment",
    "an environment of conda",
    ("environment.yml", "environment.yaml", "conda.yaml", "conda.yml"),
    _read,
)

"""Lists of requirements for pip: `requirements.txt`, `constraints.txt`, what `pip freeze` prints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from posixpath import basename

from mlgate.lineage.package_list import PackageList, UnfixedPackage, package_list, plain_package
from mlgate.lineage.package_list_format import PackageListFormat
from mlgate.lineage.source_file import SourceFile

_NAMED = ("requirements*.txt", "constraints*.txt")
_REQUIREMENT = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(?P<rest>(?:[=<>!~]=|[<>;@(]|--?\w).*)?"
)
_EXACT = re.compile(r"===?\s*[A-Za-z0-9][A-Za-z0-9.!+_-]*")
_HASHED = re.compile(r"--hash[= ]\s*\w+:[0-9a-f]{32,}|#(?:.*&)?(?:sha256|sha384|sha512)=[0-9a-f]{64,}")
_OF_GIT = re.compile(r"git\+[^@\s]+(?:@[^@\s]+)?@[0-9a-f]{40}(?:[#\s]|$)")
_OTHER_LIST = re.compile(r"(?:-r|--requirement)[= ]?\s*(?P<file>\S+)")
_EDITABLE = re.compile(r"(?:-e|--editable)[= ]?\s*(?P<place>\S.*)")
_ARCHIVES = (".whl", ".zip", ".tar.gz", ".tar.bz2")


def _read(source: SourceFile, text: str) -> PackageList | None:
    named = any(fnmatchcase(basename(source.path), pattern) for pattern in _NAMED)
    lines = list(_lines(text))
    if not named and (not lines or not all(_is_one(line) for _, line in lines)):
        return None
    found = [requirement(line, number) for number, line in lines]
    return package_list(
        FORMAT.said,
        (each for each in found if isinstance(each, str) and each),
        (each for each in found if isinstance(each, UnfixedPackage)),
    )


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The requirements and options of a list with their first lines, without comments."""
    start, whole = 0, ""
    for number, line in enumerate([*text.splitlines(), ""], 1):
        start = start or number
        shown = re.sub(r"(?:^|\s)#.*$", "", line).rstrip()
        if line.rstrip().endswith("\\"):
            whole += f"{shown.removesuffix(chr(92))} "
            continue
        whole = f"{whole}{shown}".strip()
        if whole:
            yield start, whole
        start, whole = 0, ""


def _is_one(line: str) -> bool:
    """Whether a line is one of such a list, whatever the file is called."""
    return line.startswith("-") or _OF_GIT.match(line) is not None or _REQUIREMENT.fullmatch(line) is not None


def requirement(line: str, number: int) -> str | UnfixedPackage:
    """The name of the package that a line fixes, or why it fixes none; empty for an option that asks for nothing."""
    other, editable = _OTHER_LIST.fullmatch(line), _EDITABLE.fullmatch(line)
    if other:
        return UnfixedPackage(number, line, basename(other["file"]))
    if editable:
        line = editable["place"]
    elif line.startswith("-"):
        return ""
    found = _REQUIREMENT.fullmatch(line)
    name, rest = (found["name"], found["rest"] or "") if found else ("", line)
    if _HASHED.search(rest) or _OF_GIT.search(rest) or (not rest.startswith("@") and _has_version(rest)):
        return name or line
    if not found and line.startswith((".", "/")) and not line.endswith(_ARCHIVES):
        return line  # a folder with code, which the commit fixes
    return UnfixedPackage(number, line, plain_package(name))


def _has_version(rest: str) -> bool:
    """Whether what stands behind a name is one version. `==1.*` is many, and so is one from a variable."""
    wanted = rest.partition(";")[0].partition(" --")[0].strip().strip("()")
    return any(_EXACT.fullmatch(each.strip()) for each in wanted.split(","))


FORMAT = PackageListFormat("pip_requirements", "a list of requirements for pip", _NAMED, _read)

"""What a format of package lists is, and all of them: files in `package_lists/`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from types import ModuleType

from mlgate.lineage import package_lists as folder
from mlgate.lineage.package_list import PackageList, UnfixedPackage
from mlgate.lineage.source_file import SourceFile
from mlgate.values.errors import EvidenceError
from mlgate.values.family import FilesBelow


@dataclass(frozen=True)
class PackageListFormat:
    """How lists of one tool are recognised and read."""

    name: str
    """The name of its file: "conda_lock"."""
    said: str
    """What such a file is, in words: "a list of requirements for pip"."""
    named: tuple[str, ...]
    """Patterns of names that only such a file has."""
    read: Callable[[SourceFile, str], PackageList | None]
    """The list in a file with a text; None where it is not one, by its content. Raises EvidenceError where the content
    cannot be read at all."""


@cache
def package_list_formats() -> Mapping[str, PackageListFormat]:
    """The formats by name: the FORMAT of each file of the folder."""
    return dict(FilesBelow(folder.__name__, _format_in))


def _format_in(module: ModuleType) -> Mapping[str, PackageListFormat]:
    found = getattr(module, "FORMAT", None)
    return {found.name: found} if isinstance(found, PackageListFormat) else {}


def packages_in(source: SourceFile) -> PackageList | None:
    """The packages of a list that is here; None where no file is, or one of no known name cannot be read as text.

    A file of no known format has none and fixes whatever its digest fixes. One with the name of a known format must
    have its content.
    """
    known = package_list_formats().values()
    meant = next((each for each in known if any(fnmatchcase(source.name, name) for name in each.named)), None)
    try:
        if not source.is_file:
            return None
        text = source.text()
    except EvidenceError as error:
        return _unread(meant, str(error)) if meant else None
    found = next(filter(None, (_read(each, source, text) for each in known)), None)
    if found is None and meant:
        return _unread(meant, f"its content is not that of {meant.said}")
    return found or PackageList()


def _unread(meant: PackageListFormat, why: str) -> PackageList:
    return PackageList(meant.said, unfixed=(UnfixedPackage(0, why),))


def _read(form: PackageListFormat, source: SourceFile, text: str) -> PackageList | None:
    try:
        return form.read(source, text)
    except EvidenceError:
        return None

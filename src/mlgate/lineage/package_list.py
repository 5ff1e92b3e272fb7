"""A list of packages, such as a lock file: which packages it fixes, and which of its lines fix none."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_MOST = 100
"""The most lines that fix nothing which are kept; one is enough to fail."""


@dataclass(frozen=True)
class UnfixedPackage:
    """A line of a list that may install another content tomorrow."""

    line: int
    """Where it stands; 0 for the list as a whole."""
    text: str
    """The line, or what is wrong with the list."""
    name: str = ""
    """The package, or the other list, that it asks for; empty where it names none."""


@dataclass(frozen=True)
class PackageList:
    """The packages that one file asks for."""

    format: str = ""
    """What the file is, in words; empty for a format that is not read, of which nothing is known."""
    resolved: bool = False
    """Whether a resolver wrote it, so that it has each package that its environment needs."""
    fixed: tuple[str, ...] = ()
    """The names that it fixes; of a resolved one none is listed."""
    unfixed: tuple[UnfixedPackage, ...] = ()
    """The lines that fix nothing."""

    def first_open(self, beside: Iterable[tuple[str, PackageList]]) -> UnfixedPackage | None:
        """The first line that neither this list nor one beside it fixes; None if all are fixed.

        `beside` are the lists that the same run has read, each with the name of its file.
        """
        others = list(beside)
        if any(other.resolved and not other.unfixed for _, other in others):
            return None
        known = {plain_package(name) for _, other in others for name in other.fixed} | {name for name, _ in others}
        return next((each for each in self.unfixed if not each.name or each.name not in known), None)


def package_list(
    said: str, fixed: Iterable[str], unfixed: Iterable[UnfixedPackage], *, resolved: bool = False
) -> PackageList:
    """A list as its format was read. One without a package fixes nothing."""
    names, loose = tuple(dict.fromkeys(map(plain_package, fixed))), tuple(unfixed)
    if not names and not loose:
        loose = (UnfixedPackage(0, "it lists no package"),)
    return PackageList(said, resolved, () if resolved else names, loose[:_MOST])


def plain_package(name: str) -> str:
    """A package's name as all ways to write it are one: in lower case, with `-` between its parts."""
    return re.sub(r"[-_.]+", "-", name).lower()


def line_of(text: str, part: str) -> int:
    """The line on which a part of a text stands first; 0 if it stands nowhere."""
    at = text.find(part)
    return text.count("\n", 0, at) + 1 if at >= 0 else 0

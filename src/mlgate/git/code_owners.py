"""CODEOWNERS: who owns a file of a repository, as GitHub and GitLab read it. The last pattern that matches decides."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

PLACES = (".github/CODEOWNERS", ".gitlab/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where the file may lie."""
_SECTION = re.compile(r"(\^)?\[[^\]]+\](?:\[\d+\])?(?:\s.*)?")
"""The head of a section of GitLab. With `^` its owners need not agree, so they do not count. Owners that it names for
lines without any do not count either, because GitHub has no sections."""


@dataclass(frozen=True)
class CodeOwners:
    """Who owns one file."""

    owners: tuple[str, ...] = ()
    """`@login`, `@organisation/team` or an address each."""
    said_in: str = ""
    """The line that decides: `CODEOWNERS:3`; the file alone if no line matches, empty if there is no such file."""


def owners_of(path: str, text: str, file: str) -> CodeOwners:
    """The owners of a path, by the text of a CODEOWNERS file."""
    found, names = CodeOwners((), file), path.split("/")
    optional = False
    for number, line in enumerate(text.splitlines(), start=1):
        said = re.sub(r"(?:^|\s)#.*", "", line).strip()
        if section := _SECTION.fullmatch(said):
            optional = bool(section[1])
            continue
        pattern, *owners = re.split(r"(?<!\\)\s+", said)
        if not optional and pattern.strip("/") and _matches(pattern.replace("\\ ", " "), names):
            found = CodeOwners(tuple(owners), f"{file}:{number}")
    return found


def _matches(pattern: str, names: list[str]) -> bool:
    """Whether a pattern matches a path. One without a slash inside does in every folder, and a folder has all below."""
    stated = pattern.strip("/").replace("[", "[[]").split("/")
    anchored = "/" in pattern.rstrip("/")
    at = {0}
    for part in stated if anchored else ["**", *stated]:
        if part == "**":
            at = set(range(min(at), len(names) + 1)) if at else at
        else:
            at = {place + 1 for place in at if place < len(names) and fnmatchcase(names[place], part)}
    whole, above = len(names) in at, any(0 < place < len(names) for place in at)
    if pattern.endswith("/"):
        return above
    return whole or (above and not (anchored and stated[-1] == "*"))

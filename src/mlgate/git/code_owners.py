"""CODEOWNERS: who owns a file of a repository, as GitHub and GitLab read it. The last pattern that matches decides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

PLACES = (".github/CODEOWNERS", ".gitlab/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where the file may lie."""


@dataclass(frozen=True)
class CodeOwners:
    """Who owns one file."""

    owners: tuple[str, ...] = ()
    """`@login`, `@organisation/team` or an address each."""
    said_in: str = ""
    """The line that decides: `CODEOWNERS:3`; the file alone if no line matches, empty if there is no such file."""


def owners_of(path: str, text: str, file: str) -> CodeOwners:
    """The owners of a path, by the text of a CODEOWNERS file."""
    found = CodeOwners((), file)
    for number, line in enumerate(text.splitlines(), start=1):
        pattern, *owners = re.split(r"(?<!\\)\s+", re.sub(r"(?:^|\s)#.*", "", line).strip())
        if pattern and _pattern(pattern.replace("\\ ", " ")).fullmatch(path):
            found = CodeOwners(tuple(owners), f"{file}:{number}")
    return found


def _pattern(stated: str) -> re.Pattern[str]:
    """The paths that a pattern matches. One without a slash inside matches in every folder, and a folder all below."""
    anchored = "/" in stated.rstrip("/")
    body = "".join(_signs(stated.strip("/")))
    inside = "/.+" if stated.endswith("/") else "" if stated.endswith("/*") else "(?:/.+)?"
    return re.compile(f"{'' if anchored else '(?:.+/)?'}{body}{inside}", re.DOTALL)


def _signs(stated: str) -> Iterator[str]:
    for part in re.findall(r"\*\*/|/\*\*|\*\*|\*|\?|[^*?/]+|/", stated):
        yield {"**/": "(?:.+/)?", "/**": "/.+", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(part, re.escape(part))

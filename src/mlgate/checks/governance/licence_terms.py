"""Licences as people and tools write them: SPDX ids and expressions, names, and addresses of licences."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mlgate.reading.placeholders import says_nothing, visible

_NOTHING = frozenset({"noassertion", "none", "other", "unknown", "unlicensed", "proprietary", "custom", "see license"})
"""What is written where nobody knows a licence, or there is none."""
_TOKEN = re.compile(r"\s*(\(|\)|[A-Za-z0-9.:+-]+)")
_ID = re.compile(r"(?:documentref-[a-z0-9.-]+:)?[a-z0-9][a-z0-9.-]*\+?")
_GNU = re.compile(r"((?:a|l)?gpl-[0-9](?:\.[0-9])?|gfdl-1\.[0-9])(\+?)")
_CREATIVE = re.compile(r"(?:creative commons |cc[ -])(by(?:-nc)?(?:-nd|-sa)?)[ -]([1-4]\.[0-9])(?: international)?")
_LONGEST, _DEEPEST = 1_000, 30
_NAMES = {
    "apache license 2.0": "apache-2.0", "apache license, version 2.0": "apache-2.0", "apache 2.0": "apache-2.0",
    "apache2": "apache-2.0", "apache software license": "", "mit license": "mit", "the mit license": "mit",
    "bsd 3-clause license": "bsd-3-clause", "bsd 2-clause license": "bsd-2-clause", "cc0": "cc0-1.0",
    "cc0 1.0": "cc0-1.0", "cc0 1.0 universal": "cc0-1.0", "creative commons zero v1.0 universal": "cc0-1.0",
    "creative commons attribution 4.0 international": "cc-by-4.0",
}  # fmt: skip
"""Names of licences that are not SPDX ids, and mean one version of one licence."""
_ADDRESSES = (
    (r"creativecommons\.org/licenses/([a-z-]+)/([0-9.]+)(?:/(?:deed|legalcode)(?:\.\w+)?)?", r"cc-\1-\2"),
    (r"creativecommons\.org/publicdomain/zero/1\.0(?:/(?:deed|legalcode)(?:\.\w+)?)?", "cc0-1.0"),
    (r"spdx\.org/licenses/([a-z0-9.+-]+?)(?:\.html|\.json)?", r"\1"),
    (r"opensource\.org/licenses?/([a-z0-9.-]+)", r"\1"),
    (r"choosealicense\.com/licenses/([a-z0-9.-]+)", r"\1"),
    (r"(?:apache\.org/licenses/license-2\.0)(?:\.txt|\.html)?", "apache-2.0"),
    (r"gnu\.org/licenses/((?:a|l)?gpl-[0-9]\.[0-9])(?:\.html|\.txt|\.en\.html)?", r"\1"),
    (r"opendatacommons\.org/licenses/odbl(?:/.*)?", "odbl-1.0"),
    (r"opendatacommons\.org/licenses/by(?:/.*)?", "odc-by-1.0"),
    (r"opendatacommons\.org/licenses/pddl(?:/.*)?", "pddl-1.0"),
)
_SITE = re.compile(r"https?://(?:www\.)?(.+?)/?")


def plain_licence(text: str) -> str:
    """A licence in the form in which two are compared: in small letters, and as an SPDX id where it means one."""
    found = " ".join(visible(text).casefold().split())
    site = _SITE.fullmatch(found)
    if site:
        found = next((m.expand(to) for of, to in _ADDRESSES if (m := re.fullmatch(of, site[1]))), found)
        found = re.sub(r"-([0-9])-([0-9])\Z", r"-\1.\2", found)
    found = _NAMES.get(found, found)
    creative, gnu = _CREATIVE.fullmatch(found), _GNU.fullmatch(found)
    if creative:
        return f"cc-{creative[1]}-{creative[2]}"
    return f"{gnu[1]}-{'or-later' if gnu[2] else 'only'}" if gnu else found


def is_no_licence(text: str) -> bool:
    """Whether a text says that nobody knows the licence, or that nobody gave one."""
    return plain_licence(text) in _NOTHING or says_nothing(text)


@dataclass
class _Expression:
    """The rest of an SPDX expression that is read."""

    tokens: list[str]
    allowed: frozenset[str]
    at: int = 0

    def next(self) -> str:
        """The next token; empty at the end."""
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def either(self, depth: int) -> tuple[str, ...] | None:
        """What is refused of alternatives: nothing if one is allowed. None for what is not an expression."""
        found = [self.all(depth)]
        while self.next().lower() == "or":
            self.at += 1
            found.append(self.all(depth))
        return () if () in found and None not in found else _together(found)

    def all(self, depth: int) -> tuple[str, ...] | None:
        """What is refused of licences that hold together."""
        found = [self.one(depth)]
        while self.next().lower() == "and":
            self.at += 1
            found.append(self.one(depth))
        return _together(found)

    def one(self, depth: int) -> tuple[str, ...] | None:
        """What is refused of one licence, or of what is in parentheses."""
        token = self.next()
        self.at += 1
        if token == "(" and depth < _DEEPEST:
            found = self.either(depth + 1)
            closed = self.next() == ")"
            self.at += 1
            return found if closed else None
        if not _ID.fullmatch(token.lower()) or token.lower() in ("and", "or", "with"):
            return None
        if self.next().lower() == "with":
            token = f"{token} WITH {self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else ''}"
            self.at += 2
        return () if _is_allowed(token, self.allowed) else (token,)


def _together(found: list[tuple[str, ...] | None]) -> tuple[str, ...] | None:
    """All that is refused; None if a part is not an expression."""
    parts = [part for part in found if part is not None]
    return tuple(each for part in parts for each in part) if len(parts) == len(found) else None


def refused_licences(text: str, allow: Iterable[str]) -> tuple[str, ...]:
    """The licences of a text for which an allow-list has no place; empty if it may be used.

    Of `A OR B` one must be allowed, of `A AND B` both. What is not an expression is one licence by its name.
    """
    allowed = frozenset(map(plain_licence, allow))
    if is_no_licence(text):
        return (text,)
    if plain_licence(text) in allowed:
        return ()
    tokens = _TOKEN.findall(text) if len(text) <= _LONGEST else []
    if not tokens or "".join(tokens) != "".join(text.split()):
        return (text,)
    expression = _Expression(tokens, allowed)
    found = expression.either(0)
    return (text,) if found is None or expression.next() else tuple(dict.fromkeys(found))


def _is_allowed(licence: str, allowed: frozenset[str]) -> bool:
    """Whether an allow-list has a licence. "Or later" may be used under the version itself, too."""
    plain = plain_licence(licence)
    if is_no_licence(licence):
        return False
    itself = plain.removesuffix("+").removesuffix("-or-later")
    later = plain != itself and bool({itself, f"{itself}-only"} & allowed)
    return plain in allowed or later


def is_one_licence(text: str) -> bool:
    """Whether a text names one licence: an id, one with an exception, or a name; not an expression of several."""
    words = text.lower().split()
    return bool(words) and not {"and", "or", "(", ")"} & {*words} and not {"(", ")"} & {*text}

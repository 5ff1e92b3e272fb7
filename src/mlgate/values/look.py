"""How a text looks: texts that people take for one have the same look."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable

_UNSEEN = ("Cc", "Cf", "Zs", "Zl", "Zp")
"""Categories of blanks and of characters without width."""


def look(text: str) -> str:
    """The text without case, blanks and zero-width characters, in the Unicode form NFKC."""
    plain = text
    if not text.isascii():
        # Case folding may leave the form, so the form is made again after it.
        plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(sign for sign in plain.casefold() if unicodedata.category(sign) not in _UNSEEN)


def spelled(text: str) -> str:
    """The text with escapes for what cannot be seen or is not in the form NFKC, such as `\\u200b`, a blank but for the
    space, a combining accent and a wide letter."""
    return "".join(sign if _plain(sign) else sign.encode("unicode_escape").decode() for sign in text)


def _plain(sign: str) -> bool:
    if sign == " ":
        return True
    unseen = unicodedata.category(sign) in (*_UNSEEN, "Mn")
    return not unseen and unicodedata.normalize("NFKC", sign) == sign


def alike(texts: Iterable[str]) -> list[tuple[str, ...]]:
    """The texts that differ and look the same, each group in the order given."""
    found: dict[str, list[str]] = defaultdict(list)
    for text in dict.fromkeys(texts):
        found[look(text)].append(text)
    return [tuple(group) for group in found.values() if len(group) > 1]

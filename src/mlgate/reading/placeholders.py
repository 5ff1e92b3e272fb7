"""Texts that stand where somebody should have written something: TODO, a template's sentence, lorem ipsum."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_LONGEST = 60
_PLACEHOLDERS = re.compile(
    r"\b(?:TODO|TO DO|TBD|TBA|FIXME|XXX+)\b"
    r"|(?i:\b(?:tbd|fixme)\b|\bto-?do:|[\[<({]\s*(?:to-?do|tba|placeholder)\b)"
    r"|(?i:[\[<{]\s*(?:add|date of|describe|enter|fill in|insert|link to|list of|name of|provide|specify|your)\b"
    r"[^\]>}]{0,40})"
    r"|(?i:\bmore information needed\b|\bneeds more information\b|\blorem ipsum\b|\bcoming soon\b)"
    r"|(?i:\bchange ?me\b|\bplaceholder text\b)"
    r"|(?i:\bto be (?:added|completed|determined|defined|decided|done|filled|written|announced|confirmed)\b)"
    r"|(?i:\b(?:insert|enter|write|add|your) (?:your )?(?:\w+ )?here\b|\bthis section (?:is meant to|should)\b)"
    r"|\{\{.{0,300}?\}\}|\{%.{0,300}?%\}"
)
"""What is a placeholder wherever it is. `todo` in small letters is a word of Spanish."""
_NOBODY = frozenset({
    "", "@", "a", "anybody", "anyone", "empty", "everybody", "everyone", "me", "missing", "n/a", "na", "name", "nan",
    "nil", "no one", "nobody", "none", "not applicable", "not available", "not specified", "null", "other",
    "owner", "pending", "person", "somebody", "someone", "tba", "team", "test", "the team", "to do", "todo",
    "undefined", "unknown", "us", "user", "various", "we", "x", "y", "z",
})  # fmt: skip
"""Whole values that say nothing."""
_EDGES = " \t\n.,;:!?*_`'\"-–—()[]<>{}/\\|#~+="


def visible(text: str) -> str:
    """A text with characters that look alike made alike, and without those that nobody sees."""
    shown = (c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return "".join(" " if c.isspace() and c != "\n" else c for c in shown)


def placeholder_in(text: str, further: Iterable[str] = ()) -> str:
    """The first placeholder in a text, as it is written; empty if it has none. `further` are more texts that are."""
    shown = " ".join(visible(text).split())
    found = _PLACEHOLDERS.search(shown)
    if found:
        return found.group().lstrip("([<")[:_LONGEST]
    folded = shown.casefold()
    return next((phrase for phrase in further if " ".join(visible(phrase).casefold().split()) in folded), "")


def says_nothing(text: str) -> bool:
    """Whether a whole value is empty, a word such as `unknown` or `n/a`, or has a placeholder."""
    return visible(text).casefold().strip(_EDGES) in _NOBODY or bool(placeholder_in(text))

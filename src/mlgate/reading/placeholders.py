"""Texts that stand where somebody should have written something: TODO, a template's sentence, lorem ipsum."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_LONGEST = 60
_PLACEHOLDERS = re.compile(
    r"\b(?:TBD|TBA)\b"
    r"|(?i:\btbd\b|\bto-?do:|[\[<({]\s*(?:to-?do|tba|placeholder)\b)"
    r"|(?i:[\[<{]\s*(?:add|date of|describe|enter|fill in|insert|link to|list of|name of|provide|specify|your)\b"
    r"[^\]>}]{0,40})"
    r"|(?i:\bmore information needed\b|\bneeds more information\b|\blorem ipsum\b|\bcoming soon\b)"
    r"|(?i:\bchange ?me\b|\bplaceholder text\b)"
    r"|(?i:\bto be (?:added|completed|determined|defined|decided|done|filled|written|announced|confirmed)\b)"
    r"|(?i:\b(?:insert|enter|write|add|your) (?:your )?(?:\w+ )?here\b|\bthis section (?:is meant to|should)\b)"
    r"|\{\{.{0,300}?\}\}|\{%.{0,300}?%\}"
)
"""What is a placeholder wherever it is. `todo` in small letters is a word of Spanish."""
_MARKS = re.compile(r"\b(?:TODO|TO DO|XXX+|(?i:fixme))\b")
"""Marks that a sentence may also be about."""
_SENTENCE_BEFORE, _SENTENCE_AFTER = re.compile(r"[^\W\d_]+ +([^\W\d_]+) *(?:,|/)? *\Z"), re.compile(r" [a-z]{2,}")
_ABOUT_MARKS = re.compile(r"(?:,| and| or|/)? ?(?:(?:TODO|XXX|FIXME)s? )?(?:comments?|marks?|markers?|notes?|tags?)\b")
_VALUE_FOLLOWS = frozenset({
    "a", "an", "are", "as", "at", "be", "by", "for", "from", "has", "have", "in", "is", "of", "on", "than", "the",
    "to", "was", "were", "with",
})  # fmt: skip
"""Words after which such a mark stands where a value should: `it was trained on TODO rows`."""
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
    seen = visible(text)
    shown = " ".join(seen.split())
    found = _PLACEHOLDERS.search(shown)
    if found:
        return found.group().lstrip("([<")[:_LONGEST]
    mark = next(filter(None, (_mark_in(" ".join(line.split())) for line in seen.splitlines())), "")
    if mark:
        return mark
    folded = shown.casefold()
    return next((phrase for phrase in further if " ".join(visible(phrase).casefold().split()) in folded), "")


def _mark_in(line: str) -> str:
    """The first mark in a line, such as TODO, that is not a word of a sentence; empty if it has none."""
    return next((found.group() for found in _MARKS.finditer(line) if not _is_a_word(line, found)), "")


def _is_a_word(line: str, mark: re.Match[str]) -> bool:
    """Whether a sentence is about a mark: two words stand before it, and the sentence goes on after it."""
    before, after = _SENTENCE_BEFORE.search(line[: mark.start()]), line[mark.end() :]
    if before is None:
        return False
    value = before[1].casefold() in _VALUE_FOLLOWS
    return bool(_ABOUT_MARKS.match(after) or (not value and _SENTENCE_AFTER.match(after)))


def says_nothing(text: str) -> bool:
    """Whether a whole value is empty, a word such as `unknown` or `n/a`, or has a placeholder."""
    return visible(text).casefold().strip(_EDGES) in _NOBODY or bool(placeholder_in(text))

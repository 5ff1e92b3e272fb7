"""Words for messages: what a rule's findings are about, counts of them, and the word that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """Nouns in the singular for a rule's messages: what each finding is about, and what that consists of."""

    part: str = "slice"
    """What one finding is about: "slice", "group", "column"."""
    of: str = "row"
    """What is counted in it: "row", "query", "item"."""


SLICES = Words()


def plural(noun: str) -> str:
    """`rows`, `queries`."""
    if noun.endswith("y") and noun[-2:-1] not in tuple("aeiou"):
        return f"{noun[:-1]}ies"
    return f"{noun}s"


def counted(number: int, noun: str) -> str:
    """`1 row`, `12,412 rows`, `2 queries`."""
    return f"{number:,} {noun if number == 1 else plural(noun)}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`, did you mean `threshold`?` with the nearest known word, or an empty text if no word is near."""
    from difflib import get_close_matches

    names = {name.lower(): name for name in known}
    near = get_close_matches(word[:80].lower(), names, n=1, cutoff=0.6)
    return f", did you mean `{names[near[0]]}`?" if near else ""


def encodable(text: str) -> str:
    """The text with lone surrogates, which come from file names that are not UTF-8, as escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")

"""The nouns of messages: what a rule's findings are about, and numbers of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """What a rule judges one by one, and what each of these consists of: singular nouns, for messages."""

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


def several(number: int, noun: str) -> str:
    """`1 row`, `412 rows`, `2 queries`."""
    return f"{number} {noun if number == 1 else plural(noun)}"

"""Words that every message uses alike."""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`, did you mean `threshold`?` with the nearest known word, or the empty text when none is near."""
    from difflib import get_close_matches

    names = {name.lower(): name for name in known}
    near = get_close_matches(word[:80].lower(), names, n=1, cutoff=0.6)
    return f", did you mean `{names[near[0]]}`?" if near else ""


def encodable(text: str) -> str:
    """The text with lone surrogates (from file names that are not UTF-8) written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")

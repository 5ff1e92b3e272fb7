"""The prose of source and docs is plain: words and turns that a reader has to decode come no more often than stated.

`python tests/test_plain_english.py` prints every place. A ceiling only goes down; the aim of each is 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PARTS = (
    "row|unit|pair|query|group|class|slice|bin|file|line|rule|policy|candidate|table|column|question|need|task|kind|name|"
    "series|side|cell|run|tag|item|metric|check|report|value|model|verdict|finding|outcome|term"
)
BETWEEN = "about|against|as|at|by|for|fits|in|is|needs|of|on|sets|stands|with"
PLAIN = {
    r"\breckon": ("estimate, compute", 0),
    r"(?<!there )\b(?:is|are|was|were) no (?!longer|more\b|less\b|fewer\b|such\b)[a-z]+": ("is not a", 0),
    r"\b(?:is|are|was|were) due\b": ("is required", 0),
    r"\bhang(?:s|ing)? together": ("correlated", 0),
    rf"\b(?:one|an?|two|the) (?!(?:{BETWEEN})\b)[a-z]+ an? (?:{PARTS})\b": ("per", 0),
    r"\bthat there (?:is|are)\b": ("that exist, or leave it out", 0),
    r"\bthe (?:said|told)\b|\b(?:is|are|was|were) told\b": ("shown, named", 0),
    r"\bcame? out as\b": ("is", 0),
    r"\bheld? against\b": ("compared with", 0),
    r"\bstands? for\b": ("means, is", 0),
    r"\bread off\b": ("computed from", 0),
    r"\b(?:it|what it|that it) takes (?:\d|\{|to\b)|\bwhat it takes\b": ("requires", 0),
    r"\b(?:says?|said) of\b": ("says about", 0),
    r"\bknows? (?:no|nothing)\b": ("has no, ignores", 0),
    r"\bless (?:1|one)\b": ("minus 1", 0),
    r"\banew\b": ("again", 0),
}
"""What is not plain, what to write instead, and how often it may still come."""

PLAIN_ALREADY = (
    "CONTRIBUTING.md",
    "docs/README.md",
    "docs/architecture.md",
    "docs/metrics/",
    "docs/statistics.md",
    "src/mlgate/evidence/",
    "src/mlgate/metrics/",
    "src/mlgate/reference/",
    "src/mlgate/stats/",
)
"""Files and folders that have none of these any more."""


def prose() -> Iterator[tuple[Path, int, str]]:
    """Every line of the source and of the pages that people read."""
    files = [
        *(ROOT / "src").rglob("*.py"),
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *(ROOT / "docs").rglob("*.md"),
    ]
    for file in sorted(files):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            yield file.relative_to(ROOT), number, line


def places(pattern: str) -> list[str]:
    """Where a turn of phrase stands."""
    found = re.compile(pattern, re.IGNORECASE)
    return [f"{file}:{number}: {line.strip()}" for file, number, line in prose() if found.search(line)]


@pytest.mark.parametrize("pattern", PLAIN)
def test_what_is_not_plain_gets_rarer(pattern: str) -> None:
    instead, ceiling = PLAIN[pattern]
    found = places(pattern)
    assert len(found) <= ceiling, "\n".join([f"write {instead!r} instead", *found])


@pytest.mark.parametrize("pattern", PLAIN)
def test_what_is_plain_stays_plain(pattern: str) -> None:
    found = [place for place in places(pattern) if place.startswith(PLAIN_ALREADY)]
    assert not found, "\n".join([f"write {PLAIN[pattern][0]!r} instead", *found])


if __name__ == "__main__":
    for turn, (plain, most) in PLAIN.items():
        here = places(turn)
        print(f"{turn}   {len(here)} of at most {most}; write: {plain}", *here, sep="\n  ", end="\n\n")

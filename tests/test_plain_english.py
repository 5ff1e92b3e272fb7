"""The prose of source and docs is plain: words and turns that a reader has to decode come no more often than stated.

`python tests/test_plain_english.py` prints every place. A ceiling only goes down; the aim of each is 0.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from functools import cache
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
    r"\bin place of\b": ("instead of", 0),
    r"\bmend(?:s|ed|ing)?\b": ("repair, correct", 0),
    r"\b(?:to be|be) (?:said|told)\b|\bmust know of\b": ("shown, known, about", 0),
    r"\b(?:come|comes|came) out alike\b|\blook at the (?:machine|disk)\b": ("are the same; check", 0),
    r"[0-9}]%(?![\w({])": ("95 %", 0),
}
"""What is not plain, what to write instead, and how often it may still come."""

PLAIN_ALREADY = (
    "CHANGELOG.md",
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


@cache
def prose() -> tuple[tuple[Path, int, str, str], ...]:
    """Every line of the source and of the pages that people read, alone and with the next, where a turn may go on."""
    files = [
        *(ROOT / "src").rglob("*.py"),
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        ROOT / "CHANGELOG.md",
        ROOT / "Makefile",
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "examples").rglob("*.md"),
        *(ROOT / "examples").rglob("*.yaml"),
        *(ROOT / "policies").rglob("*.yaml"),
    ]
    found = []
    for file in sorted(files):
        lines = file.read_text(encoding="utf-8").splitlines()
        for number, (line, following) in enumerate(itertools.pairwise([*lines, ""]), 1):
            line = line.rstrip(' "')
            joined = line + re.sub(r'^[\s#>*-]*f?"?', " ", following)
            found.append((file.relative_to(ROOT), number, line, joined))
    return tuple(found)


@cache
def places(pattern: str) -> list[str]:
    """Where a turn of phrase begins."""
    found = re.compile(pattern, re.IGNORECASE)
    return [
        f"{file}:{number}: {line.strip()}"
        for file, number, line, joined in prose()
        if any(turn.start() < len(line) for turn in found.finditer(joined))
    ]


@pytest.mark.parametrize("pattern", PLAIN)
def test_what_is_not_plain_gets_rarer(pattern: str) -> None:
    instead, ceiling = PLAIN[pattern]
    found = places(pattern)
    assert len(found) <= ceiling, "\n".join([f"write {instead!r} instead", *found])


@pytest.mark.parametrize("pattern", PLAIN)
def test_what_is_plain_stays_plain(pattern: str) -> None:
    found = [place for place in places(pattern) if place.startswith(PLAIN_ALREADY)]
    assert not found, "\n".join([f"write {PLAIN[pattern][0]!r} instead", *found])


NOUNS = (
    "candidates|champions|cells|classes|columns|draws|entries|fields|files|forecasts|groups|ids|intervals|items|keys|"
    "labels|lines|mistakes|pairs|policies|queries|questions|rows|rules|scores|slices|tables|units|values"
)
AT_LEAST_TWO = {
    "len(chosen)", "len(enough)", "len(files.paths)", "len(found)", "len(given.edges) + 1", "len(known)",
    "len(members)", "len(need.columns)", "len(node.entries)", "len(of.groups)", "len(outcomes)", "len(slices)",
    "several", "total",
}  # fmt: skip
"""Numbers that are never 1 where a message names them."""


def counts_by_hand(text: str) -> Iterator[str]:
    """The places where a number is put before a noun in the plural, so that a message may say `1 rows`."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.JoinedStr):
            continue
        for part, after in itertools.pairwise(node.values):
            if not isinstance(part, ast.FormattedValue) or not isinstance(after, ast.Constant):
                continue
            value, form = ast.unparse(part.value), ast.unparse(part.format_spec) if part.format_spec else ""
            a_number = "," in form or value.startswith(("len(", "sum("))
            may_be_one = a_number and value not in AT_LEAST_TWO and not value.isupper()
            if may_be_one and re.match(rf" (?:[a-z-]+ )?(?:{NOUNS})\b", str(after.value)):
                yield f"{{{value}}}{after.value}"


def test_a_count_and_its_noun_come_from_one_place() -> None:
    assert list(counts_by_hand('f"{n:,} rows"')) == ["{n} rows"], "it finds them"
    found = {
        str(file.relative_to(ROOT)): list(counts_by_hand(file.read_text())) for file in (ROOT / "src").rglob("*.py")
    }
    assert {file: places for file, places in found.items() if places} == {}


if __name__ == "__main__":
    for turn, (plain, most) in PLAIN.items():
        here = places(turn)
        print(f"{turn}   {len(here)} of at most {most}; write: {plain}", *here, sep="\n  ", end="\n\n")

"""Sentences of a model card that state a metric: `an accuracy of 0.91`, `91 % accuracy`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import unescape

from mlgate.metrics.registry import also_called, known
from mlgate.reading.cards.model_card import CardSection, ModelCard, same_words
from mlgate.reading.placeholders import visible

_TABLE, _TAG = re.compile(r"<table\b.*?(?:</table>|\Z)", re.IGNORECASE | re.DOTALL), re.compile(r"<[^>\n]{0,300}>")
_ITEM, _SIGNS, _ADDRESS = re.compile(r"\s*(?:[-*+]|[0-9]+[.)])\s"), re.compile(r"[*_~`$\\]+"), re.compile(r"\S+://\S+")
_NUMBER = (
    r"(?<![\w.,])([-+]?(?:[0-9]*[.][0-9]+(?:e-?[0-9]+)?|0,[0-9]+"
    r"|[1-9][0-9]*,[0-9]{1,2}(?![0-9])|[0-9]+(?=\s*(?:%|per ?c))))"
    r"(?![\w])(?![.,][0-9])\s*(%|per ?cent\b)?"
)
"""A number that can be a metric: with a point or a comma, or in percent."""
_UNTIL = r"(?P<between>[^.;!?]{0,80}?)"
_FOLLOWED = re.compile(r"\s*(?:[%,]\s*)?(?:confidence\b|ci\b|interval\b|(?:on|for) (?:the )?train(?:ing)?\b)")
_TRAINED = re.compile(r"\btrain(?:ing)?\W*\Z")
_COMPARED = re.compile(
    r"[<>≤≥±]|\+/-|\b(?:confidence|interval|must|required|requires|should|target|threshold"
    r"|(?:on|for) (?:the )?train(?:ing)?)\b"
    r"|\b(?:above|at least|at most|below|by|exceeds|less than|more than|over|than|under)\W*\Z"
)
"""Words between a name and a number that is not the metric's value."""
_COMMON = frozenset({
    "average", "avg", "bias", "cost", "count", "coverage", "fraction", "lift", "max", "mean", "median", "min",
    "percentage", "percentile", "profit", "proportion", "rows", "share", "sharpness", "sum", "total", "utility",
    "value",
})  # fmt: skip
"""Names of metrics that are words of any sentence."""
_AFTER = re.compile(_UNTIL + _NUMBER)
_BEFORE = re.compile(_NUMBER + r"(?:\s+(?:as|eval|evaluation|final|in|of|overall|test)){0,2}\s+\Z")
_AROUND = 40


@dataclass(frozen=True)
class ProseNumber:
    """A number that a sentence gives to a metric, and the words around it."""

    text: str
    said: str
    line: int
    about: frozenset[str]
    """The words of the sentence and of the section's title."""


def prose_numbers(card: ModelCard, names: frozenset[str]) -> Iterator[ProseNumber]:
    """The numbers that sentences give to a metric with one of some names, without tables and lists that are read."""
    called = re.compile(rf"(?<![\w@])(?:{'|'.join(map(_pattern, sorted(names, key=len, reverse=True)))})(?![\w@])")
    read = {each.line for each in card.numbers if each.line}
    for section in card.sections:
        for line, piece in _pieces(section, read):
            for text, start, end in _stated(piece, called, _others(names)):
                about = frozenset(same_words(f"{section.title} {piece}").split())
                yield ProseNumber(text, piece[start:end].strip(), line, about)


def _pieces(section: CardSection, read: set[int]) -> Iterator[tuple[int, str]]:
    """The title, and each paragraph or entry of a list, with its line and in small letters without marks."""
    yield section.line, _plain(section.title)
    text = _TABLE.sub(lambda table: "\n" * table.group().count("\n"), section.text)
    piece, begun = list[str](), section.start
    for at, line in enumerate(text.splitlines()):
        number = section.start + at if section.start else 0
        taken = bool(number) and number in read
        if piece and (taken or not line.strip() or _ITEM.match(line)):
            yield begun, _plain(" ".join(piece))
            piece = []
        if line.strip() and not taken:
            begun = begun if piece else number
            piece.append(line)
    if piece:
        yield begun, _plain(" ".join(piece))


def _plain(text: str) -> str:
    seen = _SIGNS.sub(" ", _TAG.sub(" ", _ADDRESS.sub(" ", unescape(text))))
    return " ".join(visible(seen).replace("|", " ").casefold().split())


def _stated(piece: str, called: re.Pattern[str], others: re.Pattern[str]) -> Iterator[tuple[str, int, int]]:
    """Each number that follows or precedes a name, with the place of both."""
    for name in called.finditer(piece):
        start = max(0, name.start() - _AROUND)
        near = others.finditer(piece, start, name.end() + _AROUND)
        covered = any(each.start() <= name.start() and name.end() <= each.end() for each in near)
        if covered or _TRAINED.search(piece, start, name.start()):
            continue
        after = _AFTER.match(piece, name.end())
        if after and not _is_of_another(piece, after, others):
            yield _number(after), name.start(), after.end()
        before = _BEFORE.search(piece[start : name.start()])
        if before and not any(
            each.search(piece[start : start + before.start()]) for each in (others, called, _COMPARED)
        ):
            yield _number(before), start + before.start(), name.end()


def _number(found: re.Match[str]) -> str:
    number, percent = found.groups()[-2:]
    return f"{number} %" if percent else str(number)


def _is_of_another(piece: str, after: re.Match[str], others: re.Pattern[str]) -> bool:
    """Whether the words before or after a number say that it is not the metric's value."""
    between = after["between"]
    return bool(others.search(between) or _COMPARED.search(between) or _FOLLOWED.match(piece, after.end()))


@cache
def _others(names: frozenset[str]) -> re.Pattern[str]:
    """The names of all other metrics."""
    other = {same_words(each) for each in (*known().keys(), *also_called())} - names - _COMMON
    patterns = map(_pattern, sorted((each for each in other if len(each) > 1), key=len, reverse=True))
    return re.compile(rf"(?<![\w@])(?:{'|'.join(patterns)})(?![\w@])")


def _pattern(name: str) -> str:
    return r"[\W_]+".join(map(re.escape, name.split()))

"""The words and signs of a condition. A text that has others is refused, with what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from mlgate.evidence.time_texts import CLOCK, DAY, ZONE
from mlgate.reading.fields import number

MOST_TOKENS = 1000
"""The most words and signs of one condition."""
WORDS = ("and", "or", "not", "in", "between", "is", "missing", "if", "then", "else", "true", "false")
"""The words of the language. A column of such a name is written in backticks."""

TokenKind = Literal["word", "name", "number", "moment", "text", "sign", "end"]

_BLANKS = re.compile(r"\s+")
_PARTS: tuple[tuple[TokenKind, re.Pattern[str]], ...] = (
    ("moment", re.compile(rf"{DAY}(?:{CLOCK}(?:{ZONE})?)?(?![\w.-])")),
    ("number", re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w.])")),
    ("name", re.compile(r"[^\W\d]\w*(?:\.\w+)*")),
    ("name", re.compile(r"`(?:[^`]|``)+`")),
    ("text", re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")),
    ("sign", re.compile(r"!=(?!=)|<=|>=(?!=)|<(?!>)|>|=(?![=>])|[+*/()\[\],-](?!\*)")),
)
_OTHER_WORDS = {
    "==": "=", "===": "=", "<>": "!=", "!==": "!=", "&&": "and", "&": "and", "||": "or", "|": "or", "!": "not",
    "~": "not", "≥": ">=", "≤": "<=", "≠": "!=", "−": "-", "×": "*", "÷": "/", "null": "missing", "none": "missing",
    "na": "missing", "nan": "missing", "implies": "if ... then ...", "=>": "if ... then ...",
}  # fmt: skip
_STRANGE = re.compile(r"===?|!==?|<>|=>|&&|\|\||[0-9][\w.]*|\.[0-9]\w*|.", re.DOTALL)


class ConditionError(Exception):
    """A mistake in a condition: the offset of the character at fault, and what to write instead."""

    def __init__(self, at: int, said: str) -> None:
        super().__init__(said)
        self.at = at


@dataclass(frozen=True)
class Token:
    """One word or sign of a condition, or its end."""

    kind: TokenKind
    text: str
    """As written; a column's name and a text without their quotes."""
    at: int
    """Its offset in the condition."""

    def __str__(self) -> str:
        return "the end" if self.kind == "end" else f"`{self.text}`"


def tokens(text: str) -> tuple[Token, ...]:
    """The words and signs of a condition, and its end. Raises ConditionError for anything else, and for too many."""
    found = []
    for token in _tokens(text):
        found.append(token)
        if len(found) > MOST_TOKENS:
            said = f"it has more than {MOST_TOKENS} words and signs; split it into several conditions"
            raise ConditionError(token.at, said)
    return (*found, Token("end", "", len(text)))


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        if blanks := _BLANKS.match(text, at):
            at = blanks.end()
            continue
        kind, found = _next(text, at)
        yield _token(kind, found, at)
        at += len(found)


def _next(text: str, at: int) -> tuple[TokenKind, str]:
    for kind, pattern in _PARTS:
        if found := pattern.match(text, at):
            return kind, found[0]
    raise ConditionError(at, _refusal(text, at))


def _token(kind: TokenKind, found: str, at: int) -> Token:
    if kind == "name" and found[0] == "`":
        return Token("name", found[1:-1].replace("``", "`"), at)
    if kind == "name":
        return Token("word" if _is_word(found, at) else "name", found, at)
    if kind == "text":
        return Token("text", found[1:-1].replace(found[0] * 2, found[0]), at)
    if kind == "number" and number(found) is None:
        said = f"`{found}` is not a number as it is written; write it without leading zeros, or in quotes as a text"
        raise ConditionError(at, said)
    if kind == "moment":
        _require_moment(found, at)
    return Token(kind, found, at)


def _is_word(found: str, at: int) -> bool:
    small = found.lower()
    if small in WORDS and found != small:
        raise ConditionError(at, f"write `{small}` in small letters; a column of the name `{found}` needs backticks")
    if small in _OTHER_WORDS:
        write = _OTHER_WORDS[small]
        raise ConditionError(at, f"`{found}` is not a word of conditions; write `{write}`, or a column in backticks")
    return small in WORDS


def _require_moment(found: str, at: int) -> None:
    try:
        datetime.fromisoformat(re.sub(r"([.][0-9]{6})[0-9]+", r"\1", found))
    except ValueError:
        raise ConditionError(at, f"there is no date or time `{found}`; correct it") from None


def _refusal(text: str, at: int) -> str:
    """What is wrong where no word or sign begins, and what to write instead."""
    sign = text[at]
    if sign in "'\"`":
        return f"the quote {sign} is not closed; add another one where it ends"
    found = _STRANGE.match(text, at)
    strange = found[0] if found else sign
    if strange in _OTHER_WORDS:
        return f"`{strange}` is not a sign of conditions; write `{_OTHER_WORDS[strange]}`"
    if sign in ".0123456789":
        return f"`{strange}` is not a number; write digits with a point, such as 0.5, or a name in backticks"
    return f"`{strange}` is not a sign of conditions; a name with other signs than letters needs backticks"

"""What the lines of a JSON Lines file hold, column by column: kinds, and where each of them is first."""

from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mlgate.values.errors import EvidenceError

MOST_COLUMNS = 10_000
_MOST_KNOWN = 1 << 14
_EXACT = (1 << 53) - 1
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:)?|[{}\[\]]')


class _Whole(str):
    """An integer that every double holds, as its digits."""


class _Precise(_Whole):
    """An integer that a double may not hold."""


class _Long(_Precise):
    """An integer that may not fit in 64 bits."""


class _Endless(_Precise):
    """An integer of more digits than any integer of the engine."""


class _Fraction(str):
    """A number with a fraction or an exponent."""


class _Odd(str):
    """A number that is not finite."""


class _Nul(str):
    """A text with U+0000 in it."""


def _whole(digits: str) -> _Whole:
    if len(digits) < 16 or (len(digits) <= 18 and abs(int(digits)) <= _EXACT):
        return _Whole(digits)
    return (_Precise if len(digits) <= 18 else _Long if len(digits) <= 38 else _Endless)(digits)


def _fraction(digits: str) -> _Fraction | _Odd:
    return _Fraction(digits) if math.isfinite(float(digits)) else _Odd(digits)


_WORDS: dict[type[Any], str] = {str: "text", _Nul: "text", bool: "true/false", list: "objects", tuple: "objects"}
"""What messages call the kinds of values; all others are numbers."""


@dataclass(frozen=True)
class JsonColumn:
    """A column of the file: what its values are read as, or why they cannot be read."""

    name: str
    kind: str
    refused: EvidenceError | None = None


class JsonLines:
    """What was learned of the lines so far; lines of the same keys and kinds are learned once."""

    def __init__(self, shown: str) -> None:
        self.rows = 0
        self._shown = shown
        self._decode = json.JSONDecoder(
            parse_int=_whole, parse_float=_fraction, parse_constant=_Odd, object_pairs_hook=tuple
        ).decode
        self._known: set[tuple[Any, ...]] = set()
        self._kinds: dict[str, dict[type[Any], int]] = {}
        self._lacking: dict[str, int] = {}
        self._spelled: dict[str, dict[str, int]] = {}

    @property
    def names(self) -> Iterable[str]:
        """The keys of all lines, in the order in which they first stand."""
        return self._kinds

    def read(self, number: int, line: bytes) -> None:
        """Learn of a line. Raises EvidenceError where it is not an object, or a key stands in it twice."""
        text = line.removeprefix(codecs.BOM_UTF8).decode() if number == 1 else line.decode()
        try:
            row = self._decode(text)
        except (ValueError, RecursionError) as error:
            raise self._error(number, _said(text)) from error
        if type(row) is not tuple:
            raise self._error(number, "not a JSON object; write one object per line")
        names, values = zip(*row, strict=True) if row else ((), ())
        escaped = "\\u" in text
        known = (names, *map(type, values))
        if not escaped and known in self._known:
            self.rows += 1
            return
        if escaped:
            self._decodable(number, row)
            values = tuple(_Nul(value) if type(value) is str and "\0" in value else value for value in values)
        self._learn(number, names, values, _spellings(text) if escaped else {})
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        if not escaped:
            self._known.add(known)
        self.rows += 1

    def column(self, name: str) -> JsonColumn:
        """A column, once all lines are read."""
        kinds = {kind: line for kind, line in self._kinds[name].items() if kind is not type(None)}
        said = self._refusal(name, kinds) if name.strip() else (1, "a key without a name")
        if said is not None:
            return JsonColumn(name, "text", self._error(*said))
        return JsonColumn(name, _kind(kinds))

    def _learn(self, number: int, names: tuple[str, ...], values: tuple[Any, ...], spelled: dict[str, str]) -> None:
        if len(set(names)) < len(names):
            twice = next(name for at, name in enumerate(names) if name in names[:at])
            raise self._error(number, f"the key `{twice}` stands twice in one line; write it once")
        for name, value in zip(names, values, strict=True):
            if name not in self._kinds:
                if self.rows:
                    self._lacking[name] = 1
                self._kinds[name] = {}
            self._kinds[name].setdefault(type(value), number)
            self._spelled.setdefault(name, {}).setdefault(spelled.get(name, name), number)
        if len(names) < len(self._kinds):
            for name in self._kinds.keys() - set(names):
                self._lacking.setdefault(name, number)
        if len(self._kinds) > MOST_COLUMNS:
            raise self._error(number, f"more than {MOST_COLUMNS} keys so far; write rows with the same keys")

    def _decodable(self, number: int, row: Any) -> None:
        """Raise EvidenceError for half of a surrogate pair, which is not text, and for a key with U+0000."""
        try:
            json.dumps(row, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise self._error(number, "an escape that is half of a surrogate pair; write the character") from error
        if any("\0" in name for name, _ in row):
            raise self._error(number, "a key with the character U+0000; remove it")

    def _refusal(self, name: str, kinds: dict[type[Any], int]) -> tuple[int, str] | None:
        """The line and the reason why a column cannot be read, or None."""
        lacking, spelled = self._lacking.get(name), self._spelled[name]
        if lacking is not None:
            return lacking, f"no key `{name}`, which other lines have; write it on every line, null where missing"
        if len(spelled) > 1:
            return max(spelled.values()), f"the key `{name}` is written with other escapes than before; write it alike"
        if _Nul in kinds:
            return kinds[_Nul], f"column `{name}` has a text with the character U+0000; remove it"
        words = {_WORDS.get(kind, "numbers"): line for kind, line in sorted(kinds.items(), key=lambda one: -one[1])}
        if len(words) > 1:
            mixed = " and ".join(word for word in ("text", "true/false", "objects", "numbers") if word in words)
            return max(words.values()), f"column `{name}` mixes {mixed}; write it in one kind"
        if _Odd in kinds:
            return kinds[_Odd], f"column `{name}` has a number that is not finite (NaN, 1e400); write null"
        wide = [line for kind, line in kinds.items() if issubclass(kind, _Precise)]
        if _Endless in kinds or (_Fraction in kinds and wide):
            said = "integers too long to be kept exactly; write them as text"
            return kinds.get(_Endless) or max(wide), f"column `{name}` has {said}"
        return None

    def _error(self, number: int, said: str) -> EvidenceError:
        return EvidenceError(f"{self._shown}:{number}: {said}")


def _said(text: str) -> str:
    """What is wrong with a line that is not JSON."""
    if not text.strip():
        return "a blank line; remove lines that are not rows"
    if text.lstrip().startswith("["):
        return (
            "not a JSON object on one line but an array; write JSON lines, in pandas by `orient='records', lines=True`"
        )
    return "not a JSON object on one line; write one object per line, and nothing else"


def _kind(kinds: dict[type[Any], int]) -> str:
    """What the values of a column of one kind are read as."""
    if not kinds or str in kinds:
        return "text"
    if bool in kinds:
        return "boolean"
    if list in kinds or tuple in kinds:
        return "nested"
    if _Fraction in kinds:
        return "fraction"
    return "long" if _Long in kinds else "whole"


def _spellings(text: str) -> dict[str, str]:
    """The keys of a line's object as they are written, where they are written with an escape."""
    depth, found = 0, dict[str, str]()
    for token in _TOKEN.finditer(text):
        sign = token[0]
        if sign in "{[":
            depth += 1
        elif sign in "}]":
            depth -= 1
        elif token[2] and depth == 1 and "\\" in token[1]:
            found[json.loads(f'"{token[1]}"')] = token[1]
    return found

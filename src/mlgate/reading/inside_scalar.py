"""Where a character of a scalar stands in its file, whether the text is plain, quoted, folded or a block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from mlgate.reading.strict_yaml import Scalar
from mlgate.values.errors import Location

_BLOCK_HEAD = re.compile(r"[|>][^\r\n]*(?:\r\n|\r|\n)")
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|\r\n|.)", re.DOTALL)
_BREAK = re.compile(r"\r\n|\r|\n")
_BLANK_ESCAPES = "nrtve_NLP \t\r\n0abf"


def place_inside(scalar: Scalar, offset: int) -> Location:
    """The place of the character at an offset of a scalar's text; of its end, if the offset is behind the text.

    Characters that are not blank are the same in the file and in the text, and in the same order; so they are counted.
    """
    before = sum(1 for sign in scalar.text[:offset] if not sign.isspace())
    places = list(_written(scalar.source))
    if not places:
        return scalar.at
    at = places[before] if before < len(places) else places[-1] + 1
    lines = list(_BREAK.finditer(scalar.source, 0, at))
    if not lines:
        return replace(scalar.at, column=scalar.at.column + at)
    return replace(scalar.at, line=scalar.at.line + len(lines), column=at - lines[-1].end() + 1)


def _written(source: str) -> Iterator[int]:
    """The index in the file's text of every character of the value that is not blank."""
    quote = source[:1] if source[:1] in ("'", '"') else ""
    head = _BLOCK_HEAD.match(source)
    at = head.end() if head else len(quote)
    end = len(source) - len(quote)
    while at < end:
        if quote == '"' and (found := _ESCAPE.match(source, at)):
            if found[1][0] not in _BLANK_ESCAPES:
                yield at
            at = found.end()
        else:
            if not source[at].isspace():
                yield at
            at += 2 if quote == "'" and source.startswith("''", at) else 1

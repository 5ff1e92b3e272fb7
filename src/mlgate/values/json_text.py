"""JSON text and plain values: written in one fixed form, read strictly."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from typing import Any, NoReturn

from mlgate.values.words import encodable

MOST_DIGITS = 300
"""The most digits of a whole number: numbers of this length still fit into a float."""
_UNUSUAL = re.compile(r"[^\n -~]")
"""Signs beside a line end and those that ASCII prints."""


def to_text(value: Any) -> str:
    """Plain values as the text of a file: indented, keys in their order. Raises ValueError for a NaN."""
    return safe(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)) + "\n"


def safe(text: str) -> str:
    """JSON text in which what steers a terminal, or what a runner of workflows takes for a command, is escaped."""
    escaped = encodable(text).replace("##[", "#\\u0023[")
    return _UNUSUAL.sub(lambda found: _unicode_escape(found[0]) if _steers(found[0]) else found[0], escaped)


def _steers(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp")


def _unicode_escape(sign: str) -> str:
    return json.dumps(sign)[1:-1] if not sign.isascii() else f"\\u{ord(sign):04x}"


def parse(text: str) -> Any:
    """The plain values of JSON text. Raises ValueError for repeated keys, NaN, and numbers that are too large."""
    try:
        return json.loads(
            text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite, parse_int=_short
        )
    except RecursionError as error:
        raise ValueError("the text is nested too deeply") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(name for name in names if names.count(name) > 1)!r} is repeated")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{digits[:20]} is too large a number")
    return value


def _short(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"{digits[:20]}... is too large a number")
    return int(digits)

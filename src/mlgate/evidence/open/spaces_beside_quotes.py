"""Spaces between a delimiter and a quote in CSV, on which readers disagree.

DuckDB drops one space before an opening quote and all spaces after a closing one. Most other readers take them, and a
quote beside them, for a part of the value. So a quote could hide the rows that follow it from one of them.
"""

from __future__ import annotations

import mmap
import re
from pathlib import Path

QUOTED = rb'[^"]*(?:""[^"]*)*"'
"""A quoted value after its first quote."""
AT_ONCE = 20
"""The most quoted values that follow each other and are one match, so that a file of them is scanned fast."""


def possible(text: bytes) -> bool:
    """Whether a part of a file may have such spaces; they may also be within a quoted value."""
    return b' "' in text or b'" ' in text


def first_line(path: Path, delimiter: bytes) -> int | None:
    """The number of the first line with such a space outside quoted values; None without one.

    The file is one that DuckDB reads: every quoted value has its end.
    """
    ends = rb"\r\n" + re.escape(delimiter)
    start = rb'(?:(?<![^%b]")|(?<=\A\xef\xbb\xbf"))' % ends
    more = rb'(?:[%b]+"%b){0,%d}' % (ends, QUOTED, AT_ONCE)
    # From quote to quote: a quoted value is skipped, and so is a quote within a value that is not quoted.
    pattern = re.compile(rb'"(?:%b%b%b( )?|(?<=[%b] ")())?' % (start, QUOTED, more, ends))
    with path.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as text:
        for each in pattern.finditer(text):
            if each.lastindex:
                return text[: each.end()].count(b"\n") + 1
    return None

"""Columns that a policy names: by their names, or by a pattern between slashes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mlgate.evidence.rows import Rows


def pattern_of(name: str) -> re.Pattern[str] | str | None:
    """The pattern of a name between slashes, or why it is not one; None for a plain name."""
    if len(name) < 3 or not (name.startswith("/") and name.endswith("/")):
        return None
    try:
        return re.compile(name[1:-1])
    except re.error as error:
        return f"`{name}` is not a regular expression: {error}"


def named(rows: Rows, name: str) -> list[str]:
    """The columns of a table that a name or a pattern means, in their order."""
    pattern = pattern_of(name)
    if isinstance(pattern, re.Pattern):
        return [column for column in rows.kinds if pattern.fullmatch(column)]
    return [name] if name in rows.kinds else []


def means(name: str, column: str) -> bool:
    """Whether a name or a pattern means a column."""
    pattern = pattern_of(name)
    return bool(pattern.fullmatch(column)) if isinstance(pattern, re.Pattern) else name == column


def listed(names: Iterable[str], most: int = 6) -> str:
    """Names for a message: the first, and how many more."""
    every = [f"`{name}`" for name in names]
    shown = ", ".join(every[:most])
    return f"{shown} and {len(every) - most} more" if len(every) > most else shown

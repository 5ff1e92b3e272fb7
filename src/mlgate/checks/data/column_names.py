"""Names of columns as a rule writes them: a name, or a pattern between slashes for the whole name."""

from __future__ import annotations

import re

from mlgate.evidence.rows import Rows


def pattern(name: str) -> re.Pattern[str] | str | None:
    """The pattern of a name between slashes, or why it is not one; None for a plain name."""
    if len(name) < 3 or not (name.startswith("/") and name.endswith("/")):
        return None
    try:
        return re.compile(name[1:-1])
    except re.error as error:
        return f"`{name}` is not a regular expression: {error}"


def named(rows: Rows, name: str) -> list[str]:
    """The columns that a name or a pattern means."""
    found = pattern(name)
    if isinstance(found, re.Pattern):
        return [column for column in rows.kinds if found.fullmatch(column)]
    return [name] if name in rows.kinds else []


def means(name: str, column: str) -> bool:
    """Whether a name or a pattern means a column."""
    found = pattern(name)
    return bool(found.fullmatch(column)) if isinstance(found, re.Pattern) else name == column

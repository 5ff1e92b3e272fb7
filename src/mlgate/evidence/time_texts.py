"""Dates and times as text: what a policy and a text column may write, and how the engine writes the same time."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from mlgate.evidence.dialect import literal

DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
CLOCK = r"[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?"
ZONE = r"(Z|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?)"
_MOMENT = re.compile(rf"({DAY})(?:[T ]([0-9]{{2}}:[0-9]{{2}}(?::[0-9]{{2}})?)(?:[.]([0-9]{{1,9}}))?)?({ZONE})?")


def moment_of(text: str) -> str:
    """SQL for a text of the grammar as a time in UTC; NULL for a day that does not exist.

    A time without a zone is one in UTC. Not every version of the engine reads a zone after minutes.
    """
    short = literal(f"{DAY}[T ][0-9]{{2}}:[0-9]{{2}}{ZONE}")
    whole = (
        f"case when matches({text}, {short}) then substr({text}, 1, 16) || ':00' || substr({text}, 17) else {text} end"
    )
    return f"try_cast(try_cast({whole} as timestamptz) as timestamp)"


def time_spellings(value: str) -> tuple[str, ...]:
    """The texts that a column of dates or times, with a zone or without, may have for a time; UTC without a zone."""
    found = _MOMENT.fullmatch(value)
    if found is None or (found[4] and not found[2]):
        return (value,)
    try:
        moment = datetime.fromisoformat(f"{found[1]}T{found[2] or '00:00'}{found[4] or 'Z'}").astimezone(UTC)
    except (ValueError, OverflowError):  # the 30th of February, the year 0
        return (value,)
    whole = moment.strftime("%Y-%m-%d %H:%M:%S").rjust(19, "0")
    part = (found[3] or "").rstrip("0")
    text = f"{whole}.{part}" if part else whole
    midnight = whole.endswith("00:00:00") and not part
    return (*dict.fromkeys((value, text, f"{text}+00")), *((whole[:10],) if midnight and whole[:10] != value else ()))

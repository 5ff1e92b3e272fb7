"""The time that a report records, as far as it names one moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

_SHORTEST, _LONGEST = len("2026-11-20T10:00Z"), 40


def zoned_instant(text: str) -> datetime | None:
    """The moment that an ISO 8601 text names; None for other texts and for a time without a zone."""
    if not _SHORTEST <= len(text) <= _LONGEST:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.utcoffset() is not None else None


def earliest(times: Iterable[str]) -> str:
    """The earliest of the times of a report's parts; one that names no moment comes first, as its order is unknown."""
    found = tuple(times)
    unknown = next((time for time in found if zoned_instant(time) is None), None)
    moments = {moment: time for time in found if (moment := zoned_instant(time))}
    return unknown if unknown is not None else moments[min(moments)] if moments else ""

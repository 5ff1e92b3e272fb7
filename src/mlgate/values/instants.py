"""Moments that files record as texts: only those with a zone can be compared."""

from __future__ import annotations

from datetime import UTC, datetime

_SHORTEST, _LONGEST = len("2026-11-20T10:00Z"), 40


def zoned_instant(text: str) -> datetime | None:
    """The moment that an ISO 8601 text names; None for other texts, for a time without a zone, and outside the years
    from 1 to 9999 of UTC."""
    if not _SHORTEST <= len(text) <= _LONGEST:
        return None
    try:
        found = datetime.fromisoformat(text)
        return found if found.utcoffset() is not None and found.astimezone(UTC) else None
    except (ValueError, OverflowError):
        return None

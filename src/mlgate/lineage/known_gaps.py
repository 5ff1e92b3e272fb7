"""What a team knows to be absent from a model's history, and says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class KnownGap:
    """One thing that is known to be absent, or not to be fixed."""

    of: str
    """A role, or the name of a thing as its source writes it."""
    why: str
    owner: str
    """Who closes it."""
    until: str
    """The last day, YYYY-MM-DD, on which it is known; after it, it is a gap that somebody has forgotten."""
    said_in: str
    """Where the source says so."""

    def ended(self, day: date) -> bool:
        """Whether its last day is before a day."""
        return date.fromisoformat(self.until) < day

    def said(self, day: date) -> str:
        """The gap in a message."""
        state = "a gap that was known until" if self.ended(day) else "a known gap until"
        return f"{state} {self.until} ({self.said_in}, owner {self.owner}): {self.why}"

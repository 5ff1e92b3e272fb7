"""What changes on a day soon, so that nobody is surprised by a gate that blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mlgate.values.plain import Count

SOON = 14
"""How many days ahead a change is announced."""

ChangeSoon = Literal["waivers end", "known failures end", "rules begin to block"]


@dataclass(frozen=True)
class Announcement:
    """That waivers or known failures end soon, or that rules begin to block, and which rules would block then."""

    what: ChangeSoon
    """What changes."""
    day: str
    """The last day of what ends, or the first day on which the rules block, YYYY-MM-DD."""
    days: Count
    """How many days that is after the day of the verdict."""
    rules: tuple[str, ...]
    """The full names of the rules that it is about."""
    blocking: tuple[str, ...]
    """Those of them that would block then, if nothing else changes."""
    said: str
    """All of it as one sentence."""

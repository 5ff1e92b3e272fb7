"""A candidate of which nothing was asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Unjudged:
    """A candidate that was not judged, for a reason that does not block. It is not allowed either."""

    path: str
    """The candidate file."""
    candidate: str
    """The candidate's name."""
    why: Literal["NOT COVERED", "UNCHANGED"]
    """NOT COVERED: no policy applies to it. UNCHANGED: its file and all that it names are as at a commit."""
    message: str
    """Which policies there are, or which commit."""

"""The version of mlgate and its release date. A clock that shows an earlier date is wrong."""

from datetime import date

__version__ = "0.1.0"
RELEASED = date(2026, 11, 24)
METHODS = 1
"""The version of the statistical methods. It rises when the bounds of any method move, and CHANGELOG.md names it."""

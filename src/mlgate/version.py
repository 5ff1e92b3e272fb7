"""The version of mlgate and its release date. A clock that shows an earlier date is wrong."""

from datetime import date

__version__ = "0.1.0"
RELEASED = date(2026, 11, 24)

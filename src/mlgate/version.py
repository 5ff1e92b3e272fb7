"""The version of mlgate and the day it was released: a clock that stands before it is wrong."""

from datetime import date

__version__ = "0.1.0"
RELEASED = date(2026, 11, 24)

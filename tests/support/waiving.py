"""The days of a waiver that is in force whenever the tests run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_TODAY = datetime.now(UTC).date()
IN_FORCE = f"granted: {_TODAY - timedelta(9)}, expires: {_TODAY + timedelta(60)}"
"""Keys of a waiver: it started some days ago, and ends long after the next two weeks."""

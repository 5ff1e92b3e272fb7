"""The time that a report records, as far as it names one moment."""

from __future__ import annotations

from collections.abc import Iterable

from mlgate.values.instants import zoned_instant


def earliest(times: Iterable[str]) -> str:
    """The earliest of the times of a report's parts; one that names no moment comes first, as its order is unknown."""
    found = tuple(times)
    unknown = next((time for time in found if zoned_instant(time) is None), None)
    moments = {moment: time for time in found if (moment := zoned_instant(time))}
    return unknown if unknown is not None else moments[min(moments)] if moments else ""

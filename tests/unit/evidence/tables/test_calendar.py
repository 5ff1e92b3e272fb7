"""Times as text: the moment in UTC, and none for what is not a time."""

from __future__ import annotations

import datetime
from pathlib import Path

import pandas as pd
import pytest

from mlgate.evidence.evidence import open_evidence
from mlgate.evidence.sources import FrameSource
from mlgate.evidence.tables.calendar import moments

TIMES = {
    "2026-01-05": "2026-01-05T00:00:00",
    "2026-01": "2026-01-01T00:00:00",
    "2026-01-05T06:07": "2026-01-05T06:07:00",
    "2026-01-05 06:07:08.123456": "2026-01-05T06:07:08.123456",
    "2026-01-05 06:07:08.123456000": "2026-01-05T06:07:08.123456",
    "2026-01-05 06:07:08.100000000Z": "2026-01-05T06:07:08.100000",
    "2026-01-05T06:07:08Z": "2026-01-05T06:07:08",
    "2026-01-05 06:07:08+00:00": "2026-01-05T06:07:08",
    "2026-01-05T06:07:08+02:00": "2026-01-05T04:07:08",
    "2026-01-05T06:07-0530": "2026-01-05T11:37:00",
    "2026-01-05 06:07:08+14": "2026-01-04T16:07:08",
    "2026-W01": "2025-12-29T00:00:00",
    "2026W017": "2026-01-04T00:00:00",
    "2020-W53": "2020-12-28T00:00:00",
    "2026Q3": "2026-07-01T00:00:00",
    "2026-Q4": "2026-10-01T00:00:00",
    "2026-01-05/2026-01-11": "2026-01-05T00:00:00",
    "2026-02-30": None,
    "2026-13": None,
    "2026-W54": None,
    "2025-W53": None,
    "2026-W00": None,
    "2026-W01-8": None,
    "2026Q5": None,
    "2026-01-05T25:00": None,
    "2026-01-05T06:07:08+25:00": None,
    "2026-01-05T06:07:08.1234567": None,
    "05.01.2026": None,
    "01/05/2026": None,
    "soon": None,
}


@pytest.mark.parametrize("text", TIMES)
def test_a_time_as_text_is_a_moment_or_none(text: str) -> None:
    with open_evidence({"t": FrameSource(pd.DataFrame({"t": [text]}))}, Path(), threads=1) as evidence:
        evidence.schema("t")
        ((found,),) = evidence.engine.query(f"select {moments('t', 'VARCHAR')[0]} from t0")
    expected = TIMES[text]
    assert found == (datetime.datetime.fromisoformat(expected) if expected else None)


def test_a_fraction_of_a_microsecond_is_not_rounded_away() -> None:
    times = pd.Series([0, 1, 1000]).astype("datetime64[ns]")
    with open_evidence({"t": FrameSource(pd.DataFrame({"t": times}))}, Path(), threads=1) as evidence:
        evidence.schema("t")
        found = evidence.engine.query(f"select epoch_us({moments('t', 'TIMESTAMP_NS')[0]}) from t0")
    assert found == [(0,), (None,), (1,)]

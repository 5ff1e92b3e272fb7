"""A time of a policy is equal to the same time of a column, whatever the type of the column and the way to write it."""

from __future__ import annotations

import duckdb
import pytest

from mlgate.evidence.time_texts import time_spellings

SAME = [
    ("2024-02-29", "date '2024-02-29'"),
    ("2024-02-29", "timestamp '2024-02-29 00:00:00'"),
    ("2024-02-29", "timestamptz '2024-02-29 01:00:00+01:00'"),
    ("2024-02-29T02:00:00+02:00", "date '2024-02-29'"),
    ("2024-02-29T10:00Z", "timestamp '2024-02-29 10:00:00'"),
    ("2024-02-29 10:00:00.500", "timestamp '2024-02-29 10:00:00.5'"),
    ("2024-02-29T10:00:00.123456789", "timestamp_ns '2024-02-29 10:00:00.123456789'"),
    ("2024-01-01T00:30+01", "timestamptz '2023-12-31 23:30:00+00'"),
    ("0044-03-15", "timestamp '0044-03-15 00:00:00'"),
    ("10:00:00", "time '10:00'"),
]
OTHERS = [
    ("2024-02-29", "timestamp '2024-02-29 00:00:00.000001'"),
    ("2024-02-29T10:00:00+02:00", "timestamp '2024-02-29 10:00:00'"),
    ("2024-02-29T00:00:00.1", "date '2024-02-29'"),
    ("2023-02-29", "date '2023-03-01'"),
    ("0000-01-01", "date '0001-01-01'"),
    ("9999-12-31T23:00:00-02:00", "date '9999-12-31'"),
    ("2024-02-29Z", "date '2024-02-29'"),
    ("20240229", "date '2024-02-29'"),
]


def equal(written: str, value: str) -> bool:
    with duckdb.connect() as engine:
        engine.execute("set timezone = 'UTC'")
        (found,) = engine.execute(f"select cast({value} as varchar)").fetchone() or ("",)
    return found in time_spellings(written)


@pytest.mark.parametrize(("written", "value"), SAME)
def test_the_same_time_is_equal(written: str, value: str) -> None:
    assert equal(written, value)


@pytest.mark.parametrize(("written", "value"), OTHERS)
def test_another_time_is_not_equal(written: str, value: str) -> None:
    assert not equal(written, value)

"""Every metric equals its oracle on random tables, weighted and counted rows included.

`support/oracles` states for each metric what it must be, where it is defined, and on which tables; `support/tables`
makes the tables; `support/measured` takes the path of the gate.
"""

from __future__ import annotations

import math
from typing import Any

import pytest
from benchmarks.scenarios import scenarios_of

from mlgate.metrics.options import Options
from mlgate.metrics.registry import metrics
from mlgate.values.estimate import Estimate
from support.entries import ENTRIES, one_fast_per_kind
from support.measured import measured
from support.oracles import ORACLES
from support.oracles.base import samples
from support.tables import TABLES, Frame, table

WEIGHTED = [name for name, metric in ENTRIES.items() if metric.kind.weighted]
COUNTED = [name for name in ENTRIES if not name.startswith(("binary/", "ranking "))]
FURTHER = [
    pytest.param(name, at, marks=pytest.mark.slow)
    for name, oracle in ORACLES.items()
    for at in range(1, len(TABLES[oracle.tables]))
]
"""The tables beyond the first: classes that look like numbers or need quotes, more classes, labels far from 0."""


def test_every_metric_has_an_oracle_a_scenario_of_the_coverage_benchmark_and_a_page() -> None:
    assert set(ENTRIES) == set(ORACLES)
    assert [name for name, metric in ENTRIES.items() if not scenarios_of(metric)] == []
    assert [name for name, metric in ENTRIES.items() if not metric.doc.strip()] == []


def test_every_metric_has_a_name_of_its_own() -> None:
    assert len(ENTRIES) == sum(map(len, metrics().values()))


@pytest.mark.parametrize(("name", "at"), [*((name, 0) for name in ENTRIES), *FURTHER])
def test_every_metric_equals_its_oracle(name: str, at: int) -> None:
    assert groups_that_agree(name, table(ORACLES[name].tables, at)) >= 5


@pytest.mark.parametrize("name", one_fast_per_kind(WEIGHTED))
def test_every_metric_equals_its_oracle_under_sampling_weights(name: str) -> None:
    assert groups_that_agree(name, table(ORACLES[name].tables, role="weight")) >= 8


@pytest.mark.parametrize("name", one_fast_per_kind(COUNTED))
def test_a_row_with_a_count_is_that_many_rows(name: str) -> None:
    counted = table(ORACLES[name].tables, role="count")
    for options in ORACLES[name].asked(counted):
        assert seen(name, counted, options) == seen(name, counted.repeated(), options)


def groups_that_agree(name: str, frame: Frame) -> int:
    """How many groups have a value; every group's is compared with the oracle's."""
    values = 0
    for options in ORACLES[name].asked(frame):
        found = measured(ENTRIES[name], frame, options)
        for group, sample in samples(frame, options).items():
            expected = ORACLES[name](sample)
            one = found[group]
            assert (one.estimate is None) == (expected is None), (group, expected, one)
            if one.estimate is not None and expected is not None:
                agrees(one.estimate, expected, ORACLES[name].tolerance, one.rounding)
                values += 1
    return values


def agrees(estimate: Estimate, expected: float, tolerance: float, rounding: float) -> None:
    """The value is the oracle's, and the estimate agrees with itself."""
    nearest = max(1e-15, rounding, 1e-3 * tolerance)
    assert math.isclose(estimate.value, expected, rel_tol=tolerance, abs_tol=nearest), (estimate, expected)
    assert estimate.exact is None or float(estimate.exact) == estimate.value
    assert estimate.n <= estimate.rows


def seen(name: str, frame: Frame, options: Options) -> dict[str, Any]:
    """What must be the same by group, however rows are counted."""
    found = {group: one.estimate for group, one in measured(ENTRIES[name], frame, options).items()}
    return {
        group: None if one is None else (one.value, one.exact, one.n, one.rows, one.counts)
        for group, one in found.items()
    }

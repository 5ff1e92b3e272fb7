"""`cap` bounds what one row adds to a mean from above, and nothing from below."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mlgate.values.errors import InputError
from support.every_rule import HEAD, presented

OF_COLUMN = "check: performance.metric, metric: mean, column: value, cap: 1"


def outcome(folder: Path, values: np.ndarray, rule: str):
    (folder / "policy.yaml").write_text(f"{HEAD}  - {{id: r, {rule}}}\n")
    found = presented("regression", len(values))
    return found.with_rows(found.rows.assign(value=values)).check(folder / "policy.yaml").outcomes[0]


@pytest.mark.parametrize("centre", [-5.0, -0.1, 0.5])
def test_a_mean_of_numbers_below_0_is_within_its_bounds(centre: float, tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(centre, 1, 200)
    (found,) = outcome(tmp_path, values, f"{OF_COLUMN}, at_least: -9").findings
    assert found.value == pytest.approx(np.minimum(values, 1).mean())
    assert found.lower < found.value < found.upper <= 1


def test_a_mean_far_below_its_demand_fails(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(-5, 1, 200)
    for rule in (f"{OF_COLUMN}, at_least: -2", f"{OF_COLUMN}, at_least: -2, by: g"):
        assert outcome(tmp_path, values, rule).status.value == "FAIL"


def test_the_lower_bound_needs_the_rows_of_a_mean_without_a_cap(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(-1, 1, 10)
    (found,) = outcome(tmp_path, values, f"{OF_COLUMN}, at_least: -9").findings
    assert found.lower is None
    assert found.upper is not None


@pytest.mark.parametrize("cap", ["0", "-1"])
@pytest.mark.parametrize(
    "rule",
    [
        "check: performance.metric, metric: mae, at_most: 1",
        "check: performance.champion, metric: mae, margin: 0.1",
        "check: fairness.gap, metric: mae, by: g, at_most: 2",
        "check: performance.slices, metric: mae, columns: [g]",
    ],
)
def test_a_cap_that_every_row_exceeds_is_refused(cap: str, rule: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="`cap` of rule `r`: must be above 0, because mae is never lower"):
        outcome(tmp_path, np.zeros(20), f"{rule}, cap: {cap}")

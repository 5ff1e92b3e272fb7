"""A comparison with an earlier model at extremes: its value is within its bounds, and nothing crashes."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlgate.values.verdict import Outcome
from support.every_rule import HEAD, Presented, presented, rule


def compared(found: Presented, metric: str, folder: Path) -> Outcome:
    keys = {"metric": metric, "equivalent": "0.3", "relative": "true"}
    (folder / "policy.yaml").write_text(HEAD + rule("r", "performance.champion", keys))
    return found.check(folder / "policy.yaml", champion=dict(found.champion)).outcomes[0]


@pytest.mark.parametrize("metric", ["specificity", "false_negative_rate", "cohen_kappa", "accuracy"])
def test_a_change_to_0_is_within_its_bounds(metric: str, tmp_path: Path) -> None:
    """The champion has its own answers, and the candidate the first one on every row."""
    found = presented("binary")
    rows = found.rows.assign(p=found.rows["p"].iloc[0], s=0.5)
    outcome = compared(found.with_rows(rows), metric, tmp_path)
    for each in outcome.findings:
        if each.value is not None:
            assert each.value >= (each.value if each.lower is None else each.lower)
            assert each.value <= (each.value if each.upper is None else each.upper)
    assert not outcome.machine


@pytest.mark.parametrize("size", [5e-324, 1e-300, 1e300])
def test_a_change_of_tiny_or_huge_means_is_no_crash(size: float, tmp_path: Path) -> None:
    found = presented("regression")
    rows = found.rows.assign(y=size, p=size, low=size, high=size)
    assert not compared(found.with_rows(rows), "mean_prediction", tmp_path).machine

"""Values that are lost beside a huge value of the same table never pass."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mlgate


@pytest.mark.parametrize("metric", ["mae", "rmse", "mape", "wape", "mean_prediction", "r2"])
@pytest.mark.parametrize("proof", ["estimate", "unrefuted", "shown"])
def test_a_group_that_is_lost_beside_a_huge_value_never_passes(metric: str, proof: str, tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    label = 5.0 + np.arange(200) % 3
    prediction = label + random.normal(10, 1, 200)
    prediction[0] = 1e52
    demand = "at_least: 0.5" if metric == "r2" else "at_most: 1"
    (tmp_path / "policy.yaml").write_text(
        "mlgate: 1\npolicy: p\nowner: o@example.com\nrules:\n"
        f"  - {{id: r, check: performance.metric, metric: {metric}, by: g, {demand}, proof: {proof}}}\n"
    )
    frame = pd.DataFrame({"y": label, "p": prediction, "g": ["a"] * 100 + ["b"] * 100})
    verdict = mlgate.check(
        policy=tmp_path / "policy.yaml", predictions=frame, task="regression", label="y", prediction="p"
    )
    statuses = {finding.where[0][1]: finding.status.value for finding in verdict.outcomes[0].findings}
    assert statuses["b"] in ("INCONCLUSIVE", "FAIL", "ERROR")


@pytest.mark.parametrize("metric", ["mae", "rmse", "mape", "wape", "mean_prediction"])
@pytest.mark.parametrize("proof", ["estimate", "unrefuted", "shown"])
@pytest.mark.parametrize("check", ["fairness.gap", "performance.champion"])
def test_a_difference_that_is_lost_beside_a_huge_value_never_passes(
    metric: str, proof: str, check: str, tmp_path: Path
) -> None:
    random = np.random.default_rng(5)
    label = 5.0 + np.arange(300) % 3
    old = label + random.normal(0, 0.1, 300)
    new = old + np.where(np.arange(300) >= 200, 20.0, 0.0)
    new[0] = 1e52
    demand = {"fairness.gap": "by: g, reference: pairs, at_most: 1", "performance.champion": "by: g, margin: 1"}[check]
    if check == "performance.champion" and metric == "mean_prediction":
        demand = "by: g, equivalent: 1"
    (tmp_path / "policy.yaml").write_text(
        "mlgate: 1\npolicy: p\nowner: o@example.com\nrules:\n"
        f"  - {{id: r, check: {check}, metric: {metric}, {demand}, proof: {proof}}}\n"
    )
    frame = pd.DataFrame({"y": label, "p": new, "old": old, "g": ["a"] * 100 + ["b"] * 100 + ["c"] * 100})
    verdict = mlgate.check(
        policy=tmp_path / "policy.yaml",
        predictions=frame,
        task="regression",
        label="y",
        prediction="p",
        champion={"prediction": "old"},
    )
    about_c = [finding for finding in verdict.outcomes[0].findings if ("g", "c") in finding.where]
    assert about_c
    assert {finding.status.value for finding in about_c} <= {"INCONCLUSIVE", "FAIL", "ERROR"}

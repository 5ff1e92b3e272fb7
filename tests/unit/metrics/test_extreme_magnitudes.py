"""Every metric over extreme magnitudes: a value or an ERROR that the rows cause, never a crash."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlgate
from mlgate.metrics.metric import Better
from mlgate.metrics.options import samples
from mlgate.metrics.registry import metrics

SIZES = (0.0, 5e-324, 1e-160, 1e52, 1e104, 1e160, 1.7e308, -1.7e308)


def rules(task: str) -> Iterator[str]:
    """One rule per metric of a task and proof."""
    for name, entries in metrics().items():
        for metric in entries:
            if task in metric.tasks and not metric.average and not metric.table:
                keys = {key: samples()[key] for key in metric.requires}
                keys |= {"k": "0.2"} if "k" in keys else {}
                keys |= {"column": "value"} if "column" in keys else {}
                keys |= {"allow_absent": "true"} if "equals" in keys else {}
                keys["at_most" if metric.better is Better.LOWER else "at_least"] = "0.4"
                said = ", ".join(f"{key}: {value}" for key, value in keys.items())
                proofs = ("estimate",) if name == "max_error" else ("shown", "estimate")
                for proof in proofs:
                    rule = f"{name.replace('_', '-')}-{proof}"
                    yield f"  - {{id: {rule}, check: performance.metric, metric: {name}, {said}, proof: {proof}}}\n"


def crashes(folder: Path, frame: pd.DataFrame, task: str, **roles: Any) -> list[str]:
    """What any rule says that crashed or blames the machine."""
    head = "mlgate: 1\npolicy: p\nowner: o@example.com\nrules:\n"
    (folder / "policy.yaml").write_text(head + "".join(rules(task)))
    verdict = mlgate.check(policy=folder / "policy.yaml", predictions=frame, task=task, label="y", **roles)
    return [f"{each.rule}: {each.message}" for each in verdict.outcomes if each.machine or each.traceback]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("rows", ["one", "half", "both"])
def test_a_regression_of_any_magnitude_is_judged(size: float, rows: str, tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    label = random.normal(5, 1, 60)
    prediction = label + random.normal(0, 0.3, 60)
    if rows == "half":
        label[:30] = size
    else:
        prediction[0] = size
    if rows == "both":
        label[0] = -size
    frame = pd.DataFrame({"y": label, "p": prediction, "low": 0.0, "high": 9.0, "value": prediction})
    assert crashes(tmp_path, frame, "regression", prediction="p", lower="low", upper="high") == []


@pytest.mark.parametrize("count", [2**31, 2**53, 2.0**63, 1e300, 0])
def test_counts_of_any_magnitude_are_judged(count: float, tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    frame = pd.DataFrame({"y": [0, 1] * 30, "p": [0, 1, 1] * 20, "s": random.random(60), "value": 1.0, "n": 1.0})
    frame.loc[0, "n"] = count
    roles = {"prediction": "p", "score": "s", "positive": "1", "count": "n"}
    assert crashes(tmp_path, frame, "binary", **roles) == []


@pytest.mark.parametrize("weight", [5e-324, 1e-160, 1e160, 1.7e308])
def test_weights_of_any_magnitude_are_judged(weight: float, tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    frame = pd.DataFrame({"y": [0, 1] * 30, "p": [0, 1, 1] * 20, "s": random.random(60), "value": 1.0, "w": 1.0})
    frame.loc[0, "w"] = weight
    roles = {"prediction": "p", "score": "s", "positive": "1", "weight": "w"}
    assert crashes(tmp_path, frame, "binary", **roles) == []


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

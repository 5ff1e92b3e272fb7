"""Definitions without borrowed constants: tiny labels, probabilities of 0, and classes with equal scores."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlgate
from mlgate.values.verdict import Outcome

ABC = {"classes": ["a", "b", "c", "d"], "scores": {name: f"s_{name}" for name in "abcd"}, "task": "multiclass"}


def outcome(folder: Path, frame: pd.DataFrame, keys: str, **roles: Any) -> Outcome:
    """What one rule makes of a table; its observed value decides."""
    (folder / "policy.yaml").write_text(
        "mlgate: 1\npolicy: p\nowner: o@example.com\n"
        f"rules:\n  - {{id: r, check: performance.metric, proof: estimate, {keys}}}\n"
    )
    return mlgate.check(policy=folder / "policy.yaml", predictions=frame, **roles).outcomes[0]


@pytest.mark.parametrize("size", [1e-300, 1.6e-19, 1.0, 1e150, 1e300])
def test_a_percentage_error_is_exact_for_labels_of_any_size(size: float, tmp_path: Path) -> None:
    label = size * np.random.default_rng(3).uniform(1, 2, 100)
    frame = pd.DataFrame({"y": label, "p": label * 2.25})
    exact = sum(abs(Fraction(p) - Fraction(y)) / Fraction(y) for y, p in zip(frame.y, frame.p, strict=True)) / 100
    found = outcome(tmp_path, frame, "metric: mape, at_most: 0.1", task="regression", label="y", prediction="p")
    assert found.status.value == "FAIL"
    assert found.findings[0].value == pytest.approx(float(exact), rel=1e-12)


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_a_probability_of_0_is_an_error_and_with_a_cap_counts_as_the_cap(task: str, tmp_path: Path) -> None:
    if task == "binary":
        frame = pd.DataFrame({"y": [1, 1, 0, 0] * 25, "s": [1e-300, 0.5, 0.5, 0.5] * 25})
        frame.loc[:2, "s"] = [0.0, 0.0, 1.0]
        roles: dict[str, Any] = {"task": "binary", "positive": "1", "label": "y", "score": "s"}
    else:
        frame = pd.DataFrame({"y": list("abcd") * 25, "s_a": 0.5, "s_b": 0.5, "s_c": 0.5, "s_d": 0.0})
        frame[["s_a", "s_b", "s_c"]] = np.where(frame[["y"]] == "d", 0.2, [0.5, 0.25, 0.25])
        frame["s_d"] = np.where(frame["y"] == "d", 0.4, 0.0)
        frame.loc[:2, ["s_a", "s_b", "s_c"]] = [[0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]]
        roles = {**ABC, "label": "y"}
    found = outcome(tmp_path, frame, "metric: log_loss, at_most: 1000", **roles)
    assert (found.status.value, found.machine) == ("ERROR", False)
    assert "the label has the probability 0 in 3 rows" in found.message
    assert "`cap:`" in found.message
    capped = outcome(tmp_path, frame, "metric: log_loss, cap: 5, at_most: 4", **roles)
    given = frame.s.where(frame.y == 1, 1 - frame.s) if task == "binary" else _given(frame)
    losses = [5.0 if p == 0 else min(-math.log(p), 5.0) for p in given]
    assert capped.findings[0].value == pytest.approx(sum(losses) / len(losses), rel=1e-12)


def _given(frame: pd.DataFrame) -> list[float]:
    return [row[f"s_{row['y']}"] for _, row in frame.iterrows()]


@pytest.mark.parametrize("order", ["abcd", "dcba", "bdac"])
def test_equal_scores_never_decide_by_the_order_of_classes(order: str, tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    frame = pd.DataFrame({"y": random.choice(list("abcd"), 200, p=[0.6, 0.3, 0.05, 0.05])})
    for name in "abcd":
        frame[f"s_{name}"] = 0.25
    roles = {**ABC, "classes": list(order), "scores": {name: f"s_{name}" for name in order}, "label": "y"}
    top = outcome(tmp_path, frame, "metric: top_k_accuracy, k: 2, at_least: 0.8", **roles)
    assert (top.status.value, top.findings[0].exact) == ("FAIL", "0/200")
    error = outcome(tmp_path, frame, "metric: calibration_error, at_most: 0.1", **roles)
    assert (error.status.value, error.findings[0].value) == ("PASS", 0.0)


def test_a_label_ahead_of_the_tie_is_on_top(tmp_path: Path) -> None:
    frame = pd.DataFrame({"y": list("ab") * 50, "s_a": 0.4, "s_b": 0.3, "s_c": 0.15, "s_d": 0.15})
    top = outcome(tmp_path, frame, "metric: top_k_accuracy, k: 2, at_least: 0.8", **ABC, label="y")
    assert (top.status.value, top.findings[0].exact) == ("PASS", "100/100")

"""A probability that rounding put outside [0, 1] counts as 0 or 1; one further off is an error with its value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import mlgate
from mlgate.values.verdict import Outcome

JUST_ABOVE, JUST_BELOW = 1.0000000000000002, -2.220446049250313e-16
BINARY = ("brier_score", "brier_skill", "calibration_error", "log_loss")
MULTICLASS = ("log_loss", "calibration_error")


def outcome(folder: Path, metric: str, frame: pd.DataFrame, **keys: Any) -> Outcome:
    """What a rule about probabilities makes of a frame."""
    bound = "at_least: -5" if metric == "brier_skill" else "at_most: 0.9"
    rule = f"{{id: r, check: performance.metric, metric: {metric}, {bound}, proof: estimate}}"
    (folder / "policy.yaml").write_text(f"mlgate: 1\npolicy: p\nowner: o@example.com\nrules:\n  - {rule}\n")
    found = mlgate.check(policy=folder / "policy.yaml", predictions=frame, label="y", **keys)
    return found.outcomes[0]


def binary(folder: Path, metric: str, high: float, low: float) -> Outcome:
    """400 rows, of which two have the scores given."""
    frame = pd.DataFrame({"y": [1, 0] * 200, "s": [high, low, *[0.8, 0.3] * 199], "i": range(400)})
    return outcome(folder, metric, frame, task="binary", positive="1", score="s", id="i")


def multiclass(folder: Path, metric: str, high: float, low: float) -> Outcome:
    """400 rows of two classes, of which two have the probabilities given."""
    ones, zeros = [high, low, *[0.8, 0.3] * 199], [low, high, *[0.2, 0.7] * 199]
    frame = pd.DataFrame({"y": ["a", "b"] * 200, "a": ones, "b": zeros, "i": range(400)})
    return outcome(folder, metric, frame, task="multiclass", scores={"a": "a", "b": "b"}, id="i")


@pytest.mark.parametrize(
    ("of", "metric"),
    [*((binary, metric) for metric in BINARY), *((multiclass, metric) for metric in MULTICLASS)],
)
def test_rounding_is_clipped(of: Any, metric: str, tmp_path: Path) -> None:
    off, exact = of(tmp_path, metric, JUST_ABOVE, JUST_BELOW), of(tmp_path, metric, 1.0, 0.0)
    assert (off.status, off.findings[0].value) == (exact.status, exact.findings[0].value)
    assert exact.status.value == "PASS"


@pytest.mark.parametrize(("high", "low"), [(1.00000001, 0.0), (1.0, -0.00000001)])
def test_what_is_further_off_is_an_error_that_shows_it(high: float, low: float, tmp_path: Path) -> None:
    found = binary(tmp_path, "brier_score", high, low)
    assert found.status.value == "ERROR"
    assert "1.00000001" in found.message or "-1e-08" in found.message

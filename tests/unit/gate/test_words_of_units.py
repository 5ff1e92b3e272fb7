"""What messages say of rows in units: which units inform a value, and remedies that are possible."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlgate
from mlgate.values.verdict import Outcome


def patients(units: int = 80, positive: int = 75) -> pd.DataFrame:
    """Ten rows of each patient. Only some patients have positive rows, one each."""
    unit = np.repeat(np.arange(units), 10)
    label = np.zeros(units * 10, int)
    label[: positive * 10 : 10] = 1
    score = np.clip(0.2 + 0.3 * label + np.random.default_rng(0).random(len(unit)) / 2, 0.01, 0.99)
    frame = pd.DataFrame({"patient": unit, "y": label, "p": (score > 0.5).astype(int)})
    return frame.astype(str).assign(s=score, sex=["F", "M"] * (5 * units))


@pytest.fixture
def judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Judges the patients by one rule, given as its keys."""
    monkeypatch.chdir(tmp_path)

    def outcome(rule: str, frame: pd.DataFrame, **keys: Any) -> Outcome:
        policy = f"mlgate: 1\npolicy: gate\nowner: o@example.com\nrules:\n  - {{id: r, {rule}}}\n"
        (tmp_path / "gate.yaml").write_text(policy)
        presented = {"task": "binary", "positive": "1", "label": "y", "unit": "patient", **keys}
        (found,) = mlgate.check(policy="gate.yaml", predictions=frame, **presented).outcomes
        return found

    return outcome


@pytest.mark.parametrize(
    ("metric", "note"),
    [
        ("roc_auc", "80 units (75 with rows of the rarest class), 800 rows"),
        ("average_precision", "80 units (75 with rows of the rarest class), 800 rows"),
        ("balanced_accuracy", "80 units (75 with rows of the rarest class), 800 rows"),
        ("recall", "80 units (75 with rows that count), 75 rows"),
        ("brier_score", "80 units, 800 rows"),
    ],
)
def test_a_note_says_which_units_inform_a_value(judged: Any, metric: str, note: str) -> None:
    bound = "at_most: 0.9" if metric == "brier_score" else "at_least: 0.1"
    found = judged(f"check: performance.metric, metric: {metric}, {bound}", patients(), prediction="p", score="s")
    assert found.findings[0].note.startswith(note)


def test_too_few_units_are_those_of_the_rarest_class(judged: Any) -> None:
    rule = "check: performance.metric, metric: roc_auc, at_least: 0.1"
    found = judged(rule, patients(positive=10), prediction="p", score="s")
    assert "10 units have rows of the rarest class, and bounds require 20" in found.findings[0].settle


def test_what_has_no_interval_for_units_is_rolled_up_only_where_it_can_be(judged: Any) -> None:
    rule = "check: performance.metric, metric: calibration_slope, between: [0.1, 9]"
    said = judged(rule, patients(), score="s").message
    assert "(`mlgate explain METRIC`) has one for rows in units, or roll units up by `score:` of the unit" in said
    frame = patients().assign(y=np.arange(800.0), p=np.arange(800.0) + 1)
    rule = "check: performance.metric, metric: scoring_rate, at_least: 0.1"
    said = judged(rule, frame, task="regression", prediction="p", positive=None).message
    assert said.endswith("has one for rows in units")


def test_groups_that_share_units_can_be_bound_one_by_one(judged: Any) -> None:
    compared = judged("check: fairness.gap, metric: accuracy, by: sex, at_most: 0.5", patients(), prediction="p")
    assert compared.message.endswith("bound each group by itself with `performance.metric` and `by`")
    each = judged("check: performance.metric, metric: accuracy, by: sex, at_least: 0.1", patients(), prediction="p")
    assert each.status is mlgate.Status.PASS

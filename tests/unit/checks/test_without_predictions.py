"""A candidate of tables alone, asked by every check that is about predictions: an ERROR that says what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

import mlgate
from mlgate.checks.registry import shipped
from mlgate.values.errors import InputError
from mlgate.values.verdict import Verdict

RULES = {
    "performance.metric": "metric: recall, at_least: 0.5",
    "performance.champion": "metric: recall, margin: 0.1, first_run: allow",
    "performance.flips": "of: changed, at_most: 0.1, first_run: allow",
    "performance.slices": "metric: recall, columns: [g]",
    "fairness.gap": "metric: recall, by: g, at_most: 0.1",
    "fairness.ratio": "metric: selection_rate, by: g, at_least: 0.8",
    "fairness.audit": "metric: selection_rate, by: g",
    "fairness.exposure": "by: g, at_least: 0.8",
    "fairness.demographic_parity": "by: g, at_most: 0.1",
    "fairness.equal_opportunity": "by: g, at_most: 0.1",
    "fairness.equalized_odds": "by: g, at_most: 0.1",
    "fairness.predictive_parity": "by: g, at_most: 0.1",
    "fairness.four_fifths": "by: g, at_least: 0.8",
    "fairness.calibration": "by: g, at_most: 0.1",
    "fairness.mean_prediction": "by: g, at_most: 0.1",
    "fairness.error_parity": "by: g, at_most: 0.1",
    "fairness.mean_residual": "by: g, at_most: 0.1",
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text("g,a\nx,1\n")
    return tmp_path


def judged(*rules: str, head: str = "") -> Verdict:
    text = "".join(f"  - {{{rule}}}\n" for rule in rules)
    Path("gate.yaml").write_text(f"mlgate: 1\npolicy: p\nowner: o\n{head}rules:\n{text}")
    return mlgate.check(policy="gate.yaml", tables={"train": Path("t.csv")})


def test_every_check_that_is_about_predictions_is_asked() -> None:
    about = {name for name in shipped() if name.partition(".")[0] in ("performance", "fairness")}
    assert set(RULES) == about


@pytest.mark.parametrize("check", RULES)
def test_what_is_missing_is_said(here: Path, check: str) -> None:
    verdict = judged(f"id: r, check: {check}, {RULES[check]}")
    (outcome,) = verdict.outcomes
    assert (verdict.exit_code, outcome.status.value, outcome.machine) == (1, "ERROR", False)
    assert "predictions" in outcome.message
    assert "add `predictions` and `task`, or restrict the rule by `when: {task: ...}`" in outcome.message


def test_a_rule_for_a_task_alone_asks_nothing(here: Path) -> None:
    verdict = judged("check: performance.metric, metric: recall, at_least: 0.5, when: {task: binary}")
    assert (verdict.exit_code, verdict.outcomes[0].status.value) == (2, "SKIPPED")


def test_a_policy_for_a_task_does_not_apply(here: Path) -> None:
    with pytest.raises(InputError, match=r"no policy applies to candidate `notebook` \(task none"):
        judged("check: performance.metric, metric: recall, at_least: 0.5", head="for: {task: [binary, text]}\n")


def test_a_metric_of_a_column_of_its_table_is_answered(here: Path) -> None:
    verdict = judged("check: performance.metric, metric: mean, column: a, table: train, at_least: 1, proof: estimate")
    assert verdict.allowed

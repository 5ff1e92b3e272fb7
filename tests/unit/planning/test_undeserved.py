"""The chance of an undeserved pass after several looks: that of independent models, and only where proof bounds it."""

from __future__ import annotations

from pathlib import Path

import pytest

import mlgate
from mlgate.cli.main import run
from support.looks import RULE, workspace


def with_keys(name: str, keys: str) -> str:
    return RULE.replace("accurate", name).replace("}", f", {keys}}}")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    workspace(
        tmp_path, RULE, with_keys("again", "confidence: 0.95"), with_keys("five", "looks: 5"),
        with_keys("sure", "confidence: 0.99"), with_keys("observed", "proof: estimate"),
        with_keys("open", "proof: unrefuted"),
    )  # fmt: skip
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_plan_has_the_chances_after_1_5_and_20_looks(here: Path) -> None:
    found = {one.rules: one for one in mlgate.plan(policy="policies", candidate="candidate.yaml", draws=1).undeserved}
    assert dict(found["accurate", "again"].chances) == pytest.approx({1: 0.05, 5: 0.2262, 20: 0.6415}, abs=1e-4)
    assert found[("five",)].looks == 5
    assert dict(found[("five",)].chances) == pytest.approx({1: 0.01, 5: 0.0490, 20: 0.1821}, abs=1e-4)
    assert dict(found[("sure",)].chances) == pytest.approx({1: 0.01, 5: 0.0490, 20: 0.1821}, abs=1e-4)
    assert found["observed", "open"].chances == ()


def test_the_page_says_at_most_and_for_which_models(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", "--draws", "1"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "passes accurate, again by luck in at most 5 % after 1 look, 23 % after 5 looks and 64 % after 20" in said
    assert "if each look is at another, independent model" in said
    assert "passes five with `looks: 5` by luck in at most 1 % after 1 look, 5 % after 5 looks and 18 % after" in said
    assert "nothing bounds its chance for observed, open, because only proof `shown` does" in said


def test_assumed_values_have_the_same_chances(here: Path) -> None:
    measured = mlgate.plan(policy="policies", candidate="candidate.yaml", draws=1).undeserved
    assert mlgate.plan(policy="policies", assume={"accuracy": 0.8}).undeserved == measured


def test_a_rule_without_values_has_no_chance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace(tmp_path, RULE, RULE.replace("accurate", "broken").replace("accuracy", "roc_auc"))
    monkeypatch.chdir(tmp_path)
    (one,) = mlgate.plan(policy="policies", candidate="candidate.yaml", draws=1).undeserved
    assert one.rules == ("accurate",)

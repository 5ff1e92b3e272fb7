"""A policy that another extends, and that applies itself, is judged once; never where that could let something pass."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlgate.cli.main import run

BASE = """\
mlgate: 1
policy: base
owner: o@example.com
expects: {task: binary}
rules:
  - {id: accurate, check: performance.metric, metric: accuracy, by: [sex], at_least: 0.9, proof: estimate}
  - {id: recalls, check: performance.metric, metric: recall, at_least: 0.5, proof: estimate}
"""
OWN = "mlgate: 1\npolicy: own\nowner: o@example.com\nextends: base.yaml\n"
WAIVER = """\
waivers:
  - {rule: accurate, for: c, not_below: 0.5, owner: o, reason: RISK-7, granted: 2026-01-01, expires: 2026-02-01}
"""
CANDIDATE = """\
mlgate: 1
candidate: c
task: binary
positive: "1"
tags: [credit]
predictions: {path: rows.csv, id: id, label: y, prediction: p}
"""


@dataclass(frozen=True)
class Gate:
    folder: Path
    capsys: pytest.CaptureFixture[str]

    def judge(self, own: str, base: str = BASE) -> tuple[int, dict[str, Any]]:
        """The exit code, and the only verdict."""
        (self.folder / "policies").mkdir(exist_ok=True)
        (self.folder / "policies" / "own.yaml").write_text(own)
        (self.folder / "policies" / "base.yaml").write_text(base)
        code = run(["check", "--as-of", "2026-01-15", "--format", "json"])
        (verdict,) = json.loads(self.capsys.readouterr().out)["verdicts"]
        return code, verdict


@pytest.fixture
def gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Gate:
    """80 of 100 answers are right, for each sex."""
    monkeypatch.chdir(tmp_path)
    lines = (f"{at},{at % 2},{at % 2 if at >= 20 else 1 - at % 2},{'FM'[at // 2 % 2]}" for at in range(100))
    (tmp_path / "rows.csv").write_text("\n".join(["id,y,p,sex", *lines, ""]))
    (tmp_path / "candidate.yaml").write_text(CANDIDATE)
    return Gate(tmp_path, capsys)


def asked(verdict: dict[str, Any]) -> list[str]:
    return [f"{each['policy']}:{each['rule']}" for each in verdict["outcomes"]]


ALL = ["base:expects", "base:accurate", "base:recalls"]


def test_what_is_taken_as_it_is_is_judged_once_and_said(gate: Gate) -> None:
    code, verdict = gate.judge(OWN)
    assert (code, asked(verdict)) == (1, ALL)
    assert "2 rules that own takes from base are judged once, as of base" in verdict["notes"]


@pytest.mark.parametrize(
    ("own", "more"),
    [
        ("rules: [{id: recalls, at_least: 0.6}]\n", ["own:recalls"]),
        ("severity: warn\n", ["own:accurate", "own:recalls"]),
        (WAIVER, ["own:accurate"]),
        ("groups: {sex: {values: [F, M], unknown: report}}\n", ["own:accurate"]),
        ("derive: {sex: {column: id, edges: [50]}}\n", ["own:accurate"]),
        ("groups: {race: {values: [A], unknown: report}}\n", []),
        ("expects: {name: c}\n", ["own:expects"]),
        ("rules: [{id: mine, check: performance.metric, metric: accuracy, at_least: 0.1}]\n", ["own:mine"]),
    ],
)
def test_what_differs_in_any_way_is_judged_besides(gate: Gate, own: str, more: list[str]) -> None:
    code, verdict = gate.judge(OWN + own)
    assert code == 1
    assert sorted(asked(verdict)) == sorted([*ALL, *more])


def test_a_waiver_of_the_base_does_not_help_the_policy_that_extends_it(gate: Gate) -> None:
    code, verdict = gate.judge(OWN, BASE + WAIVER)
    assert code == 1
    blocking = [each["policy"] for each in verdict["outcomes"] if each["status"] == "FAIL"]
    assert blocking == ["own"]


def test_a_base_that_does_not_apply_to_the_candidate_is_judged_by_the_policy_that_extends_it(gate: Gate) -> None:
    code, verdict = gate.judge(OWN, BASE.replace("owner:", "for: {tags: fraud}\nowner:"))
    assert (code, asked(verdict)) == (1, [name.replace("base", "own") for name in ALL])
    assert not any("judged once" in note for note in verdict["notes"])

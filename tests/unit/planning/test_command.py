"""mlgate plan and mlgate lint --candidate as commands: what is printed, exit codes, and the same from Python."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import mlgate
from mlgate.cli.main import run
from mlgate.values.errors import InputError
from support.planning import slices, write

RECALL = "id: r, check: performance.metric, metric: recall, by: g, at_least: 0.6"
POLICY = ("--policy", "policy.yaml")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace of five slices that each pass nine times in ten."""
    (tmp_path / ".git").mkdir()
    write(tmp_path, slices(5, 140, 60), [RECALL])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_plan_of_the_candidate_that_is_here(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", *POLICY, "--draws", "1000", "--as-of", "2026-11-25"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("PLAN  small 1 | it decides nothing: the gate is `mlgate check`\n")
    assert "1,000 draws of the counts, seed 0 | candidate.yaml | as of 2026-11-25" in printed
    assert run(["plan", "candidate.yaml", *POLICY, "--draws", "1000", "--format", "json"]) == 0
    (plan,) = json.loads(capsys.readouterr().out)["plans"]
    assert plan["chance"] == pytest.approx(0.6, abs=0.06)
    assert mlgate.plan(policy="policy.yaml", candidate="candidate.yaml", draws=1000).chance == plan["chance"]


def test_a_plan_for_assumed_rates_needs_no_candidate(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "candidate.yaml").unlink()
    assert run(["plan", *POLICY, "--assume", "recall=0.7", "--assume", "prevalence=0.1"]) == 0
    printed = capsys.readouterr().out
    assert "any slice" in printed
    assert "157        1,570" in printed
    found = mlgate.plan(policy="policy.yaml", assume={"recall": 0.7, "prevalence": 0.1}).rules[0].findings[0]
    assert (found.needed, found.needed_of_all) == (157, 1570)


def test_a_plan_is_no_verdict_that_could_be_shown_as_one(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", *POLICY, "--draws", "1", "--format", "json"]) == 0
    (here / "verdict.json").write_text(capsys.readouterr().out, encoding="utf-8")
    assert run(["report", "verdict.json"]) == 2
    assert run(["explain", "verdict.json"]) == 2
    assert run(["check", *POLICY, "--facts", "verdict.json"]) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["candidate.yaml", "--assume", "recall=0.7"], "either assumed (--assume) or measured (CANDIDATE)"),
        (["--assume", "recal=0.7"], "did you mean `recall`?"),
        (["--assume", "recall=7"], "must be one share between 0 and 1"),
        (["--power", "0.2"], "power must be in [0.5, 1)"),
        (["--draws", "0"], "--draws"),
        (["--draws", "1000000000"], "--draws"),
        (["nowhere.yaml"], "nowhere.yaml"),
    ],
)
def test_wrong_inputs_are_answered_with_2(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert run(["plan", *POLICY, *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err


def test_evidence_that_answers_nothing_is_answered_with_1(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "rows.csv").unlink()
    for command in (["plan", *POLICY], ["lint", "policy.yaml", "--candidate", "candidate.yaml"]):
        assert run(command) == 1
        assert "rows.csv" in capsys.readouterr().err


def test_without_a_candidate_there_is_nothing_to_plan(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "candidate.yaml").unlink()
    assert run(["plan", *POLICY]) == 2
    assert "no candidate (or --assume) is given" in capsys.readouterr().err


def test_lint_measures_a_candidate_where_it_is_asked_to(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, slices(12, 140, 60), [RECALL])
    assert run(["lint", "policy.yaml"]) == 0
    assert "candidate.yaml" not in capsys.readouterr().out
    assert run(["lint", "policy.yaml", "--candidate", "candidate.yaml"]) == 0
    assert "candidate.yaml:1:1: advice: with this many rows, the whole gate passes in" in capsys.readouterr().out


@pytest.mark.parametrize(
    "rows",
    [
        slices(2, 74, 26),
        *(pytest.param(each, marks=pytest.mark.slow) for each in (slices(1, 68, 32), slices(12, 140, 60))),
    ],
)
def test_lint_and_plan_say_the_same_chance(here: Path, rows: Any, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, rows, [RECALL, "id: few, check: performance.metric, metric: recall, by: g, at_least: 0.73"])
    assert run(["lint", "policy.yaml", "--candidate", "candidate.yaml"]) == 0
    advised = re.findall(r"passes in ([<>]?\d+ % of runs(?:, give or take \d+ %)?)", capsys.readouterr().out)
    assert run(["plan", "--policy", "policy.yaml"]) == 0
    planned = capsys.readouterr().out
    whole = re.findall(r"the whole gate passes in ([^,]*(?:, give or take \d+ %)?),", planned)
    rules = [f"{chance} of runs" for chance in re.findall(r"^  \S.*  ([<>]?\d+ %)$", planned, re.MULTILINE)]
    assert whole
    assert rules
    assert advised
    assert set(advised) <= {*whole, *rules}
    assert whole[0] in advised


def test_lint_names_every_rule_that_the_data_cannot_answer(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    absent = "id: absent, check: performance.metric, metric: recall, by: nowhere, at_least: 0.5"
    for rules in ([absent], [absent, RECALL]):
        write(here, slices(2, 140, 60), rules)
        assert run(["lint", "policy.yaml", "--candidate", "candidate.yaml"]) == 0
        said = capsys.readouterr().out
        assert "rule `absent` will be an ERROR and block, because this data cannot answer it: " in said
        assert run(["check", "--policy", "policy.yaml"]) == 1
        capsys.readouterr()


def test_from_python_rates_are_assumed_or_measured(here: Path) -> None:
    with pytest.raises(InputError, match="no candidate is given; give `candidate=`"):
        mlgate.plan(policy="policy.yaml")
    with pytest.raises(InputError, match=r"values are either assumed .* or measured"):
        mlgate.plan(policy="policy.yaml", candidate="candidate.yaml", assume={"recall": 0.7})
    write(here, [], ["id: gap, check: fairness.gap, metric: recall, by: g, at_most: 0.1"])
    assert mlgate.plan(policy="policy.yaml", assume={"gap": [0.5, 0.5]}).rules[0].findings[0].needed == 442

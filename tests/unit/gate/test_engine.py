"""The gate asks its engine by the protocol alone, and names it by what `--engine` says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlgate.cli.main import run
from mlgate.evidence.engines import choice
from mlgate.gate.batch import judge_all
from mlgate.gate.run import Settings
from mlgate.policy.load import load_policies
from mlgate.reading.edge import today
from mlgate.values.verdict import Status, Verdicts
from support.recording import Recording
from support.source import imports

FILES = {
    "joined.yaml": """
        mlgate: 1
        candidate: joined
        task: binary
        positive: "1"
        predictions: {path: predictions.csv, id: i, prediction: decision, score: score}
        tables: {evaluation: {path: evaluation.csv, key: i, label: y}}
    """,
    "texts.yaml": """
        mlgate: 1
        candidate: texts
        task: text
        predictions: {path: texts.csv, label: said, prediction: heard}
    """,
    "policies/joined.yaml": """
        mlgate: 1
        policy: joined
        owner: a@b.example
        for: {name: joined}
        proof: estimate
        rules:
          - {id: accurate, check: performance.metric, metric: accuracy, by: [g], at_least: 0.5}
          - {id: ranks, check: performance.metric, metric: roc_auc, at_least: 0.5}
          - {id: own, check: performance.metric, metric: "statistics:correlation", at_least: 0.5}
    """,
    "policies/texts.yaml": """
        mlgate: 1
        policy: texts
        owner: a@b.example
        for: {name: texts}
        proof: estimate
        rules:
          - {id: heard, check: performance.metric, metric: word_error_rate, at_most: 0.5}
    """,
}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Two candidates: labels joined by key, and texts to compare."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(line[8:] for line in text.strip("\n").split("\n")))
    rows = range(60)
    scores = [f"{i},{i % 2},{(i % 2) / 2 + i / 200}" for i in rows]
    (tmp_path / "predictions.csv").write_text("\n".join(["i,decision,score", *scores]))
    (tmp_path / "evaluation.csv").write_text("\n".join(["i,y,g", *(f"{i},{i % 2},{'ab'[i % 3 % 2]}" for i in rows)]))
    (tmp_path / "texts.csv").write_text("\n".join(["said,heard", *("one two,one" for _ in rows)]))
    return tmp_path


def judged(workspace: Path, **settings: Any) -> Verdicts:
    """The verdicts on both candidates."""
    policies = load_policies([workspace / "policies"], workspace=workspace)
    paths = [workspace / "joined.yaml", workspace / "texts.yaml"]
    return judge_all(paths, policies, Settings(workspace, today(), threads=1, **settings))


def test_every_statement_of_a_gate_goes_through_the_protocol(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Recording] = []

    def recording(threads: int | None, memory_limit: str | None) -> Recording:
        opened.append(Recording(threads, memory_limit))
        return opened[-1]

    monkeypatch.setattr(choice, "ENGINES", {**choice.ENGINES, "recording": recording})
    found = judged(workspace, engine="recording")
    assert [outcome.status for verdict in found.verdicts for outcome in verdict.outcomes] == [Status.PASS] * 4
    assert found.verdicts == judged(workspace).verdicts
    joined, texts = opened
    assert {method for method, _ in joined.asked} == {"open", "make", "query", "arrays", "close"}
    assert {method for method, _ in texts.asked} == {"open", "define", "make", "query", "close"}
    assert all(each.asked[-1][0] == "close" for each in opened)


def test_an_unknown_engine_is_an_error_that_lists_the_engines(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = judged(workspace, engine="spark")
    said = {(refusal.exit_code, problem.message) for refusal in found.refusals for problem in refusal.problems}
    assert said == {(2, "there is no engine `spark`; choose one of: duckdb")}
    assert run(["check", str(workspace / "joined.yaml"), "--engine", "spark"]) == 2
    assert "'spark' is not 'duckdb'" in capsys.readouterr().err


def test_only_the_choice_of_engines_knows_which_there_are() -> None:
    naming = {found.importer for found in imports() if found.imported == "mlgate.evidence.engines.duckdb"}
    assert naming == {"mlgate.evidence.engines.choice"}

"""`mlgate lineage` shows the history that the rules judge, and a history can be measured here and judged elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlgate.cli.main import run
from mlgate.lineage.formats.mermaid import mermaid
from mlgate.lineage.formats.text_tree import tree
from mlgate.lineage.graph import MODEL, LineageArrow, LineageGraph, LineageNode
from mlgate.values.plain import read
from support.history import DVC, History, workspace


@pytest.fixture
def dvc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> History:
    monkeypatch.chdir(tmp_path)
    return workspace(tmp_path, "dvc", DVC, capsys)


def printed(history: History, *arguments: str) -> str:
    history.capsys.readouterr()
    assert run(["lineage", *arguments]) == 0
    return history.capsys.readouterr().out


def test_the_tree_marks_what_is_not_true(dvc: History) -> None:
    dvc.edit("params.yaml", "seed: 7", "seed: 8")
    drawn = printed(dvc)
    assert drawn.startswith("+ model.json [model]  md5 cc21c4ef028f\n├─ o stage train [run]\n")
    assert "│  ├─ x parameters of params.yaml [parameters]  values " in drawn
    assert "; seed was 7, and params.yaml says 8\n" in drawn
    assert drawn.endswith("11 things: 10 verified, 1 contradicted\n")


def test_json_is_the_graph(dvc: History) -> None:
    graph = read(LineageGraph, json.loads(printed(dvc, "--format", "json")))
    assert graph.by_id[graph.root].name == "model.json"
    assert {node.state for node in graph.history if node.roles != ("run",)} == {"verified"}


def test_a_diagram_takes_no_name_for_its_own_language(dvc: History) -> None:
    assert printed(dvc, "--format", "mermaid").startswith('flowchart LR\n  n0["model.json<br/>model"]:::verified\n')
    odd = LineageNode("a", 'x"]; click n0 "javascript:alert(1)" <b>', (MODEL,))
    line = mermaid(LineageGraph("a", (odd,), ())).splitlines()[1]
    assert line.count('"') == 2
    assert "<b>" not in line


def test_a_name_steers_no_terminal_and_no_workflow(dvc: History) -> None:
    dvc.edit("dvc.lock", "path: data/raw.csv", r'path: "a\e[31m\n::error::x.csv"')
    for form in ("text", "mermaid", "json"):
        lines = printed(dvc, "--format", form).splitlines()
        assert "\x1b" not in "".join(lines)
        assert not [line for line in lines if line.startswith("::")]


def test_a_history_as_long_as_a_thousand_stages_is_drawn() -> None:
    nodes = tuple(LineageNode(f"n{at}", f"n{at}", (MODEL,)) for at in range(3000))
    arrows = tuple(LineageArrow(f"n{at}", f"n{at + 1}") for at in range(2999))
    lines = tree(LineageGraph("n0", nodes, arrows)).splitlines()
    assert len(lines) == 3002
    assert lines[2999].endswith("(2999 deep) ? n2999 [model]")


def test_a_history_measured_here_is_judged_elsewhere(dvc: History) -> None:
    here = dvc.judge()
    assert run(["measure", "--policy", "policy.yaml", "-o", "facts.json"]) == 0
    for name in ("dvc.lock", "train.py", "params.yaml"):
        (dvc.folder / name).unlink()
    assert dvc.judge("--facts", "facts.json").outcomes == here.outcomes


def test_a_file_that_is_no_source_is_named_with_those_that_are(dvc: History) -> None:
    dvc.edit("candidate.yaml", "candidate: toy", "candidate: toy\nlineage: [{path: metrics.json}]")
    judged = dvc.judge()
    assert set(judged.statuses.values()) == {"ERROR"}
    said = judged.said("complete")
    assert "metrics.json is not a source of lineage that mlgate reads: " in said
    assert "an ML-BOM of CycloneDX, a dvc.lock" in said


def test_a_format_that_nobody_knows_is_corrected(dvc: History) -> None:
    dvc.edit("candidate.yaml", "candidate: toy", "candidate: toy\nlineage: [{path: dvc.lock, format: dvcc}]")
    assert "`dvcc` is not a format of lineage, did you mean `dvc`?" in dvc.judge().said("complete")

"""`lineage.predictions`: the predictions were made by a run that read this model and these data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlgate.cli.main import run
from support.history import History, workspace

FILES = {
    "train.csv": "x\n1\n",
    "test.csv": "id,y\n1,1\n2,0\n",
    "m.bin": "model\n",
    "old.bin": "an earlier model\n",
    "p.csv": "id,p\n1,1\n2,0\n",
    "champion.csv": "id,p\n1,1\n2,1\n",
}
CANDIDATE = """\
task: binary
positive: "1"
model: {path: m.bin}
predictions: {path: p.csv, id: id, prediction: p}
tables:
  evaluation: {path: test.csv, key: id, label: y}
"""
POLICY = """\
mlgate: 1
policy: own
owner: r@example.com
rules:
  - {id: own, check: lineage.predictions}
"""
Run = dict[str, Any]


def entry(name: str, role: str = "data", **keys: str) -> dict[str, str]:
    return {"path": name, "sha256": hashlib.sha256(FILES[name].encode()).hexdigest(), "role": role} | keys


def scoring() -> Run:
    inputs = [entry("m.bin", "model"), entry("test.csv", "data:evaluation")]
    return {"name": "score", "inputs": inputs, "outputs": [entry("p.csv")]}


def write(history: History, *runs: Run) -> None:
    train = {"name": "train", "inputs": [entry("train.csv", "data:train")], "outputs": [entry("m.bin", "model")]}
    (history.folder / "lineage.yaml").write_text(yaml.safe_dump({"mlgate": 1, "runs": [train, *runs]}))


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> History:
    monkeypatch.chdir(tmp_path)
    found = workspace(tmp_path, "", CANDIDATE, capsys, FILES)
    (tmp_path / "policy.yaml").write_text(POLICY)
    write(found, scoring())
    return found


def judged(history: History) -> tuple[str, str]:
    found = history.judge()
    return found.statuses["own"], found.said("own")


def test_predictions_of_this_model_on_these_data_pass(history: History) -> None:
    status, said = judged(history)
    assert status == "PASS", said
    assert "run score read m.bin, as it is" in said
    assert "p.csv was made by run score, and sha256 as recorded" in said
    assert "run score read test.csv, and sha256 as recorded" in said


def with_inputs(*inputs: dict[str, str]) -> Callable[[Run], Run]:
    return lambda run: run | {"inputs": list(inputs)}


def without_digest(name: str) -> Callable[[Run], Run]:
    def changed(run: Run) -> Run:
        for of in (*run["inputs"], *run["outputs"]):
            if of["path"] == name:
                del of["sha256"]
        return run

    return changed


DATA, MODEL = entry("test.csv", "data:evaluation"), entry("m.bin", "model")
CHANGES: dict[str, tuple[Callable[[Run], Run], str]] = {
    "another model": (with_inputs(entry("old.bin", "model"), DATA), "run score read the model old.bin, not m.bin"),
    "two models": (with_inputs(MODEL, entry("old.bin", "model"), DATA), "read the model old.bin beside m.bin"),
    "no model": (with_inputs(DATA), "run score, which made the predictions, has not read m.bin"),
    "the model by its name alone": (without_digest("m.bin"), "records no digest of m.bin, which run score read"),
    "another digest of the model": (
        with_inputs(MODEL | {"sha256": "0" * 64}, DATA),
        "m.bin, which run score read, is contradicted",
    ),
    "a part of the digest": (with_inputs(MODEL | {"sha256": MODEL["sha256"][:12]}, DATA), "records no digest of m.bin"),
    "no data": (with_inputs(MODEL), "run score has not read test.csv (table `evaluation`)"),
    "other data": (with_inputs(MODEL, entry("train.csv", "data:evaluation")), "has not read test.csv"),
    "the data by their name alone": (without_digest("test.csv"), "records no digest of test.csv, which run score read"),
    "another digest of the data": (
        with_inputs(MODEL, DATA | {"sha256": "0" * 64}),
        "test.csv, which run score read, is contradicted",
    ),
    "the predictions by their name alone": (
        without_digest("p.csv"),
        "records no digest of p.csv, which run score made",
    ),
    "another digest of the predictions": (
        lambda run: run | {"outputs": [entry("p.csv", sha256="0" * 64)]},
        "p.csv, which run score made, is contradicted",
    ),
    "other predictions": (
        lambda run: run | {"outputs": [entry("champion.csv")]},
        "no source says which run made p.csv",
    ),
    "no predictions": (
        lambda run: {key: value for key, value in run.items() if key != "outputs"},
        "no source says which run made p.csv",
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_record_of_something_else_fails(history: History, what: str) -> None:
    change, why = CHANGES[what]
    write(history, change(scoring()))
    status, said = judged(history)
    assert status == "FAIL", said
    assert why in said


@pytest.mark.parametrize("name", ["p.csv", "m.bin", "test.csv"])
def test_a_changed_byte_fails(history: History, name: str) -> None:
    (history.folder / name).write_text(FILES[name] + "\n")
    status, said = judged(history)
    assert status == "FAIL", said
    assert f"{name}, which run score" in said


def test_the_predictions_of_another_run_fail(history: History) -> None:
    """A run that made the file before, with the earlier model, is in the record too."""
    earlier = {"name": "before", "inputs": [entry("old.bin", "model"), DATA], "outputs": [entry("p.csv")]}
    write(history, scoring(), earlier)
    status, said = judged(history)
    assert status == "FAIL", said
    assert "run before read the model old.bin, not m.bin" in said


def test_a_record_without_the_scoring_fails_and_one_without_anything_is_an_error(history: History) -> None:
    write(history)
    assert judged(history)[0] == "FAIL"
    (history.folder / "lineage.yaml").unlink()
    assert judged(history)[0] == "ERROR"


def test_data_elsewhere_pass_only_where_the_rule_accepts_them(history: History) -> None:
    (history.folder / "candidate.yaml").write_text(
        "mlgate: 1\ncandidate: toy\ntask: binary\npositive: '1'\nmodel: {path: m.bin}\n"
        "predictions: {path: p.csv, prediction: p, label: id}\n"
    )
    bucket = {"path": "s3://bucket/test.csv", "sha256": "1" * 64, "role": "data:evaluation"}
    write(history, with_inputs(MODEL, bucket)(scoring()))
    status, said = judged(history)
    assert status == "FAIL", said
    assert "s3://bucket/test.csv, which run score read, is unverified" in said
    history.edit("policy.yaml", "lineage.predictions", "lineage.predictions, data_elsewhere: true")
    assert judged(history)[0] == "PASS"
    write(history, with_inputs(MODEL, bucket | {"sha256": "latest"})(scoring()))
    assert judged(history)[0] == "FAIL"
    write(history, with_inputs(MODEL, bucket | {"role": "data:train"})(scoring()))
    assert "has not read data for evaluation" in judged(history)[1]


def test_the_rule_names_the_tables_that_were_read(history: History) -> None:
    history.edit("policy.yaml", "lineage.predictions", "lineage.predictions, tables: [evaluation, extra]")
    status, said = judged(history)
    assert status == "ERROR", said
    assert "presents no table `extra`" in said


def test_a_folder_that_was_recorded_whole_has_its_files(history: History) -> None:
    """The digest of a folder is that of the list of its files."""
    (history.folder / "out").mkdir()
    (history.folder / "out" / "p.csv").write_text(FILES["p.csv"])
    history.edit("candidate.yaml", "path: p.csv", 'path: "out/*.csv"')
    text = f"{hashlib.sha256(FILES['p.csv'].encode()).hexdigest()}  p.csv\n"
    write(history, scoring() | {"outputs": [{"path": "out", "sha256": hashlib.sha256(text.encode()).hexdigest()}]})
    assert judged(history)[0] == "PASS"
    (history.folder / "out" / "q.csv").write_text(FILES["champion.csv"])
    status, said = judged(history)
    assert status == "FAIL", said


def test_each_report_says_where_the_predictions_come_from(history: History, capsys: pytest.CaptureFixture[str]) -> None:
    run(["check", "--policy", "policy.yaml", "--report", "json=v.json", "--report", "junit=v.xml"])
    assert "predictions: recorded" in capsys.readouterr().out
    assert 'name="mlgate.predictions" value="recorded"' in (history.folder / "v.xml").read_text()
    assert json.loads((history.folder / "v.json").read_text())["verdicts"][0]["predictions"] == "recorded"
    write(history)
    run(["check", "--policy", "policy.yaml", "--report", "json=v.json", "--report", "junit=v.xml"])
    assert "predictions: self-reported" in capsys.readouterr().out
    assert 'name="mlgate.predictions" value="self-reported"' in (history.folder / "v.xml").read_text()
    assert json.loads((history.folder / "v.json").read_text())["verdicts"][0]["predictions"] == "self-reported"


def test_a_pipeline_of_dvc_shows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its stages have an MD5 of each file."""
    monkeypatch.chdir(tmp_path)
    found = workspace(tmp_path, "", CANDIDATE, capsys, FILES)
    (tmp_path / "policy.yaml").write_text(POLICY)
    entries = {
        name: {"path": name, "hash": "md5", "md5": hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()}
        for name, text in FILES.items()
    }
    stages = {
        "train": {"cmd": "t", "deps": [entries["train.csv"]], "outs": [entries["m.bin"]]},
        "score": {"cmd": "s", "deps": [entries["m.bin"], entries["test.csv"]], "outs": [entries["p.csv"]]},
    }
    (tmp_path / "dvc.lock").write_text(yaml.safe_dump({"schema": "2.0", "stages": stages}))
    names = {
        name: {"cmd": of["cmd"]} | {key: [each["path"] for each in of[key]] for key in ("deps", "outs")}
        for name, of in stages.items()
    }
    (tmp_path / "dvc.yaml").write_text(yaml.safe_dump({"stages": names}))
    assert judged(found)[0] == "PASS", judged(found)[1]
    (tmp_path / "p.csv").write_text(FILES["champion.csv"])
    assert judged(found)[0] == "FAIL"


def test_data_that_are_here_and_others_are_never_elsewhere(history: History) -> None:
    history.edit("policy.yaml", "lineage.predictions", "lineage.predictions, data_elsewhere: true")
    assert judged(history)[0] == "PASS"
    write(history, with_inputs(MODEL, DATA | {"sha256": "0" * 64})(scoring()))
    assert judged(history)[0] == "FAIL"

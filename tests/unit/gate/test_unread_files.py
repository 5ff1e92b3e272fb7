"""Rows that lie in files which readers skip: the verdict names them, and a policy can refuse them."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import mlgate
from mlgate.cli.main import run

ROWS = pd.DataFrame({"id": range(60), "y": [0, 1] * 30, "p": [0, 1] * 30})
NOTE = "1 file of {} is not read: `_old.parquet`, as names that begin with `.` or `_` are left out. Rename those whose"
CANDIDATE = """\
mlgate: 1
candidate: m
task: binary
positive: "1"
predictions: {path: rows, id: id, label: y, prediction: p}
champion: {path: other, prediction: p}
tables: {train: {path: train}}
"""
RULE = "rules: [{id: r, check: performance.metric, metric: accuracy, at_least: 0.7}]\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A candidate with three tables that are folders; nothing is hidden in them yet."""
    monkeypatch.chdir(tmp_path)
    for name in ("rows", "other", "train"):
        Path(name).mkdir()
        ROWS.to_parquet(f"{name}/part.parquet")
    Path("m.yaml").write_text(CANDIDATE)
    policy()
    return tmp_path


def policy(expects: str = "") -> None:
    said = f"expects: {expects}\n" if expects else ""
    Path("gate.yaml").write_text(f"mlgate: 1\npolicy: gate\nowner: o\n{said}{RULE}")


def hide(*folders: str) -> None:
    for name in folders:
        ROWS.to_parquet(f"{name}/_old.parquet")


def checked() -> mlgate.Verdict:
    return mlgate.check(policy="gate.yaml", candidate="m.yaml")


def test_files_that_are_not_read_are_named_and_block_nothing() -> None:
    assert not any("not read" in note for note in checked().notes)
    hide("rows", "other", "train")
    found = checked()
    assert found.allowed
    for key in ("predictions.path", "champion.path", "tables.train.path"):
        assert any(note.startswith(NOTE.format(key)) for note in found.notes)


def test_files_of_a_candidate_from_python_are_named_too() -> None:
    hide("rows")
    found = mlgate.check(
        policy="gate.yaml", predictions="rows", task="binary", positive="1", id="id", label="y", prediction="p"
    )
    assert any(note.startswith(NOTE.format("predictions.path")) for note in found.notes)


@pytest.mark.parametrize(
    ("expects", "hidden", "allowed"),
    [
        ("{predictions: {unread_parts: none}}", "", True),
        ("{predictions: {unread_parts: none}}", "train", True),
        ("{predictions: {unread_parts: none}}", "rows", False),
        ("{tables: {train: {unread_parts: none}}}", "train", False),
        ("{tables: {train: {unread_parts: none}}}", "rows", True),
        ("{champion: {unread_parts: none}}", "other", False),
        ("{champion: {unread_parts: none}}", "rows", True),
        # Just those that the policy names may be there.
        ("{predictions: {unread_parts: _old.parquet}}", "rows", True),
        ("{predictions: {unread_parts: [_old.parquet, _new.parquet]}}", "rows", False),
        ("{predictions: {unread_parts: _old.parquet}}", "", False),
        ("{predictions: {unread_parts: _other.parquet}}", "rows", False),
        # A table that the candidate does not have hides nothing, and is not one of the policy's files.
        ("{evaluation: {unread_parts: none}}", "rows", True),
        ("{evaluation: {unread_parts: _old.parquet}}", "rows", False),
        # A table may have the name of the key.
        ("{tables: {unread_parts: none}}", "rows", True),
    ],
)
def test_a_policy_fixes_what_is_not_read(expects: str, hidden: str, allowed: bool) -> None:
    policy(expects)
    hide(*hidden.split())
    assert checked().allowed is allowed


def test_a_table_with_the_name_of_the_key_is_refused_as_any_other() -> None:
    Path("m.yaml").write_text(CANDIDATE.replace("train: {", "unread_parts: {"))
    policy("{tables: {unread_parts: none}}")
    assert not checked().allowed


def test_a_folder_that_cannot_be_read_meets_nothing() -> None:
    policy("{tables: {train: {unread_parts: none}}}")
    Path("train/part.parquet").unlink()
    found = {outcome.rule: outcome.status.name for outcome in checked().outcomes}
    assert found["expects"] == "ERROR"


def test_stored_facts_know_what_was_not_read(capsys: pytest.CaptureFixture[str]) -> None:
    policy("{predictions: {unread_parts: none}}")
    hide("rows")
    assert run(["measure", "--policy", "gate.yaml", "m.yaml", "--output", "facts.json"]) == 0
    assert run(["check", "--policy", "gate.yaml", "m.yaml", "--facts", "facts.json"]) == 1
    assert "not read of its folder: `_old.parquet`" in capsys.readouterr().out


def test_facts_of_an_mlgate_that_did_not_ask_still_answer(capsys: pytest.CaptureFixture[str]) -> None:
    from mlgate.gate.stored_facts import _sealed

    assert run(["measure", "--policy", "gate.yaml", "m.yaml", "--output", "facts.json"]) == 0
    document = json.loads(Path("facts.json").read_text())
    for entry in document["candidates"]:
        entry["facts"] = [fact for fact in entry["facts"] if fact["need"]["asks"] != "unread-parts"]
    document["sha256"] = _sealed(document["candidates"])
    Path("facts.json").write_text(json.dumps(document))
    assert run(["check", "--policy", "gate.yaml", "m.yaml", "--facts", "facts.json"]) == 0
    assert run(["check", "--policy", "gate.yaml", "m.yaml", "--facts", "facts.json", "--verify"]) == 0
    policy("{predictions: {unread_parts: none}}")
    assert run(["check", "--policy", "gate.yaml", "m.yaml", "--facts", "facts.json"]) == 1
    capsys.readouterr()

"""`lineage.restorable`: whether the earlier model is still there by its digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlgate.cli.main import run
from support.history import History, workspace

FILES = {"m.bin": "model 1\n", "folder/a.bin": "a\n", "folder/b.bin": "b\n", "test.csv": "id,y\n1,1\n2,0\n"}
TABLES = "tables:\n  evaluation: {path: test.csv, key: id, label: y}\n"
CANDIDATE = "model: {path: m.bin}\n" + TABLES
POLICY = """\
mlgate: 1
policy: back
owner: r@example.com
rules:
  - {id: back, check: lineage.restorable}
"""
FIRST = """\
mlgate: 1
policy: first
owner: r@example.com
rules:
  - {id: rows, check: data.rows, table: evaluation, count: {at_least: 1}}
"""


def store(history: History) -> None:
    """The verdict on the model as it is now."""
    (history.folder / "first.yaml").write_text(FIRST)
    assert run(["check", "--policy", "first.yaml", "--report", "json=old.json"]) == 0


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> History:
    """A model after another one, which is in a commit."""
    monkeypatch.chdir(tmp_path)
    found = workspace(tmp_path, "", CANDIDATE, capsys, FILES)
    (tmp_path / "policy.yaml").write_text(POLICY)
    store(found)
    found.commit()
    (tmp_path / "m.bin").write_text("model 2\n")
    (tmp_path / "candidate.yaml").write_text(f"mlgate: 1\ncandidate: toy\n{CANDIDATE}rollback: {{verdict: old.json}}\n")
    return found


def judged(history: History) -> tuple[str, str]:
    found = history.judge()
    return found.statuses["back"], found.said("back")


def test_a_model_in_a_commit_and_data_at_their_path_are_restorable(history: History) -> None:
    status, said = judged(history)
    assert status == "PASS", said
    assert "model of toy, m.bin (" in said
    assert "is in commit " in said
    assert "evaluation of toy, test.csv (" in said
    assert "is at test.csv" in said


def test_a_verdict_without_data_is_enough_only_where_the_rule_says_so(history: History) -> None:
    stored = json.loads((history.folder / "old.json").read_text())
    for verdict in stored["verdicts"]:
        verdict["inputs"] = [each for each in verdict["inputs"] if each["role"] != "evaluation"]
    (history.folder / "old.json").write_text(json.dumps(stored))
    status, said = judged(history)
    assert status == "ERROR", said
    assert "the verdict on toy has no data among its inputs, so only its model was looked for" in said
    history.edit("policy.yaml", "lineage.restorable", "lineage.restorable, parts: [model, train]")
    assert "the verdict on toy has no input `train` (it has: model)" in judged(history)[1]
    history.edit("policy.yaml", "[model, train]", "[model]")
    assert judged(history)[0] == "PASS"


def forget(history: History) -> None:
    """A history that begins after the earlier model."""
    history.git("checkout", "-q", "--orphan", "new")
    history.commit()


def test_a_model_that_was_overwritten_is_not(history: History) -> None:
    forget(history)
    status, said = judged(history)
    assert status == "FAIL", said
    assert "m.bin (" in said
    assert "is neither there, nor in a commit, nor in an archive; fetch it, or keep it" in said


def test_an_archive_has_it_under_another_name(history: History) -> None:
    forget(history)
    (history.folder / "kept/md5").mkdir(parents=True)
    (history.folder / "kept/md5/0f").write_text(FILES["m.bin"])
    history.edit("candidate.yaml", "old.json}", "old.json, archive: [kept]}")
    status, said = judged(history)
    assert status == "PASS", said
    assert "is in kept/md5/0f" in said
    (history.folder / "kept/md5/0f").write_text("model 3\n")
    assert judged(history)[0] == "FAIL"


def test_a_folder_is_found_in_a_commit_and_in_an_archive(history: History) -> None:
    history.edit("candidate.yaml", "path: m.bin", "path: folder")
    history.edit("candidate.yaml", "rollback: {verdict: old.json}\n", "")
    store(history)
    history.edit("candidate.yaml", TABLES, TABLES + "rollback: {verdict: old.json}\n")
    (history.folder / "folder/a.bin").write_text("changed\n")
    status, said = judged(history)
    assert status == "PASS", said
    forget(history)
    assert judged(history)[0] == "FAIL"
    for name in ("a", "b"):
        (history.folder / f"kept/v1/{name}.bin").parent.mkdir(parents=True, exist_ok=True)
        (history.folder / f"kept/v1/{name}.bin").write_text(f"{name}\n")
    history.edit("candidate.yaml", "old.json}", "old.json, archive: [kept]}")
    status, said = judged(history)
    assert status == "PASS", said
    assert "is in kept/v1" in said


def pointer(text: str) -> str:
    oid = hashlib.sha256(text.encode()).hexdigest()
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(text)}\n"


def test_a_pointer_of_git_lfs_is_enough_only_with_its_file(history: History) -> None:
    (history.folder / "m.bin").write_text(pointer(FILES["m.bin"]))
    forget(history)
    (history.folder / "m.bin").write_text("model 2\n")
    assert judged(history)[0] == "FAIL"
    oid = hashlib.sha256(FILES["m.bin"].encode()).hexdigest()
    place = history.folder / ".git/lfs/objects" / oid[:2] / oid[2:4] / oid
    place.parent.mkdir(parents=True)
    place.write_text("another model\n")
    assert judged(history)[0] == "FAIL", "its digest is recomputed"
    place.write_text(FILES["m.bin"])
    status, said = judged(history)
    assert status == "PASS", said


def entry(**keys: str) -> Callable[[dict[str, Any]], None]:
    def change(verdict: dict[str, Any]) -> None:
        next(each for each in verdict["inputs"] if each["role"] == "model").update(keys)

    return change


CHANGES: dict[str, tuple[Callable[[dict[str, Any]], None], str, str]] = {
    "another digest": (entry(sha256="0" * 64), "FAIL", "is neither there"),
    "no digest": (entry(sha256=""), "FAIL", "is neither there"),
    "a word for a digest": (entry(sha256="latest"), "FAIL", "is neither there"),
    "a path out of the workspace": (entry(path="../../etc/passwd", sha256="1" * 64), "FAIL", "is neither there"),
    "an option for a path": (entry(path="--all", sha256="1" * 64), "FAIL", "is neither there"),
    "a NUL in the path": (entry(path="a\0b", sha256="1" * 64), "FAIL", "is neither there"),
    "the candidate's own model": (
        entry(sha256=hashlib.sha256(b"model 2\n").hexdigest()), "ERROR", "is on the candidate's own model"),
    "no model": (entry(role="weights"), "ERROR", "has no input `model` (it has: weights, evaluation)"),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_a_verdict_on_something_else_never_passes(history: History, what: str) -> None:
    change, status, said = CHANGES[what]
    document = json.loads((history.folder / "old.json").read_text())
    change(document["verdicts"][0])
    (history.folder / "old.json").write_text(json.dumps(document))
    found = judged(history)
    assert found[0] == status, found[1]
    assert said in found[1]


@pytest.mark.parametrize("text", ["", "{}", "[]", "\0", '{"mlgate": 1, "kind": "facts"}', "model 1\n"])
def test_a_file_that_is_not_a_verdict_is_an_error(history: History, text: str) -> None:
    (history.folder / "old.json").write_text(text)
    assert judged(history)[0] == "ERROR"


def test_a_model_that_was_blocked_is_not_one_to_go_back_to(history: History) -> None:
    (history.folder / "first.yaml").write_text(FIRST.replace("at_least: 1", "at_least: 9"))
    assert run(["check", "--policy", "first.yaml", "--report", "json=blocked.json"]) == 1
    history.edit("candidate.yaml", "old.json", "blocked.json")
    status, said = judged(history)
    assert status == "ERROR", said
    assert "the verdict on toy blocks it" in said


def test_only_the_parts_of_the_rule_are_required(history: History) -> None:
    (history.folder / "test.csv").write_text("id,y\n1,1\n2,1\n")
    forget(history)
    (history.folder / "old.bin").write_text(FILES["m.bin"])
    history.edit("candidate.yaml", "old.json}", "old.json, archive: [old.bin]}")
    assert judged(history)[0] == "FAIL"
    history.edit("policy.yaml", "lineage.restorable", "lineage.restorable, parts: model")
    assert judged(history)[0] == "PASS"
    history.edit("policy.yaml", "parts: model", "parts: [model, train]")
    assert judged(history)[0] == "ERROR"


def test_a_first_run_is_skipped_only_where_the_rule_says_so(history: History) -> None:
    history.edit("candidate.yaml", "rollback: {verdict: old.json}\n", "")
    status, said = judged(history)
    assert status == "ERROR", said
    assert "names no verdict on an earlier model" in said
    history.edit("policy.yaml", "lineage.restorable", "lineage.restorable, first_run: allow")
    assert judged(history)[0] == "SKIPPED"


def test_a_shallow_clone_cannot_tell(
    history: History, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.commit()
    clone = tmp_path_factory.mktemp("clone")
    history.git("clone", "-q", "--depth", "1", history.folder.as_uri(), str(clone))
    monkeypatch.chdir(clone)
    status, said = judged(History(clone, history.capsys))
    assert status == "ERROR", said
    assert "run `git fetch --unshallow`" in said


def test_the_verdict_on_the_champion_is_meant_where_no_other_is_named(history: History) -> None:
    own = "task: binary\npositive: '1'\npredictions: {path: p.csv, id: id, prediction: p}\n"
    (history.folder / "p.csv").write_text("id,p\n1,1\n2,0\n")
    history.edit("candidate.yaml", "rollback: {verdict: old.json}\n", f"{own}champion: {{verdict: old.json}}\n")
    status, said = judged(history)
    assert status == "PASS", said
    history.edit("candidate.yaml", "champion: {verdict: old.json}\n", "champion: {path: q.csv, prediction: p}\n")
    (history.folder / "q.csv").write_text("id,p\n1,1\n2,1\n")
    status, said = judged(history)
    assert status == "ERROR", said
    history.edit("policy.yaml", "lineage.restorable", "lineage.restorable, first_run: allow")
    assert judged(history)[0] == "ERROR", "it has a champion, so it is not the first run"

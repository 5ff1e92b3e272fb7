"""`lineage.yaml`, commits that were squashed or rebased, and shallow clones."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from mlgate.lineage.assembled import NamedSource, Presented, assembled
from mlgate.values.reach import Reach
from support.history import History, workspace

FILES = {
    "train.csv": "x\n1\n",
    "test.csv": "x\n2\n",
    "train.py": "print(1)\n",
    "params.yaml": "lr: 1\n",
    "m.bin": "model\n",
}
Write = Callable[..., None]


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def entry(name: str, role: str) -> dict[str, str]:
    return {"path": name, "sha256": sha256(FILES[name]), "role": role}


def runs(commit: str) -> list[dict[str, object]]:
    """A run that trains and one that evaluates."""
    code = {"commit": commit, "clean": "true"}
    return [
        {
            "name": "train",
            "code": dict(code),
            "inputs": [entry("train.csv", "data:train"), entry("params.yaml", "parameters")],
            "outputs": [entry("m.bin", "model")],
            "started": "2026-11-20T10:00:00Z",
            "ended": "2026-11-20T11:00:00Z",
        },
        {
            "name": "evaluate",
            "code": dict(code),
            "inputs": [entry("test.csv", "data:evaluation"), entry("m.bin", "model")],
            "started": "2026-11-20T12:00:00Z",
            "ended": "2026-11-20T12:01:00Z",
        },
    ]


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> History:
    monkeypatch.chdir(tmp_path)
    found = workspace(tmp_path, "", "model: {path: m.bin}\n", capsys, FILES)
    write(found, runs(found.commit()))
    return found


def write(history: History, recorded: object) -> None:
    text = yaml.safe_dump({"mlgate": 1, "runs": recorded}).replace("'true'", "true").replace("'false'", "false")
    (history.folder / "lineage.yaml").write_text(text)


def test_what_is_recorded_and_true_passes(history: History) -> None:
    judged = history.judge()
    assert judged.failing == set(), judged.said()


def changed(recorded: list[dict[str, object]], at: int, **keys: object) -> list[dict[str, object]]:
    recorded[at] |= keys
    return recorded


CHANGES: dict[str, tuple[Callable[[str], object], set[str], str]] = {
    "changed files beside the commit": (
        lambda c: changed(runs(c), 0, code={"commit": c, "clean": "false"}),
        {"verified"},
        "files differed from those of the commit",
    ),
    "changed files beside a branch": (
        lambda c: changed(changed(runs(c), 0, code={"commit": "main", "clean": "false"}), 1, code={"commit": "main"}),
        {"complete", "verified"},
        "files differed from those of the commit",
    ),
    "a training that does not say whether its files were those of the commit": (
        lambda c: changed(runs(c), 0, code={"commit": c}),
        {"verified"},
        "nothing says that the files were those of the commit",
    ),
    "a word for a digest": (
        lambda c: changed(runs(c), 0, inputs=[entry("train.csv", "data:train") | {"path": "s3://b/t",
                                                                                        "sha256": "latest"},
                                              entry("params.yaml", "parameters")]),
        {"complete", "verified", "consistent"},
        "`latest` of s3://b/t is not a whole sha256",
    ),
    "the model as its own training data": (
        lambda c: changed(runs(c), 0, inputs=[entry("m.bin", "data:train") | {"path": "s3://b/m"},
                                              entry("params.yaml", "parameters")]),
        {"complete", "consistent"},
        "a thing was made from itself",
    ),
    "a branch for a commit": (
        lambda c: changed(changed(runs(c), 0, code={"commit": "main"}), 1, code={"commit": "main"}),
        {"complete", "verified"},
        "is named by main, a branch, a tag or a part of its name, which may move; record the whole name",
    ),
    "no reference to the data": (
        lambda c: changed(runs(c), 0, inputs=[entry("params.yaml", "parameters")]),
        {"complete"},
        "data:train is missing: m.bin <- run train <- no data:train",
    ),
    "the end before the start": (
        lambda c: changed(runs(c), 0, ended="2026-11-20T09:00:00Z"),
        {"consistent"},
        "run train ended at 2026-11-20T09:00:00Z, before it began",
    ),
    "an evaluation before the model was there": (
        lambda c: changed(runs(c), 1, started="2026-11-20T10:30:00Z"),
        {"consistent"},
        "run evaluate began at 2026-11-20T10:30:00Z, before m.bin was there",
    ),
    "a time without a zone": (
        lambda c: changed(runs(c), 0, started="2026-11-20T10:00:00"),
        {"consistent"},
        "is not a moment with a zone",
    ),
    "training data made from the model": (
        lambda c: changed(runs(c), 1, outputs=[entry("train.csv", "data:train")]),
        {"consistent"},
        "a thing was made from itself",
    ),
    "the same data for training and evaluation": (
        lambda c: changed(runs(c), 1, inputs=[entry("train.csv", "data:evaluation"), entry("m.bin", "model")]),
        {"consistent"},
        "train.csv is both training and evaluation data",
    ),
    "another digest": (
        lambda c: changed(runs(c), 1, inputs=[entry("test.csv", "data:evaluation") | {"sha256": "0" * 64},
                                              entry("m.bin", "model")]),
        {"verified"},
        "test.csv is contradicted: sha256 is",
    ),
    "two runs of one name": (
        lambda c: changed(runs(c), 1, name="train"),
        {"complete", "verified", "consistent"},
        "has two runs `train`",
    ),
    "an unknown key": (
        lambda c: changed(runs(c), 0, comit=c),
        {"complete", "verified", "consistent"},
        "lineage.yaml:",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_fails_the_rule_that_is_about_it_and_no_other(history: History, what: str) -> None:
    recorded, failing, said = CHANGES[what]
    write(history, recorded(history.git("rev-parse", "HEAD")))
    judged = history.judge()
    assert judged.failing == failing, judged.said()
    assert said in judged.said(*failing)


def test_data_of_the_same_bytes_are_the_same_data(history: History) -> None:
    history.edit("test.csv", "2", "1")
    recorded = runs(history.git("rev-parse", "HEAD"))
    recorded[1]["inputs"] = [entry("train.csv", "data:evaluation") | {"path": "test.csv"}, entry("m.bin", "model")]
    write(history, recorded)
    judged = history.judge()
    assert judged.failing == {"consistent"}
    assert "train.csv and test.csv have the same sha256" in judged.said("consistent")


def test_tables_in_a_recorded_folder_are_parts_of_it(history: History) -> None:
    """Of the files only the folder has a digest; by it nobody says that two files in it are alike."""
    for name in ("train.csv", "test.csv"):
        (history.folder / "data").mkdir(exist_ok=True)
        (history.folder / name).rename(history.folder / "data" / name)
    lines = "".join(f"{sha256(FILES[name])}  {name}\n" for name in ("test.csv", "train.csv"))
    folder = {"path": "data", "sha256": sha256(lines)}
    recorded = runs(history.commit())
    recorded[0]["inputs"] = [dict(folder), entry("params.yaml", "parameters")]
    recorded[1]["inputs"] = [dict(folder), entry("m.bin", "model")]
    write(history, recorded)
    tables = "tables:\n  train: {path: data/train.csv}\n  evaluation: {path: data/test.csv}\n"
    history.edit("candidate.yaml", "model:", f"{tables}model:")
    judged = history.judge()
    assert judged.failing == set(), judged.said()
    history.edit("data/train.csv", "1", "3")
    judged = history.judge()
    assert judged.failing == {"verified"}
    assert "data/train.csv is contradicted: a part of data: sha256 is" in judged.said("verified")


@pytest.mark.parametrize("how", ["--squash", "rebase", "merge"])
def test_a_branch_that_was_merged_keeps_its_history(history: History, how: str) -> None:
    """The commit of the training is gone after a squash or a rebase, and its files are in the history."""
    history.git("checkout", "-q", "-b", "work")
    history.edit("train.py", "1", "2")
    trained = history.commit("train")
    history.git("checkout", "-q", "main")
    if how == "rebase":
        history.git("cherry-pick", "--no-commit", "work")
        history.commit("the same files, another commit")
    elif how == "--squash":
        history.git("merge", "-q", "--squash", "work")
        history.commit("squashed")
    else:
        history.git("merge", "-q", "--no-ff", "-m", "merged", "work")
    write(history, runs(trained))
    judged = history.judge()
    assert judged.failing == set(), judged.said()


def test_a_commit_of_another_branch_is_not_that_of_the_model(history: History) -> None:
    history.git("checkout", "-q", "-b", "elsewhere")
    history.edit("train.py", "1", "3")
    other = history.commit("elsewhere")
    history.git("checkout", "-q", "main")
    write(history, runs(other))
    judged = history.judge()
    assert judged.failing == {"verified"}
    assert "not in the history of the one that is checked out, nor is its code" in judged.said("verified")


def test_a_graft_or_a_replaced_commit_is_no_history(history: History) -> None:
    """Whoever has the checkout can write both, and neither is a part of what was committed."""
    head = history.git("rev-parse", "HEAD")
    other = history.git("commit-tree", "-m", "x", history.git("hash-object", "-t", "tree", "-w", "/dev/null"))
    write(history, runs(other))
    (history.folder / ".git/info").mkdir(exist_ok=True)
    (history.folder / ".git/info/grafts").write_text(f"{head} {other}\n")
    assert history.judge().failing == {"verified"}
    (history.folder / ".git/info/grafts").unlink()
    history.git("replace", head, other)
    assert history.judge().failing == {"verified"}


def test_a_clone_too_shallow_to_tell_is_the_machines_fault(
    history: History, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(history, runs(history.git("rev-parse", "HEAD")))
    history.commit("record")
    history.edit("train.py", "1", "4")
    history.commit("later")
    shallow = tmp_path_factory.mktemp("shallow") / "clone"
    source = history.folder.as_uri()
    subprocess.run(["git", "clone", "-q", "--depth", "1", source, str(shallow)], check=True, timeout=60)
    monkeypatch.chdir(shallow)
    judged = History(shallow, history.capsys).judge()
    assert judged.statuses["verified"] == "ERROR"
    assert "git fetch --unshallow" in judged.said("verified")


def test_hooks_and_helpers_of_the_repository_do_not_run(history: History) -> None:
    mark = history.folder / "ran"
    script = history.folder / "helper.sh"
    script.write_text(f"#!/bin/sh\ntouch {mark}\n")
    script.chmod(0o755)
    for key in ("core.fsmonitor", "core.pager", "core.sshCommand", "diff.external", "core.alternateRefsCommand"):
        history.git("config", key, str(script))
    hooks = history.folder / "hooks"
    hooks.mkdir()
    for name in ("post-index-change", "reference-transaction", "pre-auto-gc"):
        (hooks / name).write_bytes(script.read_bytes())
        (hooks / name).chmod(0o755)
    history.git("config", "core.hooksPath", str(hooks))
    mark.unlink(missing_ok=True)
    history.judge()
    assert not mark.exists()


def test_a_candidate_without_a_source_is_told_which_there_could_be(history: History) -> None:
    (history.folder / "lineage.yaml").unlink()
    judged = history.judge()
    assert set(judged.statuses.values()) == {"ERROR"}
    said = judged.said("complete").partition("no source of lineage lies beside the candidate (")[2]
    assert {"bom.json", "dvc.lock", "lineage.yaml", "mlruns"} <= {*said.partition(")")[0].split(", ")}


def remote(history: History, train: str, judged: str) -> None:
    """The record with data in a bucket, of which no digest is known."""
    recorded = runs(history.commit("again"))
    for run, at, role in ((recorded[0], train, "data:train"), (recorded[1], judged, "data:evaluation")):
        run["inputs"] = [{"path": at, "role": role}, *run["inputs"][1:]]  # type: ignore[index]
    write(history, recorded)


@pytest.mark.parametrize(
    ("judged", "accepted", "status"),
    [
        ("s3://b/test.csv", "", "ERROR"),
        ("s3://b/test.csv", "data:train", "ERROR"),
        ("s3://b/test.csv", "data:train, data:evaluation", "PASS"),
        ("s3://b/train.csv", "data:train, data:evaluation", "FAIL"),
    ],
)
def test_data_in_a_bucket_are_told_apart_only_where_the_policy_accepts_it(
    history: History, judged: str, accepted: str, status: str
) -> None:
    remote(history, "s3://b/train.csv", judged)
    history.edit("policy.yaml", "lineage.consistent}", f"lineage.consistent, accept_unknown: [{accepted}]}}")
    if not accepted:
        history.edit("policy.yaml", ", accept_unknown: []", "")
    assert history.judge().statuses["consistent"] == status


def test_a_bucket_without_a_digest_names_the_key_that_accepts_it(history: History) -> None:
    remote(history, "s3://b/train.csv", "s3://b/test.csv")
    assert "let `accept_unknown` name the role" in history.judge().said("consistent")


LOCK = """schema: '2.0'
stages:
  train:
    cmd: python3 train.py
    deps:
    - {{path: train.csv, hash: md5, md5: {train}, size: 4}}
    outs:
    - {{path: m.bin, hash: md5, md5: {model}, size: 6}}
"""
STAGES = "stages:\n  train: {cmd: python3 train.py, deps: [train.csv], outs: [m.bin]}\n"


@pytest.mark.parametrize("swapped", ["", "train", "model"])
def test_a_source_beside_speaks_against_those_that_a_candidate_names(history: History, swapped: str) -> None:
    digests = {
        "train": hashlib.md5(FILES["train.csv"].encode()).hexdigest(),
        "model": hashlib.md5(FILES["m.bin"].encode()).hexdigest(),
    }
    (history.folder / "dvc.yaml").write_text(STAGES)
    (history.folder / "dvc.lock").write_text(LOCK.format_map(digests | ({swapped: "0" * 32} if swapped else {})))
    history.edit("candidate.yaml", "model:", "lineage: [{path: lineage.yaml}]\nmodel:")
    judged = history.judge()
    assert judged.failing == ({"verified"} if swapped else set()), judged.said()
    if swapped:
        assert "dvc.lock" in judged.said("verified")


def test_a_source_beside_that_is_about_another_model_says_nothing(history: History) -> None:
    (history.folder / "dvc.yaml").write_text(STAGES.replace("m.bin", "other.bin"))
    other = LOCK.format(train="0" * 32, model="0" * 32).replace("m.bin", "other.bin")
    (history.folder / "dvc.lock").write_text(other)
    history.edit("candidate.yaml", "model:", "lineage: [{path: lineage.yaml}]\nmodel:")
    assert history.judge().failing == set()


def test_a_source_beside_adds_nothing_to_those_that_a_candidate_names(history: History) -> None:
    recorded = runs(history.commit("again"))
    recorded[0]["inputs"] = [entry("params.yaml", "parameters")]
    write(history, recorded)
    (history.folder / "dvc.yaml").write_text(STAGES)
    hashed = (hashlib.md5(FILES[name].encode()).hexdigest() for name in ("train.csv", "m.bin"))
    (history.folder / "dvc.lock").write_text(LOCK.format(train=next(hashed), model=next(hashed)))
    history.edit("candidate.yaml", "model:", "lineage: [{path: lineage.yaml}]\nmodel:")
    assert history.judge().failing == {"complete"}


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("[{path: lineage.yaml}]", "PASS"),
        ("[{path: /lineage.yaml}]", "PASS"),
        ("[{path: other.yaml}]", "FAIL"),
        ("[{path: lineage.yaml, run: train}]", "FAIL"),
        ("[{path: lineage.yaml}, {path: dvc.lock}]", "FAIL"),
    ],
)
def test_a_policy_fixes_the_sources_of_a_history(history: History, value: str, status: str) -> None:
    history.edit("candidate.yaml", "model:", "lineage: [{path: lineage.yaml}]\nmodel:")
    history.edit("policy.yaml", "rules:", f"expects: {{lineage: {value}}}\nrules:")
    judged = history.judge()
    assert judged.statuses["expects"] == status
    assert "has lineage: {path: lineage.yaml}" in judged.said("expects")


def test_what_is_wrong_with_a_source_is_said_of_it_alone(history: History) -> None:
    history.edit("candidate.yaml", "model:", "lineage: [{path: mlflow.db}]\nmodel:")
    (history.folder / "mlflow.db").write_bytes(b"no database")
    assert "has the name of a database or folder of runs of MLflow, and its content is none" in history.judge().said()
    (history.folder / "mlflow.db").write_bytes(bytes(1 << 17))
    assert "has only bytes of zero" in history.judge().said()
    (history.folder / "mlflow.db").unlink()
    os.mkfifo(history.folder / "mlflow.db")
    assert "is neither a file nor a folder" in history.judge().said()


def test_a_file_that_was_renamed_is_not_fetched_by_dvc(history: History) -> None:
    (history.folder / "train.csv").rename(history.folder / "rows.csv")
    said = history.judge().said("verified")
    assert "record it again where it was renamed" in said
    assert "dvc" not in said


def test_records_beside_a_folder_that_may_not_be_read_do_not_matter(history: History, tmp_path: Path) -> None:
    """A candidate that is not in a file names its sources; what lies around it may be outside of what may be read."""
    presented = Presented("m.bin", (NamedSource("lineage.yaml"),), beside=False, folder="../elsewhere")
    assert assembled(presented, Reach.of(tmp_path)).history[0].path == "m.bin"

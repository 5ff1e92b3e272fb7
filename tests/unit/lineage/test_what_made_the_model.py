"""What made the model is not what judged it, and what a run has read is what its own commit has."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from mlgate.git.repository import Repository
from mlgate.lineage.roles_of_files import is_code
from support.history import History, workspace

FILES = {
    "train.csv": "x\n1\n",
    "test.csv": "x\n2\n",
    "train.py": "print(1)\n",
    "params.yaml": "lr: 1\n",
    "requirements.txt": "numpy==2.4.6\n",
    "m.bin": "model\n",
}
ALL = '[code, "data:train", "data:evaluation", environment, parameters, run]'


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> History:
    monkeypatch.chdir(tmp_path)
    found = workspace(tmp_path, "", "model: {path: m.bin}\n", capsys, FILES)
    found.edit("policy.yaml", '[code, "data:train", "data:evaluation", parameters]', ALL)
    write(found, recorded(found.commit()))
    return found


def entry(name: str, role: str) -> dict[str, str]:
    return {"path": name, "role": role, "sha256": hashlib.sha256(FILES[name].encode()).hexdigest()}


def recorded(commit: str) -> list[dict[str, Any]]:
    """The runs as they are recorded where all is well: one that trains, and one that scores."""
    lock = entry("requirements.txt", "environment")
    train = [entry("train.csv", "data:train"), entry("params.yaml", "parameters"), lock]
    score = [entry("m.bin", "model"), entry("test.csv", "data:evaluation"), lock]
    code = {"commit": commit, "clean": True}
    return [
        {"name": "train", "code": code, "inputs": train, "outputs": [entry("m.bin", "model")]},
        {"name": "score", "code": dict(code), "inputs": score},
    ]


def write(history: History, runs: list[dict[str, Any]]) -> None:
    (history.folder / "lineage.yaml").write_text(json.dumps({"mlgate": 1, "runs": runs}))


def head(history: History) -> str:
    return history.git("rev-parse", "HEAD")


def test_all_of_it_recorded_passes(history: History) -> None:
    judged = history.judge()
    assert judged.failing == set(), judged.said()


def test_the_code_and_environment_of_the_scoring_are_not_those_of_the_training(history: History) -> None:
    runs = recorded(head(history))
    del runs[0]["code"], runs[0]["inputs"][2]
    write(history, runs)
    judged = history.judge()
    assert judged.failing == {"complete"}
    for role in ("code", "environment"):
        assert f"{role} is missing: m.bin <- run train <- no {role}" in judged.said("complete")


def test_a_scoring_run_alone_says_nothing_of_how_the_model_was_made(history: History) -> None:
    """It may even say that it has read training data and parameters."""
    train, score = recorded(head(history))
    score["inputs"] += train["inputs"][:2]
    write(history, [score])
    judged = history.judge()
    assert judged.failing == {"complete"}
    for role in ("code", "data:train", "environment", "parameters", "run"):
        assert f"{role} is missing: no source knows how m.bin was made" in judged.said("complete")
    assert "data:evaluation is test.csv" in judged.said("complete")


def without_digest(history: History, name: str, commit: str) -> list[dict[str, Any]]:
    """The runs, where no source has a digest of one file."""
    runs = recorded(commit)
    for run in runs:
        for each in (*run["inputs"], *run.get("outputs", [])):
            if each["path"] == name:
                del each["sha256"]
    write(history, runs)
    return runs


def test_a_file_without_a_digest_is_what_the_commit_of_its_run_has(history: History) -> None:
    trained = head(history)
    history.edit("test.csv", "2", "7")
    history.commit("other data for the evaluation, later")
    history.edit("test.csv", "7", "2")
    history.commit("and back")
    without_digest(history, "train.csv", trained)
    judged = history.judge()
    assert judged.failing == set(), judged.said()
    assert f"train.csv is verified: it is the file of commit {head(history)[:12]}" in judged.said("verified")


def test_training_data_that_were_swapped_and_committed_are_contradicted(history: History) -> None:
    trained = head(history)
    history.edit("train.csv", "1", "9")
    history.commit("other data")
    without_digest(history, "train.csv", trained)
    judged = history.judge()
    assert judged.failing == {"verified"}
    said = f"train.csv is contradicted: it is not the file of commit {trained[:12]}, from which run train started"
    assert said in judged.said("verified")


def test_without_the_commit_of_its_run_a_file_without_a_digest_is_unverified(history: History) -> None:
    runs = without_digest(history, "train.csv", head(history))
    del runs[0]["code"]
    write(history, runs)
    judged = history.judge()
    assert judged.failing == {"complete", "verified"}
    said = "train.csv is unverified: no source has recorded a digest of it, nor the commit of run train"
    assert said in judged.said("verified")


def test_a_file_that_the_commit_of_its_run_lacks_is_unverified(history: History) -> None:
    history.git("rm", "-q", "--cached", "train.csv")
    history.git("commit", "-q", "-m", "without the data")
    trained = head(history)
    history.commit("with the data")
    without_digest(history, "train.csv", trained)
    judged = history.judge()
    assert judged.failing == {"verified"}
    assert f"commit {trained[:12]} of run train does not have it" in judged.said("verified")


def test_a_model_without_a_digest_is_not_what_a_run_made_because_it_was_committed(history: History) -> None:
    without_digest(history, "m.bin", head(history))
    history.edit("m.bin", "model", "another")
    history.commit("another model")
    judged = history.judge()
    assert judged.failing == {"verified"}
    assert "m.bin is unverified: no source has recorded a digest of it, and run train made it" in judged.said()


def code_of(history: History, commit: str) -> str:
    return Repository(history.folder).digest_of(commit, is_code)


def test_an_earlier_commit_with_other_code_is_not_that_of_the_recorded_code(history: History) -> None:
    earlier = head(history)
    history.edit("train.py", "1", "2")
    trained = history.commit("other code")
    runs = recorded(trained)
    for run in runs:
        run["code"]["files"] = code_of(history, trained)
    write(history, runs)
    assert history.judge().failing == set()
    runs[0]["code"]["commit"] = earlier
    write(history, runs)
    judged = history.judge()
    assert judged.failing == {"verified"}
    of_commit, stated = code_of(history, earlier)[:12], code_of(history, trained)[:12]
    said = f"the digest of its code files is {of_commit} and was recorded as {stated}"
    assert f"commit {earlier[:12]} is contradicted: {said}" in judged.said("verified")


def test_right_digests_of_other_runs_at_the_commit_do_not_hide_a_wrong_one(history: History) -> None:
    runs = recorded(head(history))
    for run in runs:
        run["code"]["files"] = code_of(history, head(history))
    runs[1]["code"]["files"] = "0" * 64
    write(history, runs)
    judged = history.judge()
    assert judged.failing == {"verified"}
    assert "was recorded as 000000000000" in judged.said("verified")


def test_a_run_that_does_not_say_that_its_files_were_clean_is_not_clean_by_another_source(history: History) -> None:
    train, score = recorded(head(history))
    del train["code"]["clean"]
    write(history, [train])
    (history.folder / "scoring.lineage.yaml").write_text(json.dumps({"mlgate": 1, "runs": [score]}))
    sources = "lineage: [{path: lineage.yaml}, {path: scoring.lineage.yaml}]\n"
    history.edit("candidate.yaml", "model:", f"{sources}model:")
    judged = history.judge()
    assert judged.failing == {"verified"}
    assert "nothing says that the files were those of the commit" in judged.said("verified")
    history.edit("policy.yaml", "lineage.verified", "lineage.verified, cleanliness_unknown: true")
    judged = history.judge()
    assert judged.failing == set(), judged.said()

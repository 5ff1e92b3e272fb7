"""Files that git has as pointers of Git LFS: a pointer fixes the content, and what is here is compared with it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import yaml

from mlgate.lineage.git_lfs import pointed_at
from support.history import History, workspace

FILES = {"train.csv": "x\n1\n", "test.csv": "x\n2\n", "train.py": "print(1)\n", "m.bin": "model\n"}


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def pointer(text: str) -> str:
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256(text)}\nsize {len(text)}\n"


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> History:
    """A model and training data of which only Git LFS has a digest, as `git lfs pull` leaves them."""
    monkeypatch.chdir(tmp_path)
    found = workspace(tmp_path, "", "model: {path: m.bin}\n", capsys, FILES)
    for name in ("train.csv", "m.bin"):
        (tmp_path / name).write_text(pointer(FILES[name]))
    record(found, found.commit())
    for name in ("train.csv", "m.bin"):
        (tmp_path / name).write_text(FILES[name])
    found.edit(
        "policy.yaml", '[code, "data:train", "data:evaluation", parameters]', '["data:train", "data:evaluation"]'
    )
    found.edit("policy.yaml", "lineage.verified", "lineage.verified, accept_unverified: [model]")
    return found


def record(history: History, commit: str, **train: str) -> None:
    code = {"commit": commit, "clean": True}
    runs = [
        {"name": "train", "code": code, "inputs": [{"path": "train.csv", "role": "data:train"} | train],
         "outputs": [{"path": "m.bin", "role": "model"}]},
        {"name": "score", "code": dict(code), "inputs": [{"path": "test.csv", "role": "data:evaluation"},
                                                         {"path": "m.bin", "role": "model"}]},
    ]  # fmt: skip
    (history.folder / "lineage.yaml").write_text(yaml.safe_dump({"mlgate": 1, "runs": runs}))


def test_content_that_the_pointer_is_for_passes(history: History) -> None:
    judged = history.judge()
    assert judged.failing == set(), judged.said()
    assert "train.csv is verified: it is the file of commit" in judged.said("verified")
    said = "m.bin is unverified, which the policy accepts: no source has recorded a digest of it, and run train made it"
    assert said in judged.said("verified")


@pytest.mark.parametrize("name", ["train.csv", "m.bin"])
def test_other_content_is_contradicted(history: History, name: str) -> None:
    (history.folder / name).write_text(FILES[name] + "3\n")
    judged = history.judge()
    assert judged.failing == {"verified"}
    assert f"{name} is contradicted: it is not the file of commit" in judged.said("verified")


def test_a_pointer_alone_fixes_the_data_and_verifies_nothing(history: History) -> None:
    (history.folder / "train.csv").write_text(pointer(FILES["train.csv"]))
    judged = history.judge()
    assert judged.failing == {"verified"}
    assert "train.csv is unverified: Git LFS has not fetched it; run `git lfs pull`" in judged.said("verified")
    history.edit("policy.yaml", "[model]", "[model, 'data:train']")
    assert history.judge().failing == set()


def test_a_pointer_that_was_not_committed_fixes_nothing(history: History) -> None:
    (history.folder / "train.csv").write_text(pointer("x\n9\n"))
    judged = history.judge()
    assert judged.failing == {"verified"}
    assert "train.csv is contradicted: it is not the file of commit" in judged.said("verified")


@pytest.mark.parametrize("recorded", [FILES["train.csv"], "x\n9\n"])
def test_a_recorded_digest_is_compared_with_the_pointer(history: History, recorded: str) -> None:
    record(history, history.git("rev-parse", "HEAD"), sha256=sha256(recorded))
    (history.folder / "train.csv").write_text(pointer(FILES["train.csv"]))
    history.edit("policy.yaml", "[model]", "[model, 'data:train']")
    judged = history.judge()
    if recorded == FILES["train.csv"]:
        assert judged.failing == set(), judged.said()
    else:
        assert judged.failing == {"verified"}
        assert "train.csv is contradicted: Git LFS has sha256" in judged.said("verified")


def test_pointers_of_the_same_content_are_the_same_data(history: History) -> None:
    for name in ("train.csv", "test.csv"):
        (history.folder / name).write_text(pointer(FILES["train.csv"]))
    record(history, history.commit())
    judged = history.judge()
    assert "train.csv and test.csv have the same sha256" in judged.said("consistent")


@pytest.mark.parametrize(
    "text",
    [
        "",
        pointer("x")[:-1],
        pointer("x").replace("sha256", "sha1"),
        pointer("x").upper(),
        pointer("x") + "more\n",
        pointer("x").replace("git-lfs", "example"),
        pointer("x").replace("size 1", "size -1"),
        pointer("x").replace("oid", "ext-0-a b\n" * 200 + "oid"),
    ],
)
def test_what_is_not_quite_a_pointer_is_none(text: str) -> None:
    assert pointed_at(text.encode()) == ""


@pytest.mark.parametrize("size", [200, 1024])
def test_a_pointer_with_extensions_is_one(size: int) -> None:
    """As long as its specification allows."""
    more = "ext-0-".ljust(size - len(pointer("x")) - 1, "a") + "\n"
    text = pointer("x").replace("oid", f"{more}oid")
    assert len(text) == size
    assert pointed_at(text.encode()) == sha256("x")
    assert pointed_at(text.replace("ext-0-", "ext-0-" + "b" * (1025 - size)).encode()) == ""

"""The table of docs/lineage.md: which rule each change fails, and that it fails no other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.history import History, workspace

PAGE = Path(__file__).parents[3] / "docs" / "lineage.md"
RULES = ("complete", "verified", "consistent")
FILES = {
    "train.csv": "x\n1\n",
    "test.csv": "x\n2\n",
    "train.py": "print(1)\n",
    "params.yaml": "lr: 1\n",
    "requirements.txt": "numpy==2.4.6\n",
    "m.bin": "model\n",
}
LOOSE = "numpy\n"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def entry(name: str, role: str) -> dict[str, str]:
    return {"path": name, "role": role, "sha256": sha256(FILES[name])}


def recorded(commit: str) -> dict[str, Any]:
    """A run that trains and one that scores, with an approval."""
    inputs = [
        entry("train.csv", "data:train"),
        entry("params.yaml", "parameters"),
        entry("requirements.txt", "environment"),
    ]
    train = {"name": "train", "code": {"commit": commit, "clean": True}, "inputs": inputs}
    train |= {"started": "2026-11-20T10:00:00Z", "ended": "2026-11-20T11:00:00Z"}
    score = {"name": "score", "code": {"commit": commit, "clean": True}}
    score |= {"inputs": [entry("m.bin", "model"), entry("test.csv", "data:evaluation")]}
    approval = {"by": "alice@example.com", "model": sha256(FILES["m.bin"]), "at": "2026-11-21T10:00:00Z"}
    runs = [{**train, "outputs": [entry("m.bin", "model")]}, score]
    return {"mlgate": 1, "runs": runs, "approvals": [approval]}


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> History:
    monkeypatch.chdir(tmp_path)
    found = workspace(tmp_path, "", "model: {path: m.bin}\n", capsys, FILES)
    found.edit("policy.yaml", "parameters]", "parameters, environment]")
    found.commit()
    write(found, record(found))
    return found


def record(history: History) -> dict[str, Any]:
    return recorded(history.git("rev-parse", "HEAD"))


def write(history: History, found: dict[str, Any]) -> None:
    (history.folder / "lineage.yaml").write_text(json.dumps(found))


def of_train(history: History, **keys: Any) -> dict[str, Any]:
    found = record(history)
    found["runs"][0] |= keys
    return found


def in_record(change: Callable[[dict[str, Any]], Any]) -> Callable[[History], None]:
    """A change of the record."""

    def changed(history: History) -> None:
        found = record(history)
        change(found)
        write(history, found)

    return changed


def another_branch(history: History) -> None:
    history.git("checkout", "-q", "-b", "elsewhere")
    history.edit("train.py", "1", "3")
    other = history.commit("elsewhere")
    history.git("checkout", "-q", "main")
    write(history, of_train(history, code={"commit": other, "clean": True}))


def without_versions(history: History) -> None:
    (history.folder / "requirements.txt").write_text(LOOSE)
    found = record(history)
    found["runs"][0]["inputs"][2]["sha256"] = sha256(LOOSE)
    write(history, found)


def train(found: dict[str, Any]) -> dict[str, Any]:
    return found["runs"][0]  # type: ignore[no-any-return]


RAW = {"name": "prepare", "inputs": [{"path": "s3://b/raw", "version": "latest"}]}
CHANGES: dict[str, Callable[[History], object]] = {
    "a byte of a recorded file changed": lambda h: h.edit("train.csv", "1", "7"),
    "a parameter changed after the lock": lambda h: h.edit("params.yaml", "1", "2"),
    "a recorded file renamed": lambda h: (h.folder / "train.csv").rename(h.folder / "rows.csv"),
    "another run's commit, or one of another branch": another_branch,
    "the files were not those of the commit": in_record(lambda f: train(f)["code"].update(clean=False)),
    "a reference to data left out of the record": in_record(lambda f: train(f)["inputs"].pop(0)),
    "raw data named by `latest`, or by a version alone": in_record(
        lambda f: f["runs"].append({**RAW, "outputs": [entry("train.csv", "data:train")]})
    ),
    "requirements without versions": without_versions,
    "a branch instead of a commit": in_record(lambda f: train(f)["code"].update(commit="main")),
    "times, or an approval, in another order": in_record(lambda f: f["approvals"][0].update(at="2026-11-20T10:30:00Z")),
    "a thing made from itself": in_record(lambda f: f["runs"][1].update(outputs=[entry("train.csv", "data:train")])),
    "training data as evaluation data": in_record(
        lambda f: f["runs"][1]["inputs"].append(entry("train.csv", "data:evaluation"))
    ),
    "the model's file renamed, and not in the candidate": lambda h: (h.folder / "m.bin").rename(h.folder / "n.bin"),
}


def table() -> dict[str, dict[str, str]]:
    """The rows of the page: the status of each rule, by what was done."""
    part = PAGE.read_text(encoding="utf-8").partition("## What a change fails")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line.startswith("|")]
    return {row[0]: {rule: of or "PASS" for rule, of in zip(RULES, row[1:], strict=True)} for row in rows[2:]}


def test_the_page_has_every_change() -> None:
    assert [*table()] == [*CHANGES]


def test_without_a_change_all_pass(history: History) -> None:
    judged = history.judge()
    assert judged.failing == set(), judged.said()


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_fails_what_the_page_says(history: History, what: str) -> None:
    CHANGES[what](history)
    judged = history.judge()
    assert {rule: judged.statuses[rule] for rule in RULES} == table()[what], judged.said()

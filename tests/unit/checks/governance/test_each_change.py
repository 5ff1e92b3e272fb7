"""One model with everything recorded: a change of one fact fails the rules about it, and no others."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlgate.cli.main import run
from support.history import History, workspace

DAY = "2026-11-25"
FILES = {
    "train.csv": "x\n1\n",
    "test.csv": "id,y\n1,1\n2,0\n",
    "train.py": "print(1)\n",
    "m.bin": "model 1\n",
    "other.bin": "another\n",
    "policies/bar.yaml": """\
mlgate: 1
policy: bar
owner: r@example.com
rules:
  - {id: complete, check: lineage.complete, roles: [code, "data:train", "data:evaluation"]}
  - {id: verified, check: lineage.verified}
  - {id: consistent, check: lineage.consistent}
  - {id: predictions, check: lineage.predictions}
  - {id: restorable, check: lineage.restorable, parts: model}
  - {id: approval, check: governance.approval, roles: {risk: alice@example.com}}
  - {id: expires, check: governance.expires, days: 30}
  - {id: preregistered, check: governance.preregistered, before: training}
""",
}
BEFORE = "policies/bar.yaml"
NEW = {"m.bin": "model 2\n", "p.csv": "id,p\n1,1\n2,0\n"}
CANDIDATE = """\
mlgate: 1
candidate: toy
task: binary
positive: "1"
model: {path: m.bin}
predictions: {path: p.csv, id: id, prediction: p}
tables:
  evaluation: {path: test.csv, key: id, label: y}
rollback: {verdict: old.json}
"""
Record = dict[str, Any]


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def entry(name: str, role: str = "data") -> dict[str, str]:
    return {"path": name, "sha256": sha256({**FILES, **NEW}[name]), "role": role}


def record(commit: str) -> Record:
    """The training and the scoring of the second model, and its approval."""
    of = {"code": {"commit": commit, "clean": True}, "policies": [{"path": BEFORE, "sha256": sha256(FILES[BEFORE])}]}
    train = {
        "name": "train", "inputs": [entry("train.csv", "data:train")], "outputs": [entry("m.bin", "model")],
        "started": "2026-11-20T10:00:00Z", "ended": "2026-11-20T11:00:00Z",
    }  # fmt: skip
    score = {
        "name": "score", "inputs": [entry("test.csv", "data:evaluation"), entry("m.bin", "model")],
        "outputs": [entry("p.csv")], "started": "2026-11-20T12:00:00Z", "ended": "2026-11-20T12:01:00Z",
    }  # fmt: skip
    approval = {"by": "alice@example.com", "model": sha256(NEW["m.bin"]), "at": "2026-11-21T09:00:00Z"}
    return {"mlgate": 1, "runs": [dict(of) | train, dict(of) | score], "approvals": [approval]}


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> History:
    monkeypatch.chdir(tmp_path)
    old = {name: text for name, text in FILES.items() if name != BEFORE}
    found = workspace(tmp_path, "", "model: {path: m.bin}\n", capsys, old)
    rule = "mlgate: 1\npolicy: first\nowner: r@example.com\nrules:\n  - {id: new, check: governance.expires, days: 9}\n"
    (tmp_path / "policy.yaml").write_text(rule)
    with (tmp_path / "candidate.yaml").open("a") as opened:
        opened.write("trained_at: 2026-11-24T00:00:00Z\n")
    assert run(["check", "--policy", "policy.yaml", "--as-of", DAY, "--report", "json=old.json"]) == 0
    found.commit()
    (tmp_path / "candidate.yaml").write_text(CANDIDATE)
    (tmp_path / "policies").mkdir()
    for name, text in {**NEW, BEFORE: FILES[BEFORE]}.items():
        (tmp_path / name).write_text(text)
    write(found, record(found.git("rev-parse", "HEAD")))
    return found


def write(history: History, recorded: Record) -> None:
    (history.folder / "lineage.yaml").write_text(json.dumps(recorded))


def failing(history: History) -> set[str]:
    return history.judge("--as-of", DAY, policy="policies").failing


def test_a_model_with_everything_recorded_passes(history: History) -> None:
    judged = history.judge("--as-of", DAY, policy="policies")
    assert judged.failing == set(), judged.said()


def approved(**keys: str) -> Callable[[Record], object]:
    return lambda found: found["approvals"][0].update(keys)


def runs(at: int, **keys: Any) -> Callable[[Record], object]:
    return lambda found: found["runs"][at].update(keys)


RECORDED: dict[str, tuple[Callable[[Record], object], set[str]]] = {
    "approve one's own model": (approved(by="dev@example.com"), {"approval"}),
    "approve another model": (approved(model=sha256(FILES["m.bin"])), {"approval"}),
    "approve before the training": (approved(at="2026-11-20T09:00:00Z"), {"approval", "consistent"}),
    "approve tomorrow": (approved(at="2026-11-26T09:00:00Z"), {"approval"}),
    "approve without being asked": (approved(by="carol@example.com"), {"approval"}),
    "let the approver train": (runs(0, by="alice@example.com"), {"approval"}),
    "drop the approval": (lambda found: found.pop("approvals"), {"approval"}),
    "train long ago": (
        runs(0, started="2026-01-01T10:00:00Z", ended="2026-01-01T11:00:00Z"), {"expires"}),
    "forget the times of the training": (
        lambda found: [found["runs"][0].pop(key) for key in ("started", "ended")], {"expires"}),
    "set the bar after the scoring": (
        runs(1, policies=[{"path": BEFORE, "sha256": "0" * 64}]),
        {"preregistered"}),
    "set the bar after the training": (
        runs(0, policies=[{"path": BEFORE, "sha256": "0" * 64}]),
        {"preregistered"}),
    "score by two models": (
        runs(1, inputs=[entry("test.csv", "data:evaluation"), entry("m.bin", "model"),
                        entry("other.bin", "model")]), {"predictions"}),
    "score without a digest of the data": (
        runs(1, inputs=[{"path": "test.csv", "role": "data:evaluation"}, entry("m.bin", "model")]), {"predictions"}),
    "score without a digest of the model": (
        runs(1, inputs=[entry("test.csv", "data:evaluation"), {"path": "m.bin", "role": "model"}]), {"predictions"}),
    "drop the scoring": (
        lambda found: found["runs"].pop(), {"complete", "predictions", "preregistered"}),
}  # fmt: skip


@pytest.mark.parametrize("what", RECORDED)
def test_a_change_of_the_record_fails_the_rules_about_it_and_no_others(history: History, what: str) -> None:
    change, rules = RECORDED[what]
    recorded = record(history.git("rev-parse", "HEAD"))
    change(recorded)
    write(history, recorded)
    judged = history.judge("--as-of", DAY, policy="policies")
    assert judged.failing == rules, judged.said(*judged.failing)


def replaced(name: str, text: str) -> Callable[[History], object]:
    return lambda history: (history.folder / name).write_text(text)


OF_FILES: dict[str, tuple[Callable[[History], object], set[str]]] = {
    "another model's predictions": (
        replaced("p.csv", "id,p\n1,1\n2,1\n"), {"predictions", "preregistered", "verified"}),
    "another model": (
        replaced("m.bin", "model 3\n"), {"approval", "predictions", "verified"}),
    "other evaluation data": (replaced("test.csv", "id,y\n1,1\n2,1\n"), {"predictions", "verified"}),
    "a lower bar": (
        lambda history: history.edit(BEFORE, "days: 30", "days: 60"), {"preregistered"}),
    "a verdict on this model as the one before": (
        lambda history: history.edit("old.json", sha256(FILES["m.bin"]), sha256(NEW["m.bin"])), {"restorable"}),
    "an earlier model that nobody has kept": (
        lambda history: history.edit("old.json", sha256(FILES["m.bin"]), "0" * 64), {"restorable"}),
}  # fmt: skip


@pytest.mark.parametrize("what", OF_FILES)
def test_a_change_of_a_file_fails_the_rules_about_it_and_no_others(history: History, what: str) -> None:
    change, rules = OF_FILES[what]
    change(history)
    judged = history.judge("--as-of", DAY, policy="policies")
    assert judged.failing == rules, judged.said(*judged.failing)

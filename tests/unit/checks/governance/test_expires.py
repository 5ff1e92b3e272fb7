"""`governance.expires`: models and approvals of a certain age, on the day of the verdict."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import yaml

from support.history import History, workspace

MODEL = "model\n"
SHA256 = hashlib.sha256(MODEL.encode()).hexdigest()
POLICY = """\
mlgate: 1
policy: fresh
owner: r@example.com
rules:
  - {id: model, check: governance.expires, days: 30}
  - {id: approval, check: governance.expires, of: approval, days: 10}
"""


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> History:
    monkeypatch.chdir(tmp_path)
    found = workspace(tmp_path, "", "model: {path: m.bin}\n", capsys, {"m.bin": MODEL})
    (tmp_path / "policy.yaml").write_text(POLICY)
    found.commit()
    write(found)
    return found


def write(history: History, ended: str = "2026-11-01T12:00:00Z", **approval: str) -> None:
    run = {"name": "train", "outputs": [{"path": "m.bin", "sha256": SHA256}], "by": "dev"}
    run |= {"ended": ended} if ended else {}
    given = {"by": "alice@example.com", "model": SHA256, "at": "2026-11-20T12:00:00Z"} | approval
    text = yaml.safe_dump({"mlgate": 1, "runs": [run], "approvals": [given]})
    (history.folder / "lineage.yaml").write_text(text)


@pytest.mark.parametrize(
    ("day", "model", "approval"),
    [
        ("2026-11-19", "PASS", "ERROR"),
        ("2026-11-20", "PASS", "PASS"),
        ("2026-11-30", "PASS", "PASS"),
        ("2026-12-01", "PASS", "FAIL"),
        ("2026-12-02", "FAIL", "FAIL"),
        ("2026-10-31", "FAIL", "ERROR"),
    ],
)
def test_the_day_of_the_verdict_decides(history: History, day: str, model: str, approval: str) -> None:
    assert history.judge("--as-of", day).statuses == {"model": model, "approval": approval}


def test_the_age_is_said_with_what_to_do(history: History) -> None:
    said = history.judge("--as-of", "2026-12-02").said("model")
    assert "m.bin was trained on 2026-11-01, 31 days before 2026-12-02 > 30; train it again" in said


CHANGES = {
    "no time of the training": ({"ended": ""}, {"model": "ERROR", "approval": "PASS"}),
    "a time of the training without a zone": ({"ended": "2026-11-01"}, {"model": "ERROR", "approval": "PASS"}),
    "an approval of another model": ({"model": "0" * 64}, {"model": "PASS", "approval": "ERROR"}),
    "an approval by who made it": ({"by": "dev@example.com"}, {"model": "PASS", "approval": "ERROR"}),
    "an approval by nobody": ({"by": "TBD"}, {"model": "PASS", "approval": "ERROR"}),
    "an approval before the training": ({"at": "2026-10-30T00:00:00Z"}, {"model": "PASS", "approval": "ERROR"}),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_nobody_has_recorded_is_an_error(history: History, what: str) -> None:
    changed, statuses = CHANGES[what]
    write(history, **changed)
    assert history.judge("--as-of", "2026-11-25").statuses == statuses


def test_the_earlier_of_two_times_of_the_training_counts(history: History) -> None:
    with (history.folder / "candidate.yaml").open("a") as opened:
        opened.write("trained_at: 2026-01-01T00:00:00Z\n")
    judged = history.judge("--as-of", "2026-11-25")
    assert judged.statuses["model"] == "FAIL"
    assert "m.bin was trained on 2026-01-01" in judged.said("model")


def test_a_model_without_any_record_is_an_error(history: History) -> None:
    (history.folder / "lineage.yaml").unlink()
    assert history.judge("--as-of", "2026-11-25").statuses == {"model": "ERROR", "approval": "ERROR"}


def test_the_newest_of_several_approvals_counts(history: History) -> None:
    found = yaml.safe_load((history.folder / "lineage.yaml").read_text())
    found["approvals"].append({"by": "bob@example.com", "model": SHA256, "at": "2026-11-05T12:00:00Z"})
    (history.folder / "lineage.yaml").write_text(yaml.safe_dump(found))
    judged = history.judge("--as-of", "2026-11-25")
    assert judged.statuses["approval"] == "PASS"
    assert "the newest approval, by alice@example.com" in judged.said("approval")


def test_why_no_approval_counts_is_said(history: History) -> None:
    write(history, model="0" * 64)
    said = history.judge("--as-of", "2026-11-25").said("approval")
    assert "no approval of m.bin (98ad61a25e36) counts: that by alice@example.com (lineage.yaml, unsigned)" in said
    assert "is for another model, 000000000000; let somebody approve it" in said
    history.git("rm", "-q", "--cached", "m.bin")
    history.git("commit", "-qm", "Keep the model elsewhere")
    write(history)
    found = yaml.safe_load((history.folder / "lineage.yaml").read_text())
    for by in ({}, {"by": "unknown"}):
        found["runs"][0] = {key: of for key, of in found["runs"][0].items() if key != "by"} | by
        (history.folder / "lineage.yaml").write_text(yaml.safe_dump(found))
        said = history.judge("--as-of", "2026-11-25").said("approval")
        assert "nobody is known to have made m.bin (98ad61a25e36)" in said

"""`governance.preregistered`: whether the policies stood before the predictions, and before the training."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml

from mlgate.cli.main import run
from support.history import History, workspace

FILES = {
    "train.csv": "x\n1\n",
    "test.csv": "id,y\n1,1\n2,0\n",
    "train.py": "open('m.bin', 'w').write('model')\n",
    "score.py": "open('p.csv', 'w').write('id,p\\n1,1\\n2,0\\n')\n",
    "policies/bar.yaml": """\
mlgate: 1
policy: bar
owner: r@example.com
rules:
  - {id: scores, check: governance.preregistered}
  - {id: model, check: governance.preregistered, before: training}
""",
}
CANDIDATE = """\
task: binary
positive: "1"
model: {path: m.bin}
predictions: {path: p.csv, id: id, prediction: p}
tables:
  evaluation: {path: test.csv, key: id, label: y}
"""
TRAIN = ["record", "--reads", "train.csv=data:train", "--makes", "m.bin", "--", sys.executable, "train.py"]
SCORE = ["record", "--reads", "m.bin=model", "--reads", "test.csv=data:evaluation", "--makes", "p.csv"]
SCORE += ["--", sys.executable, "score.py"]


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> History:
    """A model that was trained and scored under the policy."""
    monkeypatch.chdir(tmp_path)
    found = workspace(tmp_path, "", CANDIDATE, capsys, FILES)
    (tmp_path / "policy.yaml").unlink()
    found.commit()
    assert run(TRAIN) == 0
    assert run(SCORE) == 0
    return found


def judge(history: History) -> tuple[dict[str, str], str]:
    found = history.judge(policy="policies")
    return found.statuses, found.said()


def change(history: History) -> None:
    """Change the policy by a comment: other bytes are another policy."""
    with (history.folder / "policies/bar.yaml").open("a") as opened:
        opened.write("# lower\n")


def forget(history: History, *keys: str) -> None:
    """Take something out of the record of each run."""
    found = yaml.safe_load((history.folder / "lineage.yaml").read_text())
    for of in found["runs"]:
        for key in keys:
            del of[key]
    (history.folder / "lineage.yaml").write_text(yaml.safe_dump(found))


def test_policies_that_stood_before_pass(history: History) -> None:
    statuses, said = judge(history)
    assert statuses == {"scores": "PASS", "model": "PASS"}, said
    assert "run p.csv began under the policies that judge it: 1 file" in said


def test_digests_of_policies_are_enough_without_a_commit(history: History) -> None:
    forget(history, "code")
    assert judge(history)[0] == {"scores": "PASS", "model": "PASS"}
    change(history)
    assert "other policies stood than policies/bar.yaml" in judge(history)[1]


def test_the_report_says_so(history: History) -> None:
    history.capsys.readouterr()
    run(["check"])
    assert "predictions: self-reported, after the policies" in history.capsys.readouterr().out


def test_a_policy_that_was_changed_after_the_scores_fails(history: History) -> None:
    change(history)
    statuses, said = judge(history)
    assert statuses == {"scores": "FAIL", "model": "FAIL"}
    assert "when run p.csv began, other policies stood than policies/bar.yaml" in said
    assert "bring the policy back, or judge a new model" in said


def test_scores_made_again_are_after_the_policy_and_the_training_is_not(history: History) -> None:
    change(history)
    assert run(SCORE) == 0
    statuses, said = judge(history)
    assert statuses == {"scores": "PASS", "model": "FAIL"}, said
    assert "when run m.bin began, other policies stood" in said


def test_a_further_policy_that_applies_must_have_stood(history: History) -> None:
    more = FILES["policies/bar.yaml"].replace("policy: bar", "policy: more").replace("id: ", "id: more-")
    (history.folder / "policies/more.yaml").write_text(more)
    statuses, said = judge(history)
    assert set(statuses.values()) == {"FAIL"}
    assert "other policies stood than policies/more.yaml" in said


def test_the_commit_of_the_run_tells_where_the_source_does_not(history: History) -> None:
    forget(history, "policies")
    statuses, said = judge(history)
    assert statuses == {"scores": "PASS", "model": "PASS"}, said
    change(history)
    history.commit()
    statuses, said = judge(history)
    assert statuses == {"scores": "FAIL", "model": "FAIL"}
    assert "other policies stood than policies/bar.yaml" in said


def test_a_record_without_policies_fails(history: History) -> None:
    forget(history, "policies", "code")
    statuses, said = judge(history)
    assert statuses == {"scores": "FAIL", "model": "FAIL"}, said
    assert "when run p.csv began, no policy is recorded (lineage.yaml: p.csv); run it by `mlgate record`" in said


def test_other_predictions_than_the_recorded_ones_fail(history: History) -> None:
    (history.folder / "p.csv").write_text("id,p\n1,1\n2,1\n")
    statuses, said = judge(history)
    assert statuses == {"scores": "FAIL", "model": "FAIL"}, said
    assert "p.csv, which run p.csv made, is contradicted" in said


def test_predictions_that_no_run_made_are_an_error(history: History) -> None:
    history.edit("candidate.yaml", "path: p.csv", "path: q.csv")
    (history.folder / "q.csv").write_text("id,p\n1,1\n2,0\n")
    statuses, said = judge(history)
    assert statuses == {"scores": "ERROR", "model": "ERROR"}
    assert "no source says which run made q.csv" in said


def test_a_run_is_recorded_without_policies_that_have_mistakes(history: History) -> None:
    (history.folder / "policies/bar.yaml").write_text("mlgate: 1\nruels: []\n")
    assert run(TRAIN) == 0
    assert "no policy is recorded, because they have mistakes" in history.capsys.readouterr().err
    assert run([*TRAIN[:1], "--policy", "policies", *TRAIN[1:]]) == 2


def test_who_starts_a_run_is_recorded(history: History) -> None:
    assert run(["record", "--by", "Dev <dev@example.com>", *TRAIN[1:]]) == 0
    assert "by: Dev <dev@example.com>" in (history.folder / "lineage.yaml").read_text()
    assert run(["record", "--by", "a\nb", *TRAIN[1:]]) == 2


def test_predictions_that_no_source_connects_with_the_model_fail_with_a_reason(history: History) -> None:
    found = yaml.safe_load((history.folder / "lineage.yaml").read_text())
    for of in found["runs"]:
        of["inputs"] = [each for each in of["inputs"] if each["path"] != "m.bin"]
    (history.folder / "lineage.yaml").write_text(yaml.safe_dump(found))
    statuses, said = judge(history)
    assert statuses == {"scores": "FAIL", "model": "FAIL"}
    assert "is unverified: no source connects it with the model, so its digest was not compared (" in said

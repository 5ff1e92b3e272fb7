"""Known failures are held to a commit: what a change adds or widens does not count before it is merged."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlgate.cli.main import run

POLICY = """\
mlgate: 1
policy: p
owner: o@example.com
rules:
  - {id: accurate, check: performance.metric, metric: accuracy, at_least: 0.95, proof: unrefuted}
"""
CANDIDATE = """\
mlgate: 1
candidate: c
task: binary
positive: "1"
classes: ["0", "1"]
predictions: {path: rows.csv, id: id, label: y, prediction: p}
"""
KNOWN = """\
mlgate: 1
known_failures:
  # found when the gate came
  - candidate: c
    rule: p:accurate
    measured: accuracy
    value: 0.8
    n: 200
    owner: ann@example.com
    reason: RISK-7
    recorded: 2026-11-01
    expires: 2026-12-31
"""
DAY = "2026-12-01"


def rows(wrong: int) -> str:
    answers = (f"{at},{at % 2},{at % 2 if at >= wrong else 1 - at % 2}" for at in range(200))
    return "\n".join(["id,y,p", *answers, ""])


@dataclass(frozen=True)
class Change:
    """A repository whose branch `main` is the base, and a work tree with changes."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def write(self, **files: str) -> None:
        for name, text in files.items():
            (self.folder / {"rows": "rows.csv"}.get(name, f"{name}.yaml")).write_text(text)

    def merge(self) -> None:
        named = ["-c", "user.name=dev", "-c", "user.email=dev@example.com", "-c", "commit.gpgsign=false"]
        for arguments in (["add", "-A"], ["commit", "-q", "-m", "x", "--allow-empty"]):
            subprocess.run(["git", *named, *arguments], cwd=self.folder, check=True, capture_output=True, timeout=60)

    def judge(self, *arguments: str, known: str = "known.yaml") -> tuple[int, dict[str, Any]]:
        """The exit code and the stored verdicts, held to main."""
        self.capsys.readouterr()
        common = ["check", "--policy", "policy.yaml", "--format", "json", "--as-of", DAY, "--known", known]
        code = run([*common, "--policy-ref", "main", *arguments])
        return code, json.loads(self.capsys.readouterr().out)


@pytest.fixture
def change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Change:
    """At the base, an accuracy of 0.8 is a known failure of a rule that demands 0.95."""
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=tmp_path, check=True, timeout=60)
    found = Change(tmp_path, capsys)
    found.write(policy=POLICY, candidate=CANDIDATE, known=KNOWN, rows=rows(40))
    found.merge()
    return found


def notes(found: dict[str, Any]) -> str:
    return " | ".join(note for verdict in found["verdicts"] for note in verdict["notes"])


def test_what_the_base_knows_does_not_block(change: Change) -> None:
    code, found = change.judge()
    assert code == 0
    (verdict,) = found["verdicts"]
    assert verdict["outcomes"][0]["status"] == "WAIVED"
    assert [(note["kind"], note["applied"]) for note in verdict["waivers"]] == [("known failure", True)]
    assert "known failures" in [entry["role"] for entry in verdict["inputs"]]
    assert found["called"]["known"] == "known.yaml"


def test_a_change_cannot_make_its_own_failure_known(change: Change) -> None:
    change.write(known="mlgate: 1\nknown_failures: []\n")
    change.merge()
    change.write(known=KNOWN)
    code, found = change.judge()
    assert code == 1
    assert "1 known failure is not at main (" in notes(found)
    assert "so it does not count before it is merged: p:accurate at known.yaml:4" in notes(found)
    change.merge()
    assert change.judge()[0] == 0


def test_a_file_that_the_base_does_not_have_counts_for_nothing(change: Change) -> None:
    change.write(other=KNOWN)
    code, found = change.judge(known="other.yaml")
    assert code == 1
    assert "1 known failure is not at main (" in notes(found)


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [("0.8", "0.6", "value was 0.8 and is 0.6"), ("n: 200", "n: 20", "n was 200 and is 20")],
)
def test_a_wider_entry_counts_as_it_was(change: Change, was: str, now: str, said: str) -> None:
    change.write(known=KNOWN.replace(was, now), rows=rows(80))
    code, found = change.judge()
    assert code == 1
    assert said in notes(found)
    change.write(rows=rows(40))
    assert change.judge()[0] == 0


def test_a_longer_time_does_not_count(change: Change) -> None:
    change.write(known=KNOWN.replace("2026-12-31", "2026-11-30"))
    change.merge()
    change.write(known=KNOWN)
    code, found = change.judge()
    assert code == 1
    assert "expires was 2026-11-30 and is 2026-12-31" in notes(found)


def test_the_file_may_shrink_at_once(change: Change) -> None:
    change.write(known=KNOWN.replace("0.8", "0.9"))
    assert change.judge()[0] == 1
    change.write(known="mlgate: 1\nknown_failures: []\n")
    assert change.judge()[0] == 1
    change.write(rows=rows(2))
    assert change.judge()[0] == 0


def test_a_wrong_file_at_the_base_excuses_nothing_and_does_not_block_its_repair(change: Change) -> None:
    change.write(known="mlgate: 1\nknown: []\n")
    change.merge()
    change.write(known=KNOWN)
    code, found = change.judge()
    assert code == 1
    assert "no known failure counts before this is merged, because their file at main (" in notes(found)
    change.write(rows=rows(2))
    assert change.judge()[0] == 0


def test_a_loosened_policy_is_judged_with_what_the_base_knows(change: Change) -> None:
    change.write(policy=POLICY.replace("0.95", "0.5"))
    code, found = change.judge()
    assert code == 0
    assert [verdict["outcomes"][0]["status"] for verdict in found["verdicts"]] == ["PASS", "WAIVED"]


def test_an_entry_with_the_name_in_other_case_excuses_nothing_and_is_named(change: Change) -> None:
    change.write(known=KNOWN.replace("candidate: c", "candidate: C"))
    change.merge()
    code, found = change.judge()
    assert code == 1
    assert "the known failure at known.yaml:4 is of `C`, did you mean `c`?" in notes(found)


def test_a_first_policy_may_come_with_what_fails(change: Change) -> None:
    (change.folder / "policy.yaml").unlink()
    (change.folder / "known.yaml").unlink()
    change.merge()
    change.write(policy=POLICY, known=KNOWN)
    assert change.judge("--bootstrap")[0] == 0


def test_diff_names_a_new_known_failure_with_its_reason(change: Change) -> None:
    def compared() -> tuple[int, list[dict[str, Any]]]:
        change.capsys.readouterr()
        code = run(["diff", "main", "--policy", "policy.yaml", "--known", "known.yaml", "--format", "json"])
        return code, json.loads(change.capsys.readouterr().out)["changes"]

    assert compared() == (0, [])
    change.write(known=KNOWN.replace("0.8", "0.7"))
    code, (only,) = compared()
    assert (code, only["direction"], only["key"]) == (1, "looser", "known failure of c: value")
    change.write(known=KNOWN.replace("0.8", "0.7").replace("RISK-7", "RISK-8 another quarter"))
    assert compared()[0] == 0
    (change.folder / "known.yaml").unlink()
    code, (only,) = compared()
    assert (code, only["direction"]) == (0, "tighter")


def test_diff_refuses_a_file_that_no_version_has(change: Change) -> None:
    assert run(["diff", "main", "--policy", "policy.yaml", "--known", "knwon.yaml"]) == 2

"""`expects.sha256`: the digests of any files that a candidate presents."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from mlgate.cli.main import run
from support.change import CANDIDATE, POLICY, rows

ROWS = hashlib.sha256(rows(0).encode()).hexdigest()
MODEL = hashlib.sha256(b"m").hexdigest()
OTHER = "0" * 64


def judged(folder: Path, capsys: pytest.CaptureFixture[str], expects: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the verdict of a candidate with predictions, a model and two champions."""
    (folder / "rows.csv").write_text(rows(0))
    (folder / "m.bin").write_bytes(b"m")
    champion = "{path: rows.csv, prediction: q}"
    own = f"{CANDIDATE}model: {{path: m.bin}}\nchampions: {{old: {champion}, older: {champion}}}\n"
    (folder / "candidate.yaml").write_text(own)
    (folder / "p.yaml").write_text(f"{POLICY}expects: {{sha256: {expects}}}\n")
    code = run(["check", str(folder / "candidate.yaml"), "--policy", str(folder / "p.yaml"), "--format", "json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    "expects",
    [
        f"{{predictions: {ROWS}}}",
        f"{{predictions: [{OTHER}, {ROWS}]}}",
        f"{{model: {MODEL}, champion old: {ROWS}, champion older: {ROWS}}}",
    ],
)
def test_files_with_an_expected_digest(tmp_path: Path, capsys: pytest.CaptureFixture[str], expects: str) -> None:
    assert judged(tmp_path, capsys, expects)[0] == 0


@pytest.mark.parametrize(
    ("expects", "said"),
    [
        (f"{{predictions: {OTHER}}}", f"rows.csv has the digest {ROWS[:12]}; the policy expects 000000000000"),
        (f"{{champion older: {OTHER}}}", "the policy expects 000000000000"),
        (f"{{modl: {MODEL}}}", "the candidate has no file with the role `modl`, did you mean `model`?"),
        (f"{{card: {MODEL}}}", "no file with the role `card`; it has model, predictions, champion old, champion older"),
    ],
)
def test_files_that_lack_it(tmp_path: Path, capsys: pytest.CaptureFixture[str], expects: str, said: str) -> None:
    code, found = judged(tmp_path, capsys, expects)
    (outcome,) = [each for each in found["verdicts"][0]["outcomes"] if each["rule"] == "expects"]
    assert (code, outcome["status"]) == (1, "FAIL")
    assert said in outcome["message"]


@pytest.mark.parametrize("expects", ["{model: abc}", "{model: []}", f"{{model: {'A' * 64}}}", "{}", "none"])
def test_what_is_not_a_digest(tmp_path: Path, capsys: pytest.CaptureFixture[str], expects: str) -> None:
    assert judged(tmp_path, capsys, expects)[0] == 2

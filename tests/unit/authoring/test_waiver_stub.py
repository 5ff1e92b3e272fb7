"""`mlgate waive` writes a waiver that is as narrow as what blocks, and that somebody must still answer for."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlgate.cli.main import run

CANDIDATE = """\
mlgate: 1
candidate: c
task: binary
positive: "1"
classes: ["0", "1"]
predictions: {path: rows.csv, id: id, label: y, prediction: p}
"""
POLICY = "mlgate: 1\npolicy: p\nowner: o@example.com\nrules:\n"
ACCURATE = "  - {id: accurate, check: performance.metric, metric: accuracy, at_least: 0.9}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """200 rows, of which 30 are wrong, all in the town `x: 1`."""
    monkeypatch.chdir(tmp_path)
    lines = (f"{at},{at % 2},{at % 2 if at >= 30 else 1 - at % 2},{'x: 1' if at < 100 else 'b'}" for at in range(200))
    (tmp_path / "rows.csv").write_text("\n".join(["id,y,p,town", *lines, ""]))
    (tmp_path / "candidate.yaml").write_text(CANDIDATE)
    (tmp_path / "policies").mkdir()
    return tmp_path


def judged(folder: Path, rules: str, more: str = "") -> int:
    (folder / "policies" / "p.yaml").write_text(POLICY + rules + more)
    return run(["check", "--report", "json=v.json"])


def stub(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert run(["waive", "v.json", *arguments]) == 0
    return capsys.readouterr().out


def answered(text: str) -> str:
    return text.replace("owner: TODO", "owner: risk@example.com").replace("reason: TODO", "reason: RISK-7")


@pytest.mark.parametrize("proof", ["shown", "unrefuted", "estimate"])
@pytest.mark.parametrize("bound", ["metric: accuracy, at_least: 0.95", "metric: false_positive_rate, at_most: 0.05"])
def test_a_stub_that_somebody_answers_for_lets_just_this_pass(
    folder: Path, capsys: pytest.CaptureFixture[str], proof: str, bound: str
) -> None:
    rules = f"  - {{id: accurate, check: performance.metric, {bound}, proof: {proof}}}\n"
    assert judged(folder, rules) == 1
    text = stub(capsys, "accurate", "--days", "14")
    assert judged(folder, rules, text) == 2
    said = " ".join(capsys.readouterr().out.split())
    assert "`owner` is `TODO`, which says nothing; write who is responsible" in said
    assert judged(folder, rules, answered(text)) == 0
    assert "1 waived" in capsys.readouterr().out


def test_each_slice_that_blocks_has_its_own(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = ACCURATE.replace("at_least: 0.9", "at_least: 0.9, by: town")
    assert judged(folder, rules) == 1
    text = stub(capsys, "p:accurate")
    assert 'where: {"town": "x: 1"}' in text
    assert text.count("- rule:") == 1
    assert judged(folder, rules, answered(text)) == 0


@pytest.mark.parametrize(
    ("rules", "arguments", "said"),
    [
        (ACCURATE.replace("0.9", "0.5"), ("accurate",), "p:accurate is PASS, so there is nothing to waive"),
        (ACCURATE, ("acurate",), "has no rule `acurate`, did you mean `p:accurate`?"),
        (ACCURATE.replace("accuracy", "roc_auc"), ("accurate",), "correct that, because a waiver is only for a value"),
        (ACCURATE, ("accurate", "--candidate", "d"), "has no rule `accurate`"),
        ("  - {id: accurate, check: lineage.complete}\n", ("accurate",), "is ERROR"),
    ],
)
def test_what_cannot_be_waived(
    folder: Path, capsys: pytest.CaptureFixture[str], rules: str, arguments: tuple[str, ...], said: str
) -> None:
    judged(folder, rules)
    capsys.readouterr()
    assert run(["waive", "v.json", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_no_longer_than_a_quarter(folder: Path) -> None:
    judged(folder, ACCURATE)
    assert run(["waive", "v.json", "accurate", "--days", "91"]) == 2

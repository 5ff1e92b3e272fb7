"""`mlgate waive` writes a waiver that is as narrow as what blocks, and that somebody must still answer for."""

from __future__ import annotations

import json
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


FILE = "policies/waivers.yaml"


def filed(folder: Path, text: str | None = None, *arguments: str) -> str:
    """The file of waivers after a stub is added to it."""
    if text is not None:
        (folder / FILE).write_bytes(text.encode())
    assert run(["waive", "v.json", "accurate", "--into", FILE, *arguments]) == 0
    return (folder / FILE).read_bytes().decode()


def test_a_stub_makes_the_file_of_waivers(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert judged(folder, ACCURATE) == 1
    text = filed(folder, None, "--days", "14")
    assert f"{FILE}: 1 waiver added; write who is responsible and why instead of TODO" in capsys.readouterr().out
    assert "# yaml-language-server: $schema=../.mlgate/waivers.schema.json\n" in text
    assert "- rule: p:accurate\n" in text
    assert run(["check"]) == 2
    (folder / FILE).write_text(answered(text))
    assert run(["check"]) == 0
    assert "1 waived" in capsys.readouterr().out


HEAD = "mlgate: 1\nowner: risk@example.com\n"
OTHER = "{rule: p:other, for: c, not_below: 0.5, reason: RISK-1, granted: 2026-01-01, expires: 2026-02-01}"
AMONG = ACCURATE + "  - {id: other, check: performance.metric, metric: recall, at_least: 0.6}\n"


@pytest.mark.parametrize(
    "text",
    [
        HEAD,
        f"{HEAD}waivers:\n  - {OTHER}\n",
        f"{HEAD}waivers:\n- {OTHER}",
        f"{HEAD}waivers:\n    - {OTHER}   # why\n\n# the end\n",
        f"{HEAD}waivers:\n  - {OTHER}\n".replace("\n", "\r\n"),
        f"# first\n{HEAD}waivers:\n  - {OTHER}\n  - {OTHER.replace('for: c', 'for: d')}\n",
    ],
)
def test_a_stub_is_added_at_the_end_and_all_else_stays(folder: Path, text: str) -> None:
    assert judged(folder, AMONG) == 1
    made = filed(folder, text)
    assert made.startswith(text)
    (folder / FILE).write_bytes(answered(made).encode())
    assert run(["lint"]) == 0
    assert run(["check"]) == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{HEAD}waivers: []\n", "is not a list with a line per entry at the end of the file"),
        (f"{HEAD}waivers: [{OTHER}]\n", "is not a list with a line per entry at the end of the file"),
        (f"mlgate: 1\nwaivers:\n  - {OTHER}\nowner: o@example.com\n", "at the end of the file"),
        (f"{HEAD}waivers: {{a: 1}}\n", "at the end of the file"),
        (f"{HEAD}waivers:\n  - {OTHER}\n...\n", "no end at which an entry can be added"),
        ("- a\n", "is not a mapping"),
        ("", "policies/waivers.yaml is empty"),
        ("{}\n", "no end at which an entry can be added"),
        ("{mlgate: 1, owner: o@example.com}\n", "no end at which an entry can be added"),
        (f"{HEAD}owner: twice\n", "owner"),
    ],
)
def test_a_file_that_has_no_place_for_it_stays_as_it_is(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    assert judged(folder, ACCURATE) == 1
    (folder / FILE).write_text(text)
    assert run(["waive", "v.json", "accurate", "--into", FILE]) == 2
    assert said in capsys.readouterr().err
    assert (folder / FILE).read_text() == text


@pytest.mark.parametrize("into", ["policies/p.yaml", "waivers.yml", "policies", "../waivers.yaml", "rows.csv"])
def test_no_other_file_is_written(folder: Path, into: str) -> None:
    assert judged(folder, ACCURATE) == 1
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert run(["waive", "v.json", "accurate", "--into", into]) == 2
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_link_is_not_followed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert judged(folder, ACCURATE) == 1
    (folder / "other.yaml").write_text(HEAD)
    (folder / FILE).symlink_to("../other.yaml")
    assert run(["waive", "v.json", "accurate", "--into", FILE]) == 2
    assert "is a link" in capsys.readouterr().err
    assert (folder / "other.yaml").read_text() == HEAD


def test_a_candidate_that_is_judged_twice_needs_one_stub(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As with --policy-ref, where a rule may block only under the policies of the base."""
    assert judged(folder, ACCURATE) == 1
    stored = json.loads((folder / "v.json").read_text())
    (blocked,) = stored["verdicts"]
    judged(folder, ACCURATE.replace("0.9", "0.5"))
    here = json.loads((folder / "v.json").read_text())
    here["verdicts"].append({**blocked, "under": "the policies of main"})
    here |= {"allowed": False, "exit_code": 1, "counts": {**here["counts"], "FAIL": 1}}
    (folder / "v.json").write_text(json.dumps(here))
    assert "rule: accurate" in stub(capsys, "accurate")

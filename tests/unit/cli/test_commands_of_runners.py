"""No text of mlgate commands a runner of GitHub workflows or steers a terminal, whatever names the inputs have."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from xml.etree import ElementTree

import pytest

from mlgate.cli.main import run
from mlgate.reports.safe_text import no_commands

SAFE = "::error title=x::taken ##[error]taken \x1b[31m\x9b31m\x07\u202e\u2028::set-output name=allowed::true"
POLICY = """\
mlgate: 1
policy: gate
owner: "::warning::owner@example.com"
description: "##[error]what"
rules:
  - {id: accurate, check: performance.metric, metric: accuracy, by: group, at_least: 0.99}
  - {id: absent, check: performance.metric, metric: recall, by: "::error::absent ##[x]", at_least: 0.5}
  - {id: audit, check: fairness.audit, by: group}
"""
LONG = "word " * 17
GROUPS = (SAFE, "::error::a", "\u3000::error::b", "c\n::error::c", f"{LONG}::error::d ##[error]d", "x###[error]e")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A candidate whose name, groups and columns are commands."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policy.yaml").write_text(POLICY)
    (tmp_path / "candidate.yaml").write_text(
        'mlgate: 1\ncandidate: c\nowner: "::error::c ##[error]"\ntask: binary\npositive: "1"\n'
        "predictions: {path: rows.jsonl, label: y, prediction: p}\n"
    )
    rows = [{"y": "1", "p": "0" if i % 3 else "1", "group": group} for group in GROUPS for i in range(30)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def check_harmless(text: str) -> None:
    """No line is a command, and nothing steers a terminal."""
    for line in re.split("[\r\n]", text):
        assert not line.lstrip().startswith("::"), line
        assert "##[" not in line
    steering = {c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")}
    assert steering == set()


CALLS = (
    ["check", "--policy", "policy.yaml"],
    ["check", "--policy", "policy.yaml", "--verbose"],
    ["check", "--policy", "policy.yaml", "--quiet"],
    ["check", "--policy", "policy.yaml", "--format", "json"],
    *(["check", "--policy", "policy.yaml", "--report", f"{name}=-"] for name in ("csv", "json", "junit", "tables")),
    ["plan", "--policy", "policy.yaml", "--draws", "2"],
    ["plan", "--policy", "policy.yaml", "--draws", "2", "--format", "json"],
    ["measure", "--policy", "policy.yaml", "--output", "-"],
    ["lint", "policy.yaml", "--candidate", "candidate.yaml"],
    [f"{SAFE}"],
    ["check", f"--{SAFE}"],
    ["check", SAFE, "\n::error::x", "--policy", SAFE],
    ["check", "--report", f"json\n{SAFE}"],
    ["explain", f"\n{SAFE}"],
)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("arguments", CALLS, ids=lambda call: " ".join(call)[:40].encode("ascii", "replace").decode())
def test_nothing_that_is_printed_is_a_command(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    run(arguments)
    printed = capsys.readouterr()
    assert printed.out + printed.err
    check_harmless(printed.out)
    check_harmless(printed.err)


@pytest.mark.usefixtures("folder")
def test_no_report_holds_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    names = ("console", "csv", "json", "junit", "tables")
    run(["check", "--policy", "policy.yaml", *(f"--report={name}=r.{name}" for name in names)])
    for name in names:
        check_harmless(Path(f"r.{name}").read_text())
    ElementTree.parse("r.junit")
    stored = json.loads(Path("r.json").read_text())
    groups = {f["where"][0][1] for f in stored["verdicts"][0]["outcomes"][0]["findings"]}
    assert set(GROUPS) <= groups, "programs read what was there"
    capsys.readouterr()
    for arguments in (["report", "r.json"], ["explain", "r.json"]):
        assert run(arguments) == 0
        check_harmless(capsys.readouterr().out)


@pytest.mark.usefixtures("folder")
def test_under_actions_commands_are_stopped_by_a_word_of_the_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    words = set()
    for arguments in (["check", "--policy", "policy.yaml"], ["check", "--nonsense"], ["lint", "policy.yaml"]):
        run(arguments)
        for text in capsys.readouterr():
            found = re.findall(r"^::stop-commands::([0-9a-f]{32})\n(.*?)^::\1::\n", text, re.MULTILINE | re.DOTALL)
            assert "".join(f"::stop-commands::{word}\n{inside}::{word}::\n" for word, inside in found) == text.rstrip(
                "\n"
            ) + ("\n" if text else "")
            for word, inside in found:
                words.add(word)
                check_harmless(inside)
    assert len(words) >= 3
    run(["check", "--policy", "policy.yaml", "--format", "json"])
    assert json.loads(capsys.readouterr().out)["kind"] == "verdict", "JSON stays JSON"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("a ::b", "a ::b"),
        ("a\n \t::b", "a\n \t\\x3a:b"),
        ("\n\n::b", "\n\n\\x3a:b"),
        ("a ##[b]", "a #\\x23[b]"),
    ],
)
def test_only_commands_are_changed(text: str, safe: str) -> None:
    assert no_commands(text) == safe

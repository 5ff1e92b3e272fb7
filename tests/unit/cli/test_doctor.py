"""mlgate doctor: its exit codes and its three formats."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlgate.cli.main import run

WORKFLOW = """\
on: [pull_request]
jobs:
  gate:
    runs-on: ubuntu-latest
    steps:
      - run: mlgate check --policy-ref origin/main | tee log
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of a repository whose workflow has a pipe."""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    (tmp_path / ".github" / "workflows" / "gate.yml").write_text(WORKFLOW)
    (tmp_path / "models").mkdir()
    monkeypatch.chdir(tmp_path / "models")
    return tmp_path


def test_the_page_says_where_why_and_what_to_do(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor"]) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith("5 weaknesses would let a change slip past the gate")
    assert ".github/workflows/gate.yml:6: the exit code of the gate is lost: it is piped into `tee`" in said
    assert "write `set -o pipefail` before it" in said
    assert "Only settings can hold this, and no file shows it: - Rules of the branch: require the check `gate`" in said


def test_json_has_the_whole_and_the_exit_code(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["kind"], found["exit_code"], found["gates"]) == ("diagnosis", 1, [".github/workflows/gate.yml:6"])
    assert {each["id"] for each in found["weaknesses"]} == {
        "no-merge-group", "no-owner", "no-policy", "pipe-without-pipefail", "shallow-clone",
    }  # fmt: skip


def test_markdown_is_a_table(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--format", "markdown"]) == 1
    said = capsys.readouterr().out
    assert "| where | what lets a change past | remedy |" in said
    assert "| .github/workflows/gate.yml:6 | " in said


def test_an_argument_is_refused(here: Path) -> None:
    assert run(["doctor", "elsewhere"]) == 2

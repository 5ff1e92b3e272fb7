"""No report of an earlier run outlives a run that ends without its own, however the run was called."""

from __future__ import annotations

import os
import shutil
from contextlib import chdir
from pathlib import Path

import pytest

from mlgate.cli.main import run
from mlgate.cli.set_aside import named_reports

BASE = Path(__file__).parents[2] / "cases" / "execution" / "base"


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A candidate that passes, with reports."""
    folder = tmp_path_factory.mktemp("reported")
    shutil.copytree(BASE, folder, dirs_exist_ok=True)
    with chdir(folder):
        assert run(["check", "--report", "json=v.json", "--report", "junit=v.xml", "--report", "console=v.txt"]) == 0
        assert run(["check", "--report", "csv=v.csv", "--report", "tables=v.md"]) == 0
    return folder


@pytest.fixture
def folder(reported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a candidate that passes and reports of an earlier run."""
    shutil.copytree(reported, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "gone"),
    [
        (["check", "--nonsense", "--report", "json=v.json"], "v.json"),
        (["check", "--report", "json=v.json", "--report", "json=./v.json"], "v.json"),
        (["check", "--report", "json=v.json", "--report", "junit=v.json"], "v.json"),
        (["check", "--report", "json=v.json", "--report", "json=policies/../v.json"], "v.json"),
        (["report", "v.json", "--report", "junit=v.xml", "--report", "console=v.xml"], "v.xml"),
        (["check", "--report=junit=v.xml", "--threads", "0"], "v.xml"),
        (["check", "--report", "sarf=v.json"], "v.json"),
        (["check", "--report", "tables=v.md", "--as-of", "tomorrow"], "v.md"),
        (["check", "--report", "console=v.txt", "--policy", "nowhere"], "v.txt"),
        (["check", "--policy", "policies", "--report"], None),
        (["chek", "--report", "json=v.json"], "v.json"),
        (["measure", "--output", "v.json", "--nonsense"], "v.json"),
        (["measure", "-ov.json", "--policy", "nowhere"], "v.json"),
        (["report", "absent.json", "--report", "junit=v.xml"], "v.xml"),
    ],
)
def test_a_call_that_is_wrong_leaves_no_report(folder: Path, arguments: list[str], gone: str | None) -> None:
    before = {file.name for file in folder.iterdir()}
    assert run(arguments) == 2
    left = {file.name for file in folder.iterdir()}
    if gone in left:
        assert "could not be judged" in (folder / str(gone)).read_text(), "it is this run's"
        left -= {str(gone)}
    assert before - left == ({gone} if gone else set())


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["measure", "--help"], 0),
        (["measure", "-h"], 0),
        (["measure", "--nonsense"], 2),
        (["measure", "--threads", "0"], 2),
        (["measure", "--version"], 2),
        (["measure", "--output"], 2),
        (["measure", "--output", "v.json", "--help"], 0),
        (["measure", "-ov.json", "-h"], 0),
        (["check", "--report", "json=v.json", "--help"], 0),
        (["check", "-h", "--report=json=v.json"], 0),
        (["check", "-vh", "--report", "json=v.json"], 0),
        (["check", "-qvh", "--report", "json=v.json"], 0),
        (["report", "--help", "v.json", "--report", "junit=v.xml"], 0),
        (["--help", "check", "--report", "json=v.json"], 0),
        (["--version", "check", "--report", "json=v.json"], 0),
        (["check", "--report", "json=v.json", "--nonsense", "--help"], 2),
        (["check", "--report", "json=v.json", "--version"], 2),
    ],
    ids=str,
)
def test_help_and_mistakes_take_away_nothing_that_was_not_named(folder: Path, arguments: list[str], code: int) -> None:
    assert run(["measure"]) == 0
    before = {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}
    assert run(arguments) == code
    assert {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()} == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "--report", "json=v.json", "--", "--help"],
        ["check", "--nonsense", "--report", "json=v.json", "--", "-h"],
        ["check", "--report", "json=v.json", "-vx"],
        ["check", "--report", "json=v.json", "--helpp"],
        ["check", "--report", "json=v.json", "--threads", "h"],
    ],
    ids=str,
)
def test_what_only_looks_like_help_does_not_keep_a_report(folder: Path, arguments: list[str]) -> None:
    assert run(arguments) == 2
    report = folder / "v.json"
    assert not report.exists() or "matches no candidate" in report.read_text(), "it is this run's"


@pytest.mark.parametrize("arguments", [["--policy", "nowhere"], ["nowhere.yaml"], ["--engine", "duckdb", "nowhere"]])
def test_facts_of_an_earlier_run_do_not_outlive_one_that_was_understood(folder: Path, arguments: list[str]) -> None:
    assert run(["measure"]) == 0
    assert run(["measure", *arguments]) == 2
    assert not (folder / "facts.json").exists()


def test_facts_that_the_candidate_presents_are_put_back(folder: Path) -> None:
    assert run(["measure"]) == 0
    held = (folder / "facts.json").read_bytes()
    candidate = folder / "candidate.yaml"
    candidate.write_text(candidate.read_text() + "model: {path: facts.json}\n")
    assert run(["measure"]) == 2
    assert (folder / "facts.json").read_bytes() == held


def test_a_fact_file_that_is_read_is_not_taken_away(folder: Path) -> None:
    assert run(["measure", "--output", "own.json"]) == 0
    assert run(["check", "--facts", "own.json", "--report", "json=own.json"]) == 2
    assert run(["report", "v.json", "--report", "json=v.json"]) == 2
    assert (folder / "own.json").exists()
    assert (folder / "v.json").exists()


def test_an_input_that_only_the_candidate_names_is_put_back(folder: Path) -> None:
    candidate = folder / "candidate.yaml"
    candidate.write_text(candidate.read_text() + "champion: {verdict: v.json}\n")
    held = (folder / "v.json").read_bytes()
    assert run(["check", "--report", "json=v.json"]) == 2
    assert (folder / "v.json").read_bytes() == held


@pytest.mark.parametrize(
    "reports",
    [
        ["--report", "json=v.json", "--report", "junit=v.xml"],
        ["--report", "junit=v.xml", "--report", "json=v.json"],
        ["--report", "junit=v.json", "--report", "json=v.json", "--report", "junit=v.xml"],
    ],
)
def test_only_inputs_are_put_back(folder: Path, reports: list[str]) -> None:
    candidate = folder / "candidate.yaml"
    candidate.write_text(candidate.read_text() + "champion: {verdict: v.json}\n")
    held = (folder / "v.json").read_bytes()
    assert run(["check", *reports]) == 2
    assert (folder / "v.json").read_bytes() == held
    assert not (folder / "v.xml").exists(), "it is a report of an earlier run"


def test_what_is_not_a_report_is_not_taken_away(folder: Path) -> None:
    (folder / "notes.md").write_text("mlgate is what we use\n")
    assert run(["check", "--report", "tables=notes.md"]) == 2
    assert run(["check", "--nonsense", "--report", "tables=notes.md"]) == 2
    assert (folder / "notes.md").read_text() == "mlgate is what we use\n"


def test_a_report_that_could_not_be_written_is_not_suggested(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if not Path("/proc/self").exists():
        pytest.skip("there is no folder here that nobody can write to")
    policy = folder / "policies" / "gate.yaml"
    policy.write_text(policy.read_text().replace("at_least: 0.7", "at_least: 0.999"))
    assert run(["check", "--report", "json=/proc/v.json"]) == 1
    assert "explain /proc/v.json" not in capsys.readouterr().out
    assert run(["check", "--report", "json=v.json"]) == 1
    assert "explain v.json" in capsys.readouterr().out


def test_a_run_that_could_not_deliver_all_reports_leaves_none(folder: Path) -> None:
    if not Path("/proc/self").exists():
        pytest.skip("there is no folder here that nobody can write to")
    assert run(["check", "--report", "json=v.json", "--report", "junit=/proc/v.xml"]) == 3
    assert not (folder / "v.json").exists(), "it says that the model may merge, and the run does not"


def test_a_link_to_a_report_is_replaced(folder: Path) -> None:
    Path("latest.json").symlink_to("v.json")
    held = (folder / "v.json").read_bytes()
    assert run(["check", "--nonsense", "--report", "json=latest.json"]) == 2
    assert not os.path.lexists("latest.json")
    Path("latest.json").symlink_to("v.json")
    assert run(["check", "--report", "json=latest.json"]) == 0
    assert not (folder / "latest.json").is_symlink()
    assert (folder / "v.json").read_bytes() == held


@pytest.mark.parametrize("path", ["out/v.json", "out/deep/v.json", "inner/../out/v.json", "inner/up/v.json"])
def test_no_report_is_written_out_of_the_workspace_by_a_link(
    folder: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, outside = folder / "work", folder / "outside"
    shutil.copytree(BASE, workspace)
    (workspace / ".git").mkdir()
    (workspace / "inner").mkdir()
    outside.mkdir()
    (workspace / "out").symlink_to("../outside")
    (workspace / "inner" / "up").symlink_to(outside)
    monkeypatch.chdir(workspace)
    assert run(["check", "--report", f"json={path}"]) == 2
    assert run(["measure", "--output", path]) == 2
    assert list(outside.iterdir()) == []
    assert run(["check", "--report", "json=../outside/v.json"]) == 0, "named as it is, it may lie anywhere"
    (workspace / "within").symlink_to("inner")
    assert run(["check", "--report", "json=within/v.json"]) == 0


@pytest.mark.parametrize(
    ("arguments", "paths"),
    [
        (["check", "--report", "json=a", "--report=junit=b=c"], ["a", "b=c"]),
        (["check", "--report", "json=-", "--report", "json=", "--report", "json"], []),
        (["check", "a", "--report", "json=./a"], []),
        (["check", "--policy=a", "--report", "json=a"], []),
        (["measure"], []),
        (["measure", "-ofacts.json"], ["facts.json"]),
        (["measure", "facts.json", "-o", "facts.json"], []),
        ([], []),
    ],
)
def test_the_paths_that_a_command_line_names(arguments: list[str], paths: list[str]) -> None:
    assert [str(path) for path in named_reports(arguments)] == paths

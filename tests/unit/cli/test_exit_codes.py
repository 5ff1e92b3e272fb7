"""Which exit code a command ends with: the verdict's, and never 0 where something went wrong on the way."""

from __future__ import annotations

import io
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, Never

import pytest

from mlgate.cli.main import run
from mlgate.cli.supervised import supervised

BASE = Path(__file__).parents[2] / "cases" / "execution" / "base"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a candidate that passes."""
    shutil.copytree(BASE, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def failing() -> None:
    """Make the candidate one that fails."""
    file = Path("predictions.csv")
    file.write_text(file.read_text().replace(",1,1,", ",1,0,"))


class Output(io.StringIO):
    """A standard output that fails when it is written, or from some flush on."""

    def __init__(self, error: BaseException | None = None, whole_flushes: int = 99) -> None:
        super().__init__()
        self.error, self.whole_flushes = error, whole_flushes

    def write(self, text: str) -> int:
        """Take the text, or fail."""
        if self.error is not None:
            raise self.error
        return super().write(text)

    def flush(self) -> None:
        """Fail if it was flushed often enough."""
        self.whole_flushes -= 1
        if self.whole_flushes < 0:
            raise OSError("no space is left")


def test_the_verdict_is_the_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(["check"]) == 0
    monkeypatch.setattr("sys.argv", ["mlgate", "check", "--quiet"])
    assert run() == 0
    failing()
    assert run() == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "--nonsense"], "Try `mlgate check --help`."),
        (["chek"], "unknown command `chek`, did you mean `check`?"),
        (["check", "--reproduce", "v.json", "--quiet"], "--reproduce takes everything from the verdict; remove"),
        (["check", "--verify"], "--verify measures a facts file again; add --facts FILE, or remove --verify"),
    ],
)
def test_a_mistake_in_the_command_line_is_a_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    found = capsys.readouterr().err
    assert said in found
    assert "Traceback" not in found


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RuntimeError("boom"), "mlgate crashed; please report this as a bug\nTraceback"),
        (SystemExit(0), "mlgate crashed; please report this as a bug\nTraceback"),
        (KeyboardInterrupt(), "mlgate: interrupted: nothing was decided"),
        (OSError("torn"), "mlgate: cannot write to standard output: torn"),
    ],
)
def test_what_ends_a_command_before_its_answer_is_a_3(
    error: BaseException, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout", Output(error))
    assert run(["check"]) == 3
    assert said in capsys.readouterr().err


def test_an_answer_that_is_lost_at_the_end_is_no_pass_and_stays_a_block(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last flush is that of the whole run, after each page was written."""
    monkeypatch.setattr("sys.stdout", Output(whole_flushes=1))
    assert run(["check"]) == 3
    assert "the machine could not run the gate: no space is left" in capsys.readouterr().err
    failing()
    monkeypatch.setattr("sys.stdout", Output(whole_flushes=1))
    assert run(["check"]) == 1


def test_a_command_that_prints_nothing_needs_no_standard_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", None)
    assert run(["measure", "--output", "facts.json"]) == 0
    assert run(["check"]) == 3


def test_a_shell_that_asks_for_completions_is_told_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_MLGATE_COMPLETE", "bash_source")
    assert run(["check"]) == 2
    monkeypatch.setattr("sys.stdout", Output(RuntimeError("boom")))
    assert run(["check"]) == 3


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="there is no folder here that takes no files")
@pytest.mark.parametrize("reports", [["json=/proc/v.json"], ["json=/proc/v.json", "csv=/proc/v.csv"]])
def test_a_report_that_cannot_be_written_is_no_pass_and_hides_no_block(
    reports: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["check", *(word for report in reports for word in ("--report", report))]
    assert run(arguments) == 3
    assert capsys.readouterr().err.count("cannot write") == 1
    failing()
    assert run(arguments) == 1
    assert capsys.readouterr().err.count("cannot write") == len(reports)


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there the run has no process of its own")
@pytest.mark.parametrize(
    ("owner", "name"),
    [(tempfile, "gettempdir"), (os, "pipe"), (os, "fork")],
    ids=["no folder", "no pipe", "no process"],
)
def test_a_machine_that_cannot_start_the_run_is_a_3(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
    def refuse(*_: object) -> Never:
        raise OSError("no more of these")

    monkeypatch.setattr(owner, name, refuse)
    said: list[str] = []
    assert supervised(lambda: 0, said.append) == 3
    assert said == ["the machine could not run the gate: no more of these"]

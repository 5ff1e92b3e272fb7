"""How a run ends when the machine, the environment or the code it is asked to call gets in the way.

What a folder can show is in `tests/cases/execution`; here is what needs a process of its own, a signal, or a fault.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

import pytest

from mlgate.checks.performance.metric import PerformanceMetric
from mlgate.cli.main import run
from support.signals import heed_signals

BASE = Path(__file__).parent / "cases" / "execution" / "base"
SCRIPT = Path(sys.executable).with_name("mlgate")
FULL = Path("/dev/full")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a candidate that passes, as the working folder."""
    shutil.copytree(BASE, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def failing(folder: Path) -> None:
    """Make the candidate one that fails."""
    file = folder / "predictions.csv"
    file.write_text(file.read_text().replace(",1,1,", ",1,0,"))


def console_script(*arguments: str, env: dict[str, str] | None = None, **how: Any) -> subprocess.CompletedProcess[str]:
    """The installed script, in a process of its own."""
    whole = {**os.environ, **(env or {})}
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how}
    return subprocess.run([SCRIPT, *arguments], text=True, env=whole, timeout=60, check=False, **how)


def report() -> dict[str, Any]:
    """The JSON report of the run."""
    found: dict[str, Any] = json.loads(Path("verdict.json").read_text())
    return found


def statuses() -> dict[str, str]:
    """Status by rule."""
    return {o["rule"]: o["status"] for verdict in report()["verdicts"] for o in verdict["outcomes"]}


# Code and settings in the working folder


@pytest.fixture
def planted(folder: Path) -> Path:
    """Modules and settings of a pull request that would end every run with 0."""
    for name in ("yaml", "duckdb", "click", "numpy", "sitecustomize", "usercustomize", "dataclasses", "mlgate_cli"):
        (folder / f"{name}.py").write_text("import os\nos._exit(0)\n")
    for name in (".mlgaterc", "mlgate.toml", "setup.cfg", ".env", ".duckdbrc"):
        (folder / name).write_text("[mlgate]\nproof = estimate\nskip = true\n")
    (folder / "pyproject.toml").write_text("[tool.mlgate]\nproof = 'estimate'\nskip = ['accurate']\n")
    return folder


def test_modules_beside_the_policy_are_not_imported(planted: Path) -> None:
    failing(planted)
    ran = console_script("check")
    assert ran.returncode == 1, ran.stderr
    assert "BLOCKED" in ran.stdout


def test_modules_beside_the_policy_do_not_block_either(planted: Path) -> None:
    ran = console_script("check")
    assert ran.returncode == 0, ran.stderr
    assert "ALLOWED" in ran.stdout


def test_python_m_runs_where_the_working_folder_is_not_on_the_path(planted: Path) -> None:
    command = [sys.executable, "-P", "-m", "mlgate", "check", "-q"]
    assert subprocess.run(command, check=False, capture_output=True, timeout=60).returncode == 0
    failing(planted)
    assert subprocess.run(command, check=False, capture_output=True, timeout=60).returncode == 1


@pytest.mark.usefixtures("folder")
def test_python_m_refuses_to_run_where_it_is() -> None:
    command = [sys.executable, "-m", "mlgate", "check"]
    env = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    ran = subprocess.run(command, check=False, capture_output=True, text=True, env=env, timeout=60)
    assert ran.returncode == 2
    assert "python -P -m mlgate" in ran.stderr


def test_environment_variables_change_nothing(folder: Path) -> None:
    words = ("SKIP", "PROOF", "DISABLE", "CHECK_AS_OF", "CHECK_POLICIES", "POLICY", "EXIT_CODE", "CHECK_QUIET")
    env = {f"{prefix}_{word}": "1" for word in words for prefix in ("MLGATE", "_MLGATE")}
    ran = console_script("check", env=env)
    assert ran.returncode == 0, ran.stderr
    failing(folder)
    ran = console_script("check", env=env)
    assert ran.returncode == 1, ran.stderr


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("asked", ["bash_source", "bash_complete", "zsh_source", "nonsense"])
def test_shell_completion_asked_by_the_environment_is_no_pass(asked: str) -> None:
    ran = console_script("check", env={"_MLGATE_COMPLETE": asked, "COMP_WORDS": "mlgate", "COMP_CWORD": "1"})
    assert ran.returncode == 2
    assert "Traceback" not in ran.stderr


# Standard output


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("form", ["console", "json"])
def test_a_full_standard_output_is_no_pass(folder: Path, form: str) -> None:
    with FULL.open("w") as full:
        ran = console_script("check", "--format", form, stdout=full)
    assert ran.returncode == 3
    assert "cannot write to standard output" in ran.stderr
    assert "Traceback" not in ran.stderr
    failing(folder)
    with FULL.open("w") as full:
        assert console_script("check", stdout=full).returncode == 1, "a certain block stays one"


def test_a_closed_standard_output_is_no_pass(folder: Path) -> None:
    closed = f"{SCRIPT} check >&-"
    ran = subprocess.run(["sh", "-c", closed], check=False, stderr=subprocess.PIPE, text=True, timeout=60)
    assert ran.returncode == 3
    assert "standard output is closed" in ran.stderr
    failing(folder)
    assert subprocess.run(["sh", "-c", closed], check=False, stderr=subprocess.PIPE, timeout=60).returncode == 1


@pytest.mark.usefixtures("folder")
def test_a_broken_pipe_is_no_pass() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ran = console_script("check", stdout=writing)
    os.close(writing)
    assert ran.returncode == 3
    assert "Traceback" not in ran.stderr


def test_a_closed_standard_error_changes_no_exit_code(folder: Path) -> None:
    closed = f"{SCRIPT} check 2>&-"
    assert subprocess.run(["sh", "-c", closed], check=False, stdout=subprocess.DEVNULL, timeout=60).returncode == 0
    failing(folder)
    assert subprocess.run(["sh", "-c", closed], check=False, stdout=subprocess.DEVNULL, timeout=60).returncode == 1
    wrong = f"{SCRIPT} check --nonsense 2>&-"
    assert subprocess.run(["sh", "-c", wrong], check=False, stdout=subprocess.DEVNULL, timeout=60).returncode == 2


# Reports on disk


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no folder here that nobody can write to")
def test_a_report_that_cannot_be_written_is_no_pass(folder: Path) -> None:
    assert run(["check", "--report", "json=/proc/verdict.json"]) == 3
    failing(folder)
    assert run(["check", "--report", "json=/proc/verdict.json"]) == 1, "a certain block stays one"
    assert run(["check", "--report", "json=out/verdict.json"]) == 1
    assert json.loads(Path("out/verdict.json").read_text())["exit_code"] == 1


@pytest.mark.usefixtures("folder")
def test_two_runs_that_write_one_report_leave_a_whole_one() -> None:
    command = [SCRIPT, "check", "-q", "--report", "json=verdict.json"]
    runs = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(3)]
    assert [one.wait(60) for one in runs] == [0, 0, 0]
    assert report()["allowed"] is True
    assert not list(Path().glob(".mlgate-*")), "no half-written file is left"


@pytest.mark.usefixtures("folder")
def test_a_mistaken_report_path_destroys_no_policy() -> None:
    """A report over the stricter of two policies would delete it, and the other alone would pass."""
    strict = Path("policies/strict.yaml")
    text = "# held to by mlgate\n" + Path("policies/gate.yaml").read_text().replace("gate", "strict")
    strict.write_text(text.replace("mlstrict", "mlgate").replace("0.7", "0.99"))
    for arguments in (["--policy", "policies"], []):
        assert run(["check", *arguments, "--report", "json=policies/strict.yaml"]) == 2
    assert run(["measure", "--output", "policies/strict.yaml"]) == 2
    assert strict.is_file()
    assert run(["check"]) == 1


# Interruption


@pytest.fixture
def busy(folder: Path) -> Path:
    """A candidate that takes a while: a metric of the policy's own choice that sleeps when it is first called."""
    (folder / "policies" / "house.py").write_text(
        "import time\nfrom pathlib import Path\n\n"
        "def slow(label, prediction):\n"
        "    if not Path('../running').exists():\n        Path('../running').touch()\n        time.sleep(3)\n"
        "    return 1.0\n"
    )
    policy = folder / "policies" / "gate.yaml"
    policy.write_text(policy.read_text().replace("accuracy", "house:slow"))
    return folder


@pytest.mark.parametrize("sent", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "several",
    [pytest.param(False, id="one candidate"), pytest.param(True, id="two candidates", marks=pytest.mark.slow)],
)
def test_a_signal_leaves_no_report_and_no_pass(busy: Path, sent: signal.Signals, several: bool) -> None:
    if several:
        (busy / "b.candidate.yaml").write_text((busy / "candidate.yaml").read_text())
    command = [SCRIPT, "check", ".", "--report", "json=verdict.json"]
    started = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_signals,
    )
    for _ in range(400):
        if (busy / "running").exists():
            break
        time.sleep(0.05)
    started.send_signal(sent)
    _, said = started.communicate(timeout=20)
    assert started.returncode == 3, said
    assert "interrupted" in said
    assert not Path("verdict.json").exists()


# Rules that crash, and code that is not ours


def test_a_rule_that_crashes_is_an_error_and_hides_no_other(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = PerformanceMetric.answers

    def answers(self: PerformanceMetric, *given: Any) -> Iterator[Any]:
        yield from whole(self, *given)
        if self.metric == "recall":
            raise RuntimeError("a bug")

    policy = folder / "policies" / "gate.yaml"
    with policy.open("a") as file:
        file.write("  - {id: found, check: performance.metric, metric: recall, at_least: 0.5}\n")
    assert run(["check", "--report", "json=verdict.json"]) == 0
    monkeypatch.setattr(PerformanceMetric, "answers", answers)
    assert run(["check", "--report", "json=verdict.json"]) == 3
    assert statuses() == {"accurate": "PASS", "found": "ERROR"}
    crashed = report()["verdicts"][0]["outcomes"][1]
    assert "RuntimeError: a bug" in crashed["message"]
    assert "Traceback" in crashed["traceback"]
    failing(folder)
    assert run(["check"]) == 1, "a certain block is one even when something else crashed"


METRICS = """
import os
import sys
import warnings


def good(label, prediction):
    print('{"allowed": true}')
    return float((label == prediction).mean())


def raises(label, prediction):
    raise RuntimeError("no")


def ends(label, prediction):
    sys.exit(0)


def nan(label, prediction):
    return float("nan")


def infinite(label, prediction):
    return float("inf")


def text(label, prediction):
    return "high"


def nothing(label, prediction):
    return None


def several(label, prediction):
    return [1.0, 1.0]


def warns(label, prediction):
    warnings.warn("undefined, set to 1.0", UserWarning, stacklevel=1)
    return 1.0


def kills(label, prediction):
    os.kill(os.getpid(), 9)


def hides(label, prediction):
    os._exit(0)


def probabilities(y_true, y_prob):
    return 1.0


def brier(label, prediction):
    return 1.0


def decisions(label, score):
    assert sorted({*label.tolist(), *score.tolist()}) == [0, 1], (label.dtype, score)
    return 1.0


constant = 1.0
"""


@pytest.fixture
def house(folder: Path) -> Path:
    """Modules of metrics in the policy's folder."""
    (folder / "policies" / "house_metrics.py").write_text(METRICS)
    (folder / "policies" / "house_ends.py").write_text("raise SystemExit(0)\n")
    return folder


def ask_for(house: Path, function: str) -> None:
    """Make the rule one of that function."""
    policy = house / "policies" / "gate.yaml"
    policy.write_text(policy.read_text().replace("metric: accuracy", f"metric: {function}"))


@pytest.mark.parametrize(
    ("function", "code", "said"),
    [
        ("house_metrics:raises", 1, "fails on the rows: RuntimeError: no"),
        ("house_metrics:ends", 1, "fails on the rows: SystemExit"),
        ("house_metrics:nan", 1, "gives nan on the rows; a finite number is required"),
        ("house_metrics:infinite", 1, "gives inf on the rows"),
        ("house_metrics:text", 1, "fails on the rows: ValueError"),
        ("house_metrics:nothing", 1, "fails on the rows: TypeError"),
        ("house_metrics:several", 1, "fails on the rows: TypeError"),
        ("house_metrics:warns", 1, "warns on the rows: undefined, set to 1.0"),
        ("house_metrics:kills", 3, "ended its process before it gave a value"),
        ("house_metrics:hides", 3, "ended its process before it gave a value"),
        ("house_metrics:probabilities", 1, "is a function of scores"),
        ("house_metrics:brier", 1, "is a function of scores"),
        ("house_metrics:constant", 3, "is not a function"),
        ("house_metrics:missing", 3, "cannot be loaded"),
        ("house_missing:good", 3, "cannot be loaded"),
        ("house_ends:good", 3, "cannot be loaded"),
    ],
)
def test_a_function_that_goes_wrong_is_an_error(house: Path, function: str, code: int, said: str) -> None:
    ask_for(house, function)
    assert run(["check", "--report", "json=verdict.json"]) == code
    assert statuses() == {"accurate": "ERROR"}
    message = report()["verdicts"][0]["outcomes"][0]["message"]
    assert said in message
    assert function in message


def test_what_a_function_prints_is_thrown_away(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ask_for(house, "house_metrics:good")
    assert run(["check", "--format", "json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["verdicts"][0]["outcomes"][0]["status"] == "PASS"
    assert printed.err == ""


def test_a_function_that_lies_in_the_working_folder_is_not_imported(folder: Path) -> None:
    """Nor in a folder that a variable names: only what is installed, and the policy's folder."""
    (folder / "mine.py").write_text("def good(label, prediction):\n    return float((label == prediction).mean())\n")
    ask_for(folder, "mine:good")
    for env in ({}, {"PYTHONPATH": str(folder)}):
        ran = console_script("check", env=env)
        assert ran.returncode == 3
        assert "cannot be loaded" in ran.stdout
    (folder / "mine.py").rename(folder / "policies" / "mine.py")
    assert console_script("check").returncode == 0


def test_nothing_beside_a_function_replaces_what_is_installed(house: Path) -> None:
    """Nor do variables of Python lead its process astray."""
    for name in ("numpy", "json", "sklearn", "sitecustomize"):
        (house / "policies" / f"{name}.py").write_text("import os\nos._exit(0)\n")
        (house / f"{name}.py").write_text("import os\nos._exit(0)\n")
    ask_for(house, "sklearn.metrics:accuracy_score")
    env = {"PYTHONPATH": f"{house}/policies", "PYTHONSTARTUP": "numpy.py", "PYTHONWARNINGS": "error"}
    assert console_script("check", env=env).returncode == 0


def test_a_format_whose_reader_is_not_installed_is_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    candidate = folder / "candidate.yaml"
    candidate.write_text(candidate.read_text().replace("predictions.csv", "predictions.arrow"))
    (folder / "predictions.arrow").write_bytes(b"ARROW1\0\0")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert run(["check", "--report", "json=verdict.json"]) == 3
    assert statuses()["accurate"] == "ERROR"
    assert "pip install mlgate[arrow]" in report()["verdicts"][0]["outcomes"][0]["message"]


# The clock


@pytest.mark.usefixtures("folder")
def test_a_clock_before_the_release_is_no_pass(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Stopped(datetime):
        @classmethod
        def now(cls, zone: tzinfo | None = None) -> Stopped:
            return cls(1970, 1, 1, tzinfo=zone)

    assert run(["check"]) == 0
    monkeypatch.setattr("mlgate.reading.edge.datetime", Stopped)
    assert run(["check"]) == 3
    assert "the clock says 1970-01-01" in "".join(capsys.readouterr())
    assert run(["check", "--as-of", "2026-12-01"]) == 0, "a stated day needs no clock"


# Nothing asked for


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("arguments", [[], ["chek"], ["check", "--policy"], ["check", "--threads", "0"]])
def test_a_command_line_that_asks_for_nothing_is_no_pass(arguments: list[str]) -> None:
    assert run(arguments) == 2


LONG = "n" * 5000
LOOP = "loop.yaml"


@pytest.mark.parametrize("path", [LONG, f"{LONG}.yaml", f"{LONG}.json", LOOP], ids=["name", "yaml", "json", "circle"])
@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "PATH"],
        ["check", "--policy", "PATH"],
        ["check", "--facts", "PATH"],
        ["check", "--report", "json=PATH"],
        ["check", "--root", "PATH"],
        ["measure", "--output", "PATH"],
        ["measure", "PATH"],
        ["lint", "PATH"],
        ["plan", "PATH"],
        ["explain", "PATH"],
        ["report", "PATH"],
    ],
    ids=" ".join,
)
def test_a_path_that_no_file_can_have_is_a_mistake_in_the_command_line(
    folder: Path, arguments: list[str], path: str
) -> None:
    (folder / LOOP).symlink_to(LOOP)
    assert run([word.replace("PATH", path) for word in arguments]) == 2


@pytest.mark.parametrize("path", ["policies", "candidate.yaml/verdict.json"])
@pytest.mark.parametrize("arguments", [["check", "--report", "json=PATH"], ["measure", "--output", "PATH"]])
def test_a_report_path_that_no_report_can_have_is_a_mistake_in_the_command_line(
    folder: Path, arguments: list[str], path: str
) -> None:
    assert run([word.replace("PATH", path) for word in arguments]) == 2
    assert (folder / "policies").is_dir()


@pytest.mark.parametrize("extended", [LONG, "loop.yaml"])
def test_a_path_that_no_file_can_have_is_a_mistake_in_a_policy(folder: Path, extended: str) -> None:
    (folder / LOOP).symlink_to(LOOP)
    (folder / "policies/more.yaml").write_text(f"mlgate: 1\npolicy: more\nowner: o@example.com\nextends: {extended}\n")
    assert run(["check"]) == 2

"""A run that is ended from outside: no pass, no report, and nothing left where it spilled to."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mlgate.cli.supervised import ENDING
from support.signals import heed_signals

BASE = Path(__file__).parent / "cases" / "execution" / "base"
SCRIPT = Path(sys.executable).with_name("mlgate")
COMMAND = (str(SCRIPT), "check", "--report", "json=verdict.json", "--threads", "1")
EARLIER = '{\n  "mlgate": 1,\n  "kind": "verdict",\n  "allowed": true\n}\n'
SENT = ("SIGHUP", "SIGINT", "SIGQUIT", "SIGALRM", "SIGTERM", "SIGUSR1")
pytestmark = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there the run is one process")


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Predictions whose ids take seconds to be counted apart."""
    file = tmp_path_factory.mktemp("long") / "predictions.csv"
    with file.open("w") as rows:
        rows.write("id,label,prediction,score\n")
        rows.writelines(f"{i:030d},1,1,0.{i}\n0{i:029d}x,0,0,0.{i}\n" for i in range(1_000_000))
    return file


@pytest.fixture
def folder(tmp_path: Path, long: Path) -> Path:
    """A folder whose candidate takes seconds to be judged, with the verdict of an earlier run."""
    folder = tmp_path / "folder"
    shutil.copytree(BASE, folder)
    (folder / "predictions.csv").unlink()
    os.link(long, folder / "predictions.csv")
    (folder / "verdict.json").write_text(EARLIER)
    return folder


@pytest.fixture
def spill(tmp_path: Path) -> Path:
    """Where runs spill to."""
    spill = tmp_path / "spill"
    spill.mkdir()
    return spill


def waited(until: Callable[[], bool]) -> bool:
    """Whether something became true within some seconds."""
    for _ in range(400):
        if until():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def started(folder: Path, spill: Path) -> Iterator[subprocess.Popen[str]]:
    """A run that reads its tables."""
    run = subprocess.Popen(
        COMMAND,
        cwd=folder,
        env={**os.environ, "TMPDIR": str(spill)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_signals,
    )
    assert waited(lambda: any(spill.glob("mlgate-*"))), "it spills nowhere"
    assert run.poll() is None
    yield run
    run.kill()
    run.communicate()


@pytest.mark.parametrize("name", [*SENT[:2], *(pytest.param(name, marks=pytest.mark.slow) for name in SENT[2:])])
def test_a_signal_leaves_nothing(started: subprocess.Popen[str], folder: Path, spill: Path, name: str) -> None:
    started.send_signal(signal.Signals[name])
    _, said = started.communicate(timeout=20)
    assert started.returncode == 3, said
    assert "interrupted" in said
    assert not (folder / "verdict.json").exists()
    assert list(spill.iterdir()) == []


def test_signals_that_end_a_process_are_known() -> None:
    uncatchable = {"SIGKILL"}
    faults = {"SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGABRT", "SIGTRAP", "SIGSYS", "SIGIOT", "SIGEMT"}
    ignored = {"SIGPIPE", "SIGXFSZ", "SIGCHLD", "SIGCLD", "SIGURG", "SIGWINCH", "SIGCONT", "SIGINFO"}
    stopping = {"SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU"}
    plain = {each.name for each in signal.Signals if not each.name.startswith("SIGRT")}
    assert plain - uncatchable - faults - ignored - stopping <= {signal.Signals(each).name for each in ENDING}


def test_a_signal_that_is_to_be_ignored_is_ignored(folder: Path) -> None:
    """As under nohup."""
    (folder / "predictions.csv").unlink()
    shutil.copy(BASE / "predictions.csv", folder)
    ignoring = f"trap '' HUP; '{SCRIPT}' check -q & sleep 0.1; kill -HUP $!; wait $!"
    ran = subprocess.run(["sh", "-c", ignoring], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr


def test_a_run_whose_watching_process_is_killed_leaves_nothing(
    started: subprocess.Popen[str], folder: Path, spill: Path
) -> None:
    started.kill()
    assert started.wait(20) == -signal.SIGKILL
    assert waited(lambda: not any(spill.iterdir())), "the other process goes on"
    assert not (folder / "verdict.json").exists()


def test_a_run_that_the_system_kills_could_not_run(started: subprocess.Popen[str], folder: Path, spill: Path) -> None:
    """As it does where memory is short."""
    judging = int(Path(f"/proc/{started.pid}/task/{started.pid}/children").read_text().split()[0])
    os.kill(judging, signal.SIGKILL)
    _, said = started.communicate(timeout=20)
    assert started.returncode == 3
    assert "ended by signal 9 before it gave an answer" in said
    assert not (folder / "verdict.json").exists()
    assert list(spill.iterdir()) == []


@pytest.mark.parametrize("ended", ["os._exit(1)", "os._exit(0)", "os.abort()", "os.kill(os.getpid(), 9)"])
def test_a_process_that_a_library_ends_gave_no_answer(ended: str) -> None:
    """As OpenBLAS does with exit code 1 where it gets no memory."""
    code = f"import os, sys; from mlgate.cli.supervised import supervised; sys.exit(supervised(lambda: {ended}, print))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 3
    assert "ended" in ran.stdout


@pytest.mark.parametrize("code", [0, 1, 2, 3])
def test_an_answer_that_was_handed_in_is_the_exit_code(code: int) -> None:
    said = f"import sys; from mlgate.cli.supervised import supervised; sys.exit(supervised(lambda: {code}, print))"
    assert subprocess.run([sys.executable, "-c", said], timeout=60, check=False).returncode == code


def test_too_few_addresses_are_said_at_once(folder: Path) -> None:
    limited = ["sh", "-c", f"ulimit -v 600000; exec '{SCRIPT}' check --report json=verdict.json"]
    ran = subprocess.run(limited, cwd=folder, capture_output=True, text=True, timeout=20, check=False)
    assert ran.returncode == 3
    assert "1 GiB of addresses" in ran.stderr
    assert not (folder / "verdict.json").exists()


def test_an_interruption_that_was_swallowed_writes_nothing(tmp_path: Path) -> None:
    script = """
import signal
from pathlib import Path
from mlgate.cli.output import deliver
from mlgate.cli.supervised import _interrupt
try:
    _interrupt(signal.SIGTERM, None)
except KeyboardInterrupt:
    pass
deliver(Path("report.txt"), "allowed")
"""
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert "KeyboardInterrupt" in ran.stderr
    assert not (tmp_path / "report.txt").exists()

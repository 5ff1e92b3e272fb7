"""The run in a process of its own, which another one watches.

Libraries of numbers end their process where memory is short, some with exit code 1, and the system kills it. So the
process that judges hands in its exit code. Where it ends without, the machine is at fault: that is code 3.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NoReturn

from mlgate.evidence.scratch import SCRATCH

PATIENCE = 10.0
"""Seconds for the process that judges to end after a signal."""
NAMES = ("HUP", "INT", "QUIT", "ALRM", "TERM", "USR1", "USR2", "XCPU", "VTALRM", "PROF", "IO", "PWR", "STKFLT")
ENDING = tuple(getattr(signal, f"SIG{name}") for name in NAMES if hasattr(signal, f"SIG{name}"))
"""The signals that end a process unless it handles them."""

_INTERRUPTED = threading.Event()
Action = Callable[[int, FrameType | None], object] | signal.Handlers


class StoppedError(Exception):
    """A signal that is to end the run came to the process that watches."""


def supervised(judge: Callable[[], int], lost: Callable[[str], None]) -> int:
    """The exit code of `judge`, run in a process of its own; 3 where it did not live to give one.

    `lost` is then told why.
    """
    if sys.platform in ("win32", "darwin"):  # one cannot divide a process; the other's libraries must not be divided
        _on_signals(_interrupt)
        return judge()
    try:
        tempfile.gettempdir()  # it tries a folder by a file, which an interruption would leave there
        from_child, to_parent = os.pipe()
        from_parent, to_child = os.pipe()
        child = os.fork()
    except OSError as error:  # no folder takes a file, or there are too many open files or processes
        lost(f"the machine could not run the gate: {error}")
        return 3
    if child == 0:
        os.close(from_child)
        os.close(to_child)
        _judge(judge, to_parent, from_parent)
    os.close(to_parent)
    os.close(from_parent)
    ended, stopped = _watch(child)
    handed_in = os.read(from_child, 1) == bytes([ended & 0xFF])
    _clear_scratch()
    if stopped and not (handed_in and ended == 3):
        # What was interrupted while it loaded a library may have gone on, or crashed.
        lost("interrupted: nothing was decided")
    elif not handed_in:
        how = f"was ended by signal {-ended}" if ended < 0 else f"ended by itself with code {ended}"
        lost(f"the process that judged {how} before it gave an answer; check the machine's memory, then retry")
    return ended if handed_in and not stopped else 3


def _judge(judge: Callable[[], int], to_parent: int, from_parent: int) -> NoReturn:
    """What the process that judges does."""
    code = 3
    try:
        _on_signals(_interrupt)
        threading.Thread(target=_end_with_parent, args=(from_parent,), daemon=True).start()
        code = judge()
        os.write(to_parent, bytes([code]))
    finally:
        _clear_scratch()
        os._exit(code)


def _end_with_parent(from_parent: int) -> None:
    """Interrupt this process once the one that watches is gone, by which its end of the pipe closes."""
    os.read(from_parent, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _watch(child: int) -> tuple[int, bool]:
    """How the process that judges ended, by exit code or a signal's negative number, and whether it was to be stopped.

    Signals are passed on to it.
    """
    _on_signals(_stop)
    try:
        _, status = os.waitpid(child, 0)
        _on_signals(signal.SIG_IGN)
        return os.waitstatus_to_exitcode(status), False
    except StoppedError as stopped:
        _on_signals(signal.SIG_IGN)
        return _stopped(child, stopped.args[0]), True


def _stopped(child: int, sent: int) -> int:
    """Pass a signal on; one that does not end after it is killed."""
    until = time.monotonic() + PATIENCE
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, sent)
    while True:
        try:
            found, status = os.waitpid(child, os.WNOHANG)
        except ChildProcessError:
            return 3  # it had ended when the signal came
        if found:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > until:
            os.kill(child, signal.SIGKILL)
        time.sleep(0.02)


def _on_signals(action: Action) -> None:
    """Do something on every signal that would end the process, but for those that its caller has it ignore."""
    for number in ENDING:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, action)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """End the run once: what tidies up after it is not interrupted again.

    Not while a library loads: some end their process then, or go on as if nothing had been said.
    """
    if _loading(frame):
        again = threading.Timer(0.05, os.kill, (os.getpid(), number))
        again.daemon = True
        again.start()
        return
    _on_signals(signal.SIG_IGN)
    _INTERRUPTED.set()
    raise KeyboardInterrupt


def go_on() -> None:
    """Raise KeyboardInterrupt if the run was interrupted: what tidies up, and libraries, can swallow the first one."""
    if _INTERRUPTED.is_set():
        raise KeyboardInterrupt


def _loading(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_globals.get("__name__") == "importlib._bootstrap":
            return True
        frame = frame.f_back
    return False


def _stop(number: int, _frame: FrameType | None) -> NoReturn:
    raise StoppedError(number)


def _clear_scratch() -> None:
    """Remove the folders that the run spilled to and did not remove."""
    for folder in Path(tempfile.gettempdir()).glob(f"{SCRATCH}*"):
        shutil.rmtree(folder, ignore_errors=True)

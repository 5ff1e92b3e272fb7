"""The line that shows what the gate is doing: also during a single scan, and gone at the end."""

from __future__ import annotations

import io
import sys
import time

import pytest

from mlgate.cli import progress as shown
from mlgate.cli.progress import FIRST, progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True

    def waits_for(self, text: str) -> bool:
        until = time.monotonic() + 5
        while text not in self.getvalue() and time.monotonic() < until:
            time.sleep(0.002)
        return text in self.getvalue()


def terminal_of(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal as standard error of the test itself, and nothing to wait for."""
    found = Terminal()
    monkeypatch.setattr(sys, "stderr", found)
    monkeypatch.setattr(shown, "PATIENCE", 0.01)
    monkeypatch.setattr(shown, "STEP", 0.01)
    return found


def test_a_single_long_scan_shows_its_name_and_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    with progress() as say:
        assert say is not None
        assert terminal.waits_for(FIRST)
        say("repeats of orders: 1 question")
        assert terminal.waits_for("0 s  repeats of orders: 1 question")
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_a_short_run_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    monkeypatch.setattr(shown, "PATIENCE", 60.0)
    with progress() as say:
        assert say is not None
        say("repeats of orders: 1 question")
    assert terminal.getvalue() == ""


def test_without_a_terminal_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with progress() as say:
        assert say is None

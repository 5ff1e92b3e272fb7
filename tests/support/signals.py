"""Signals in the programs that tests start."""

from __future__ import annotations

import signal

from mlgate.cli.supervised import ENDING


def heed_signals() -> None:
    """In a program that is about to start: let every signal end it, also those that the tests are to ignore.

    A test run under nohup, or in the background of a shell, ignores some, and what it starts would too.
    """
    for number in ENDING:
        signal.signal(number, signal.SIG_DFL)

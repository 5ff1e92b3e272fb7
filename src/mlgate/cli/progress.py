"""Shows on standard error what the gate is doing, for people who wait at a terminal."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE = 1.0
"""Seconds before anything is shown."""
STEP = 0.5
"""Seconds until the time is shown again: one scan may take minutes."""
FIRST = "opening the files"
"""What is done before the first question is asked."""


@contextmanager
def progress() -> Iterator[Callable[[str], None] | None]:
    """A function that names the current step, which is shown once the run takes long; None without a terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    line = _Line()
    drawing = threading.Thread(target=line.draw, daemon=True)
    drawing.start()
    try:
        yield line.say
    finally:
        line.ended.set()
        drawing.join()
        line.clear()


class _Line:
    """The line on the terminal, with the seconds that went by."""

    def __init__(self) -> None:
        self.ended = threading.Event()
        self._started = time.monotonic()
        self._said = FIRST
        self._shown = False

    def say(self, message: str) -> None:
        """Name the current step."""
        self._said = message

    def draw(self) -> None:
        """Show the step and the time, again and again until the end."""
        wait = PATIENCE
        while not self.ended.wait(wait):
            wait = STEP
            self._shown = True
            sys.stderr.write(f"\r\x1b[K{time.monotonic() - self._started:5.0f} s  {self._said[:100]}")
            sys.stderr.flush()

    def clear(self) -> None:
        """Leave the line as it was."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

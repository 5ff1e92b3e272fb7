"""Shows on standard error what the gate is doing, for people who wait at a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE = 1.0
"""Seconds before anything is shown."""


@contextmanager
def progress() -> Iterator[Callable[[str], None] | None]:
    """A function that shows the current step, once it takes long; None without a terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    started = time.monotonic()
    shown = False

    def say(message: str) -> None:
        nonlocal shown
        waited = time.monotonic() - started
        if waited >= PATIENCE:
            shown = True
            sys.stderr.write(f"\r\x1b[K{waited:5.0f} s  {message[:100]}")
            sys.stderr.flush()

    try:
        yield say
    finally:
        if shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

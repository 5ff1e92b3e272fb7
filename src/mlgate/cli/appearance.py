"""How pages look on standard output: plain, unless it is a terminal that can show more."""

from __future__ import annotations

import os
import shutil
import sys

from mlgate.cli.output import on_terminal
from mlgate.reports.formats.console import render_console
from mlgate.reports.page import PLAIN_WIDTH, Look
from mlgate.values.verdict import Verdicts


def look() -> Look:
    """What standard output can show."""
    terminal = on_terminal()
    dumb = not terminal or os.environ.get("TERM") == "dumb"
    plain = dumb or bool(os.environ.get("NO_COLOR"))
    width = shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns if terminal else PLAIN_WIDTH
    able = not dumb and (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    return Look(width, not plain, able, cut=terminal, values=terminal)


def shown_on_console(
    verdicts: Verdicts, *, verbose: bool = False, quiet: bool = False, stored: str | None = None
) -> str:
    """The console report, as standard output can show it."""
    return render_console(verdicts, look(), verbose=verbose, quiet=quiet, stored=stored)

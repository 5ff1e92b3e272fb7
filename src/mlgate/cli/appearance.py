"""How the console report looks: plain, unless on a terminal that can do more."""

from __future__ import annotations

import os
import shutil
import sys

from mlgate.cli.options import on_terminal
from mlgate.reports.console import render_console
from mlgate.verdict import Verdicts


def shown_on_console(
    verdicts: Verdicts, *, verbose: bool = False, quiet: bool = False, stored: str | None = None
) -> str:
    """The console report for the standard output that there is."""
    terminal = on_terminal()
    dumb = not terminal or os.environ.get("TERM") == "dumb"
    plain = dumb or bool(os.environ.get("NO_COLOR"))
    width = shutil.get_terminal_size((100, 24)).columns if terminal else None
    able = not dumb and (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    return render_console(
        verdicts, verbose=verbose, quiet=quiet, width=width, color=not plain, unicode=able, stored=stored
    )

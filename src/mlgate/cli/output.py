"""Writes the text of a command to a file or to standard output."""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
from collections.abc import Iterable
from pathlib import Path

from mlgate.cli.supervised import go_on
from mlgate.reading.edge import workspace
from mlgate.reports.safe_text import no_commands, visible
from mlgate.reports.write import write_report
from mlgate.values.errors import MachineError, Problem

STDOUT = Path("-")
"""The path that means standard output."""


def deliver(path: Path, text: str) -> None:
    """Print the text for the path `-`, else write it to the file. Raises MachineError if that fails."""
    go_on()
    if path == STDOUT:
        emit(text)
    else:
        write_report(path, text, workspace(Path.cwd()))


def emit_page(text: str) -> None:
    """Print a text for people. Raises MachineError where standard output is closed or full."""
    emit(guarded(text))


def guarded(text: str) -> str:
    """The text as a runner of GitHub workflows prints it and does not obey it, whatever names it quotes.

    No line is a command; and on such a runner commands are stopped until a word that nobody can guess.
    """
    plain = no_commands(text)
    if os.environ.get("GITHUB_ACTIONS") != "true":
        return plain
    word, end = secrets.token_hex(16), "" if plain.endswith("\n") else "\n"
    return f"::stop-commands::{word}\n{plain}{end}::{word}::\n"


def complain(message: str) -> None:
    """Say something on standard error, if that is still open."""
    list_problems([Problem(None, message)])


def list_problems(problems: Iterable[Problem]) -> None:
    """Print problems on standard error, if that is still open: each begins with its place, else with `mlgate:`."""
    said = "\n".join(str(problem) if problem.at else f"mlgate: {problem}" for problem in problems)
    with contextlib.suppress(OSError, ValueError):
        print(guarded(visible(said)), file=sys.stderr, flush=True)


def emit(text: str) -> None:
    """Print to standard output, in the terminal's encoding. Raises MachineError if it is closed or full."""
    if sys.stdout is None:
        raise MachineError("standard output is closed, so nobody can read the verdict; keep it open")
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
        sys.stdout.flush()
    except OSError as error:
        raise MachineError(f"cannot write to standard output: {error.strerror or error}") from error


def on_terminal() -> bool:
    """Whether a person reads standard output."""
    return sys.stdout is not None and sys.stdout.isatty()

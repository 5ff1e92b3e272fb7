"""Options that several commands share, and what they are completed with."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from mlgate.evidence.engines.choice import DEFAULT, ENGINES
from mlgate.values.errors import InputError, MachineError

F = TypeVar("F", bound=Callable[..., Any])


class AsOf(click.ParamType):  # type: ignore[type-arg]  # generic only in newest click
    """A date, YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The date. Fails for anything else."""
        if isinstance(value, date):
            return value
        try:
            # fromisoformat reads weeks (2026-W48-2) and 20261124 too.
            if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
                raise ValueError(value)
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no date as YYYY-MM-DD", param, ctx)


class ReportOption(click.Option):
    """--report, whose help lists the reports that there are when somebody reads it."""

    def __init__(self, *args: Any, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        del self.help

    def __getattr__(self, name: str) -> Any:
        if name != "help":
            raise AttributeError(name)
        from mlgate.reports.registry import reports

        *most, last = reports()
        return f"Write a report: {', '.join(most)} or {last}; may be repeated."


class ReportPath(click.ParamType):  # type: ignore[type-arg]  # generic only in newest click
    """FORMAT=PATH, with the formats completed."""

    name = "format=path"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The formats' names; after `=` the shell completes files."""
        from mlgate.reports.registry import reports

        if "=" in incomplete:
            return [CompletionItem(incomplete.partition("=")[2], type="file")]
        return [CompletionItem(f"{name}=") for name in reports() if name.startswith(incomplete)]


def candidates_argument(command: F) -> F:
    """CANDIDATE..."""
    return click.argument("candidates", nargs=-1, metavar="[CANDIDATE]...", type=click.Path())(command)


def policy_option(command: F) -> F:
    """--policy"""
    return click.option(
        "--policy", "policies", multiple=True, metavar="FILE|FOLDER", type=click.Path(),
        help="A policy file or a folder of them; may be repeated. Default: policies/.",
    )(command)  # fmt: skip


def report_option(command: F) -> F:
    """--report"""
    return click.option(
        "--report", "reports", cls=ReportOption, multiple=True, type=ReportPath(), metavar="FORMAT=PATH",
    )(command)  # fmt: skip


def running_options(command: F) -> F:
    """--jobs, --threads, --engine: how the gate runs."""
    command = click.option(
        "--engine", type=click.Choice(list(ENGINES)), default=DEFAULT, help="What scans the tables."
    )(command)
    command = click.option(
        "--threads", type=click.IntRange(1), help="Threads for each candidate's scans. Default: the cores, shared."
    )(command)
    return click.option("--jobs", type=click.IntRange(1), help="Candidates judged side by side. Default: the cores.")(
        command
    )


def paths_or(given: tuple[str, ...], default: str, what: str) -> tuple[str, ...]:
    """The paths given, else the default one, which must be there."""
    if given:
        return given
    if not Path(default).exists():
        raise InputError(f"no {what} is given, and there is no {default} here")
    return (default,)


def sharing(jobs: int | None, threads: int | None, candidates: int) -> tuple[int, int]:
    """How many candidates run side by side, and with how many threads each."""
    cores = os.cpu_count() or 1
    together = max(1, min(jobs or cores, candidates))
    return together, threads or max(1, cores // together)


def emit(text: str) -> None:
    """Print to standard output, in any terminal's encoding. Raises MachineError where it is closed or full."""
    if sys.stdout is None:
        raise MachineError("standard output is closed, so that nobody can read the verdict; leave it open")
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
        sys.stdout.flush()
    except OSError as error:
        raise MachineError(f"cannot write to standard output: {error.strerror or error}") from error


def on_terminal() -> bool:
    """Whether a person reads standard output."""
    return sys.stdout is not None and sys.stdout.isatty()

"""Options that several commands share, with their shell completion."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click
from click.shell_completion import CompletionItem

from mlgate.cli.preamble import HeldTo, Running
from mlgate.evidence.engines.choice import DEFAULT, ENGINES
from mlgate.values.errors import InputError

F = TypeVar("F", bound=Callable[..., Any])


class AsOf(click.ParamType):  # type: ignore[type-arg]  # generic only in newest click
    """A date, YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The date. Fails for anything else."""
        if isinstance(value, date):
            return value
        try:
            # fromisoformat also reads weeks (2026-W48-2) and 20261124.
            if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
                raise ValueError(value)
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date as YYYY-MM-DD", param, ctx)


class Root(click.Path):
    """A folder or file that exists."""

    def __init__(self) -> None:
        super().__init__(exists=True, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path. Fails for one that does not exist, and for the whole machine."""
        path = Path(str(super().convert(value, param, ctx)))
        if path.resolve() == Path("/"):
            self.fail("`/` is the whole machine; name the folder that holds the data", param, ctx)
        return path


class Server(click.ParamType):  # type: ignore[type-arg]  # generic only in newest click
    """NAME=URL of a server."""

    name = "name=url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """The name and the address. Fails for a name that nothing asks, and for what is not an address."""
        from mlgate.lineage.lineage_reader import unfit_server

        if isinstance(value, tuple):
            return value
        name, _, address = str(value).partition("=")
        if why := unfit_server(name, address):
            self.fail(why, param, ctx)
        return name, address


class ReportOption(click.Option):
    """--report. Its help lists all reports, and finds them only when somebody reads it."""

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
    """FORMAT=PATH, with shell completion of formats."""

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


HELD: Sequence[Callable[[Any], Any]] = (
    click.option(
        "--policy-ref", "ref", metavar="REF",
        help="Hold the change to a commit, such as origin/main: its policies, waivers and candidates' identities, read "
        "from git, must allow too.",
    ),
    click.option("--bootstrap", is_flag=True, help="With --policy-ref: that commit may have no policy at all yet."),
    click.option(
        "--changed-from", metavar="REF",
        help="Judge only candidates whose file, or a file that it names, is not as in that commit.",
    ),
    click.option(
        "--known", type=click.Path(), metavar="FILE",
        help="Known failures, as `mlgate known` records them: they do not block while they are not worse. With "
        "--policy-ref, only those that the commit has, too.",
    ),
    click.option("--require-coverage", is_flag=True, help="Block candidates that no policy applies to."),
)  # fmt: skip


def held_options(command: F) -> F:
    """The options about what a change is held to. The command gets them as one value, `held`."""

    @wraps(command)
    def collected(
        ref: str | None,
        bootstrap: bool,
        changed_from: str | None,
        known: str | None,
        require_coverage: bool,
        **given: Any,
    ) -> Any:
        for option, name in (("--policy-ref", ref), ("--changed-from", changed_from), ("--known", known)):
            if name is not None and not name.strip():
                kind = "file" if option == "--known" else "commit"
                raise InputError(f"{option} is empty, as a variable that is not set is; name a {kind}, or leave it out")
        if bootstrap and not ref:
            raise InputError("--bootstrap is about the commit of --policy-ref; add --policy-ref REF, or remove it")
        held = HeldTo(ref or "", bootstrap, "", changed_from or "", require_coverage, known or "")
        return command(held=held, **given)

    for option in reversed(HELD):
        collected = option(collected)
    return cast("F", collected)


RUNNING: Mapping[str, Callable[[Any], Any]] = {
    "as_of": click.option(
        "--as-of", type=AsOf(), metavar="DATE", help="The date for the verdict, YYYY-MM-DD. Default: today."
    ),
    "engine": click.option(
        "--engine", type=click.Choice(list(ENGINES)), default=DEFAULT, help="What scans the tables. Default: duckdb."
    ),
    "threads": click.option(
        "--threads", type=click.IntRange(1), help="Threads per candidate. Default: all cores, shared."
    ),
    "roots": click.option(
        "--root", "roots", multiple=True, type=Root(), metavar="DIR",
        help="A folder or file outside the workspace that may be read, such as a data volume; may be repeated.",
    ),
    "servers": click.option(
        "--server", "servers", multiple=True, type=Server(), metavar="NAME=URL",
        help="A server that may be asked for a candidate's source: mlflow=https://mlflow.example.com.",
    ),
    "jobs": click.option(
        "--jobs", type=click.IntRange(1), help="Candidates judged in parallel. Default: the number of cores."
    ),
}  # fmt: skip
"""The options about how to run, by the field of `Running` that they fill."""


def running_options(*names: str) -> Callable[[F], F]:
    """Adds some of the options about how to run. The command gets them as one value, `running`."""

    def declare(command: F) -> F:
        @wraps(command)
        def collected(**given: Any) -> Any:
            return command(running=Running(**{name: given.pop(name) for name in names}), **given)

        for name in reversed(names):
            collected = RUNNING[name](collected)
        return cast("F", collected)

    return declare

"""mlgate check: the gate."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path

import click

from mlgate.cli.appearance import shown_on_console
from mlgate.cli.inputs import files_read
from mlgate.cli.judging import CheckRun
from mlgate.cli.output import STDOUT, complain, deliver, guarded, on_terminal
from mlgate.cli.preamble import NOTHING_HELD, HeldTo, Running
from mlgate.cli.shared_options import candidates_argument, held_options, policy_option, report_option, running_options
from mlgate.cli.targets import parse_report_options
from mlgate.reading.edge import workspace
from mlgate.reports.interface import Report
from mlgate.reports.registry import find_report
from mlgate.reports.write import remove_stale
from mlgate.values.errors import InputError, MlgateError
from mlgate.values.stored import write as stored_text
from mlgate.values.verdict import Verdicts


@click.command("check")
@candidates_argument
@policy_option
@report_option
@click.option("--format", "form", type=click.Choice(["console", "json"]), default="console", help="What is printed.")
@click.option(
    "--facts", type=click.Path(), metavar="FILE", help="Judge the facts that `mlgate measure` wrote, not the data."
)
@click.option(
    "--verify", is_flag=True, help="With --facts: judge by facts measured again, and block if the file has others."
)
@click.option(
    "--earlier", multiple=True, type=click.Path(), metavar="VERDICT.json|FOLDER",
    help="An earlier verdict, or a folder of them: say how often this evaluation data was judged before; may be "
    "repeated.",
)  # fmt: skip
@held_options
@click.option(
    "--reproduce", type=click.Path(path_type=Path), metavar="VERDICT.json",
    help="Perform a stored verdict again, on its day, and say what differs; alone, or with --threads and --jobs.",
)  # fmt: skip
@running_options("as_of", "engine", "threads", "jobs", "roots", "servers")
@click.option(
    "--show-values", is_flag=True,
    help="Show values and ids of the rows at fault, in this terminal only; for reports, the policy has `show_values`.",
)  # fmt: skip
@click.option("--quiet", "-q", is_flag=True, help="Print one line per candidate.")
@click.option("--verbose", "-v", is_flag=True, help="Print all findings, including those that pass.")
def command(
    candidates: tuple[str, ...],
    policies: tuple[str, ...],
    reports: tuple[str, ...],
    form: str,
    facts: str | None,
    verify: bool,
    earlier: tuple[str, ...],
    held: HeldTo,
    reproduce: Path | None,
    show_values: bool,
    quiet: bool,
    verbose: bool,
    running: Running,
) -> int:
    """Judge candidates by policies. The exit code is the verdict.

    CANDIDATE is a candidate file, a glob, or a folder that is searched for candidate.yaml and *.candidate.yaml.
    Hidden folders, node_modules and virtual environments in it are left out, and a note names the candidates that a
    short look into them finds. Default: candidate.yaml in this folder.
    """
    if reproduce is not None:
        _require_none(candidates, policies, reports, form != "console", facts, verify, earlier)
        _require_none(running.as_of, running.roots, running.servers, show_values, quiet, verbose)
        _require_none(held != NOTHING_HELD)
        return _reproduced(reproduce, running)
    _require_fitting(facts, form, held, verify=verify, show_values=show_values)
    others = [*([facts] if facts else []), *([held.known] if held.known else []), *earlier]
    inputs = files_read(candidates, policies, others, running.servers) if reports else ()
    renderers = _renderers(reports, inputs)
    verdicts = CheckRun(running, candidates, policies, facts, verify, earlier, show_values, held).verdicts()
    return _ended(verdicts, _undelivered(verdicts, renderers, form, quiet=quiet, verbose=verbose))


def _require_none(*given: object) -> None:
    """Raise InputError if something is given beside --reproduce."""
    if any(given):
        raise InputError("--reproduce takes everything from the verdict; remove the other options and arguments")


def _require_fitting(facts: str | None, form: str, held: HeldTo, *, verify: bool, show_values: bool) -> None:
    """Raise InputError for options that do not fit the others or the place."""
    if verify and not facts:
        raise InputError("--verify measures a facts file again; add --facts FILE, or remove --verify")
    if held.ref and facts:
        said = "--facts has what one set of policies asked, and --policy-ref judges by two"
        raise InputError(f"{said}; judge the data, or leave out --policy-ref")
    if show_values and (form != "console" or not on_terminal()):
        said = "--show-values shows values of the data in a terminal only"
        raise InputError(f"{said}; for reports, name the columns by `show_values` in the policy")


def _renderers(reports: Sequence[str], inputs: Collection[Path]) -> list[tuple[Report, Path]]:
    """The reports to write, each with its path, which is not an input. Reports of an earlier run are removed."""
    targets = parse_report_options(reports, inputs)
    remove_stale((path for _, path in targets if path != STDOUT), workspace(Path.cwd()))
    return [(find_report(name), path) for name, path in targets]


def _undelivered(
    verdicts: Verdicts, renderers: Sequence[tuple[Report, Path]], form: str, *, quiet: bool, verbose: bool
) -> list[MlgateError]:
    """Deliver the reports, and what is printed unless a report is. Returns what kept a page from being delivered."""
    failed = {path: _not_delivered(path, partial(report.text, verdicts)) for report, path in renderers}
    if STDOUT not in failed:
        stored = next((str(path) for report, path in renderers if report.name == "json" and not failed[path]), None)
        console = partial(_page, verdicts, verbose, quiet, stored)
        failed[STDOUT] = _not_delivered(STDOUT, partial(stored_text, verdicts) if form == "json" else console)
    return [problem for problem in failed.values() if problem]


def _ended(verdicts: Verdicts, problems: list[MlgateError]) -> int:
    """The exit code of the verdicts. Raises what kept a page from being delivered, unless the verdicts block."""
    if problems and verdicts.exit_code != 1:
        raise problems[0]
    for problem in problems:
        complain(str(problem))
    return verdicts.exit_code


def _reproduced(verdict: Path, running: Running) -> int:
    from mlgate.cli.reproduce import reproduce

    return reproduce(verdict, running)


def _page(verdicts: Verdicts, verbose: bool, quiet: bool, stored: str | None) -> str:
    return guarded(shown_on_console(verdicts, verbose=verbose, quiet=quiet, stored=stored))


def _not_delivered(path: Path, text: Callable[[], str]) -> MlgateError | None:
    """Render and deliver a page. Returns the error if that failed, so that other pages are still delivered."""
    try:
        deliver(path, text())
    except MlgateError as error:
        return error
    return None

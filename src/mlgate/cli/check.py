"""mlgate check: the gate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import click

from mlgate.cli.appearance import shown_on_console
from mlgate.cli.inputs import files_read
from mlgate.cli.output import STDOUT, complain, deliver, guarded
from mlgate.cli.preamble import Running, load_demanded, search_presented
from mlgate.cli.shared_options import candidates_argument, policy_option, report_option, running_options
from mlgate.cli.targets import parse_report_options
from mlgate.gate.batch import judge_all
from mlgate.reading.edge import workspace
from mlgate.reports.registry import find_report
from mlgate.reports.write import remove_stale
from mlgate.values.errors import InputError, MachineError, MlgateError, Problem
from mlgate.values.stored import write as stored_text
from mlgate.values.verdict import Refusal, Verdicts


@click.command("check")
@candidates_argument
@policy_option
@report_option
@click.option("--format", "form", type=click.Choice(["console", "json"]), default="console", help="What is printed.")
@click.option(
    "--facts", type=click.Path(), metavar="FILE", help="Judge the facts that `mlgate measure` wrote, not the data."
)
@click.option(
    "--verify", is_flag=True, help="With --facts: measure again, and block if the data beside give other facts."
)
@running_options("as_of", "engine", "threads", "jobs", "roots")
@click.option("--quiet", "-q", is_flag=True, help="Print one line per candidate.")
@click.option("--verbose", "-v", is_flag=True, help="Print all findings, including those that pass.")
def command(
    candidates: tuple[str, ...],
    policies: tuple[str, ...],
    reports: tuple[str, ...],
    form: str,
    facts: str | None,
    verify: bool,
    quiet: bool,
    verbose: bool,
    running: Running,
) -> int:
    """Judge candidates by policies. The exit code is the verdict.

    CANDIDATE is a candidate file, a glob, or a folder that is searched for candidate.yaml and *.candidate.yaml.
    Hidden folders, node_modules and virtual environments in it are left out, and a note names the candidates that a
    short look into them finds. Default: candidate.yaml in this folder.
    """
    if verify and not facts:
        raise InputError("--verify measures a facts file again; add --facts FILE, or remove --verify")
    taken = files_read(candidates, policies, [facts] if facts else []) if reports else ()
    targets = parse_report_options(reports, taken)
    remove_stale((path for _, path in targets if path != STDOUT), workspace(Path.cwd()))
    renderers = [(find_report(name), path) for name, path in targets]
    verdicts = _judged(candidates, policies, facts, verify, running)
    failed = {path: _not_delivered(path, partial(report.text, verdicts)) for report, path in renderers}
    if STDOUT not in failed:
        stored = next((str(path) for name, path in targets if name == "json" and not failed[path]), None)
        console = partial(_page, verdicts, verbose, quiet, stored)
        failed[STDOUT] = _not_delivered(STDOUT, partial(stored_text, verdicts) if form == "json" else console)
    problems = [problem for problem in failed.values() if problem]
    if problems and verdicts.exit_code != 1:
        raise problems[0]
    for problem in problems:
        complain(str(problem))
    return verdicts.exit_code


def _judged(
    candidates: Sequence[str], policies: Sequence[str], facts: str | None, verify: bool, running: Running
) -> Verdicts:
    """The verdicts. A mistake in the policies or the command line is one refusal for all candidates."""
    try:
        demanded = load_demanded(policies, running.roots)
        paths, notes = search_presented(candidates)
        with running.settings(len(paths)) as settings:
            if facts is None:
                return judge_all(paths, demanded, settings, notes=notes)
            from mlgate.gate.stored_facts import stored_evidence

            stored = stored_evidence(Path(facts), demanded, settings.workspace, verify=verify)
            return judge_all(paths, demanded, settings, stored, notes)
    except InputError as error:
        return Verdicts((), (Refusal("", 2, error.problems),))
    except MlgateError as error:
        return Verdicts((), (Refusal("", error.exit_code, (Problem(None, str(error)),)),))


def _page(verdicts: Verdicts, verbose: bool, quiet: bool, stored: str | None) -> str:
    return guarded(shown_on_console(verdicts, verbose=verbose, quiet=quiet, stored=stored))


def _not_delivered(path: Path, text: Callable[[], str]) -> MachineError | None:
    """Render and deliver a page. Returns the error if that failed, so that other pages are still delivered."""
    try:
        deliver(path, text())
    except MachineError as error:
        return error
    return None
